"""A notice as mail: from the office's own address, one message an addressee, PDFs with it where they are wanted.

Belongs here: octets that are ready for the outbox; sending and its fate are others'. Nobody's address is shown to
anybody else, and no colleague is named as the sender (SPSO-28).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from hashlib import sha256

from adapters.mail.own_mail import OwnMail, render_own
from gateway.notices.forms import Form, Rendered, plain_text
from gateway.notices.notice import Notice
from gateway.notices.phrases import Phrases
from gateway.notices.position import Office

_WIRE = compat32.clone(linesep="\r\n", max_line_length=76)
_BODY_FIELDS = ("MIME-Version", "Content-Type", "Content-Transfer-Encoding")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Hold to whom one message goes, its stable Message-ID (`<...>`, on record before it leaves), and when (aware)."""

    to: str
    message_id: str
    at: datetime


def as_mail(
    notice: Notice,
    office: Office,
    envelope: Envelope,
    enclosed: Sequence[Rendered] = (),
    further: Sequence[Notice] = (),
) -> Rendered:
    """Give the message to the party: the notice and `further` ones as text, their other forms enclosed.

    Raises ValueError for an address, Message-ID or time that cannot stand in a header.
    """
    return Rendered(Form.MAIL, _message(notice, office, envelope, _texts(notice, further), enclosed))


def as_copy(
    notice: Notice,
    office: Office,
    envelope: Envelope,
    party: str,
    phrases: Phrases,
    enclosed: Sequence[Rendered] = (),
    further: Sequence[Notice] = (),
) -> Rendered:
    """Give the copy to an advocate; raises ValueError for an address that the notice does not name for one."""
    if envelope.to not in {copy.address for copy in notice.copies}:
        raise ValueError("a copy goes to nobody but an advocate for whom the party's consent is on record")
    text = f"{phrases.say('mail.copy', name=party)}\n\n{_texts(notice, further)}"
    return Rendered(Form.MAIL, _message(notice, office, envelope, text, enclosed))


def _texts(notice: Notice, further: Sequence[Notice]) -> str:
    return "\n\n".join(plain_text(one) for one in (notice, *further))


def _message(notice: Notice, office: Office, envelope: Envelope, text: str, enclosed: Sequence[Rendered]) -> bytes:
    mail = OwnMail(
        sender=office.address,
        name=office.name,
        to=envelope.to,
        subject=notice.title,
        text=text,
        message_id=envelope.message_id,
        at=envelope.at,
        automatic="auto-generated",  # read by a person before it left, but no machine should answer it (RFC 3834)
    )
    message = render_own(mail)
    return _with_enclosures(message, notice, enclosed) if enclosed else message


def _with_enclosures(message: bytes, notice: Notice, enclosed: Sequence[Rendered]) -> bytes:
    """Put the text and the PDFs side by side; the boundary comes from the content, so that a digest can be proven."""
    parsed = message_from_bytes(message, policy=_WIRE)
    seed = "".join([notice.digest, *(one.digest for one in enclosed)])
    whole = MIMEMultipart("mixed", boundary=f"=_{sha256(seed.encode()).hexdigest()[:40]}", policy=_WIRE)
    del whole["MIME-Version"]
    for name, value in parsed.items():
        if name not in _BODY_FIELDS:
            whole[name] = value
    whole["MIME-Version"] = "1.0"
    text = MIMENonMultipart("text", "plain", policy=_WIRE, charset="utf-8")
    text["Content-Transfer-Encoding"] = parsed["Content-Transfer-Encoding"]
    text.set_payload(parsed.get_payload())
    whole.attach(text)
    for number, one in enumerate(enclosed, 1):
        part = MIMEApplication(one.content, "pdf", policy=_WIRE)
        name = f"{(one.kind or notice.kind).value}-{one.form.value}-{number}.pdf".replace("_", "-")
        part.add_header("Content-Disposition", "attachment", filename=name)
        whole.attach(part)
    return whole.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
