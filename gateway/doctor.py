"""Looks whether calls can reach us: public address, signatures, account, numbers, fallback (THREATS T1, T4).

Belongs here: what is looked at and what to do about it, each in a sentence. Nothing is changed, here or there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from adapters.phone.own_door import Unreachable, a_report
from adapters.phone.twilio_calls import INCOMING
from adapters.phone.twilio_log import Application, Number
from adapters.phone.twilio_rest import ProviderFault
from adapters.phone.twilio_texts import TEXTS
from adapters.phone.twiml import STATUS
from gateway.config_parts import Phone

SIGNATURE = "signature"
"""What findings on how requests are signed are about, before the name of the secret."""
_HEARD, _REFUSED = 204, 403
_UNAUTHORISED = 401


class Verdict(StrEnum):
    """Say how a thing is; what could not be looked at is UNKNOWN."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one thing that was looked at, in a sentence, and what to do, "" where nothing is."""

    about: str
    verdict: Verdict
    text: str
    cure: str = ""


class Provider(Protocol):
    """Name what is asked of the provider; faults are `ProviderFault`."""

    async def account_state(self) -> str:
        """Give the account's state."""
        ...

    async def numbers(self) -> Sequence[Number]:
        """List the account's numbers."""
        ...

    async def applications(self) -> Sequence[Application]:
        """List the account's TwiML apps."""
        ...


class Knock(Protocol):
    """Post a report to our public address; gives the status, raises Unreachable."""

    def __call__(
        self, public_url: str, form: Mapping[str, str], *, secret: str = "", key: str = ""
    ) -> Awaitable[int]: ...


class Doctor:
    """Look at one office's phone; `provider` is None where none is to be asked."""

    def __init__(self, phone: Phone, provider: Provider | None, knock: Knock) -> None:
        self._phone = phone
        self._provider = provider
        self._knock = knock

    async def look(self) -> tuple[Finding, ...]:
        """Give every finding, in the order in which a call meets them."""
        if not self._phone.configured:
            return (_wrong("settings", "No calls are taken.", "Fill in [phone] of the settings."),)
        found = [address(self._phone.public_url)]
        found += await self._door()
        if self._provider is None:
            return (*found, Finding("account", Verdict.UNKNOWN, "The provider is not asked: phone.api_url is empty."))
        return (*found, *await self._at_provider(self._provider))

    # Our own door, seen from outside

    async def _door(self) -> list[Finding]:
        form = a_report(self._phone.account)
        try:
            status = await self._knock(self._phone.public_url, form)
        except Unreachable as why:
            cure = "See that Parley runs (parley serve), and that the proxy in front passes /calls on to phone.listen."
            return [_wrong("reached", f"The public address cannot be reached from here: {why}.", cure)]
        if status != _REFUSED:
            text = f"A request without a signature was answered {status}, and not refused as our door does."
            return [_wrong("reached", text, "Something else answers there: look at the proxy and its paths.")]
        ok = Finding("reached", Verdict.OK, "The public address is reached, and an unsigned request is refused.")
        return [ok, *[await self._signature(*each, form) for each in self._secrets()]]

    def _secrets(self) -> Iterator[tuple[str, str, str]]:
        for number, token in enumerate(self._phone.tokens, 1):
            yield f"token {number}", token.get_secret_value(), ""
        for name, secret in self._phone.shared_keys.items():
            yield f"shared key {name}", secret.get_secret_value(), name

    async def _signature(self, name: str, secret: str, key: str, form: Mapping[str, str]) -> Finding:
        about = f"{SIGNATURE}, {name}"
        try:
            status = await self._knock(self._phone.public_url, form, secret=secret, key=key)
        except Unreachable as why:
            return Finding(about, Verdict.UNKNOWN, f"The public address was reached once, and then not: {why}.")
        if status == _HEARD:
            return Finding(about, Verdict.OK, f"A request signed with {name} is heard.")
        if status == _REFUSED:
            cure = (
                "If the settings were changed, start Parley anew. Else phone.public_url is not the address at which "
                "the request arrives: compare scheme, host, port and path, and what the proxy does to the path."
            )
            return _wrong(about, f"A request signed with {name} is refused.", cure)
        return _wrong(about, f"A request signed with {name} is answered {status}.", "Look at Parley's log.")

    # At the provider

    async def _at_provider(self, provider: Provider) -> list[Finding]:
        try:
            state = await provider.account_state()
            numbers = await provider.numbers()
        except ProviderFault as fault:
            return [_not_asked(fault)]
        if state != "active":
            text = f"The account at the provider is {state or 'in a state that nobody knows'}."
            return [_wrong("account", text, "Look at the account's page at the provider.")]
        return [
            Finding("account", Verdict.OK, "The account at the provider is active, and opens with what is set."),
            *number_findings(self._phone, numbers, await _apps_of(provider, numbers)),
        ]


