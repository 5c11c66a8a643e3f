"""The provider's texts, as an office hears them: to its reception, without the web between."""

from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes, policy
from itertools import count
from xml.etree import ElementTree

from adapters.phone.twilio_texts import parse_text
from gateway.build_desk import letters_of, traces_of
from gateway.build_web import texts_of
from gateway.failpoints import nothing
from gateway.levels import Levels
from gateway.serials import serial
from storage.record import Record
from tests.gateway.office import ACCOUNT, LINE, NOW, Clock, office

SENDER, ANOTHER = "+447700900001", "+447700900002"
TEXTS = "texts@office.example.org"
_sids = count(1)


def new_sid():
    """Give a text's id that no other text has."""
    return f"SM{next(_sids):032}"


def reception(settings, record, clock, failpoint=nothing):
    """Build what decides on texts as an office does."""
    letters = letters_of(settings, traces_of(record))
    levels = Levels(settings.policy, letters, serial)
    return texts_of(settings, record, levels, letters, clock, "here", failpoint)


class Texter:
    """Send texts to one office."""

    def __init__(self, here):
        self.here = here
        self.reception = reception(here.settings, here.record, here.clock)

    async def text(self, words="Good morning", *, sender=SENDER, to=LINE, sid=None, **more):
        """Send a text, a moment later; give the words that it is answered with by text, or None."""
        self.here.clock.advance(milliseconds=1)
        return answered(await self.reception.incoming(parse_text(form(words, sender, to, sid, **more))))

    async def brought(self):
        """Let the clock bring what is on its way."""
        return await self.here.gateway.holds.release_due()


@contextmanager
def machine(here):
    """Give who sends texts to another machine of the office, which has only the record in common with the first."""
    with Record.open(here.settings.config.record_url, now=here.clock) as record:
        other = Texter(here)
        other.reception = reception(here.settings, record, here.clock)
        yield other


def form(words="Good morning", sender=SENDER, to=LINE, sid=None, **more):
    """Give the parameters with which Twilio tells of a text."""
    told = {"AccountSid": ACCOUNT, "MessageSid": sid or new_sid(), "From": sender, "To": to, "Body": words}
    return told | {"NumMedia": "0"} | more


@asynccontextmanager
async def texting(folder, *measures, clock=None, lines=None, **more):
    """Serve an office that takes texts, with one party; give the office, who sends texts, and the party's number."""
    phone = {"texts": TEXTS, "text_lines": lines or {}}
    async with office(folder, clock=clock or Clock(NOW), phone_changes=phone, **more) as here:
        yield here, Texter(here), here.party(*measures, emails=(), phones=[SENDER])


def answered(document):
    """Give the words of the text that a document sends, None where it sends none."""
    found = ElementTree.fromstring(document).findall("Message")
    assert len(found) <= 1
    return found[0].text if found else None


def told(message):
    """Give the subject of mail to staff, our lines in it, and the sender's words."""
    read = message_from_bytes(message, policy=policy.default)
    ours, _, words = read.get_content().replace("\r\n", "\n").partition("\n\n")
    return read["Subject"], ours, words.rstrip("\n")
