"""Rows that no single act or measure shows: every channel and kind of party, what is no level, how notices read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from gateway.config import read_policy
from gateway.notices.composing import compose
from gateway.notices.notice import block_texts
from gateway.notices.phrases import shipped
from gateway.notices.posting import Envelope, as_mail
from gateway.notices.readability import reading_age
from gateway.standing import standing_of
from rules import identity
from rules.contact import Channel, Contact
from rules.decide import decide
from rules.decision import Decision
from rules.standing import PartyKind
from tests.gateway import office as offices
from tests.gateway.notices.office import FACTS, OFFICE, SAMPLES, every_facts, position, restriction
from tests.gateway.office import CLERK, LINE, Clock, Office
from tests.stories.office_api import OfficeApi
from tests.stories.player import changes_of

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
HANDLE = "mastodon:r_example"
PARTY = {"name": "R. Example", "emails": ["r.example@example.net"], "phones": ["+441632960001"], "handles": [HANDLE]}
SENDERS = {Channel.CALL: "+441632960001", Channel.SMS: "+441632960001", Channel.ONLINE: HANDLE}
BY_LETTER = {"kind": "channel_only", "allowed": ["letter"]}
PEOPLE = {
    "Ada": ("caseworker",),
    "Bea": ("manager",),
    "Eve": ("executive_team",),
    "Lee": ("leadership_team",),
    "Oba": ("ombudsman",),
}
APPEALS = {
    "SPSO-22 by the leadership team": ("spso", "Lee"),
    "SPSO-22 by the Ombudsman": ("spso", "Oba"),
    "HO-6 by the Ombudsman": ("housing-ombudsman", "Oba"),
}
NEEDS = {"adjustments_considered": "Asked: none needed"}


@dataclass
class Desk:
    """Hold an office under one policy, its API and the number of its party."""

    place: Office
    api: OfficeApi
    party: int = 0

    async def done(self, name: str, who: str = "Ada", **fields: Any) -> str:
        """Do an act on the party; gives the id of its paper."""
        status, said = await self.api.act(who, self.party, name, fields)
        assert status == 201, said
        return str(said["paper"]["id"])

    async def restricted(self, *measures: Mapping[str, Any], approver: str = "") -> None:
        """Bring the party under a restriction of these measures, told and in force."""
        grounds = {"ground": "levels_of_contact", "reason": "You write forty times a day."}
        incident = await self.done("note_incident", category="levels_of_contact", what="Forty messages")
        await self.done("warn", incidents=[incident], text="Please write once.", spoken=True)
        incident = await self.done("note_incident", category="levels_of_contact", what="Forty more")
        draft = await self.done("draft_restriction", measures=list(measures), incidents=[incident], **grounds, **NEEDS)
        await self.done("propose_restriction", restriction=draft)
        if approver:
            await self.done("approve_restriction", approver, restriction=draft, reason="It is needed")
        await self.done("send_notice", about=draft)

    async def restrictions(self) -> list[dict[str, Any]]:
        """Give the restrictions on the party's file."""
        file = await self.api.file("Ada", self.party)
        return list(file["history"]["restrictions"])

    def decided(self, channel: Channel) -> Decision:
        """Decide a contact of the party by a channel, as of now."""
        now, policy = self.place.clock(), self.place.settings.policy
        sender = identity.anything(SENDERS.get(channel, PARTY["emails"][0]))
        assert sender is not None
        to = (LINE,) if channel in (Channel.CALL, Channel.SMS) else (CLERK,)
        contact = Contact("tried", channel, now, sender, (sender,), recipients=to)
        return self.place.record.read_now(
            lambda reader: decide(contact, standing_of(reader, contact, policy, now=now), policy, now=now)
        )


@asynccontextmanager
async def desk(folder: Path, policy: str, **party: Any):
    """Open an office under a policy that ships, with one party on its record."""
    async with offices.office(folder, clock=Clock(NOW), policy=changes_of(policy)) as place:
        api = OfficeApi(place, {who: roles for who, roles in PEOPLE.items() if roles[0] in place.settings.policy.roles})
        try:
            yield Desk(place, api, await api.add_party("Ada", PARTY | party))
        finally:
            await api.close()


OUTCOMES = {
    Channel.EMAIL: "return",
    Channel.SMS: "return",
    Channel.CALL: "automated_line",
    Channel.LETTER: "deliver",
    Channel.VISIT: "deliver",
    Channel.WEB: "deliver",
    Channel.ONLINE: "deliver",
}
KINDS = {PartyKind.PERSON: "", PartyKind.PROFESSIONAL: "Eve", PartyKind.ORGANISATION: "Eve"}


