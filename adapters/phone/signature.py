"""Whether a webhook was signed by the provider, as Twilio signs.

Belongs here: the arithmetic of X-Twilio-Signature and nothing of the request's meaning. It promises never to raise on
what a stranger sent, and that a change of address, parameter or signature is a refusal (THREATS T1, T2).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

SIGNATURE = "x-twilio-signature"
SIGNED_WITH = "x-twilio-webhooks-signature-settings"
"""The header that names shared key and algorithm, `key=webhooks_sharedkey_...,algorithm=HMAC_SHA256`."""
_ALGORITHMS = MappingProxyType({"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"})


class Signatures:
    """Check signatures against the configured public address, never the Host header.

    Any of the account's tokens may have signed, by HMAC-SHA1. A request that says with which shared key it was signed
    is held to that key alone, by the algorithm that it names; so keys are changed one after the other, and a token
    never stands in for a key. Twilio leaves the port out of what it signs at times, and names the default port at
    times: both are tried, as its own library does.
    """

    def __init__(self, public_url: str, tokens: Iterable[str], shared_keys: Mapping[str, str] | None = None) -> None:
        self._bases = _with_and_without_port(public_url.rstrip("/"))
        self._tokens = tuple(token.encode() for token in tokens)
        self._keys = {name: secret.encode() for name, secret in (shared_keys or {}).items()}

    def valid(self, target: bytes, pairs: Iterable[tuple[str, str]], signature: bytes, signed_with: str = "") -> bool:
        """Tell whether `signature` is right for path and query `target`, as they were on the wire, and the form.

        `signed_with` is the header SIGNED_WITH, "" where there is none. A parameter given twice counts once for each
        different value, in order, as in Twilio's library.
        """
        secrets, algorithm = (self._tokens, "sha1") if not signed_with.strip() else self._named(signed_with)
        try:
            signed = target + _form(pairs)
        except UnicodeEncodeError:  # a lone surrogate, which nobody can have signed
            return False
        return any(
            hmac.compare_digest(_mark(secret, base + signed, algorithm), signature)
            for secret in secrets
            for base in self._bases
        )

    def _named(self, signed_with: str) -> tuple[tuple[bytes, ...], str]:
        """Give the secret of the key that a request names, none where we do not know it, and the algorithm."""
        named: dict[str, str] = {}
        for part in signed_with.split(","):
            name, _, value = part.partition("=")
            if named.setdefault(name.strip(), value.strip()) != value.strip():
                return (), "sha1"  # two keys, or two algorithms: nobody's honest request
        secret = self._keys.get(named.get("key", ""))
        algorithm = _ALGORITHMS.get(named.get("algorithm", "HMAC_SHA1").upper())
        return ((secret,), algorithm) if secret is not None and algorithm is not None else ((), "sha1")


def sign(url: str, pairs: Iterable[tuple[str, str]], secret: str, key: str = "") -> dict[str, str]:
    """Give the headers with which Twilio would send a form to `url`: signed by a token, or by the shared key `key`."""
    mark = _mark(secret.encode(), url.encode() + _form(pairs), "sha256" if key else "sha1").decode()
    return {SIGNATURE: mark} | ({SIGNED_WITH: f"key={key},algorithm=HMAC_SHA256"} if key else {})


def _form(pairs: Iterable[tuple[str, str]]) -> bytes:
    return "".join([name + value for name, value in sorted(set(pairs))]).encode()


def _mark(secret: bytes, signed: bytes, algorithm: str) -> bytes:
    return b64encode(hmac.digest(secret, signed, algorithm))


def _with_and_without_port(url: str) -> tuple[bytes, ...]:
    parts = urlsplit(url)
    given = parts.port
    bare = parts.netloc.removesuffix(f":{given}")
    named = f"{bare}:{given or (443 if parts.scheme == 'https' else 80)}"
    hosts = (bare, named) if given is None else (named, bare)  # as it is configured, first: so it mostly is
    return tuple(f"{parts.scheme}://{host}{parts.path}".encode() for host in hosts)
