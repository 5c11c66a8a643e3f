"""The words of an apology to somebody who was taken for somebody else: a draft for a person to read.

Belongs here: what is said. It is never sent by itself, and names no other person, no restriction and no reason of one:
that would be a second breach.
"""

from __future__ import annotations

from datetime import date

from rules.workdays import in_words

_TEXT = """\
{day}

We are sorry.

We made a mistake with {identifier}. We took it for the contact of somebody else. Because of that we did not treat \
your messages or calls as we should have.

We put this right on {day}. What you sent us and what we still had has gone to the people you wrote to. If we sent \
something back to you, or if you could not get through, please write or call again. You need not explain.

We are looking into what happened. If it put information about you at risk, we will tell you. You can complain to us, \
and you can also complain to the Information Commissioner.

[Read this before it is sent. Add your name, what the person missed and when, and how they can reach you.]
"""


def apology(identifier: str, day: date) -> str:
    """Draft the apology for an identifier as the person knows it, with the day on which it was put right."""
    return _TEXT.format(identifier=identifier, day=in_words(day))