@pytest.mark.parametrize("kind", KINDS, ids=[f"PHSO-1, HO-1 {kind.value}" for kind in KINDS])
async def test_every_channel_of_every_kind_of_party_is_decided(kind, folder):
    """A contact by any channel meets the restriction; what staff log by hand comes with the instruction."""
    async with desk(folder, "phso", kind=kind.value) as office:
        await office.restricted(BY_LETTER, approver=KINDS[kind])
        for channel in Channel:
            decision = office.decided(channel)
            assert (channel, decision.outcome.value) == (channel, OUTCOMES[channel])
            assert [(one.measure, one.clause) for one in decision.reasons] == [("channel_only", "PHSO-M5")]


async def test_SPSO_5_an_online_comment_counts_as_contact(folder):
    """It is an incident with its evidence, and what the party writes online is known as theirs by the handle."""
    async with desk(folder, "spso") as office:
        told = {"category": "naming_staff_publicly", "what": "Named a colleague under our post", "channel": "online"}
        number = await office.done("note_incident", **told, evidence=["a copy of the page, in the case folder"])
        (paper,) = [
            one for one in (await office.api.file("Ada", office.party))["history"]["papers"] if one["id"] == number
        ]
        assert paper["data"]["channel"] == "online"
        assert paper["data"]["evidence"] == ["a copy of the page, in the case folder"]
        decision = office.decided(Channel.ONLINE)
        assert (decision.party, decision.outcome.value, decision.counts) == (office.party, "deliver", True)
        await office.restricted(BY_LETTER)
        decision = office.decided(Channel.ONLINE)
        assert [(one.measure, one.clause) for one in decision.reasons] == [("channel_only", "SPSO-21.1")]


async def test_PHSO_9_interim_protection_takes_no_warnings_place(folder):
    """What any colleague puts up at once, without anybody's decision, is no earlier restriction to rest on."""
    async with desk(folder, "phso") as office:
        incident = await office.done("note_incident", category="levels_of_contact", what="Forty messages")
        await office.done("protect_interim", incident=incident, reason="It goes on")
        fields = {"ground": "levels_of_contact", "reason": "You write forty times.", "incidents": [incident]}
        draft = await office.done("draft_restriction", measures=[BY_LETTER], **fields, **NEEDS)
        for days in (0, 30):
            office.place.clock.advance(days=days)
            asked = await office.api.act("Ada", office.party, "propose_restriction", {"restriction": draft})
            assert (asked[0], asked[1].get("clause")) == (409, "PHSO-9")


async def test_PHSO_20_a_new_end_whose_notice_came_back_does_not_stand(folder):
    """The person was not told of it: the restriction goes on to the end that they know, and no longer."""
    async with desk(folder, "phso") as office:
        await office.restricted(BY_LETTER)
        (known,) = await office.restrictions()
        office.place.clock.advance(days=30)
        again = await office.done("note_incident", category="levels_of_contact", what="Sixty messages")
        change = await office.done("extend_restriction", restriction=known["id"], incident=again)
        await office.done("send_notice", about=change)
        (longer,) = await office.restrictions()
        assert longer["ends"] > known["ends"]
        await office.done("notice_came_back", about=change)
        (one,) = await office.restrictions()
        assert (one["ends"], one["state"]) == (known["ends"], "in_force")


@pytest.mark.parametrize(("policy", "who"), APPEALS.values(), ids=APPEALS)
async def test_an_appeal_can_end_in_milder_measures(policy, who, folder):
    """Who hears appeals may vary a restriction to something milder, with nobody's further approval."""
    async with desk(folder, policy) as office:
        limit = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
        await office.restricted(limit, approver="" if policy == "spso" else "Bea")
        (found,) = await office.restrictions()
        appeal = await office.done("appeal", restriction=found["id"], grounds="It is too little")
        fields = {
            "appeal": appeal,
            "outcome": "varied",
            "reason": "Three are enough",
            "measures": [limit | {"count": 3}],
        }
        varied = await office.done("decide_appeal", who, **fields)
        await office.done("send_notice", about=varied)
        (one,) = await office.restrictions()
        assert one["measures"] == [limit | {"count": 3}]


