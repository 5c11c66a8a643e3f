"""What callers hear: the party's language, the office's recordings; what is kept of the network's mark (T5, HO-3)."""

from datetime import date

import pytest

from adapters.phone.sounds import SOUNDS, Sound
from gateway.call_sounds import sounds_of
from gateway.config import ConfigError
from rules.standing import Adjustment
from tests.gateway.notices.languages import catalogue_in
from tests.gateway.office import LINE, settings
from tests.gateway.twilio import CALLER
from tests.twiml.playing import Call, Story


def welsh(state):
    """Bring a made-up catalogue under the name of Welsh, with two texts that are heard."""
    (state / "languages").mkdir()
    text = catalogue_in("cy", checked='[checked]\nby = "A. Lawyer"\non = 2026-01-15\n')
    heard = 'voicemail = "Gadewch neges i {office}."\nmenu_danger = "Os oes perygl, pwyswch 9."\n'
    (state / "languages" / "cy.toml").write_text(text.replace("[text]\n", f"[text]\n{heard}"), "utf-8")
    assert date(2026, 1, 15) < date(2026, 3, 9)


@pytest.mark.parametrize("detail", ["Welsh", "Letters and calls in welsh, please", "cy", "Cymraeg"])
async def test_the_partys_language(phone, detail):
    """What the office has words in is said in the party's language; all else in the office's own."""
    welsh(phone.state)
    async with phone() as (here, twilio):
        party = here.party({"kind": "block"}, emails=(), phones=[CALLER])
        wish = Adjustment("writes in Welsh", frozenset(), forms=("translated",), detail=detail)
        here.record.write_now(lambda tx: tx.add_adjustment(party, wish))
        texts = here.settings.policy.texts
        assert await Call(twilio, Story(message=5)).play() == [
            "(cy-GB) Os oes perygl, pwyswch 9.",
            texts.automated_line.replace("{office}", "The Office"),
            texts.menu_message,
            texts.menu_again,
            "(cy-GB) Gadewch neges i The Office.",
            "[beep]",
            texts.message_taken,
            "[the line is closed]",
        ]


async def test_a_line_has_a_language_and_a_stranger_none(phone):
    """Whoever calls the Welsh line hears Welsh; a language that nobody has words in is not tried."""
    welsh(phone.state)
    async with phone(line_languages={LINE: "cy"}) as (here, twilio):
        heard = await Call(twilio, Story(caller="+441632960044", office=["busy"])).play()
        assert heard[1] == "(cy-GB) Gadewch neges i The Office."
    async with phone() as (here, twilio):
        party = here.party(emails=(), phones=[CALLER])
        wish = Adjustment("writes in Polish", frozenset(), forms=("translated",), detail="Polish")
        here.record.write_now(lambda tx: tx.add_adjustment(party, wish))
        heard = await Call(twilio, Story(office=["busy"])).play()
        assert heard[1] == here.settings.policy.texts.voicemail


async def test_the_offices_own_recordings(phone):
    """A file is served at a path that nobody guesses, another's https address is given as it is."""
    (phone.state / "line.mp3").write_bytes(b"ID3 a voice")
    own = {"automated_line": "line.mp3", "goodbye": "https://media.example.org/bye.wav", "voicemail": "line.mp3"}
    async with phone(recordings=own) as (here, twilio):
        here.party({"kind": "block"}, emails=(), phones=[CALLER])
        heard = await Call(twilio, Story()).play()
        path = Sound(b"ID3 a voice", ".mp3").path
        assert heard[1] == heard[4] == f"[plays https://calls.example.org{path}]"
        assert heard[-2] == "[plays https://media.example.org/bye.wav]"
        sound = await twilio.client.get(path)
        assert (sound.content, sound.headers["content-type"]) == (b"ID3 a voice", "audio/mpeg")
        for other in (SOUNDS, f"{SOUNDS}/", f"{SOUNDS}/line.mp3", path[:-5] + ".mp3", f"{path}/x"):
            assert (await twilio.client.get(other)).status_code == 404
        assert (await twilio.client.post(path)).status_code == 405


RECORDINGS = {
    "a file that is not there": ("nowhere.mp3", "cannot be read"),
    "a file that phones do not play": ("line.ogg", "is neither .mp3 nor .wav"),
    "an empty file": ("empty.wav", "is empty or larger than 10 MB"),
    "an address without TLS": ("http://media.example.org/x.mp3", "is no https address"),
    "an address with a password": ("https://a:b@media.example.org/x.mp3", "has no name, password or #"),
}


@pytest.mark.parametrize(("given", "sentence"), RECORDINGS.values(), ids=RECORDINGS)
def test_a_recording_that_cannot_be_played_is_refused(tmp_path, given, sentence):
    """The office hears at start which one, and why."""
    (tmp_path / "empty.wav").write_bytes(b"")
    chosen = settings(tmp_path, phone=True, phone_changes={"recordings": {"cy:voicemail": given}})
    with pytest.raises(ConfigError, match=r"phone\.recordings\.cy:voicemail: ") as refused:
        sounds_of(chosen.config)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("name", ["refusal", "farewell", "welsh:voicemail", ":voicemail"])
def test_a_text_that_nobody_hears_has_no_recording(tmp_path, name):
    """What could never be played is refused."""
    with pytest.raises(ValueError, match="heard on the phone"):
        settings(tmp_path, phone=True, phone_changes={"recordings": {name: "line.mp3"}})


MARKS = {
    "TN-Validation-Passed-A": "The network says that the caller may use the number (A)",
    "TN-Validation-Failed-C": "The network's mark on the number is not valid (C)",
    "<script>": "The network's mark on the number is one we do not know",
}


@pytest.mark.parametrize(("mark", "text"), MARKS.items())
async def test_the_networks_mark_is_recorded_and_changes_nothing(phone, mark, text):
    """A mark stands with the contact in our words; the caller stays a claim, and is counted as one (T5)."""
    async with phone() as (here, twilio):
        here.party({"kind": "block"}, emails=(), phones=[CALLER])
        await Call(twilio, Story(attestation=mark)).play()
        entry = here.only()
        assert text in [reason.text for reason in entry.reasons]
        assert (entry.assurance, entry.state, entry.counts) == ("claimed", "automated_line", True)
