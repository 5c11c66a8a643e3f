"""One mail transaction with a next hop, and what its replies mean for each recipient.

Belongs here: the order of commands (in one write where the peer takes that) and the table from replies to answers. The
message is sent only where a recipient was taken, and nothing is `Delivered` without the 2xx to the final dot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adapters.mail.hop_connection import GARBLED, SHUTTING, SILENT, Heard, HopConnection
from adapters.mail.smtp_commands import Envelope, Unsayable
from adapters.mail.smtp_replies import Reply, answer_of
from rules.answers import Answer, Permanent, Temporary

DATA = b"DATA\r\n"
RSET = b"RSET\r\n"


NO_UTF8 = Permanent(
    "The next hop takes no addresses beyond ASCII.", "553 5.6.7 The server behind takes no addresses beyond ASCII"
)


class Unanswered(Exception):
    """Say that a kept connection was dead before a word was answered: safe to say it all again on a fresh one."""


class Patience(NamedTuple):
    """Hold how long to wait, in seconds: for a reply, and for a slice of the message or the final reply."""

    reply_s: float
    data_s: float


async def transfer(
    connection: HopConnection, recipients: Sequence[str], words: Envelope, parts: Sequence[bytes], patience: Patience
) -> dict[str, Answer]:
    """Hand over one message: `words` its envelope, `parts` as it goes over the wire; raises Unanswered."""
    try:
        commands = [words.mail(connection.offers), *words.rcpts(connection.offers), DATA]
    except Unsayable:
        return dict.fromkeys(recipients, NO_UTF8)
    heard = await _say(connection, commands, patience.reply_s)
    answers, taken = _sort_out(recipients, heard)
    said_to_data = heard.replies[len(recipients) + 1] if len(heard.replies) > len(recipients) + 1 else None
    if said_to_data is not None and not said_to_data.refusing:
        if not taken or not said_to_data.intermediate or heard.failure:
            # The peer waits for a message that nobody would get (RFC 2920 3.1), or did not understand: never send one.
            connection.give_up(GARBLED)
        else:
            return answers | await _pour(connection, taken, parts, patience.data_s)
    if taken:
        unmade = answer_of(said_to_data) if said_to_data is not None and said_to_data.refusing else None
        answers |= dict.fromkeys(taken, unmade or Temporary(connection.failure or GARBLED))
    return answers


async def _pour(
    connection: HopConnection, taken: Sequence[str], parts: Sequence[bytes], data_s: float
) -> dict[str, Answer]:
    """Send the message; by LMTP each recipient that was taken has a final reply of its own (RFC 2033 4.2)."""
    if not connection.lmtp:
        return dict.fromkeys(taken, _final(connection, await connection.pour(parts, data_s)))
    heard = await connection.pour(parts, data_s, replies=len(taken))
    each = [Heard([reply]) for reply in heard.replies]
    each += [Heard([], heard.failure)] * (len(taken) - len(each))
    return {recipient: _final(connection, one) for recipient, one in zip(taken, each, strict=True)}


async def probe(connection: HopConnection, recipient: str, words: Envelope, patience: Patience) -> Answer:
    """Ask whether a recipient would be taken, and take it back; raises Unanswered."""
    try:
        commands = [words.mail(connection.offers), *words.rcpts(connection.offers), RSET]
    except Unsayable:
        return NO_UTF8
    heard = await _say(connection, commands, patience.reply_s)
    if len(heard.replies) == 3 and heard.replies[2].positive:
        connection.needs_reset = False
    answers, taken = _sort_out((recipient,), heard)
    return answer_of(heard.replies[1]) if taken else answers[recipient]


async def _say(connection: HopConnection, commands: list[bytes], reply_s: float) -> Heard:
    """Hear the replies to a transaction's commands, after ending one that was left half way."""
    reset = connection.needs_reset
    if reset:
        commands.insert(0, RSET)
    connection.needs_reset = True
    if connection.offers.pipelining:
        heard = await connection.ask(commands, reply_s)
    else:
        heard = await _one_by_one(connection, commands, reply_s)
    if reset and heard.replies:
        if not heard.replies[0].positive:
            connection.give_up(GARBLED)
            raise Unanswered
        heard = Heard(heard.replies[1:], heard.failure)
    # Silence may be a peer that is at work on it; a drop before the first reply is a connection that was dead.
    if connection.reused and heard.failure and heard.failure != SILENT and not heard.replies:
        raise Unanswered
    return heard


async def _one_by_one(connection: HopConnection, commands: Sequence[bytes], reply_s: float) -> Heard:
    """Say a command once the one before it was answered, and no DATA where no recipient was taken."""
    replies: list[Reply] = []
    taken = False
    for command in commands:
        if command is DATA and not taken:
            break
        heard = await connection.ask([command], reply_s)
        replies += heard.replies
        if heard.failure:
            return Heard(replies, heard.failure)
        if command.startswith(b"RCPT"):
            taken = taken or replies[-1].positive
        elif not replies[-1].positive:
            break
    return Heard(replies)


def _sort_out(recipients: Sequence[str], heard: Heard) -> tuple[dict[str, Answer], list[str]]:
    """Give the answer for each recipient that will not get it, and those that were taken so far."""
    unheard = Temporary(heard.failure or GARBLED)
    if not heard.replies:
        return dict.fromkeys(recipients, unheard), []
    mail, *rcpts = heard.replies[: len(recipients) + 1]
    if not mail.positive:
        return dict.fromkeys(recipients, answer_of(mail)), []
    answers: dict[str, Answer] = dict.fromkeys(recipients[len(rcpts) :], unheard)
    taken = []
    for recipient, reply in zip(recipients, rcpts, strict=False):
        if reply.positive:
            taken.append(recipient)
        else:
            answers[recipient] = answer_of(reply)
    return answers, taken


def _final(connection: HopConnection, heard: Heard) -> Answer:
    """Say what the reply to the final dot means, or that it was lost (RFC 1047, THREATS S16)."""
    reply = heard.replies[0] if heard.replies else None
    if reply is None:
        # 421 is a reply, and no acceptance.
        return Temporary(heard.failure, unclear=connection.dot_sent and heard.failure != SHUTTING)
    if connection.dot_sent and (reply.positive or reply.refusing):
        connection.needs_reset = False
        return answer_of(reply)
    # An answer before the end of the message, or one that does not fit: what is in step with what is not known.
    connection.give_up(GARBLED)
    if reply.refusing:
        return answer_of(reply)
    return Temporary(GARBLED, unclear=connection.dot_sent)
