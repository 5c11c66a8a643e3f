"""Knocks at our own door from outside, as the provider does, to see whether it is heard (THREATS T1).

Belongs here: one request that changes nothing: a report that a call nobody knows is queued.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from adapters.phone.signature import sign
from adapters.phone.twiml import STATUS

_TIMEOUT_S = 15.0
_NO_CALL = "CA00000000000000000000000000000000"


class Unreachable(Exception):
    """Say in a sentence why nothing answered."""


def a_report(account: str) -> dict[str, str]:
    """Give the form of a report that changes nothing."""
    return {"AccountSid": account, "CallSid": _NO_CALL, "CallStatus": "queued"}


async def knock(public_url: str, form: Mapping[str, str], *, secret: str = "", key: str = "") -> int:
    """Post a report to the public address, signed where a secret is given; gives the status. Raises Unreachable."""
    import aiohttp

    url = public_url.rstrip("/") + STATUS
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Parley"}
    if secret:
        headers |= sign(url, form.items(), secret, key)
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            ) as session,
            session.post(url, data=urlencode(form), headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status
    except aiohttp.ClientConnectorCertificateError:
        raise Unreachable("its certificate is not trusted, or is for another name") from None
    except aiohttp.ClientSSLError:
        raise Unreachable("TLS cannot be begun with it") from None
    except aiohttp.ClientConnectorDNSError:
        raise Unreachable("its name is not known") from None
    except aiohttp.ClientConnectorError:
        raise Unreachable("nothing answers there") from None
    except TimeoutError:
        raise Unreachable(f"it gave no answer within {_TIMEOUT_S:.0f} seconds") from None
    except (aiohttp.ClientError, OSError, ValueError) as fault:
        raise Unreachable(f"the answer cannot be read ({type(fault).__name__})") from None
