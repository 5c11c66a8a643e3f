"""The sections that notices are made of: reasons, rules, ways, end, review, appeal, where else to turn.

Belongs here: each section once, in the words of the catalogue and the policy; which notice has which is `composing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.notices.measure_words import channels_in_words, conditions, dialled, measure_sentence
from gateway.notices.notice import Block, Heading, Listing, Paragraph
from gateway.notices.phrases import Phrases
from gateway.notices.position import Position
from gateway.notices.ways import ways
from gateway.notices.ways_table import filed, ways_table
from rules.contact import Channel
from rules.measures import Measure
from rules.standing import Restriction


class Sections:
    """Write sections for one position in one language; each is its heading with what stands under it, or nothing."""

    def __init__(self, position: Position, phrases: Phrases) -> None:
        self.position = position
        self.policy = position.policy
        self.phrases = phrases

    def under(self, heading: str, *blocks: Block | str) -> Iterator[Block]:
        """Put a heading over blocks and sentences; nothing where there are none."""
        said = [Paragraph(one) if isinstance(one, str) else one for one in blocks if one]
        if said:
            yield Heading(self.phrases.say(f"heading.{heading}"))
            yield from said

    def why(self, restriction: Restriction, reason: str = "", *more: str) -> Iterator[Block]:
        """Say the ground in the policy's words, and the reason that a colleague gave."""
        return self.under("why", *more, self.ground(restriction), *self.typed(reason or restriction.reason))

    def grounds(self) -> Iterator[Block]:
        """Say the grounds of all that is in force, without what a colleague typed: a page is shown to others."""
        return self.under("why", *dict.fromkeys(self.ground(one) for one in self.position.in_force))

    def ground(self, restriction: Restriction) -> str:
        """Say the ground; empty where none is on record."""
        ground = restriction.ground
        if ground not in self.policy.grounds:
            return ""
        said = self.policy.grounds[ground] if self.phrases.own else self.phrases.say(f"ground.{ground}")
        return self.phrases.say("reason.ground", ground=said.rstrip("."))

    def typed(self, text: str) -> tuple[str, ...]:
        """Give what a colleague typed as a sentence."""
        said = self.phrases.typed(text)
        return (said if said.endswith((".", "!", "?")) else f"{said}.",) if said else ()

    def rules(self) -> Iterator[Block]:
        """Say each measure in force, and the conditions of a contract."""
        said = [self._sentence(one, restriction) for restriction, one in self.position.bearing]
        items = tuple(dict.fromkeys(text for text in said if text))
        items += (self._first(),) if items and self._first() else ()
        yield from self.under("rules", Listing(items) if items else self.phrases.say("rules.none"))
        for restriction in self.position.in_force:
            yield from self._contract(restriction)

    def _sentence(self, measure: Measure, restriction: Restriction) -> str:
        return measure_sentence(measure, restriction, self.position, self.phrases)

    def _first(self) -> str:
        """Say which ways stay open whatever is decided: no rule is told as though it outranked them (PHSO-23)."""
        opened = frozenset[Channel]().union(*(one.open for one in self.position.agreed))
        return self.phrases.say("rules.first", channels=channels_in_words(opened, self.phrases)) if opened else ""

    def _contract(self, restriction: Restriction) -> Iterator[Block]:
        said = tuple(one for measure in restriction.measures for one in conditions(measure, self.phrases))
        if said:
            agreed = restriction.contract_agreed is not None and restriction.contract_agreed <= self.position.at
            after = self.phrases.say("rules.agreed" if agreed else "rules.until_agreed")
            yield from self.under("conditions", Listing(tuple(_sentence(one) for one in said)), after)

    def ways(self) -> Iterator[Block]:
        """Say what works, when, with whom."""
        found = ways(self.position)
        table = ways_table(found, self.position, self.phrases)
        none = "" if any(one.works for one in found) else self._always() or self.phrases.say("ways.none")
        yield from self.under("ways", none, table)

    def _always(self) -> str:
        """Name what no measure closes; empty where the office has nothing of the kind."""
        ways = sorted(map(dialled, self.policy.always_open))
        return self.phrases.say("elsewhere.always", ways=self.phrases.both(ways)) if ways else ""

    def filed(self) -> Iterator[Block]:
        """Say what goes on file and that a person looks at it."""
        items = filed(ways(self.position), self.position, self.phrases)
        yield from self.under("filed", *([Listing(items)] if items else []))

    def later(self) -> Iterator[Block]:
        """Say what begins after the day of the notice."""
        items = []
        for one in self.position.ahead:
            said = " ".join(filter(None, (self._sentence(measure, one) for measure in one.bearing(one.starts))))
            day = self.phrases.day(self.position.day(one.starts))
            items.append(self.phrases.say("later.from", day=day, rules=said))
        yield from self.under("later", *([Listing(tuple(items))] if items else []))

    def adjustments(self) -> Iterator[Block]:
        """Say what was agreed, which forms we write in, and that anybody may ask (PHSO-23, HO-3)."""
        yield from self.under("adjustments", *self._agreed(), self.phrases.say("adjustment.none"))

    def _agreed(self) -> Iterator[str]:
        for one in self.position.agreed:
            said = [self.phrases.say("adjustment.need", need=self.phrases.typed(one.need).rstrip("."))]
            if one.open:
                channels = channels_in_words(one.open, self.phrases)
                said.append(self.phrases.say("adjustment.open", channels=channels))
            if one.ends is not None:
                until = self.phrases.day(self.position.last_day(one.ends))
                said.append(self.phrases.say("adjustment.until", day=until))
            yield " ".join(said)
        if self.position.forms:
            forms = self.phrases.both([self.phrases.say(f"form.{form}") for form in self.position.forms])
            yield self.phrases.say("adjustment.forms", forms=forms)

    def end(self, restrictions: Sequence[Restriction]) -> Iterator[Block]:
        """Say the last day of each restriction, as the office's calendar has it."""
        days = sorted({self.position.last_day(one.ends) for one in restrictions})
        key = "end.day" if len(days) == 1 else "end.several"
        said = [self.phrases.say(key, day=self.phrases.day(day)) for day in days]
        yield from self.under("end", " ".join(said) if said else self.phrases.say("end.nothing"))

    def review(self, restrictions: Sequence[Restriction]) -> Iterator[Block]:
        """Say when each restriction is looked at again, or that it is not and why (SPSO-23)."""
        said = dict.fromkeys(self._review(one) for one in restrictions)
        yield from self.under("review", *(said or [self.phrases.say("review.over")]))

    def _review(self, restriction: Restriction) -> str:
        if restriction.review_at is not None and restriction.review_at < restriction.ends:
            return self.phrases.say("review.by", day=self.phrases.day(self.position.day(restriction.review_at)))
        own = self.position.no_review.get(restriction.id, "")
        why = self.phrases.typed(own) if own else self._policy_text("review_why_none", self.policy.review.why_none)
        return self.phrases.say("review.why_none", why=why.rstrip(".")) if why else self.phrases.say("review.none")

    def challenge(self) -> Iterator[Block]:
        """Say how to appeal, by when and to whom, or that there is no appeal (PHSO-21, SPSO-22, HO-6)."""
        yield from self.under("challenge", *self._challenge(), self.policy_text("about_us"), self._always())

    def _challenge(self) -> Iterator[str]:
        text = self.policy_text("challenge")
        appeal = self.policy.appeal
        if appeal is None:
            if not (self.phrases.own and "appeal" in text.casefold()):
                yield self.phrases.say("appeal.none")
            yield text
            return
        yield text
        titles = [self._title(role) for role in sorted(appeal.to)]
        yield self.phrases.say("appeal.to", titles=self.phrases.either(titles))
        if appeal.within_days is not None:
            yield self.phrases.say("appeal.within", days=self.phrases.count("days", appeal.within_days))

    def _title(self, role: str) -> str:
        return self.policy.roles.get(role, role) if self.phrases.own else self.phrases.say(f"role.{role}")

    def no_challenge(self, key: str) -> Iterator[Block]:
        """Say why there is nothing to appeal against, and where a complaint about us goes (PHSO-28)."""
        yield from self.under("challenge", self.phrases.say(key), self.policy_text("about_us"), self._always())

    def elsewhere(self) -> Iterator[Block]:
        """Say where a new complaint, a request for data or information, an emergency goes, and who helps."""
        named = ("new_complaint", "data_request", "help", "emergency")
        items = [self.policy_text(name) for name in named]
        if always := self._always():
            items.insert(1, always)
        yield from self.under("elsewhere", Listing(tuple(items)))
        if names := [one.name for one in self.position.advocates if one.consent]:
            yield Paragraph(self.phrases.say("elsewhere.copy", names=self.phrases.both(names)))

    def policy_text(self, name: str) -> str:
        """Give a text of the policy with the office's name in it."""
        return self._policy_text(name, getattr(self.policy.texts, name))

    def _policy_text(self, name: str, text: str) -> str:
        if not text:
            return ""
        return self.phrases.office_text(name, text).replace("{office}", self.position.office.name)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
