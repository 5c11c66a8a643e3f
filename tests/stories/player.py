"""Plays a story: does its steps through the API by its clock, and looks every day whether what it says holds.

Belongs here: the clock's way through the story, and the comparison. What is compared is what `parley check` and the
doors decide by: the standing that the record gives, and the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gateway.config import read_policy
from gateway.standing import standing_of
from rules import identity
from rules.contact import Channel, Contact
from rules.decide import decide
from rules.decision import Decision
from rules.policies import Policy
from rules.policies.parts import DutyManager
from storage.transaction import Reader
from tests.gateway.office import CLERK, LINE, Clock, Office, mail, office
from tests.stories.office_api import OfficeApi, plain
from tests.stories.story import LONDON, THROUGH, Holds, HourByHour, Made, Step, Story

LOOKS = (time(0, 5), time(8, 30), time(12, 0), time(16, 45), time(23, 55))
"""When every day is looked at, by the wall clock; none of them is an hour that March skips or October has twice."""
NEIGHBOUR = {"name": "N. Neighbour", "emails": ["n.neighbour@example.net"], "phones": ["+441632960777"]}
STRANGER = {"emails": ["stranger@example.net"], "phones": ["+441632960888"]}
_BY_NUMBER = frozenset({"call", "sms"})
_OTHERS = (Made("email", "email"), Made("call", "call"))


async def play(story: Story, folder: Path) -> Counter[str]:
    """Play a story in an office in this folder; gives how often what was looked at. Raises AssertionError."""
    clock = Clock(datetime.combine(story.first, time.min, LONDON).astimezone(UTC))
    async with office(folder, clock=clock, policy=_policy(story)) as place:
        api = OfficeApi(place, story.people)
        try:
            player = Player(story, place, api)
            await player.play()
        finally:
            await api.close()
    return player.looked


def changes_of(name: str) -> dict[str, Any]:
    """Give a shipped policy as changes of the one that an office has by itself."""
    policy = read_policy(name, Path())
    return {field.name: getattr(policy, field.name) for field in fields(Policy)}


def _policy(story: Story) -> dict[str, Any]:
    found = changes_of(story.policy)
    if "duty_manager" in story.changes:
        found["duty_manager"] = DutyManager(**story.changes["duty_manager"])
    return found


class Player:
    """Play one story in one office."""

    def __init__(self, story: Story, place: Office, api: OfficeApi) -> None:
        self.looked: Counter[str] = Counter()
        self._story = story
        self._office = place
        self._api = api
        self._somebody = next(iter(story.people))
        self._papers: dict[str, str] = {}
        self._party = 0
        self._mails = 0
        self._through: dict[HourByHour, list[str]] = {one: [] for one in story.hours}

    async def play(self) -> None:
        """Go from its first day to its last."""
        self._party = await self._api.add_party(self._somebody, self._story.party)
        await self._api.add_party(self._somebody, NEIGHBOUR)
        for moment, step in self._moments():
            assert self._office.clock() <= moment, f"{step} comes before something that took longer"
            self._office.clock.at = moment
            if step is not None:
                await self._do(step)
                self._office.clock.advance(seconds=1)
            self._look()
            await self._stage()
        for one in self._story.hours:
            assert self._through[one] == list(one.through), f"{self._story.policy}: {one.contact} on {one.day}"
        assert await self._api.sound(self._somebody)

    def _moments(self) -> Iterator[tuple[datetime, Step | None]]:
        """Give every moment to look at in order: those of every day, a second before each step, and the steps."""
        hours = [moment for one in self._story.hours for moment in hours_of(one.day)]
        found: list[tuple[datetime, Step | None]] = [(moment, None) for moment in sorted({*self._daily(), *hours})]
        for step in self._story.steps:
            found += [(step.at - timedelta(seconds=1), None), (step.at, step)]
        return iter(sorted(found, key=lambda one: one[0]))

    def _daily(self) -> Iterator[datetime]:
        day = self._story.first
        while day <= self._story.last:
            yield from (datetime.combine(day, look, LONDON).astimezone(UTC) for look in LOOKS)
            day += timedelta(days=1)

    # What people do

    async def _do(self, step: Step) -> None:
        if step.mail is not None:
            await self._post(step)
        if step.does:
            await self._act(step)
        if step.states or step.last_days or step.warnings or step.waiting is not None:
            self._compare(step, (await self._api.file(step.who or self._somebody, self._party))["history"])

    async def _act(self, step: Step) -> None:
        status, said = await self._api.act(step.who, self._party, step.does, self._meant(step.fields))
        if step.refused is not None:
            expected = dict(step.refused)
            assert status == expected.pop("status", 409), f"{self._where(step)}: {status} {said}"
            way = expected.pop("way", "")
            assert way in said.get("way", ""), f"{self._where(step)}: {said}"
            found = {name: said.get(name) for name in expected}
            assert found == expected, f"{self._where(step)}: {said}"
            self.looked["refused"] += 1
            return
        assert status == 201, f"{self._where(step)}: {status} {said}"
        data = said["paper"]["data"]
        found = {name: data.get(name) for name in step.paper}
        assert found == plain(self._meant(step.paper)), f"{self._where(step)}: {data}"
        assert said["paper"]["by"] == step.who
        self.looked["done"] += 1
        if step.called:
            self._papers[step.called] = said["paper"]["id"]

    def _meant(self, value: Any) -> Any:
        """Put the papers' ids where the story speaks of them."""
        if isinstance(value, Mapping):
            return {name: self._meant(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._meant(each) for each in value]
        if isinstance(value, str) and "@" in value:
            before, _, name = value.partition("@")
            return before + self._papers[name] if name in self._papers else value
        return value

    async def _post(self, step: Step) -> None:
        """Send a real message through the office's mail door, and look at what became of it."""
        assert step.mail is not None
        self._mails += 1
        sender = self._story.party["emails"][0]
        plain_one = mail(self._mails, sender=sender)
        message = plain_one.replace(b"Message %d" % self._mails, step.mail["subject"].encode(), 1)
        reply = await self._office.post(message, CLERK, sender=sender)
        assert reply.startswith(step.mail["reply"]), f"{self._where(step)}: {reply}"
        entry = self._office.contacts()[-1]
        assert entry.carried.value == step.mail["outcome"], f"{self._where(step)}: {entry}"
        self.looked["mails"] += 1

    def _compare(self, step: Step, history: Mapping[str, Any]) -> None:
        """Compare what the file says with what the story expects of it."""
        papers = {self._papers[name]: name for name in self._papers}
        restrictions = {papers[one["id"]]: one for one in history["restrictions"] if one["id"] in papers}
        found: dict[str, Any] = {name: restrictions[name]["state"] for name in step.states}
        assert found == step.states, self._where(step)
        found = {name: restrictions[name]["ends"] for name in step.last_days}
        assert found == plain(step.last_days), self._where(step)
        stands = {papers[one["id"]]: one["stands"] for one in history["warnings"]}
        assert {name: stands[name] for name in step.warnings} == step.warnings, self._where(step)
        if step.waiting is not None:
            waits = sorted(one["what"] for one in history["waiting"])
            assert waits == sorted(step.waiting), self._where(step)
        self.looked["files"] += 1

    def _where(self, step: Step) -> str:
        local = step.at.astimezone(LONDON)
        return f"{self._story.policy}, {local:%Y-%m-%d %H:%M}, {step.who}: {step.does or 'looks'}"

    # What holds

    def _look(self) -> None:
        """Decide every contact of the party, and some of others, as of now."""
        now = self._office.clock()
        found = self._decided(now, [*self._own(now), *self._of_others(now)])
        for made, decision in zip(self._story.contacts, found, strict=False):
            self._same(self._story.expected(made, now), made, decision, now)
            self._note_hour(made, decision, now)
        for other in found[len(self._story.contacts) :]:
            said = (other.outcome.value, [one.measure for one in other.reasons if one.measure])
            assert said in [("deliver", []), ("connect", [])], f"somebody else on {now}: {said}"
            self.looked["others"] += 1

    def _own(self, now: datetime) -> list[Contact]:
        return [_contact(made, self._story.party, now) for made in self._story.contacts]

    def _of_others(self, now: datetime) -> list[Contact]:
        return [_contact(made, whose, now) for whose in (NEIGHBOUR, STRANGER) for made in _OTHERS]

    def _decided(self, now: datetime, contacts: list[Contact]) -> list[Decision]:
        policy = self._office.settings.policy

        def job(reader: Reader) -> list[Decision]:
            return [decide(one, standing_of(reader, one, policy, now=now), policy, now=now) for one in contacts]

        return self._office.record.read_now(job)

    def _same(self, expected: Holds, made: Made, decision: Decision, now: datetime) -> None:
        """Insist on the outcome, on where it goes, and on the measure and the clause that are given as the reason."""
        through = expected.open is not None and expected.open.at(now)
        outcome = THROUGH[made.channel] if through else expected.outcome
        local = now.astimezone(LONDON)
        where = f"{self._story.policy}: {made.name} on {local:%a %Y-%m-%d %H:%M:%S %Z}: {decision}"
        assert decision.outcome.value == outcome, where
        named = {(one.measure, one.clause) for one in decision.reasons if one.measure}
        if expected.because:
            clauses = {clause for measure, clause in named if measure == expected.because}
            assert clauses == {expected.clause}, where
        else:
            assert not named, where
        if expected.to:
            assert [target.to for target in decision.targets] == [expected.to], where
        self.looked[f"{made.name}: {outcome}"] += 1

    def _note_hour(self, made: Made, decision: Decision, now: datetime) -> None:
        """Note a full hour at which a contact came through, on a day that the story tells hour by hour."""
        local = now.astimezone(LONDON)
        if (local.minute, local.second) != (0, 0):
            return
        for one, through in self._through.items():
            if (one.contact, one.day) == (made.name, local.date()):
                self.looked["hours"] += 1
                if decision.outcome.value == THROUGH[made.channel]:
                    through.append(f"{local:%H:%M %Z}")

    async def _stage(self) -> None:
        """Compare the stage, which everybody may see."""
        now = self._office.clock()
        found = await self._api.brief(self._somebody, self._party)
        local = now.astimezone(LONDON)
        assert found["stage"] == self._story.stage(now), f"{self._story.policy}: {local:%Y-%m-%d %H:%M} {found}"
        self.looked[f"stage {found['stage']}"] += 1


def hours_of(day: date) -> list[datetime]:
    """Give the full hours of a day in London: 25 of them where the clocks go back, 23 where they go forward."""
    moment = datetime.combine(day, time.min, LONDON).astimezone(UTC)
    found = []
    while moment.astimezone(LONDON).date() == day:
        found.append(moment)
        moment += timedelta(hours=1)
    return found


def _contact(made: Made, whose: Mapping[str, Any], now: datetime) -> Contact:
    by_number = made.channel in _BY_NUMBER
    sender = identity.phone(whose["phones"][0]) if by_number else identity.email(whose["emails"][0])
    assert sender is not None
    to = (LINE,) if by_number else (CLERK,)
    channel = Channel(made.channel)
    return Contact("tried", channel, now, sender, (sender,), recipients=to, subject=made.subject)
