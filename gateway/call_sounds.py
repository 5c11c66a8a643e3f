"""Reads what callers hear beside the policy's own words: the office's recordings, and its languages.

Belongs here: reading once at start, and refusing in a sentence what could not be played or said to a caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import structlog

from adapters.phone.sounds import TYPES, Sound
from adapters.webhooks import checked_url
from gateway.config import FILE_NAME, Config, ConfigError
from gateway.notices.languages import FOLDER, NoSuchLanguage, languages, read
from gateway.notices.phrases import SHIPPED

_LARGEST = 10 * 1024 * 1024
"""Bytes of one recording: ten minutes of speech, and no more memory than that."""
log = structlog.get_logger()


def sounds_of(config: Config) -> tuple[dict[str, str], tuple[Sound, ...]]:
    """Give the addresses of the recordings by the texts that they stand for, and those that we serve ourselves.

    Raises ConfigError where one cannot be read or played.
    """
    addresses, served = {}, []
    for name, given in config.phone.recordings.items():
        try:
            if "://" in given:
                addresses[name] = _elsewhere(given)
                continue
            sound = _sound(config.state / given)
        except ValueError as refused:
            raise ConfigError(f"{config.state / FILE_NAME}: phone.recordings.{name}: {refused}.") from None
        served.append(sound)
        addresses[name] = config.phone.public_url.rstrip("/") + sound.path
    return addresses, tuple(served)


def _elsewhere(address: str) -> str:
    if not address.startswith("https://"):
        raise ValueError(f"{address!r} is no https address")
    return checked_url(address)


def _sound(file: Path) -> Sound:
    if file.suffix.lower() not in TYPES:
        raise ValueError(f"{file.name} is neither {' nor '.join(TYPES)}, which is what phone providers play")
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise ValueError(f"{file} cannot be read ({fault.strerror})") from None
    if not 0 < len(content) <= _LARGEST:
        raise ValueError(f"{file.name} is empty or larger than 10 MB")
    return Sound(content, file.suffix.lower())


def spoken_languages(config: Config, today: date) -> dict[str, Mapping[str, str]]:
    """Give the words of each language that somebody answers for, by its code (HO-3); others are left out and logged."""
    folder, found = config.state / FOLDER, {}
    for code in languages(folder):
        if code == SHIPPED:
            continue
        try:
            found[code] = read(folder, code, today).words
        except NoSuchLanguage:  # the notices say why to whoever writes one
            log.warning("language not spoken on the phone", language=code)
    return found
