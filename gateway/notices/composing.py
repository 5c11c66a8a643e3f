"""Composes a notice of each kind from where the party stands: the page of arrangements, and a letter for each occasion.

Belongs here: which sections a kind has. Promises that every letter has the reasons, the measures, what still works,
the end, the review or why none, the appeal or that there is none, and where help is (PHSO-20, HO-5).
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.mail.own_mail import clean_line
from gateway.notices.concealing import name_nobody
from gateway.notices.easy_read import eased
from gateway.notices.notice import Block, Copy, Kind, Notice, Paragraph
from gateway.notices.phrases import Phrases
from gateway.notices.position import (
    AppealFacts,
    ArrangementsFacts,
    ChangeFacts,
    EndFacts,
    ExtensionFacts,
    Facts,
    Position,
    RestrictionFacts,
    ReviewFacts,
    WarningFacts,
)
from gateway.notices.sections import Sections
from rules.standing import Restriction

_KINDS: dict[type[Facts], Kind] = {
    ArrangementsFacts: Kind.ARRANGEMENTS,
    WarningFacts: Kind.WARNING,
    RestrictionFacts: Kind.RESTRICTION,
    ChangeFacts: Kind.CHANGE,
    ExtensionFacts: Kind.EXTENSION,
    ReviewFacts: Kind.REVIEW_OUTCOME,
    EndFacts: Kind.END,
    AppealFacts: Kind.APPEAL_OUTCOME,
}

_ABOUT_ONE = RestrictionFacts | ChangeFacts | ExtensionFacts | ReviewFacts | EndFacts | AppealFacts


def compose(facts: Facts, position: Position, phrases: Phrases, words: str = "") -> Notice:
    """Compose the notice that the facts call for; `phrases.easily()` gives it for Easy Read.

    `words` are the office's own, put behind the opening, a paragraph for each line; they are looked over as all is.

    Raises MissingPhrase where the language has no words for something, NamesStaff where a name would get out that a
    measure conceals (PHSO-M6).
    """
    kind = _KINDS[type(facts)]
    sections = Sections(position, phrases)
    notice = Notice(
        kind,
        phrases.language,
        clean_line(position.office.name),
        phrases.say(f"title.{kind.value}"),
        (*_opening(kind, position, phrases), *_own(words, sections), *_body(facts, sections)),
        tuple(Copy(clean_line(one.name), one.address) for one in position.advocates if one.consent),
    )
    name_nobody(notice, position, about_whom(facts), phrases)
    return eased(notice) if phrases.easy else notice


def about_whom(facts: Facts) -> tuple[Restriction, ...]:
    """Give the restriction that a notice is about, also where it stands no longer."""
    return (facts.restriction,) if isinstance(facts, _ABOUT_ONE) else ()


def _opening(kind: Kind, position: Position, phrases: Phrases) -> Iterator[Block]:
    name, office = clean_line(position.party.name), clean_line(position.office.name)
    if kind is Kind.ARRANGEMENTS:
        key = "opening.arrangements" if position.in_force or position.ahead else "opening.arrangements_none"
        day = phrases.day(position.day(position.at))
        yield Paragraph(phrases.say(key, name=name, office=office, day=day))
        return
    written = position.written or position.day(position.at)
    yield Paragraph(phrases.say("opening.dear", name=name))
    yield Paragraph(phrases.say("opening.from", office=office, day=phrases.day(written)))


def _own(words: str, sections: Sections) -> Iterator[Block]:
    return (Paragraph(said) for line in words.splitlines() for said in sections.typed(line))


def _body(facts: Facts, sections: Sections) -> Iterator[Block]:
    if isinstance(facts, ArrangementsFacts):
        return _arrangements(sections)
    if isinstance(facts, WarningFacts):
        return _warning(facts, sections)
    if isinstance(facts, EndFacts):
        return _end(facts, sections)
    if isinstance(facts, ReviewFacts) and facts.outcome == "lift":
        return _over("opening.review_lift", facts.reason, facts.restriction, sections)
    if isinstance(facts, AppealFacts):
        return _appeal(facts, sections)
    return _standing(*_said(facts, sections), facts.restriction, sections)


def _said(
    facts: RestrictionFacts | ChangeFacts | ExtensionFacts | ReviewFacts, sections: Sections
) -> tuple[str, str, tuple[str, ...]]:
    """Give how a letter on a restriction that stands opens, the reason for it, and what else goes with the reason."""
    say, position = sections.phrases.say, sections.position
    if isinstance(facts, ExtensionFacts):
        happened = say("reason.on", day=sections.phrases.day(facts.happened_on))
        was = sections.phrases.day(position.last_day(facts.was))
        return say("opening.extension", was=was), facts.reason, (happened,)
    if isinstance(facts, ReviewFacts):
        return say(f"opening.review_{facts.outcome}"), facts.reason, ()
    day = sections.phrases.day(position.day(max(position.at, facts.restriction.starts)))
    if isinstance(facts, ChangeFacts):
        return say("opening.change", day=day), facts.reason, ()
    return say("opening.restriction", day=day), facts.restriction.reason, ()


def _arrangements(sections: Sections) -> Iterator[Block]:
    """Write the page: what works first; it names the ground alone, as a page is shown to others."""
    stand = sections.position.in_force
    yield from sections.ways()
    yield from sections.rules()
    yield from sections.grounds()
    yield from sections.filed()
    yield from sections.later()
    yield from sections.adjustments()
    if stand:
        yield from sections.end(stand)
        yield from sections.review(stand)
        yield from sections.challenge()
    yield from sections.elsewhere()


def _standing(
    opening: str, reason: str, more: tuple[str, ...], restriction: Restriction, sections: Sections
) -> Iterator[Block]:
    """Write a letter on a restriction that stands: all that it means from now on."""
    yield Paragraph(opening)
    yield from sections.why(restriction, reason, *more)
    yield from sections.rules()
    yield from sections.ways()
    yield from sections.filed()
    yield from sections.later()
    yield from sections.adjustments()
    yield from sections.end([restriction])
    yield from sections.review([restriction])
    yield from sections.challenge()
    yield from sections.elsewhere()


def _warning(facts: WarningFacts, sections: Sections) -> Iterator[Block]:
    say, phrases = sections.phrases.say, sections.phrases
    yield Paragraph(say("opening.warning"))
    yield from sections.under("happened", *sections.typed(facts.happened))
    yield from sections.under("asked", *sections.typed(facts.asked), say("warning.asked"), say("warning.next"))
    if sections.position.in_force:
        yield from sections.rules()
        yield from sections.ways()
        yield from sections.filed()
    else:
        yield from sections.under("ways", say("warning.nothing_closed"))
    yield from sections.adjustments()
    if facts.last_day is None:
        months = phrases.count("months", sections.policy.durations.warning_months)
        yield from sections.under("end", say("warning.lasts", months=months))
    else:
        yield from sections.under("end", say("warning.until", day=phrases.day(facts.last_day)))
    yield from sections.under("review", say("review.none"))
    yield from sections.no_challenge("warning.challenge")
    yield from sections.elsewhere()


def _end(facts: EndFacts, sections: Sections) -> Iterator[Block]:
    if facts.lifted:
        return _over("opening.lifted", facts.lifted, facts.restriction, sections)
    day = sections.phrases.day(sections.position.last_day(facts.restriction.ends))
    return _over("opening.end", "", facts.restriction, sections, day=day)


def _appeal(facts: AppealFacts, sections: Sections) -> Iterator[Block]:
    if facts.outcome == "upheld":
        return _over("opening.appeal_upheld", facts.reason, facts.restriction, sections)
    return _after_appeal(facts, sections)


def _after_appeal(facts: AppealFacts, sections: Sections) -> Iterator[Block]:
    """Write what stands after an appeal, which is the last one to us."""
    yield Paragraph(sections.phrases.say(f"opening.appeal_{facts.outcome}"))
    yield from sections.why(facts.restriction, facts.reason)
    yield from sections.rules()
    yield from sections.ways()
    yield from sections.filed()
    yield from sections.later()
    yield from sections.adjustments()
    yield from sections.end([facts.restriction])
    yield from sections.review([facts.restriction])
    yield from sections.no_challenge("appeal.last")
    yield from sections.elsewhere()


def _over(opening: str, reason: str, restriction: Restriction, sections: Sections, **values: str) -> Iterator[Block]:
    """Write that a restriction is over: what still stands, if anything, and that the same may come again (PHSO-17)."""
    say, position = sections.phrases.say, sections.position
    yield Paragraph(say(opening, **values))
    why = sections.typed(reason) or (say("reason.over"),)
    yield from sections.under("why", *why)
    yield from sections.rules()
    yield from sections.ways()
    yield from sections.filed()
    yield from sections.later()
    yield from sections.adjustments()
    months = sections.policy.durations.renewal_months
    again = say("end.renewal", months=sections.phrases.count("months", months)) if months else ""
    yield from sections.under("end", say("end.over"), again if "upheld" not in opening else "")
    if position.in_force:
        yield from sections.review(position.in_force)
        yield from sections.challenge()
    else:
        yield from sections.under("review", say("review.over"))
        yield from sections.no_challenge("appeal.over")
    yield from sections.elsewhere()