def test_SPSO_55_many_complaints_are_no_level():
    """No threshold is on matters or complaints, none is over more than a month; complaints are a person's to judge."""
    policy = read_policy("spso", Path())
    assert policy.thresholds
    for one in policy.thresholds:
        assert one.level.value != "matters"
        assert one.per.value in ("hour", "day", "week", "month")
    assert "misuse_of_complaints" in policy.grounds
    assert "misuse_of_complaints" not in policy.no_warning_grounds


async def test_SPSO_22_a_manager_is_told_and_need_not_approve(folder):
    """Any colleague decides to manage contact; the proposal is told at once, and the notice is next."""
    async with desk(folder, "spso") as office:
        await office.restricted({"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"})
        assert [one["state"] for one in await office.restrictions()] == ["in_force"]
        assert [one for one in office.place.letters() if b"A restriction was proposed" in one.message]


async def test_SPSO_56_a_restriction_for_complaints_is_a_managers_decision(folder):
    """Whoever thinks that complaints are made to harass proposes it, after a warning; a manager decides."""
    async with desk(folder, "spso") as office:
        incident = await office.done("note_incident", category="misuse_of_complaints", what="The ninth of its kind")
        await office.done("warn", incidents=[incident], text="We have answered this.", spoken=True)
        incident = await office.done("note_incident", category="misuse_of_complaints", what="The tenth")
        fields = {"ground": "misuse_of_complaints", "reason": "You have our answer.", "incidents": [incident]}
        limit = {"kind": "volume_limit", "channels": ["email"], "count": 1, "per": "week"}
        draft = await office.done("draft_restriction", measures=[limit], **fields, **NEEDS)
        await office.done("propose_restriction", restriction=draft)
        assert office.decided(Channel.EMAIL).reasons[0].measure == ""
        status, said = await office.api.act(
            "Ada", office.party, "approve_restriction", {"restriction": draft, "reason": "x"}
        )
        assert (status, said["clause"]) == (403, "SPSO-56")
        await office.done("approve_restriction", "Bea", restriction=draft, reason="It harasses a colleague")


async def test_SPSO_48_recording_for_oneself_is_an_adjustment(folder):
    """Whoever records calls for their own use is supported: it stands on the file, and everybody sees the forms."""
    async with desk(folder, "spso") as office:
        need = {"need": "cannot take notes", "detail": "Records calls for their own use"}
        number = await office.done("agree_adjustment", **need, forms=["plain_text"])
        file = await office.api.file("Ada", office.party)
        (adjustment,) = file["history"]["adjustments"]
        assert (adjustment["id"], adjustment["need"], adjustment["stands"]) == (number, "cannot take notes", True)
        assert (await office.api.brief("Ada", office.party))["forms"] == ["plain_text"]


async def test_SPSO_28_abusive_mail_is_filed_and_not_answered(folder):
    """It is looked at by a person and answered by nobody, under the clause that says so."""
    async with desk(folder, "spso") as office:
        await office.restricted({"kind": "file_unanswered"})
        decision = office.decided(Channel.EMAIL)
        assert (decision.outcome.value, decision.note) == ("file", None)
        assert [(one.measure, one.clause) for one in decision.reasons] == [("file_unanswered", "SPSO-28")]


def test_SPSO_29_a_notice_comes_from_the_office_and_names_nobody():
    """Its sender is the office's own name and address, and who approved the restriction stands nowhere in it."""
    one = restriction(SAMPLES["volume_limit"], approved_by="Q. Manager")
    notice = compose(every_facts(one)["restriction"], position(one), shipped())
    sent = as_mail(notice, OFFICE, Envelope("r.example@example.net", "<n1@example.org>", NOW)).content
    assert OFFICE.address in message_from_bytes(sent)["From"]
    assert "Manager" not in message_from_bytes(sent)["From"]
    assert not [text for block in notice.blocks for text in block_texts(block) if "Q. Manager" in text]


@pytest.mark.parametrize("name", FACTS, ids=[f"SPSO-64 {name}" for name in FACTS])
@pytest.mark.parametrize("easy", [False, True], ids=["as a letter", "in Easy Read"])
def test_every_notice_reads_at_twelve(name, easy):
    """Under the policy of SPSO each kind of notice is as easy to read as a person of 12 reads, in Easy Read too."""
    one = restriction(SAMPLES["volume_limit"])
    phrases = shipped().easily() if easy else shipped()
    notice = compose(every_facts(one)[name], position(one, policy=read_policy("spso", Path())), phrases)
    assert 5 < reading_age(notice) <= 12
