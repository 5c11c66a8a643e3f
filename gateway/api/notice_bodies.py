"""What the API takes and gives of notices. Belongs here: the shapes; the routes are in `notices`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.casework.notice_drafts import MOST_WORDS
from gateway.notices.notice import Kind
from rules.casework.notices import ARRANGEMENTS, NoticeState

_Said = Annotated[str, Field(max_length=400)]


class OneNotice(BaseModel):
    """Hold a notice; `text` is all that a person reads before it leaves, null in lists."""

    id: str
    about: str
    kind: Kind
    state: NoticeState
    drafted_at: str
    drafted_by: str
    read_by: str
    to: Annotated[str, Field(description="The address that it goes to; empty where it has to be posted.")]
    copies: Annotated[list[str], Field(description="Advocates who get a copy.")]
    forms: list[str]
    language: Annotated[str, Field(description="The code of the language that it is translated into; else empty.")]
    reading_age: Annotated[float, Field(description="In years; about 12 is plain.")]
    look_at: Annotated[
        list[str], Field(description="Sentences to look at again: they are long, or may name a colleague.")
    ]
    pdfs: Annotated[int | None, Field(description="How many PDFs it has; null in lists.")]
    digest: Annotated[str, Field(description="The digest of all that leaves.")]
    paper: Annotated[
        str, Field(description="The act that was done because of it; empty before, or where there is none.")
    ]
    detail: str
    text: str | None


class DraftBody(BaseModel):
    """Hold what is to be drafted."""

    model_config = ConfigDict(extra="forbid")

    about: Annotated[
        str,
        Field(
            max_length=64,
            description=f"A warning, a restriction or its end, the paper of a change, review, "
            f"lifting or appeal; or {ARRANGEMENTS!r}.",
        ),
    ]
    words: Annotated[str, Field(max_length=MOST_WORDS, description="Words of your own, behind the opening.")] = ""
    forms: Annotated[
        list[Annotated[str, Field(max_length=40)]],
        Field(max_length=10, description="Forms besides those that were promised: pdf, large_print, plain_text, ..."),
    ] = []
    language: Annotated[str, Field(max_length=3, description="The code of one of the office's languages, as cy.")] = ""
    translations: Annotated[
        dict[str, str],
        Field(max_length=100, description="What colleagues typed, each text beside its words in that language."),
    ] = {}
    to: Annotated[str, Field(max_length=320, description="One of the person's own addresses; else the last known.")] = (
        ""
    )


class PostedBody(BaseModel):
    """Hold how it left."""

    model_config = ConfigDict(extra="forbid")

    how: Annotated[_Said, Field(description="By post unless given.")] = ""


class CameBackBody(BaseModel):
    """Hold what came back."""

    model_config = ConfigDict(extra="forbid")

    detail: Annotated[_Said, Field(description="What came back.")] = ""


class CloseBody(BaseModel):
    """Hold why nothing more is to be done."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[_Said, Field(min_length=1, description="Why.")]
