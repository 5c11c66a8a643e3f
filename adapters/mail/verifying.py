"""Checks a message's sender here, where no border does: DKIM, SPF and what the author's domain asks for (DMARC).

Belongs here: the order of the checks, and that they run apart. The promise (THREATS I4, S7): an answer within the
deadline, `failed` only where every check was made and the domain asks for it, and no exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from adapters.mail.alignment import aligned, named_domain, organisation
from adapters.mail.dns_answers import NotNow, Questions, Resolver
from adapters.mail.message import NULL_PATH, Incoming
from adapters.mail.sender_policy import outside, permitted
from adapters.mail.signatures import may_be_signed, signer
from adapters.mail.verdict import NOTHING_SAID, Verdict
from rules.contact import Assurance

log = structlog.get_logger()

NOT_NOW = Verdict(Assurance.CLAIMED, "the sender could not be checked just now")
_SIGNED = Verdict(Assurance.VERIFIED, "signed by the author's domain (DKIM)")
_SENT = Verdict(Assurance.VERIFIED, "sent by a server of the author's domain (SPF)")
_FORGED = Verdict(
    Assurance.FAILED, "neither signed nor sent by the author's domain, which asks to refuse such mail (DMARC)"
)
_LONGEST_RECORD = 2_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold what a domain asks for in its DMARC record."""

    refuse: bool = False
    strict_signer: bool = False
    strict_sender: bool = False


def check(incoming: Incoming, author: str, questions: Questions) -> Verdict:
    """Check the sender of a message from `author`, a domain in normal form; asks as little as it can."""
    policies: list[Policy] = []

    def policy() -> Policy:
        if not policies:
            policies.append(policy_of(author, questions))
        return policies[0]

    later = False
    for checked, verdict in ((_by_signature, _SIGNED), (_by_client, _SENT)):
        try:
            if checked(incoming, author, questions, policy):
                return verdict
        except NotNow:
            later = True
    try:
        return _unproven(policy) if not later else NOT_NOW
    except NotNow:
        return NOT_NOW


_PolicyOf = Callable[[], Policy]


def _unproven(policy: _PolicyOf) -> Verdict:
    return _FORGED if policy().refuse else NOTHING_SAID


def _by_signature(incoming: Incoming, author: str, questions: Questions, policy: _PolicyOf) -> bool:
    def wanted(domain: str) -> bool:
        return domain == author or not policy().strict_signer

    return bool(signer(incoming.raw, author, questions, wanted))


def _by_client(incoming: Incoming, author: str, questions: Questions, policy: _PolicyOf) -> bool:
    """Tell whether the client sends for the author; raises NotNow where the client is not known, as behind a relay."""
    client = outside(incoming.peer)
    if not client:
        raise NotNow
    sender = "" if incoming.mail_from == NULL_PATH else incoming.mail_from
    domain = named_domain(sender or incoming.helo)
    if not aligned(domain, author) or (domain != author and policy().strict_sender):
        return False
    return permitted(client, sender, incoming.helo, questions)


def policy_of(author: str, questions: Questions) -> Policy:
    """Give what the author's domain asks for, or the one above it that is its owner's (RFC 7489 6.6.3).

    Raises NotNow.
    """
    owner = organisation(author)
    for domain in dict.fromkeys((author, owner)):
        records = [one for one in questions.texts(f"_dmarc.{domain}") if _is_policy(one)]
        if len(records) == 1:
            return _policy(records[0], below=domain != author)
        if records:
            return Policy()
    return Policy()


def _is_policy(text: bytes) -> bool:
    return text.replace(b" ", b"")[:8].lower() in (b"v=dmarc1;", b"v=dmarc1")


def _policy(text: bytes, *, below: bool) -> Policy:
    """Read a record; what only tries its policy out (`pct=0`, `t=y`) asks for one step less."""
    pairs = [one.partition("=") for one in text[:_LONGEST_RECORD].decode("ascii", "replace").lower().split(";")]
    tags = {name.strip(): value.strip() for name, _, value in reversed(pairs)}
    asked = tags.get("sp") if below else None
    asked = asked or tags.get("p", "none")
    trial = tags.get("pct") == "0" or tags.get("t") == "y"
    refuse = asked == "reject" or (asked == "quarantine" and not trial)
    return Policy(refuse, tags.get("adkim") == "s", tags.get("aspf") == "s")


class Verifying:
    """Check senders in threads of its own, so that slow name servers hold up nothing else."""

    def __init__(self, resolver: Resolver, *, seconds: float = 5.0, threads: int = 8) -> None:
        self._resolver = resolver
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="sender-check")

    async def verdict(self, incoming: Incoming, author: str) -> Verdict:
        """Check the sender of a message from `author`; not known just now, where that takes longer than it may."""
        if not outside(incoming.peer) and not may_be_signed(incoming.raw):
            return NOT_NOW  # there is nothing to go by, and no thread is needed to find that out
        questions = Questions(self._resolver, seconds=self._seconds)
        checking = asyncio.get_running_loop().run_in_executor(self._threads, _checked, incoming, author, questions)
        try:
            async with asyncio.timeout(self._seconds):
                return await checking
        except TimeoutError:
            return NOT_NOW


def _checked(incoming: Incoming, author: str, questions: Questions) -> Verdict:
    try:
        return check(incoming, author, questions)
    except Exception as fault:  # nothing that a sender or a domain publishes may stop a message
        log.error("sender check failed", fault=type(fault).__name__)
        return NOT_NOW
