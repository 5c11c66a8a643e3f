"""The proof of casework in its short form; `make casework-proof` tries ten thousand sequences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gateway.casework import desk
from rules.casework import combined, shelf
from rules.casework.acts import approve_restriction, propose_restriction
from tests.casework.machine import CaseworkMachine

# Derandomized: no test run meets what no other does. The long proof draws anew.
QUICK = settings(
    max_examples=60,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.mark.slow
def test_no_sequence_of_acts_leaves_something_unlawful_in_force():
    """Whatever people try in whatever order, what is in force obeys the law, and every change of a paper is found."""
    run_state_machine_as_test(CaseworkMachine, settings=QUICK)


def _anybody_approves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        approve_restriction,
        "approved",
        lambda need, policy, by, own, fallback, now: shelf.Approval(by.name, "", now, as_block=need.as_block),
    )


def _no_warning_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(propose_restriction, "basis", lambda *_: "ground")


def _nothing_is_a_block(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(combined, "blocks", lambda *_: False)


def _nobody_needs_to_be_told(patch: pytest.MonkeyPatch) -> None:
    enforced = shelf.RestrictionOnFile.enforced
    patch.setattr(
        shelf.RestrictionOnFile,
        "enforced",
        lambda self: enforced(replace(self, told_at=self.told_at or self.starts)),
    )


def _what_is_lifted_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shelf.RestrictionOnFile, "stops", property(lambda self: self.ends))


def _papers_are_not_chained(patch: pytest.MonkeyPatch) -> None:
    from storage import papers  # so that it stands beside what it spoils

    patch.setattr(papers, "_digest", lambda values: "always the same")


def _an_older_file_will_do(patch: pytest.MonkeyPatch) -> None:
    original = desk.Casework._do
    patch.setattr(
        desk.Casework, "_do", lambda self, party, act, by, version, tx: original(self, party, act, by, None, tx)
    )


BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "one in which anybody approves": (_anybody_approves, "PHSO-18|PHSO-19|SPSO-22"),
    "one that asks for no warning": (_no_warning_is_asked_for, "PHSO-9"),
    "one that never sees a total block": (_nothing_is_a_block, "PHSO-18: nothing is open any more"),
    "one that enforces before the notice": (_nobody_needs_to_be_told, "PHSO-20"),
    "one in which lifting does nothing": (_what_is_lifted_goes_on, "it was lifted and is in force"),
    "one that leaves papers out of the chain": (_papers_are_not_chained, "was changed and nobody noticed"),
    "one that lets people act on an older file": (_an_older_file_will_do, "an act on an older file was taken"),
}


@pytest.mark.slow
@pytest.mark.parametrize("build", BROKEN)
def test_a_broken_build_is_caught(build: str, monkeypatch: pytest.MonkeyPatch):
    """The same proof finds what a build does that breaks the law on purpose."""
    spoil, found = BROKEN[build]
    spoil(monkeypatch)
    broken = settings(QUICK, max_examples=250, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError, match=found):
        run_state_machine_as_test(CaseworkMachine, settings=broken)
