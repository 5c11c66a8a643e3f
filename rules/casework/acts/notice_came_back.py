"""Say that a notice bounced or came back: the party was not told (DESIGN: the human clock)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field

from rules.casework.actor import Actor
from rules.casework.acts.act import Act, Id, Words
from rules.casework.acts.send_notice import not_given_way
from rules.casework.file import CaseFile, Paper
from rules.casework.lookup import on_file
from rules.casework.notices import ARRANGEMENTS
from rules.casework.refused import Refused
from rules.casework.shelf import RestrictionOnFile, RestrictionState, Shelf, shelf_of
from rules.policies import Policy


class NoticeCameBack(Act):
    """Name what the notice was about."""

    name: ClassVar[str] = "notice_came_back"
    staff_words: ClassVar[str] = "The notice did not arrive. Find another way to tell the person, or record why not."

    about: Annotated[
        Id, Field(description="The restriction, the paper or the warning that it told of; or 'arrangements'.")
    ]
    detail: Annotated[Words, Field(description="What came back.")] = ""

    def judge(self, file: CaseFile, policy: Policy, by: Actor, *, now: datetime) -> Self:
        """Give it; refused where no notice was sent."""
        shelf = shelf_of(file, policy)
        if self.about == ARRANGEMENTS or self.about in shelf.letters:
            self._of_letter(shelf)
            return self
        not_given_way(self.about, shelf)
        changed = changed_by(self.about, shelf)
        if changed is not None:
            on_file(changed.id, shelf, now, RestrictionState.AHEAD, RestrictionState.IN_FORCE)
            if changed.told_changes[-1][0] != self.about:
                raise Refused("A later change has taken its place.", way="Say so of the later notice.")
            return self
        warning = shelf.warnings.get(self.about)
        if warning is not None:
            if warning.communicated is None:
                raise Refused("No letter of this warning is on its way.")
            return self
        found = on_file(self.about, shelf, now, RestrictionState.AHEAD, RestrictionState.IN_FORCE)
        if found.no_notice or found.came_back:
            raise Refused("No notice of this is on its way.")
        return self

    def _of_letter(self, shelf: Shelf) -> None:
        letter = shelf.letters.get(self.about)
        left = shelf.page is not None if letter is None else letter.told_at is not None and not letter.no_notice
        if not left:
            raise Refused("No notice of this is on its way.")

    def enter(self, paper: Paper, shelf: Shelf) -> None:
        """Nobody was told: it does not bite until somebody is, or the reason for none is on record."""
        if shelf.page is not None and shelf.page.about == self.about:
            shelf.page = None
        letter = shelf.letters.get(self.about)
        if letter is not None:
            shelf.letters[self.about] = replace(letter, told_at=None, came_back=True)
        elif self.about != ARRANGEMENTS:
            self._not_told(shelf)

    def _not_told(self, shelf: Shelf) -> None:
        changed = changed_by(self.about, shelf)
        if changed is not None:
            *earlier, (number, change, before) = changed.told_changes
            shelf.change(
                changed.id,
                measures=before.measures,
                ends=before.ends,
                approval=before.approval,
                told_changes=tuple(earlier),
                untold=((number, change), *changed.untold),  # decided before those that are not told yet
                # They never heard of new conditions, so that what they agreed to stands (PHSO-M4).
                contract_agreed=changed.contract_agreed or before.agreed,
            )
        elif self.about in shelf.warnings:
            shelf.warnings[self.about] = replace(shelf.warnings[self.about], communicated=None, last_day=None)
        else:
            shelf.change(self.about, came_back=True, told_at=None)


def changed_by(about: str, shelf: Shelf) -> RestrictionOnFile | None:
    """Give the restriction that a change of this id took its place on; None where there is none."""
    found = shelf.restrictions.values()
    return next((one for one in found if any(number == about for number, _, _ in one.told_changes)), None)
