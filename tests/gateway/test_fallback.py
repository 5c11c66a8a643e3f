"""What callers meet while we are down: it needs none of our servers, and never begins again by itself (THREATS T4)."""

from xml.etree import ElementTree

import pytest

from gateway.fallback import NoFallback, document, second_document
from tests.gateway.office import PUBLIC_URL, SWITCHBOARD, settings

BIN = "https://handler.twilio.com/twiml/EH" + "1" * 32


def office(folder, **changes):
    """Give the settings of an office with a phone."""
    return settings(folder, phone=True, phone_changes=changes)


def shape(written):
    """Name what a document does, in order."""
    return [each.tag for each in ElementTree.fromstring(written)]


def test_T4_the_switchboard_is_rung(tmp_path):
    """Nothing of it is ours: no callback, no address of our servers."""
    written = document(office(tmp_path))
    assert shape(written) == ["Dial", "Hangup"]
    assert ElementTree.fromstring(written).find("Dial/Number").text == SWITCHBOARD
    assert PUBLIC_URL not in written
    assert "Callback" not in written


def test_T4_where_nobody_answers_a_message_is_taken(tmp_path):
    """With a second document behind it."""
    written = document(office(tmp_path), BIN)
    assert shape(written) == ["Dial", "Say", "Record", "Hangup"]
    record = ElementTree.fromstring(written).find("Record")
    assert (record.get("action"), record.get("transcribe")) == (BIN, "false")


def test_T4_a_message_instead(tmp_path):
    """Where the settings say so nobody is rung; what follows a message is at the provider, too."""
    here = office(tmp_path, fallback="message")
    assert shape(document(here, BIN)) == ["Say", "Record", "Hangup"]
    assert "The Office" not in shape(document(here, BIN))
    assert shape(second_document(here)) == ["Say", "Hangup"]
    with pytest.raises(NoFallback, match="parley fallback --second"):
        document(here)


@pytest.mark.parametrize(
    "second",
    [
        PUBLIC_URL + "/calls/recorded",
        "http://handler.twilio.com/twiml/EH1",
        "EH1",
        "https://",
        "https://a b",
        "https://ŵ/",
    ],
)
def test_what_follows_is_an_address_at_the_provider(tmp_path, second):
    """Our own would not answer, and what is none would have the provider say that the application failed."""
    with pytest.raises(NoFallback):
        document(office(tmp_path), second)


def test_an_office_without_a_phone_has_no_fallback(tmp_path):
    """There is nothing to fall back from."""
    with pytest.raises(NoFallback, match="takes no calls"):
        document(settings(tmp_path))
