"""Reads a document as strictly as nothing in the field does: what Twilio does not know, or forbids, fails the test.

The tables are of Twilio's published voice verbs, cut to those that an office can need; a verb, attribute, value or
nesting that is not here is a fault, also where Twilio would overlook it with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.gateway.office import PUBLIC_URL


class NotTwiml(AssertionError):
    """Say what is wrong with a document."""


def _whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: text.isdecimal() and least <= int(text) <= most


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda text: text in words


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _events(text: str) -> bool:
    return bool(text) and set(text.split()) <= {"initiated", "ringing", "answered", "completed"}


def ours(text: str) -> bool:
    """Tell whether an address is whole and on our own public host, so that it will be signed for us."""
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}" == PUBLIC_URL and parts.path.startswith("/calls") and not parts.fragment


def _https(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme == "https" and bool(parts.netloc)


_NUMBER = _matches(r"\+[1-9][0-9]{6,14}")
_CALLBACKS = {
    "statusCallback": ours,
    "statusCallbackEvent": _events,
    "statusCallbackMethod": _one_of("POST"),
}
_LANGUAGE = _matches(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ATTRIBUTES: dict[str, dict[str, Callable[[str], bool]]] = {
    "Response": {},
    "Say": {"language": _LANGUAGE, "voice": _matches(r"[A-Za-z0-9.-]+"), "loop": _whole(1, 10)},
    "Play": {"loop": _whole(1, 10)},
    "Pause": {"length": _whole(1, 600)},
    "Gather": {
        "action": ours,
        "method": _one_of("POST"),
        "input": _one_of("dtmf"),  # speech is no way through, and no transcript of anybody is made
        "timeout": _whole(1, 120),
        "numDigits": _whole(1, 50),
        "finishOnKey": _matches(r"[0-9#*]?"),
        "actionOnEmptyResult": _one_of("true", "false"),
    },
    "Dial": {
        "action": ours,
        "method": _one_of("POST"),
        "timeout": _whole(1, 600),
        "timeLimit": _whole(1, 14400),
        "answerOnBridge": _one_of("true", "false"),
        "callerId": _NUMBER,
        "hangupOnStar": _one_of("false"),
        "record": _one_of("do-not-record"),
    },
    "Number": _CALLBACKS,
    "Sip": _CALLBACKS,
    "Conference": {
        **_CALLBACKS,
        "statusCallbackEvent": _matches(r"[a-z ]+"),
        "startConferenceOnEnter": _one_of("true", "false"),
        "endConferenceOnExit": _one_of("true", "false"),
        "beep": _one_of("true", "false", "onEnter", "onExit"),
        "maxParticipants": _whole(2, 250),
        "waitUrl": lambda text: text == "" or _https(text),
    },
    "Record": {
        "action": ours,
        "method": _one_of("POST"),
        "maxLength": _whole(1, 14400),
        "timeout": _whole(1, 60),
        "playBeep": _one_of("true", "false"),
        "finishOnKey": _matches(r"[0-9#*]*"),
        "transcribe": _one_of("false"),  # nobody's words are sent to be written down
    },
    "Redirect": {"method": _one_of("POST")},
    "Hangup": {},
    "Reject": {"reason": _one_of("rejected", "busy")},
}
_INSIDE = {
    "Response": {"Say", "Play", "Pause", "Gather", "Dial", "Record", "Redirect", "Hangup", "Reject"},
    "Gather": {"Say", "Play", "Pause"},
    "Dial": {"Number", "Sip", "Conference"},
}
_NEEDED = {"Gather": {"action", "input"}, "Record": {"action", "transcribe"}, "Dial": {"timeout"}}
_TEXT = {
    "Say": lambda text: 0 < len(text.strip()) <= 4096,
    "Play": _https,
    "Number": _NUMBER,
    "Sip": _matches(r"sips?:[^@\s]+@[^@\s]+"),
    "Conference": _matches(r"[A-Za-z0-9_-]{1,128}"),
    "Redirect": ours,
}
_LAST = {"Hangup", "Reject", "Redirect"}
_LARGEST = 64 * 1024


@dataclass(frozen=True)
class Verb:
    """Hold one verb as it was read."""

    name: str
    attributes: dict[str, str]
    text: str
    inside: tuple[Verb, ...]

    def get(self, attribute: str, otherwise: str = "") -> str:
        """Give an attribute, or what stands in for it."""
        return self.attributes.get(attribute, otherwise)

    def addresses(self) -> list[str]:
        """Name every address of ours that it has the provider call."""
        own = [value for name, value in self.attributes.items() if name in ("action", "statusCallback")]
        own += [self.text] if self.name == "Redirect" else []
        return own + [address for each in self.inside for address in each.addresses()]


def read(document: str) -> tuple[Verb, ...]:
    """Give the verbs of a document; raises NotTwiml with what is wrong."""
    if len(document.encode()) > _LARGEST:
        raise NotTwiml("the document is larger than 64 kB")
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as fault:
        raise NotTwiml(f"not well-formed: {fault}") from None
    if root.tag != "Response":
        raise NotTwiml(f"<{root.tag}> is no answer")
    verbs = _verb(root).inside
    for verb, following in pairwise(verbs):
        if verb.name in _LAST:
            raise NotTwiml(f"<{following.name}> after <{verb.name}> is never reached")
    if any(verb.name == "Reject" for verb in verbs[1:]):
        raise NotTwiml("<Reject> after the call was answered")
    return verbs


def _verb(element: ElementTree.Element) -> Verb:
    name, allowed = element.tag, _ATTRIBUTES.get(element.tag)
    if allowed is None:
        raise NotTwiml(f"<{name}> is no verb that we use")
    for attribute, value in element.attrib.items():
        if attribute not in allowed:
            raise NotTwiml(f"<{name}> has no attribute {attribute}")
        if not allowed[attribute](value):
            raise NotTwiml(f"<{name} {attribute}={value!r}> is not allowed")
    if missing := _NEEDED.get(name, set()) - element.attrib.keys():
        raise NotTwiml(f"<{name}> without {', '.join(sorted(missing))}")
    text = element.text or ""
    if name in _TEXT and not _TEXT[name](text):
        raise NotTwiml(f"<{name}> holds {text!r}")
    if name not in _TEXT and text.strip():
        raise NotTwiml(f"<{name}> holds text")
    for child in element:
        if child.tag not in _INSIDE.get(name, ()):
            raise NotTwiml(f"<{child.tag}> inside <{name}>")
        if (child.tail or "").strip():
            raise NotTwiml(f"text between the verbs of <{name}>")
    if name == "Dial" and len(element) != 1:
        raise NotTwiml("<Dial> calls nobody, or several")
    return Verb(name, dict(element.attrib), text, tuple(map(_verb, element)))
