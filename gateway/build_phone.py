"""Builds what asks the phone provider: its client, and the jobs that fetch recordings and read its log.

Belongs here: which part is given what; see gateway/build.py.
"""

from __future__ import annotations

from adapters.phone.own_door import knock
from adapters.phone.twilio_log import LoggedText
from adapters.phone.twilio_rest import Access, TwilioRest
from adapters.phone.twilio_texts import parse_text
from gateway.build_desk import casework_of
from gateway.build_web import script_of, texts_of, twilio_of
from gateway.call_decision import CallDecisions, Lines
from gateway.call_log import CallLog, MissedText
from gateway.call_warnings import CallWarnings
from gateway.clock import Clock
from gateway.config import FILE_NAME, Config, ConfigError, Settings
from gateway.jobs import Job
from gateway.letters import Letters
from gateway.levels import Levels
from gateway.phone_alarm import SelfTest
from gateway.recordings import Recordings
from gateway.texts import TextReception
from storage.record import Record

_WARN_S, _FETCH_S, _LOG_S, _TEST_S = 2, 20, 300, 900


def rest_of(config: Config) -> TwilioRest | None:
    """Build the client of the provider's REST API; None where there is none to ask. Raises ConfigError."""
    phone = config.phone
    if not phone.configured or not phone.api_url:
        return None
    if phone.api_key:
        secrets: tuple[tuple[str, str], ...] = ((phone.api_key, phone.api_secret.get_secret_value()),)
    else:
        secrets = tuple((phone.account, token.get_secret_value()) for token in phone.tokens)
    try:
        return TwilioRest(Access(phone.account, secrets, phone.api_url))
    except ValueError as refused:
        raise ConfigError(f"{config.state / FILE_NAME}: phone: {refused}.") from None


def missed_by(texts: TextReception) -> MissedText:
    """Give what takes a text of the provider's log."""

    async def missed(text: LoggedText) -> None:
        if text.sent_at is not None:
            await texts.missed(parse_text(text.raw), text.sent_at)

    return missed


def phone_jobs(
    settings: Settings,
    record: Record,
    letters: Letters,
    levels: Levels,
    clock: Clock,
    node: str,
) -> tuple[Job, ...]:
    """Name the clock's work with the provider; none where none is asked."""
    rest = rest_of(settings.config)
    if rest is None:
        return ()
    missed_text = missed_by(texts_of(settings, record, levels, letters, clock, node))
    script, _ = script_of(settings, clock)
    warnings = CallWarnings(record, script, twilio_of(settings), rest, clock)
    self_test = SelfTest(settings.config.phone, knock, record, letters, clock)
    return (
        ("phone self-test", self_test.look, _TEST_S),
        ("call warnings", warnings.say_due, _WARN_S),
        ("recordings", recordings_of(settings, record, letters, rest, clock).fetch_due, _FETCH_S),
        ("phone log", call_log_of(settings, record, letters, levels, rest, clock, node, missed_text).reconcile, _LOG_S),
    )


def recordings_of(settings: Settings, record: Record, letters: Letters, rest: TwilioRest, clock: Clock) -> Recordings:
    """Build what fetches the messages that callers left."""
    casework = casework_of(settings, record, clock=clock)
    return Recordings(record, casework, settings.policy, letters, rest, clock)


def call_log_of(
    settings: Settings,
    record: Record,
    letters: Letters,
    levels: Levels,
    rest: TwilioRest,
    clock: Clock,
    node: str,
    missed_text: MissedText | None = None,
) -> CallLog:
    """Build what reads the provider's log."""
    phone = settings.config.phone
    decisions = CallDecisions(settings.policy, levels, letters, Lines(phone.switchboard or "", phone.lines), node=node)
    return CallLog(
        record, settings.policy, decisions, levels, letters, rest, clock=clock, node=node, missed_text=missed_text
    )
