"""What checks of a sender's domain come to: verified, claimed or failed (DESIGN: every sender carries an assurance).

Belongs here: the one table of that, pure, whoever did the checking. The promise (THREATS I4): only what is aligned with
the author's domain speaks for the author, and what could not be found out never speaks against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.mail.alignment import aligned, named_domain, organisation
from adapters.mail.authentication_results import Result
from rules.contact import Assurance


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold an assurance and what it rests on, in words for staff."""

    assurance: Assurance
    why: str


NOTHING_SAID = Verdict(Assurance.CLAIMED, "nothing speaks for the sender or against")
_POLICY = re.compile(r"(?:^|[\s;,])(p|sp|policy|action)=[\s]*([a-z_]{1,20})", re.IGNORECASE)
_PASS = frozenset({"pass", "bestguesspass"})


def verdict_of(results: Sequence[Result], author: str) -> Verdict:
    """Judge what a border reported of mail from `author`, a domain in normal form."""
    by_domain = [one for one in results if one.method == "dmarc" and _is_of(one, author)]
    composite = {one.result for one in results if one.method == "compauth"}
    if "fail" in composite:
        return Verdict(Assurance.FAILED, "the border says compauth=fail")
    failed = [one for one in by_domain if one.result == "fail"]
    if failed:
        # Microsoft 365 passes as a whole what a trusted forwarder broke; and who asks for nothing calls nothing forged.
        if "pass" in composite or all(asks_for_nothing(one, author) for one in failed):
            return Verdict(Assurance.CLAIMED, "the border says dmarc=fail, and that it says little")
        return Verdict(Assurance.FAILED, "the border says dmarc=fail")
    if any(one.result in _PASS for one in by_domain):
        return Verdict(Assurance.VERIFIED, "the border says dmarc=pass")
    for one in results:
        if one.result == "pass" and any(aligned(domain, author) for domain in _checked(one)):
            return Verdict(Assurance.VERIFIED, f"the border says {one.method}=pass for the author's domain")
    return NOTHING_SAID


def _is_of(result: Result, author: str) -> bool:
    """Tell whether a DMARC result is about the author that we read; a border may have read another one (I1)."""
    given = result.properties.get("header.from")
    return given is None or named_domain(given) == author


def _checked(result: Result) -> Iterable[str]:
    """Name the domains that a result speaks for."""
    names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}.get(result.method, ())
    given = [result.properties[name] for name in names if name in result.properties]
    return [named_domain(text) for text in given[:1]]


def asks_for_nothing(result: Result, author: str) -> bool:
    """Tell whether a failed DMARC result says itself that the domain's policy is `none`."""
    said = {name.lower(): value.lower() for name, value in _POLICY.findall(result.comments)}
    said |= {name.rpartition(".")[2]: value.lower() for name, value in result.properties.items()}
    policy = said.get("p") or said.get("policy") or said.get("dmarc") or said.get("action") or ""
    if "sp" in said and organisation(author) != author:
        policy = said["sp"]
    return policy == "none"
