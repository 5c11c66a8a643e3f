"""The doctor: what stands in the way of a call is named, with what to do; what could not be seen is not called well."""

from dataclasses import replace

import pytest

from adapters.phone.own_door import Unreachable, knock
from adapters.phone.twilio_log import Application, Number
from adapters.phone.twilio_rest import ProviderFault
from gateway.doctor import Doctor, Verdict, address
from tests.gateway.office import LINE, PUBLIC_URL, SWITCHBOARD, office, settings
from tests.gateway.provider import NO_ROOMS
from tests.ports import free_port

OK, WRONG, UNKNOWN = Verdict.OK, Verdict.WRONG, Verdict.UNKNOWN
BIN = "https://handler.twilio.com/twiml/EH1"
GOOD = Number(LINE, f"{PUBLIC_URL}/calls", "POST", BIN, f"{PUBLIC_URL}/calls/status", f"{PUBLIC_URL}/texts")
AP1, AP2 = "AP" + "1" * 32, "AP" + "2" * 32
APP = Application(AP1, GOOD.voice_url, "POST", BIN, GOOD.status_url, GOOD.sms_url)
BY_APP = Number(LINE, "https://demo.example.org", "GET", "", "", "", AP1, AP1)
KEYS = {"webhooks_sharedkey_01": "a-shared-secret"}


class Account:
    """An account at the provider."""

    def __init__(self, *numbers, state="active", fault=None, apps=(), app_fault=None):
        self._numbers, self._state, self._fault = numbers, state, fault
        self._apps, self._app_fault, self.asked_apps = apps, app_fault, 0

    async def account_state(self):
        if self._fault is not None:
            raise self._fault
        return self._state

    async def numbers(self):
        return self._numbers

    async def applications(self):
        self.asked_apps += 1
        if self._app_fault is not None:
            raise self._app_fault
        return self._apps


async def heard(public_url, form, *, secret="", key=""):
    """Answer as a door that is set up well."""
    return 204 if secret else 403


def answering(unsigned, signed):
    """Give a knock that is answered so; a text is why nothing answers."""

    async def at_the_door(public_url, form, *, secret="", key=""):
        answer = signed if secret else unsigned
        if isinstance(answer, str):
            raise Unreachable(answer)
        return answer

    return at_the_door


def phone(tmp_path, **changes):
    """Give the settings of a phone."""
    return settings(tmp_path, phone=True, phone_changes={"lines": {LINE: SWITCHBOARD}} | changes).config.phone


async def looked(tmp_path, *, account=None, door=heard, **changes):
    """Have a doctor look; give what is not well, by what it is about."""
    found = await Doctor(phone(tmp_path, **changes), account or Account(GOOD), door).look()
    assert all(one.cure for one in found if one.verdict is WRONG), found
    return {one.about: one for one in found}


async def test_an_office_that_is_set_up_well(tmp_path):
    """Everything is in order, the shared keys too, and each is a sentence."""
    found = await looked(tmp_path, shared_keys=KEYS)
    assert {one.verdict for one in found.values()} == {OK}
    assert {"address", "reached", "signature, token 1", "account", f"number {LINE}"} <= set(found)
    assert "signature, shared key webhooks_sharedkey_01" in found
    assert all(one.text.endswith(".") for one in found.values())


DOOR = {
    "nothing answers": (answering("nothing answers there", 204), "reached", WRONG),
    "the proxy answers by itself": (answering(404, 404), "reached", WRONG),
    "it is sent elsewhere": (answering(301, 301), "reached", WRONG),
    "another program takes all": (answering(200, 200), "reached", WRONG),
    "our signature is refused": (answering(403, 403), "signature, token 1", WRONG),
    "we fail at a signed one": (answering(403, 503), "signature, token 1", WRONG),
    "it answers no more": (answering(403, "it gave no answer"), "signature, token 1", UNKNOWN),
}


