"""Random casework: people with and without the right to do so try every act on three parties, while time goes by.

Belongs here: what a run begins with, and what is looked at after every step: that what is in force, on record and about
to happen to whoever writes or calls obeys the law. At the end the chain of acts is verified, spoilt, and found broken.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from gateway.casework.desk import Stale
from rules.casework import catalogue
from rules.casework.refused import Refused
from rules.standing import PartyKind
from tests.casework import chain
from tests.casework.caring import Caring
from tests.casework.changing import Changing
from tests.casework.knowing import Knowing
from tests.casework.laws import LAWS
from tests.casework.restricting import WHICH

_KINDS = st.sampled_from([*PartyKind, PartyKind.PERSON])


class CaseworkMachine(Knowing, Caring, Changing):
    """Try acts on the parties of one office."""

    policies = tuple(sorted(LAWS))

    @initialize(
        policy=st.runner().flatmap(lambda machine: st.sampled_from(machine.policies)),
        kind=_KINDS,
        another=st.sampled_from([None, None, None, *PartyKind]),
        known=st.sampled_from([True, True, True, False]),
        seed=st.integers(0, 2**32),
    )
    def open_the_file(self, policy: str, kind: PartyKind, another: PartyKind | None, known: bool, seed: int) -> None:
        """Parties come, mostly of one kind, whose addresses are known or not."""
        self.seed = seed
        self.found(policy, [kind, kind, another or kind], known)

    @rule(days=st.sampled_from([0, 0, 1, 1, 3, 14, 40, 100, 183]), minutes=st.integers(1, 1200))
    def wait(self, days: int, minutes: int) -> None:
        """Time goes by."""
        self.clock.now += timedelta(days=days, minutes=minutes)

    @rule(who=WHICH, behind=st.integers(1, 3))
    def too_late(self, who: int, behind: int) -> None:
        """Somebody acts on a file that has changed since they read it."""
        version = self._casework_version() - behind
        act = catalogue.parse("ask", {"text": "Please call less.", "distress": "Not said.", "adjustments": "None."})
        try:
            self.casework.do_now(self.party, act, self.staff[who % len(self.staff)], version=version)
        except (Stale, Refused):
            return
        raise AssertionError("an act on an older file was taken")

    def _casework_version(self) -> int:
        file = self.record.read_now(lambda reader: reader.case_file(self.party))
        assert file is not None
        return file.version

    @invariant()
    def nothing_unlawful_is_in_force(self) -> None:
        """The law holds, as the record has it, and as whoever writes or calls meets it."""
        if self.is_open:
            wrong = self.wrong()
            assert not wrong, wrong

    def teardown(self) -> None:
        """The chain is whole; with anything of it changed, it is not."""
        try:
            if self.is_open:
                chain.verify(self, self.seed)
        finally:
            super().teardown()
