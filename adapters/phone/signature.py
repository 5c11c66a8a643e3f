"""Whether a webhook was signed by the provider, as Twilio signs.

Belongs here: the arithmetic of X-Twilio-Signature and nothing of the request's meaning. It promises never to raise on
what a stranger sent, and that a change of address, parameter or signature is a refusal (THREATS T1, T2).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import urlsplit


class Signatures:
    """Check signatures against the configured public address, never the Host header; any of the tokens may have signed.

    Twilio leaves the port out of what it signs at times, and names the default port at times: both are tried, as its
    own library does.
    """

    def __init__(self, public_url: str, tokens: Iterable[str]) -> None:
        self._bases = _with_and_without_port(public_url.rstrip("/"))
        self._tokens = tuple(token.encode() for token in tokens)

    def valid(self, target: bytes, pairs: Iterable[tuple[str, str]], signature: bytes) -> bool:
        """Tell whether `signature` is right for path and query `target`, as they were on the wire, and the form.

        A parameter given twice counts once for each different value, in order, as in Twilio's library.
        """
        try:
            form = "".join([name + value for name, value in sorted(set(pairs))]).encode()
        except UnicodeEncodeError:  # a lone surrogate, which nobody can have signed
            return False
        signed = target + form
        return any(
            hmac.compare_digest(b64encode(hmac.digest(token, base + signed, "sha1")), signature)
            for token in self._tokens
            for base in self._bases
        )


def _with_and_without_port(url: str) -> tuple[bytes, ...]:
    parts = urlsplit(url)
    given = parts.port
    bare = parts.netloc.removesuffix(f":{given}")
    named = f"{bare}:{given or (443 if parts.scheme == 'https' else 80)}"
    return tuple(f"{parts.scheme}://{host}{parts.path}".encode() for host in (bare, named))
