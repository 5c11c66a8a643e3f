"""Builds that break the law on purpose, each with what the proof says of it.

Belongs here: one sabotage of the product for every law, small enough that nothing else changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import gateway.standing
from gateway.casework import corrections, desk, merging
from rules import decide
from rules.casework import basis as resting
from rules.casework import combined, prospects, shelf
from rules.casework.acts import (
    approve_restriction,
    communicate_warning,
    decide_appeal,
    police,
    propose_restriction,
    review_restriction,
)
from rules.casework.acts.correct import Correct
from rules.casework.acts.judge_request import JudgeRequest
from rules.casework.acts.open_evidence import OpenEvidence
from rules.casework.basis import Basis
from rules.casework.refused import Refused
from rules.contact import Channel
from rules.measures.block import Block
from rules.policies import Policy
from rules.standing import Restriction
from tests.casework import office

Patch = pytest.MonkeyPatch


def _anybody_approves(patch: Patch) -> None:
    patch.setattr(
        approve_restriction,
        "approved",
        lambda need, policy, by, own, fallback, now: shelf.Approval(by.name, "", now, as_block=need.as_block),
    )


def _no_warning_is_asked_for(patch: Patch) -> None:
    patch.setattr(propose_restriction, "basis", lambda *_: Basis("ground"))


def _zero_tolerance_is_a_word(patch: Patch) -> None:
    patch.setattr(resting, "_happened", lambda *_: True)


def _nothing_is_a_block(patch: Patch) -> None:
    patch.setattr(combined, "blocks", lambda *_: False)


def _a_web_form_that_is_not_there_is_a_way_in(patch: Patch) -> None:
    total = combined.total_block
    patch.setattr(combined, "total_block", lambda values, opened, ways: total(values, opened, ways | {Channel.WEB}))


def _nobody_needs_to_be_told(patch: Patch) -> None:
    enforced = shelf.RestrictionOnFile.enforced
    patch.setattr(
        shelf.RestrictionOnFile,
        "enforced",
        lambda self: enforced(replace(self, told_at=self.told_at or self.starts)),
    )


def _what_is_lifted_goes_on(patch: Patch) -> None:
    patch.setattr(shelf.RestrictionOnFile, "stops", property(lambda self: self.ends))


def _papers_are_not_chained(patch: Patch) -> None:
    from storage import papers  # so that it stands beside what it spoils

    patch.setattr(papers, "_digest", lambda values: "always the same")


def _an_older_file_will_do(patch: Patch) -> None:
    original = desk.Casework._do
    patch.setattr(
        desk.Casework, "_do", lambda self, party, act, by, version, tx: original(self, party, act, by, None, tx)
    )


def _a_paper_may_be_on_any_file(patch: Patch) -> None:
    from storage import papers  # so that it stands beside what it spoils

    patch.setattr(papers, "misfiled", lambda desk: ())


def _who_was_wrongly_met_stays(patch: Patch) -> None:
    patch.setattr(corrections.Correcting, "__call__", lambda self, tx, done: None)


def _a_correction_needs_a_reason_of_eighty_words(patch: Patch) -> None:
    def judge(self: Correct, *_: object, **__: object) -> Correct:
        raise Refused("Say more.")

    patch.setattr(Correct, "judge", judge)


def _merging_looks_at_no_block(patch: Patch) -> None:
    patch.setattr(merging, "newly_blocked", lambda *_: False)


def _splitting_forgets_adjustments(patch: Patch) -> None:
    patch.setattr(merging, "_agreed_since", lambda *_: ())


def _merged_parties_are_acted_on(patch: Patch) -> None:
    patch.setattr(office, "not_merged", lambda *_: None)


def _shared_is_as_good_as_own(patch: Patch) -> None:
    patch.setattr(gateway.standing, "sole_holder", lambda holders: holders[0])


def _nobody_is_shielded(patch: Patch) -> None:
    patch.setattr(decide, "shielded", lambda decision, *_: decision)


def _adjustments_change_nothing(patch: Patch) -> None:
    patch.setattr(decide, "_adjustment", lambda *_: None)


def _contracts_change_nothing(patch: Patch) -> None:
    patch.setattr(Restriction, "bearing", lambda self, now: self.measures)


def _answers_are_contacts_like_others(patch: Patch) -> None:
    patch.setattr(decide, "as_answer", lambda decision, *_: decision)


def _closed_cases_go_on(patch: Patch) -> None:
    patch.setattr(gateway.standing, "closings", lambda *_: ())


def _nothing_is_blocked(patch: Patch) -> None:
    patch.setattr(Block, "check", lambda *_, **__: None)


def _silence_is_judged_at_once(patch: Patch) -> None:
    patch.setattr(JudgeRequest, "_waited", lambda *_: None)


def _whoever_decided_hears_the_appeal(patch: Patch) -> None:
    patch.setattr(decide_appeal, "had_a_part", lambda *_: frozenset())


def _a_target_decides_alone(patch: Patch) -> None:
    patch.setattr(police, "_plain", lambda name: object())


def _nobody_reads_the_warning(patch: Patch) -> None:
    judge = OpenEvidence.judge

    def unwarned(self: OpenEvidence, *args: Any, **rest: Any) -> OpenEvidence:
        judge(self.model_copy(update={"warned": True}), *args, **rest)
        return self

    patch.setattr(OpenEvidence, "judge", unwarned)


def _stopping_work_is_like_any_measure(patch: Patch) -> None:
    gate = Policy.gate
    patch.setattr(Policy, "gate", lambda self, kinds, *rest: gate(self, (), *rest))


def _only_what_is_told_counts(patch: Patch) -> None:
    patch.setattr(prospects, "_others", lambda _: ())


def _older_changes_are_told_too(patch: Patch) -> None:
    patch.setattr(shelf.Shelf, "give_way", lambda *_: None)


def _interim_protection_is_like_any_measure(patch: Patch) -> None:
    for module in (review_restriction, decide_appeal):
        patch.setattr(module, "not_interim", lambda *_: None)


def _a_review_asks_for_no_exception(patch: Patch) -> None:
    patch.setattr(review_restriction, "Needed", lambda _, as_block: combined.Needed(None, as_block))


def _who_won_an_appeal_was_restricted(patch: Patch) -> None:
    patch.setattr(resting, "_taken_off", lambda _: frozenset())


def _a_letter_is_older_than_its_warning(patch: Patch) -> None:
    patch.setattr(communicate_warning, "_written_by", lambda *_: None)


SLOW = frozenset(
    {
        "one that merges into a total block",
        "one that takes a web form that is not there for a way in",
        "one in which an older letter overrides an appeal",
        "one that counts only what is told",
        "one in which a review makes more of an exception",
        "one that restricts again whoever won an appeal",
        "one in which anybody stops work on a case",
        "one in which adjustments change nothing",
        "one that drops an adjustment at a split",
        "one that restricts whoever shares an address",
        "one that judges silence at once",
        "one that refuses a correction",
        "one in which a correction takes nothing off",
        "one in which anything is zero tolerance",
    }
)
"""Those that chance finds late: the long proof tries them, the short one does without."""

ONLY = {
    "one that delivers mail on closed cases": ("phso",),
    "one that merges into a total block": ("phso",),
    "one that never sees a total block": ("phso", "default"),
    "one that takes a web form that is not there for a way in": ("phso", "default"),
    "one in which whoever decided hears the appeal": ("default", "spso"),
    "one in which a target decides alone": ("mp-office",),
    "one that counts only what is told": ("phso", "default"),
    "one in which an older letter overrides an appeal": ("default", "spso"),
    "one in which a review makes more of an exception": ("phso", "default", "spso"),
    "one that restricts again whoever won an appeal": ("default",),
}
"""Where only some policies have what is broken, or have it soonest, only those are tried."""

BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "one in which anybody approves": (_anybody_approves, "PHSO-18|PHSO-19|SPSO-22"),
    "one that asks for no warning": (_no_warning_is_asked_for, "PHSO-9"),
    "one in which anything is zero tolerance": (_zero_tolerance_is_a_word, "PHSO-9"),
    "one that never sees a total block": (_nothing_is_a_block, "PHSO-18: nothing is open any more"),
    "one that counts only what is told": (_only_what_is_told_counts, "PHSO-18: nothing is open any more"),
    "one that takes a web form that is not there for a way in": (
        _a_web_form_that_is_not_there_is_a_way_in,
        "PHSO-18: nothing is open any more",
    ),
    "one that enforces before the notice": (_nobody_needs_to_be_told, "PHSO-20"),
    "one in which lifting does nothing": (_what_is_lifted_goes_on, "it was lifted and is in force"),
    "one that leaves papers out of the chain": (_papers_are_not_chained, "was changed and nobody noticed"),
    "one that lets people act on an older file": (_an_older_file_will_do, "an act on an older file was taken"),
    "one in which a paper may be on any file": (_a_paper_may_be_on_any_file, "papers.party_id was changed"),
    "one in which a correction takes nothing off": (_who_was_wrongly_met_stays, "I6"),
    "one that refuses a correction": (_a_correction_needs_a_reason_of_eighty_words, "any colleague may correct"),
    "one that merges into a total block": (_merging_looks_at_no_block, "PHSO-18: nothing is open any more"),
    "one that drops an adjustment at a split": (_splitting_forgets_adjustments, "W10: adjustments on record"),
    "one that lets people act on a merged party": (_merged_parties_are_acted_on, "acted on a party that was merged"),
    "one that restricts whoever shares an address": (_shared_is_as_good_as_own, "I6: restricted"),
    "one that shields nobody": (_nobody_is_shielded, "PHSO-24"),
    "one in which adjustments change nothing": (_adjustments_change_nothing, "PHSO-19, PHSO-23"),
    "one in which contracts change nothing": (_contracts_change_nothing, "PHSO-M4"),
    "one that counts answers to our own questions": (_answers_are_contacts_like_others, "PHSO-26|PHSO-19"),
    "one that delivers mail on closed cases": (_closed_cases_go_on, "PHSO-22"),
    "one that lets through what is blocked": (_nothing_is_blocked, "MP-4"),
    "one that judges silence at once": (_silence_is_judged_at_once, "judge_request: PHSO-26"),
    "one in which whoever decided hears the appeal": (_whoever_decided_hears_the_appeal, "had a part in it"),
    "one in which a target decides alone": (_a_target_decides_alone, "SPSO-33"),
    "one that opens evidence without a warning": (_nobody_reads_the_warning, "SPSO-66"),
    "one in which an older letter overrides an appeal": (_older_changes_are_told_too, "than were decided last"),
    "one that makes a restriction of interim protection": (
        _interim_protection_is_like_any_measure,
        "PHSO-2: interim protection was made",
    ),
    "one in which a review makes more of an exception": (_a_review_asks_for_no_exception, "else of an exception"),
    "one that restricts again whoever won an appeal": (_who_won_an_appeal_was_restricted, "PHSO-9"),
    "one that runs a warning before it was written": (_a_letter_is_older_than_its_warning, "PHSO-7: its letter left"),
    "one in which anybody stops work on a case": (_stopping_work_is_like_any_measure, "PHSO-18|MP-8|PHSO-19"),
}