def address(public_url: str) -> Finding:
    """Judge the public address by its looks."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        text = "The public address is not https, so that numbers and signatures cross the net for all to read."
        return _wrong("address", text, "Put a certificate in front, and write phone.public_url with https://.")
    if host == "localhost" or _is_private(host):
        return _wrong("address", "The provider cannot reach this address.", "Give phone.public_url a public name.")
    return Finding("address", Verdict.OK, "The public address is https with a public name.")


_Apps = Mapping[str, Application]
_Pairs = Iterator[tuple[str, str]]


async def _apps_of(provider: Provider, numbers: Sequence[Number]) -> _Apps | None:
    """Give the account's TwiML apps where a number has one; None where they cannot be looked into."""
    if not any(one.application or one.sms_application for one in numbers):
        return {}
    try:
        return {one.sid: one for one in await provider.applications()}
    except ProviderFault:
        return None


def number_findings(phone: Phone, numbers: Sequence[Number], apps: _Apps | None) -> list[Finding]:
    """Judge how the account's numbers are set: those that come to us, and those that the settings call lines.

    `apps` are the account's TwiML apps by their ids, None where they could not be looked into.
    """
    base = phone.public_url.rstrip("/")
    followed = [_followed(one, apps or {}) for one in numbers]
    ours = [one for one in followed if one.number in phone.lines or _host(one.voice_url) == _host(base)]
    found = [finding for one in ours for finding in _of_number(one, base, apps)]
    known = {one.number for one in numbers}
    for line in phone.lines:
        if line not in known:
            text = f"{line} is a line of the settings, and no number of the account."
            found.append(_wrong(f"number {line}", text, "Take it out of phone.lines, or look at the account."))
    if not ours:
        cure = f"Set a number's voice webhook to {base}{INCOMING}, by POST."
        found.append(_wrong("numbers", "No number of the account sends its calls to us.", cure))
    if others := len(numbers) - len(ours):
        found.append(Finding("numbers", Verdict.OK, f"{others} more of the account go elsewhere, and are not ours."))
    return found


def _followed(one: Number, apps: _Apps) -> Number:
    """Give a number with the addresses at which its calls and texts arrive: its apps' go for its own."""
    if (app := apps.get(one.application)) is not None:
        one = replace(
            one,
            voice_url=app.voice_url,
            voice_method=app.voice_method,
            fallback_url=app.fallback_url,
            status_url=app.status_url,
        )
    texts = apps.get(one.sms_application)
    return one if texts is None else replace(one, sms_url=texts.sms_url)


def _of_number(one: Number, base: str, apps: _Apps | None) -> Iterator[Finding]:
    about = f"number {one.number}"
    if apps is None and (one.application or one.sms_application):
        text = f"{one.number} is set by a TwiML app, which could not be looked into."
        yield Finding(about, Verdict.UNKNOWN, text, f"See that the app has {base}{INCOMING}, by POST, and a fallback.")
        return
    wrong = [
        *_by_app(one.application, "calls", [*_voice(one, base), *_fallback(one, base), *_reports(one, base)], apps)
    ]
    wrong += _by_app(one.sms_application, "texts", [*_texts(one, base)], apps)
    if not wrong:
        texts = "" if one.sms_url else " Its texts do not come to us."
        yield Finding(about, Verdict.OK, f"{one.number}: calls, reports and fallback are set.{texts}")
    for text, cure in wrong:
        yield _wrong(about, f"{one.number}: {text}", cure)


def _by_app(sid: str, what: str, wrong: Sequence[tuple[str, str]], apps: _Apps | None) -> _Pairs:
    """Say of what is wrong where to mend it: at the number, or in the TwiML app that goes for it, if there is any."""
    if sid and sid not in (apps or {}):
        yield f"its {what} go to a TwiML app that the account does not have.", "Choose another, or the webhooks."
        return
    for text, cure in wrong:
        yield text, f"In its TwiML app {sid}: {cure}" if sid else cure


def _voice(one: Number, base: str) -> _Pairs:
    if one.voice_url != base + INCOMING:
        yield "its calls do not come to us.", f"Set its voice webhook to {base}{INCOMING}."
    elif one.voice_method != "POST":
        yield "its calls come by GET, which our door does not take.", "Set its voice webhook to HTTP POST."


def _fallback(one: Number, base: str) -> _Pairs:
    cure = "Make a TwiML Bin of what `parley fallback` prints, and choose it for when the primary handler fails."
    if not one.fallback_url:
        yield "it has no fallback: while we are down, callers hear that the application has failed.", cure
    elif _host(one.fallback_url) == _host(base):
        yield "its fallback is our own server, which is what is down then.", cure


def _reports(one: Number, base: str) -> _Pairs:
    if one.status_url != base + STATUS:
        yield (
            "it does not report to us how calls ended: minutes are then settled late, from the provider's log.",
            f"Set its call status changes to {base}{STATUS}.",
        )


def _texts(one: Number, base: str) -> _Pairs:
    if _host(one.sms_url) == _host(base) and one.sms_url != base + TEXTS:
        yield "its texts come to an address of ours that takes none.", f"Set its messaging webhook to {base}{TEXTS}."


def _not_asked(fault: ProviderFault) -> Finding:
    if fault.status == _UNAUTHORISED:
        cure = "Copy the account's token, or an API key and its secret, anew into [phone] of the settings."
        return _wrong("account", "The provider does not know the account by what is set.", cure)
    return Finding("account", Verdict.UNKNOWN, f"The provider could not be asked: {fault}.", "Try again later.")


def _wrong(about: str, text: str, cure: str) -> Finding:
    return Finding(about, Verdict.WRONG, text, cure)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
