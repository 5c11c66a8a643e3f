"""The life of a restriction as it is tried: from the incident to the end, by people with and without the right to it.

Belongs here: incidents, warnings, drafts, approvals, notices that go and come back, extensions, reviews, appeals.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.casework.office import CASES, INBOXES, Office

MEASURES = st.lists(
    st.sampled_from(
        [
            {"kind": "block"},
            {"kind": "block", "email": "file"},
            {"kind": "block", "channels": ["call", "letter", "visit"]},
            {"kind": "block", "channels": ["email", "call", "letter", "visit"]},
            {"kind": "channel_only", "allowed": ["letter"]},
            {"kind": "channel_only", "allowed": ["email"], "email": "file"},
            {"kind": "automated_line", "message": "Please write to us."},
            {"kind": "return_letters"},
            {"kind": "file_unanswered", "channels": ["email"]},
            {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"},
            {"kind": "named_contact", "inbox": INBOXES[1], "phone": "+441632960200"},
            {"kind": "third_party", "advocates": ["A. Advocate"]},
            {"kind": "refuse_new"},
            {"kind": "stop_case", "case": "HS-1234"},
        ]
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda data: data["kind"],
)
LIMIT = {"kind": "volume_limit", "channels": ["call"], "count": 1, "per": "week"}
CONTRACT = {"kind": "behaviour_contract", "conditions": ["Call once a day."]}
_ON = ("propose_restriction", "decline_restriction")
WHICH = st.integers(0, 30)
DAYS = st.none() | st.integers(-2, 400)


class Restricting(Office):
    """Try what leads to a restriction, and what follows it."""

    @rule(who=WHICH, days=st.sampled_from([None, None, 0, -1, -30, 1]), ground=st.sampled_from(["", "", "none"]))
    def note_incident(self, who: int, days: int | None, ground: str) -> None:
        """Something happens."""
        grounds = sorted(self.policy.grounds)
        category = ground or grounds[who % len(grounds)]
        self.attempt(who, "note_incident", category=category, what="Eleven calls in a morning", day=self.day(days))

    @rule(who=WHICH, which=WHICH, spoken=st.booleans(), days=st.sampled_from([None, None, 0, -3, 2]))
    def warn(self, who: int, which: int, spoken: bool, days: int | None) -> None:
        """Somebody warns."""
        incident = self.one(which, "note_incident")
        given = {"incidents": [incident], "text": "Please call once a day.", "spoken": spoken}
        warning = self.attempt(who, "warn", **given, day=self.day(days if spoken else None))
        if warning is not None and which % 2:
            self.attempt(who, "communicate_warning", warning=warning)

    @rule(who=WHICH, which=WHICH, days=st.sampled_from([None, None, 0, -3, 2]), written=st.booleans())
    def communicate(self, who: int, which: int, days: int | None, written: bool) -> None:
        """A warning's letter leaves: one that is written now, or an old one."""
        warning = self.one(which, "warn")
        if written:
            incident = self.attempt(who, "note_incident", category=sorted(self.policy.grounds)[0], what="Nine calls")
            warning = self.attempt(who, "warn", incidents=[incident], text="Please call once a day.") or warning
        self.attempt(who, "communicate_warning", warning=warning, day=self.day(days))

    @rule(
        who=WHICH,
        which=WHICH,
        measures=MEASURES,
        starts=st.sampled_from([None, None, None, 0, 5, -1]),
        ends=st.sampled_from([None, None, None, 3, 60, 180, -2, 3000]),
        severe=st.booleans(),
        police=st.booleans(),
        unknown=st.booleans(),
    )
    def draft(
        self,
        who: int,
        which: int,
        measures: list[dict[str, object]],
        starts: int | None,
        ends: int | None,
        severe: bool,
        police: bool,
        unknown: bool,
    ) -> None:
        """Somebody drafts a restriction."""
        mild = sorted(set(self.policy.grounds) - {"zero_tolerance"})
        self.attempt(
            who,
            "draft_restriction",
            measures=measures,
            ground="zero_tolerance" if severe else mild[which % len(mild)],
            reason="It keeps us from other work.",
            incidents=[self.one(which, "note_incident")],
            starts=self.day(starts),
            ends=self.day(ends),
            adjustments_considered="Asked; none needed.",
            police="Not told; decided by the head." if police else None,
            not_recognised=unknown,
        )

    @rule(
        who=WHICH,
        measures=MEASURES,
        ends=st.sampled_from([None, None, 60, 180, 2]),
        basis=st.sampled_from(["warning", "none", "warning", "zero_tolerance", "exception", "only a word"]),
        left_out=st.sampled_from(["", "", "", "", "approval", "notice", "again", "letter"]),
    )
    def go_the_whole_way(
        self, who: int, measures: list[dict[str, object]], ends: int | None, basis: str, left_out: str
    ) -> None:
        """A restriction is made as it should be, or nearly."""
        mild = sorted(set(self.policy.grounds) - {"zero_tolerance"})
        kind = mild[who % len(mild)]
        ground = "zero_tolerance" if basis in ("zero_tolerance", "only a word") else kind
        happened = kind if basis == "only a word" else ground
        incident = self.attempt(who, "note_incident", category=happened, what="Eleven calls in a morning")
        if basis == "warning":
            self.attempt(who, "warn", incidents=[incident], text="Please call once a day.", spoken=True)
            if left_out != "again":
                incident = self.attempt(who, "note_incident", category=ground, what="Nine more calls")
        draft = self.attempt(
            who,
            "draft_restriction",
            measures=measures,
            ground=ground,
            reason="It keeps us from other work.",
            incidents=[incident],
            ends=self.day(ends),
            adjustments_considered="Asked; none needed.",
            police="Not told; decided by the head.",
            not_recognised=True,
        )
        if draft is None:
            return
        self.attempt(who, "propose_restriction", restriction=draft, exception="Now." if basis == "exception" else None)
        if left_out != "approval":
            self.attempt(who, "approve_restriction", restriction=draft, reason="Proportionate.", fallback=None)
            self.attempt(who, "approve_restriction", restriction=draft, reason="Proportionate.", fallback="Away.")
        if left_out == "letter":
            self.attempt(who, "record_no_notice", about=draft, reason="No address.")
        elif left_out != "notice":
            self.attempt(who, "send_notice", about=draft)

    def restrict(
        self, who: int, measures: list[dict[str, object]], *, starts: str | None = None, warned: bool = True
    ) -> str | None:
        """Make a restriction as it should be made, if the policy has room for it; gives its id."""
        ground = sorted(self.policy.grounds)[0]
        if warned:
            incident = self.attempt(who, "note_incident", category=ground, what="Eleven calls")
            self.attempt(who, "warn", incidents=[incident], text="Please call once a day.", spoken=True)
        incident = self.attempt(who, "note_incident", category=ground, what="Eleven calls again")
        number = self.draft_as_it_should_be(who, measures, ground, incident, starts)
        if number is not None:
            self.attempt(who, "propose_restriction", restriction=number)
            self.attempt(who, "approve_restriction", restriction=number, reason="Proportionate.", fallback="Away.")
            self.attempt(who, "send_notice", about=number)
        return number

    def draft_as_it_should_be(
        self,
        who: int,
        measures: list[dict[str, object]],
        ground: str,
        incident: str | None,
        starts: str | None = None,
    ) -> str | None:
        """Draft a restriction over one incident; gives its id."""
        return self.attempt(
            who,
            "draft_restriction",
            measures=measures,
            ground=ground,
            reason="It keeps us from other work.",
            incidents=[incident],
            starts=starts,
            adjustments_considered="Asked; none needed.",
            not_recognised=True,
        )

    @rule(who=WHICH, kind=st.sampled_from(["stop_case", "refuse_new"]), amended=st.booleans())
    def stop_work(self, who: int, kind: str, amended: bool) -> None:
        """Work on a case is to stop, or nothing new to be taken on: from the start, or by a review."""
        stop: dict[str, object] = {"kind": kind} | ({"case": CASES[1]} if kind == "stop_case" else {})
        number = self.restrict(who, [LIMIT] if amended else [stop])
        if amended and number is not None:
            given = {"outcome": "amend", "reason": "Looked at.", "measures": [stop]}
            change = self.attempt(who, "review_restriction", restriction=number, fallback="Away.", **given)
            self.attempt(who, "send_notice", about=change)

    @rule(
        who=WHICH,
        which=WHICH,
        what=st.sampled_from(["extend", "extend", "amend", "appeal"]),
        outcome=st.sampled_from(["upheld", "varied", "dismissed"]),
        measures=MEASURES,
        told=st.booleans(),
    )
    def go_on(
        self, who: int, which: int, what: str, outcome: str, measures: list[dict[str, object]], told: bool
    ) -> None:
        """Weeks later it happens again, or it is reviewed, or the party appeals."""
        self.clock.now += timedelta(days=20)
        number = self.live(which)
        fallback = {"fallback": "Away."} if told else {}
        if what == "extend":
            incident = self.attempt(who, "note_incident", category=sorted(self.policy.grounds)[0], what="Again")
            change = self.attempt(who, "extend_restriction", restriction=number, incident=incident, **fallback)
        elif what == "amend":
            given = {"outcome": "amend", "reason": "Looked at.", "measures": measures}
            change = self.attempt(who, "review_restriction", restriction=number, **given, **fallback)
        else:
            appeal = self.attempt(who, "appeal", restriction=number, grounds="It is too much.")
            varied = measures if outcome == "varied" else None
            change = self.attempt(who, "decide_appeal", appeal=appeal, outcome=outcome, reason="Seen.", measures=varied)
        if told and change is not None:
            self.attempt(who, "send_notice", about=change)

    @rule(who=WHICH, which=WHICH, part=st.sampled_from(["made it", "amended it", "extended it"]))
    def hear_ones_own(self, who: int, which: int, part: str) -> None:
        """Somebody who hears appeals had a part in the restriction, and would like to hear the appeal against it."""
        senior = [at for at, one in enumerate(self.staff) if one.roles & (self.law.appeal_to or frozenset())]
        if not senior:
            return
        hearing = senior[which % len(senior)]
        number = self.restrict(hearing if part == "made it" else who, [LIMIT])
        self.clock.now += timedelta(days=1)
        change = None
        if part == "amended it":
            given = {"outcome": "amend", "reason": "Looked at.", "measures": [LIMIT]}
            change = self.attempt(hearing, "review_restriction", restriction=number, **given)
        elif part == "extended it":
            incident = self.attempt(who, "note_incident", category=sorted(self.policy.grounds)[0], what="Again")
            change = self.attempt(hearing, "extend_restriction", restriction=number, incident=incident)
        if change is not None:
            self.attempt(who, "send_notice", about=change)
        appeal = self.attempt(who, "appeal", restriction=number, grounds="It is too much.")
        self.attempt(hearing, "decide_appeal", appeal=appeal, outcome="dismissed", reason="Seen.")

    @rule(who=WHICH, which=WHICH, measures=st.none() | MEASURES, ends=DAYS)
    def change(self, who: int, which: int, measures: list[dict[str, object]] | None, ends: int | None) -> None:
        """Somebody changes a draft."""
        drafts = [one for one in self.ids.get("draft_restriction", []) if not self.journal.of(*_ON, about=one)]
        draft = drafts[-1] if drafts else self.one(which, "draft_restriction")
        self.attempt(who, "change_draft", restriction=draft, measures=measures, ends=self.day(ends))

    @rule(who=WHICH, which=WHICH, exception=st.booleans(), similar=st.booleans())
    def propose(self, who: int, which: int, exception: bool, similar: bool) -> None:
        """Somebody proposes."""
        given = {"exception": "It cannot wait."} if exception else {}
        given |= {"similar": "It is much the same."} if similar else {}
        self.attempt(who, "propose_restriction", restriction=self.one(which, "draft_restriction"), **given)

    @rule(who=WHICH, which=WHICH, fallback=st.booleans())
    def approve(self, who: int, which: int, fallback: bool) -> None:
        """Somebody approves."""
        number = self.one(which, "propose_restriction", "draft_restriction")
        proposed = {done.id: str(done.fields["restriction"]) for done in self.journal.of("propose_restriction")}
        self.attempt(
            who,
            "approve_restriction",
            restriction=proposed.get(number, number),
            reason="It is proportionate.",
            fallback="The others are away." if fallback else None,
        )

    @rule(who=WHICH, which=WHICH)
    def decline(self, who: int, which: int) -> None:
        """Somebody says no."""
        self.attempt(who, "decline_restriction", restriction=self.one(which, "draft_restriction"), reason="Too much.")

    @rule(who=WHICH, which=WHICH, how=st.sampled_from(["send_notice", "send_notice", "record_no_notice"]))
    def tell(self, who: int, which: int, how: str) -> None:
        """The party is told, or the reason for not telling is recorded."""
        about = self.one(which, "draft_restriction", "extend_restriction", "review_restriction", "decide_appeal")
        self.attempt(who, how, about=about, **({"reason": "No address."} if how == "record_no_notice" else {}))

    @rule(who=WHICH, which=WHICH)
    def come_back(self, who: int, which: int) -> None:
        """A notice bounces."""
        about = self.one(which, "draft_restriction", "extend_restriction", "review_restriction", "warn")
        self.attempt(who, "notice_came_back", about=about)

    @rule(who=WHICH, which=WHICH, ends=DAYS, fallback=st.booleans())
    def extend(self, who: int, which: int, ends: int | None, fallback: bool) -> None:
        """It happened again."""
        self.attempt(
            who,
            "extend_restriction",
            restriction=self.live(which),
            incident=self.one(0, "note_incident"),
            ends=self.day(ends),
            fallback="The others are away." if fallback else None,
        )

    @rule(who=WHICH, which=WHICH, outcome=st.sampled_from(["continue", "amend", "lift"]), measures=MEASURES)
    def review(self, who: int, which: int, outcome: str, measures: list[dict[str, object]]) -> None:
        """Somebody looks at it again."""
        amended = measures if outcome == "amend" else None
        number = self.live(which)
        self.attempt(
            who, "review_restriction", restriction=number, outcome=outcome, reason="Looked at.", measures=amended
        )

    @rule(who=WHICH, which=WHICH)
    def lift(self, who: int, which: int) -> None:
        """It is not needed any more."""
        number = self.live(which) if which % 2 else self.one(which, "draft_restriction", "protect_interim")
        self.attempt(who, "lift_restriction", restriction=number, reason="Better now.")

    @rule(who=WHICH, which=WHICH)
    def appeal(self, who: int, which: int) -> None:
        """The party appeals."""
        self.attempt(who, "appeal", restriction=self.live(which), grounds="It is too much.")

    @rule(
        who=WHICH,
        which=WHICH,
        outcome=st.sampled_from(["upheld", "varied", "dismissed"]),
        measures=MEASURES,
    )
    def decide(self, who: int, which: int, outcome: str, measures: list[dict[str, object]]) -> None:
        """Somebody decides an appeal."""
        varied = measures if outcome == "varied" else None
        number = self.one(which, "appeal")
        self.attempt(who, "decide_appeal", appeal=number, outcome=outcome, reason="Looked at.", measures=varied)

    @rule(who=WHICH, which=WHICH)
    def protect(self, who: int, which: int) -> None:
        """Colleagues are protected at once."""
        self.attempt(who, "protect_interim", incident=self.one(which, "note_incident"), reason="A threat.")
