"""What we ask of Twilio fits its own OpenAPI, as Prism judges; what does not fit is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.phone.twilio_rest import Access, ProviderFault, TwilioRest
from rules.answers import Delivered
from tests.adapters.phone.office import ACCOUNT, SID, TOKEN
from tests.adapters.phone.prism import prism

__all__ = ["prism"]

pytestmark = pytest.mark.xdist_group("prism")
FROM, TO = "+441632960100", "+447700900001"
RECORDING = "RE" + "1" * 32
SINCE, UNTIL = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def rest(prism):
    """A client of the described provider."""
    return TwilioRest(Access(ACCOUNT, ((ACCOUNT, TOKEN),), prism))


ASKED = {
    "a text": lambda rest: rest.send_text(FROM, TO, "Dŵr", status_callback="https://calls.example.org/texts/status"),
    "a call goes on with a document": lambda rest: rest.change_call(SID, "<Response><Hangup/></Response>"),
    "a call is ended": lambda rest: rest.end_call(SID),
    "a conference hears an announcement": lambda rest: rest.announce("a room", "https://calls.example.org/say"),
    "a recording is deleted": lambda rest: rest.delete_recording(RECORDING),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
async def test_what_we_have_done_fits_the_description(rest, ask):
    """Twilio's own description takes each request that changes something."""
    assert isinstance(await ask(rest), Delivered)


READ = {
    "calls of a time": lambda rest: rest.calls_since(SINCE, UNTIL),
    "texts of a time": lambda rest: rest.texts_since(SINCE, UNTIL),
    "one call": lambda rest: rest.call(SID),
    "the legs of a call": lambda rest: rest.legs_of(SID),
    "the recordings of a call": lambda rest: rest.recordings_of(SID),
    "the account's numbers": lambda rest: rest.numbers(),
    "the account's TwiML apps": lambda rest: rest.applications(),
    "the account": lambda rest: rest.account_state(),
}


@pytest.mark.parametrize("ask", READ.values(), ids=READ)
async def test_what_we_read_fits_the_description(rest, ask):
    """Twilio's own description takes each question, and what it gives as an example can be read."""
    assert await ask(rest) is not None


async def test_what_it_gives_as_an_example_is_read_rightly(rest):
    """The description's own examples have a sender, a state and addresses where we look for them."""
    (number, *_) = await rest.numbers()
    assert number.number.startswith("+")
    assert number.voice_method in ("GET", "POST")
    (app, *_) = await rest.applications()
    assert app.sid.startswith("AP")
    assert app.voice_method in ("GET", "POST")
    (text, *_) = await rest.texts_since(SINCE, UNTIL)
    assert text.sid.startswith(("SM", "MM"))
    assert text.raw["From"].startswith("+")
    call = await rest.call(SID)
    assert call.sid.startswith("CA")
    assert call.started_at is not None


WRONG = {
    "a text to nobody": ("Messages.json", {"From": FROM, "Body": "x"}),
    "a state that calls do not have": (f"Calls/{SID}.json", {"Status": "banana"}),
    "an announcement by a method that is none": (f"Conferences/CF{'1' * 32}.json", {"AnnounceMethod": "SHOUT"}),
    "a callback that is no address": ("Messages.json", {"To": TO, "StatusCallback": "not an address"}),
}


@pytest.mark.parametrize(("of", "form"), WRONG.values(), ids=WRONG)
async def test_a_wrong_value_is_refused(rest, of, form):
    """What the description does not allow gets a refusal, so that the tests above can fail."""
    with pytest.raises(ProviderFault, match="422") as fault:
        await rest._told("POST", f"/2010-04-01/Accounts/{ACCOUNT}/{of}", form)
    assert fault.value.permanent


async def test_a_wrong_account_is_refused(prism):
    """An account's id that is none does not fit either."""
    with pytest.raises(ProviderFault, match="422"):
        await TwilioRest(Access("AC5", (("AC5", TOKEN),), prism)).account_state()