@pytest.mark.parametrize(("door", "about", "verdict"), DOOR.values(), ids=DOOR)
async def test_T1_a_door_that_is_not_heard(tmp_path, door, about, verdict):
    """What stands between the public address and us is told from a wrong token."""
    found = await looked(tmp_path, door=door)
    assert found[about].verdict is verdict
    assert found["account"].verdict is OK


NUMBERS = {
    "calls to another address": (replace(GOOD, voice_url="https://demo.example.org"), WRONG, "do not come to us"),
    "calls to another path of ours": (replace(GOOD, voice_url=f"{PUBLIC_URL}/call"), WRONG, "do not come to us"),
    "calls by GET": (replace(GOOD, voice_method="GET"), WRONG, "by GET"),
    "no fallback": (replace(GOOD, fallback_url=""), WRONG, "no fallback"),
    "a fallback of our own": (replace(GOOD, fallback_url=f"{PUBLIC_URL}/calls"), WRONG, "our own server"),
    "no reports": (replace(GOOD, status_url=""), WRONG, "does not report"),
    "texts to a path that takes none": (replace(GOOD, sms_url=f"{PUBLIC_URL}/sms"), WRONG, "takes none"),
    "texts elsewhere": (replace(GOOD, sms_url=""), OK, "texts do not come"),
}


@pytest.mark.parametrize(("number", "verdict", "words"), NUMBERS.values(), ids=NUMBERS)
async def test_how_a_number_is_set(tmp_path, number, verdict, words):
    """Each setting that would lose or mislead a call is named with its number."""
    found = (await looked(tmp_path, account=Account(number)))[f"number {LINE}"]
    assert found.verdict is verdict
    assert words in found.text


APPS = {
    "an app that is set well": (BY_APP, APP, OK, "are set"),
    "an app whose calls go elsewhere": (BY_APP, replace(APP, voice_url="https://x.example.org"), WRONG, "do not come"),
    "an app whose calls come by GET": (BY_APP, replace(APP, voice_method="GET"), WRONG, "by GET"),
    "an app without a fallback": (BY_APP, replace(APP, fallback_url=""), WRONG, "no fallback"),
    "an app with a fallback of our own": (BY_APP, replace(APP, fallback_url=GOOD.voice_url), WRONG, "our own server"),
    "an app without reports": (BY_APP, replace(APP, status_url=""), WRONG, "does not report"),
    "an app whose texts go astray": (BY_APP, replace(APP, sms_url=f"{PUBLIC_URL}/sms"), WRONG, "takes none"),
    "an app for texts alone": (replace(GOOD, sms_url="", sms_application=AP1), APP, OK, "are set"),
    "an app that the account does not have": (replace(BY_APP, application=AP2), APP, WRONG, "does not have"),
    "an app for texts that it does not have": (replace(BY_APP, sms_application=AP2), APP, WRONG, "does not have"),
}


@pytest.mark.parametrize(("number", "app", "verdict", "words"), APPS.values(), ids=APPS)
async def test_a_number_is_followed_into_its_app(tmp_path, number, app, verdict, words):
    """Its app's addresses go for its own, and what is wrong is mended in the app."""
    found = (await looked(tmp_path, account=Account(number, apps=[app])))[f"number {LINE}"]
    assert found.verdict is verdict
    assert words in found.text
    if verdict is WRONG and "have" not in words:
        assert found.cure.startswith(f"In its TwiML app {AP1}:")


async def test_apps_are_asked_for_where_there_are_any(tmp_path):
    """Not for an account without; where they cannot be read, the number is not called well, and the account is."""
    account = Account(GOOD)
    await looked(tmp_path, account=account)
    assert account.asked_apps == 0
    silent = Account(BY_APP, apps=[APP], app_fault=ProviderFault("answered 403", permanent=True, status=403))
    found = await looked(tmp_path, account=silent)
    assert found[f"number {LINE}"].verdict is UNKNOWN
    assert found["account"].verdict is OK
    by_its_app = await Doctor(phone(tmp_path, lines={}), Account(BY_APP, apps=[APP]), heard).look()
    assert {one.about: one.verdict for one in by_its_app}[f"number {LINE}"] is OK


