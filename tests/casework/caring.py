"""What else is on a file, as it is tried: requests, shields, contracts, advocates, closed cases, evidence, records.

Belongs here: acts that change what happens to a contact without restricting it, and acts that only stay on record.
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.casework.office import CASES, INBOXES, NOBODY, sealed
from tests.casework.restricting import CONTRACT, DAYS, MEASURES, WHICH, Restricting

_ADVOCATE = "a.advocate@example.org"
_MANAGERS = (INBOXES[0], INBOXES[2], None)


class Caring(Restricting):
    """Try what helps a party or a colleague, and what is only put down."""

    @rule(who=WHICH, channel=st.sampled_from(["call", "email", "letter"]), ends=DAYS)
    def adjust(self, who: int, channel: str, ends: int | None) -> None:
        """An adjustment is agreed."""
        self.attempt(who, "agree_adjustment", need="Cannot write", open=[channel], ends=self.day(ends))

    @rule(who=WHICH, which=WHICH)
    def close_again(self, who: int, which: int) -> None:
        """An adjustment is to end."""
        self.attempt(
            who,
            "end_adjustment",
            adjustment=self.one(which, "agree_adjustment"),
            advice="Taken from the adviser.",
            route="By letter.",
            asked_by=self.staff[which % len(self.staff)].name,
        )

    @rule(who=WHICH, advice=st.sampled_from(["Taken from the adviser.", " "]))
    def decline_adjustment(self, who: int, advice: str) -> None:
        """An adjustment is declined, with advice and without."""
        self.attempt(who, "decline_adjustment", need="A visit every day", advice=advice, reason="Too much.")

    @rule(
        who=WHICH,
        which=WHICH,
        what=st.sampled_from(["answer", "late answer", "silence", "more time", "judged too soon"]),
    )
    def request(self, who: int, which: int, what: str) -> None:
        """We ask for something; the answer comes, or does not."""
        number = self.attempt(who, "request", what="A summary.", difficulty="None.", due=self.day(5))
        if what == "answer":
            self.attempt(who, "answer_request", request=number, contact=self.comes_in(which))
            return
        if what != "judged too soon":
            self.clock.now += timedelta(days=4)
            self.attempt(who, "remind_request", request=number, how="By letter.")
            self.clock.now += timedelta(days=3)
        if what == "late answer":
            self.attempt(who, "answer_request", request=number, day=self.day(0))
            return
        judgement = "more_time" if what == "more time" else ["refusal", "good_reason"][which % 2]
        self.attempt(who, "judge_request", request=number, judgement=judgement, difficulty="None.", reason="Silence.")

    @rule(who=WHICH, which=WHICH, what=st.sampled_from(["request", "remind", "answer", "judge"]))
    def go_on_with_a_request(self, who: int, which: int, what: str) -> None:
        """A request is made and left open, or an old one is closed."""
        number = self.one(which, "request")
        if what == "request":
            self.attempt(who, "request", what="A form.", difficulty="None.")
        elif what == "remind":
            self.attempt(who, "remind_request", request=number)
        elif what == "answer":
            self.attempt(who, "answer_request", request=number, day=self.day(0))
        else:
            fields = {"judgement": "refusal", "difficulty": "None.", "reason": "Silence."}
            self.attempt(who, "judge_request", request=number, **fields)

    @rule(who=WHICH, which=WHICH, own=st.sampled_from(INBOXES), manager=st.sampled_from(_MANAGERS))
    def shield(self, who: int, which: int, own: str, manager: str | None) -> None:
        """A colleague is to meet this party no more, or again."""
        if which % 4 == 0:
            self.attempt(who, "unshield", shield=self.one(which, "shield"), reason="It is over.", asked="Yes.")
            return
        fields = {"colleague": "B. Colleague", "inbox": own, "manager_inbox": manager}
        self.attempt(who, "shield", reason="A threat.", **fields)

    @rule(who=WHICH, measures=MEASURES, agreed=st.booleans(), amended=st.sampled_from(["", "told", "came back"]))
    def contract(self, who: int, measures: list[dict[str, object]], agreed: bool, amended: str) -> None:
        """Conditions are offered; the person agrees; perhaps the terms change, and perhaps they never hear of it."""
        number = self.restrict(who, [CONTRACT, *(one for one in measures if one["kind"] in self.policy.measures)])
        if agreed:
            self.attempt(who, "agree_contract", restriction=number, how="Signed.")
        if number is None or not amended:
            return
        given = {"outcome": "amend", "reason": "Looked at.", "measures": [CONTRACT, {"kind": "block"}]}
        change = self.attempt(who, "review_restriction", restriction=number, fallback="Away.", **given)
        self.attempt(who, "send_notice", about=change)
        if amended == "came back":
            self.attempt(who, "notice_came_back", about=change)

    @rule(who=WHICH, which=WHICH)
    def agree(self, who: int, which: int) -> None:
        """The person agrees to a contract, if there is one."""
        self.attempt(who, "agree_contract", restriction=self.live(which), how="Signed.")

    @rule(who=WHICH, which=WHICH, days=DAYS, ends=st.booleans())
    def advocate(self, who: int, which: int, days: int | None, ends: bool) -> None:
        """Somebody speaks for the party, or does so no more."""
        fields = {"advocate": "A. Advocate", "identifiers": [_ADVOCATE], "until": self.day(days or 30)}
        self.attempt(who, "authorise_advocate", consent="In a letter.", **fields)
        if ends:
            self.attempt(who, "end_authority", authority=self.one(which, "authorise_advocate"), reason="Asked.")

    @rule(who=WHICH, which=WHICH, opens=st.sampled_from([False, False, True]))
    def case(self, who: int, which: int, opens: bool) -> None:
        """A case is closed, or open again."""
        if opens:
            self.attempt(who, "reopen_case", case=self.one(which, "close_case"), reason="Something new.")
        else:
            self.attempt(who, "close_case", reference=CASES[1], explained=self.day(-which % 3 - 1), how="By letter.")

    @rule(who=WHICH, which=WHICH, bytes_come=st.booleans(), warned=st.booleans())
    def evidence(self, who: int, which: int, bytes_come: bool, warned: bool) -> None:
        """A recording is sealed and opened."""
        mark = f"DISTRESSING - voicemail {len(self.journal.done)}"
        content = sealed() if bytes_come else {}
        self.attempt(who, "seal_evidence", mark=mark, description="A voicemail.", **content)
        self.attempt(
            who, "open_evidence", evidence=self.one(which, "seal_evidence"), reason="The review.", warned=warned
        )

    @rule(who=WHICH, which=WHICH, how=st.sampled_from(["told", "alone against", "together against", "in danger"]))
    def police(self, who: int, which: int, how: str) -> None:
        """It is decided whether the police are told."""
        target = self.staff[who % len(self.staff)].name
        incident = self.attempt(who, "note_incident", category="zero_tolerance", what="A threat")
        self.attempt(
            who,
            "police",
            incident=incident if which % 4 else self.one(which, "note_incident"),
            told=how == "told",
            immediate=how == "in danger",
            reason="A threat.",
            targets=[target],
            decided_with=["M. Manager"] if how == "together against" else [],
            third_party="None.",
            person="Not told.",
        )

    @rule(who=WHICH, which=WHICH, what=st.sampled_from(["debrief", "outside", "platform", "concern", "advice", "meet"]))
    def put_down(self, who: int, which: int, what: str) -> None:
        """Something is put on record that restricts nobody."""
        name = self.staff[which % len(self.staff)].name
        if what == "debrief":
            over = [None, "B. Colleague", "M. Manager"][which % 3]
            fields = {"off_case": CASES[1] if over else None, "taken_over_by": over}
            kind = sorted(self.policy.grounds)[0]
            incident = self.attempt(who, "note_incident", category=kind, what="They shouted", day=self.day(0))
            self.attempt(who, "debrief", incident=incident, colleague="B. Colleague", **fields)
        elif what == "outside":
            fields = {"discussed_with": name, "reason": "It was a threat.", "what": "In a shop."}
            self.attempt(who, "outside_contact", recorded=bool(which % 2), **fields)
        elif what == "platform":
            fields = {"platform": "Example", "handle": "r_example", "action": "blocked", "day": self.day(which % 3 - 1)}
            self.attempt(who, "platform_action", evidence="A copy.", **fields)
        elif what == "concern":
            fields = {"owner": name, "about": [self.staff[0].name]}
            self.attempt(who, "report_concern", kind="feedback", what="Nobody called back.", **fields)
        elif what == "advice":
            question = ["Is one call a day too little?", "Is Party 1 treated well?"][which % 2]
            self.attempt(who, "seek_advice", adviser="An adviser", question=question)
        else:
            outcome = [None, "They agreed."][which % 2]
            fields = {"who": ["M. Manager"], "needs": "A lift.", "outcome": outcome}
            self.attempt(who, "meet", day=self.day(which % 5 - 2), **fields)

    @rule(who=WHICH, which=WHICH, what=st.sampled_from(["ask", "end_call", "highlight", "stop_reading"]))
    def answer_a_contact(self, who: int, which: int, what: str) -> None:
        """Somebody asks, ends a call, marks a message, or stops reading it."""
        contact = (
            self.contacts[-1 - which % len(self.contacts)] if self.contacts and which % 3 else self.comes_in(which)
        )
        name = self.staff[which % len(self.staff)].name
        if what == "ask":
            incident = self.one(which, "note_incident") if which % 2 else ""
            texts = {"text": "Please call less.", "distress": "Not said.", "adjustments": "None."}
            self.attempt(who, "ask", incident=incident if incident != NOBODY else "", **texts)
        elif what == "end_call":
            code, asked = [("abuse", "To stop."), ("abuse", None), ("threat", None)][which % 3]
            follow, why = [("warning", None), ("none", "They are ill."), ("none", None)][who % 3]
            self.attempt(who, "end_call", code=code, asked=asked, follow_up=follow, why_none=why)
        elif what == "highlight":
            passages = [{"start": 0, "end": 4, "digest": "a" * 64}]
            self.attempt(who, "highlight", contact=contact, passages=passages, note="Please leave this out.")
        else:
            self.attempt(who, "stop_reading", contact=contact, passed_to=name)
