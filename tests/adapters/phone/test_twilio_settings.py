"""Tests of what the door refuses to be configured with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.adapters.phone.office import SETTINGS, TOKEN


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param({"public_url": ""}, "public_url", id="no address"),
        pytest.param({"public_url": "calls.example.org"}, "public_url", id="an address without its scheme"),
        pytest.param({"public_url": "ftp://calls.example.org"}, "public_url", id="a scheme that Twilio does not speak"),
        pytest.param({"public_url": "https://"}, "public_url", id="no host"),
        pytest.param({"public_url": "https://x:y@calls.example.org"}, "public_url", id="a user in the address"),
        pytest.param({"public_url": "https://calls.example.org?a"}, "public_url", id="a query in the address"),
        pytest.param({"public_url": "https://calls.example.org:port"}, "public_url", id="a port that is no number"),
        pytest.param({"public_url": "https://calls.example.org:99999"}, "public_url", id="a port that cannot be"),
        pytest.param({"public_url": "https://dŵr.example.org"}, "public_url", id="a host that is not in ASCII"),
        pytest.param({"account_sid": ""}, "account_sid", id="no account"),
        pytest.param({"auth_tokens": ()}, "auth token", id="no token"),
        pytest.param({"auth_tokens": (TOKEN, "")}, "auth token", id="an empty token"),
        pytest.param({"fallback_number": ""}, "fallback_number", id="nothing to fall back on"),
        pytest.param({"reject_reason": "blocked"}, "reject_reason", id="a reason that Twilio does not know"),
        pytest.param({"ring_s": 0}, "ring_s", id="no time to ring"),
    ],
)
def test_settings_that_cannot_work_are_refused(change, sentence):
    """Each is refused with a sentence that names the setting and never the token."""
    with pytest.raises(ValueError, match=sentence) as refusal:
        replace(SETTINGS, **change)
    assert TOKEN not in str(refusal.value)


def test_the_token_is_in_no_repr():
    """A settings value that lands in a log shows no secret."""
    assert TOKEN not in repr(SETTINGS)


@pytest.mark.parametrize("url", ["https://[2001:db8::1]:8443", "http://127.0.0.1:8080", "https://calls.example.org/a/"])
def test_addresses_that_work_are_taken(url):
    """A port, an IPv6 address and a path in front are all addresses that Twilio can know."""
    assert replace(SETTINGS, public_url=url).address("/calls") == url.rstrip("/") + "/calls"