async def test_that_no_number_comes_to_us_is_said(tmp_path):
    """An account whose numbers all go elsewhere, or that has none."""
    found = await Doctor(phone(tmp_path, lines={}), Account(), heard).look()
    assert [one.verdict for one in found if one.about == "numbers"] == [WRONG]


async def test_which_numbers_are_ours(tmp_path):
    """Others of the account are none of ours; a line that the account does not have is said; so is that none comes."""
    other = replace(GOOD, number="+441632960199", voice_url="https://shop.example.org/calls")
    found = await looked(tmp_path, account=Account(GOOD, other))
    assert (found["numbers"].verdict, f"number {other.number}" in found) == (OK, False)
    assert "no number of the account" in (await looked(tmp_path, account=Account(other)))[f"number {LINE}"].text


ACCOUNTS = {
    "a token that is wrong": (Account(fault=ProviderFault("answered 401", permanent=True, status=401)), WRONG),
    "a provider that is down": (Account(fault=ProviderFault("cannot be reached")), UNKNOWN),
    "an account that is closed": (Account(state="suspended"), WRONG),
    "a state without a word": (Account(state=""), WRONG),
}


@pytest.mark.parametrize(("account", "verdict"), ACCOUNTS.values(), ids=ACCOUNTS)
async def test_the_account(tmp_path, account, verdict):
    """What cannot be asked is unknown, and not well."""
    assert (await looked(tmp_path, account=account))["account"].verdict is verdict


ADDRESSES = {
    "https with a name": ("https://calls.example.org", OK),
    "in the clear": ("http://calls.example.org", WRONG),
    "this machine": ("https://localhost:8080", WRONG),
    "a private network": ("https://192.168.0.10", WRONG),
    "loopback by number": ("https://127.0.0.1", WRONG),
}


@pytest.mark.parametrize(("url", "verdict"), ADDRESSES.values(), ids=ADDRESSES)
def test_the_public_address(url, verdict):
    """The provider must reach it, and nobody else read what goes over it."""
    assert address(url).verdict is verdict


async def test_without_a_phone_or_a_provider(tmp_path):
    """Nothing to look at is wrong; nobody to ask is unknown."""
    (nothing,) = await Doctor(settings(tmp_path).config.phone, None, heard).look()
    assert nothing.verdict is WRONG
    found = await Doctor(phone(tmp_path), None, heard).look()
    assert [one.verdict for one in found if one.about == "account"] == [UNKNOWN]


async def test_T1_the_knock_is_heard_by_our_own_door(folder):
    """Over real HTTP: unsigned it is refused, signed by token or shared key heard; nothing goes on record."""
    port = free_port()
    changes = {"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}", "shared_keys": KEYS}
    async with office(folder, phone=True, phone_changes=changes, **NO_ROOMS) as here:
        found = await Doctor(here.settings.config.phone, None, knock).look()
        verdicts = {one.about: one.verdict for one in found}
        assert verdicts["reached"] is verdicts["signature, token 1"] is OK
        assert verdicts["signature, shared key webhooks_sharedkey_01"] is OK
        assert (here.contacts(), here.letters()) == ([], [])
        wrong = here.settings.config.phone.model_copy(update={"public_url": f"http://localhost:{port}"})
        found = await Doctor(wrong, None, knock).look()
        assert [one.verdict for one in found if one.about == "signature, token 1"] == [WRONG]


async def test_what_cannot_be_reached_is_said():
    """In words that say where to look."""
    with pytest.raises(Unreachable, match="nothing answers there"):
        await knock(f"http://127.0.0.1:{free_port()}", {})
