"""Signing in at others' mail servers: each way of the settings has what asks for it, and what it may do."""

from __future__ import annotations

import pytest

from adapters.mail.oauth import READS, SENDS, GoogleApp, GoogleColleague, MicrosoftApp, MicrosoftColleague
from gateway.build_mail import outbound_of
from gateway.sign_ins import of_mailbox, of_outbound, sign_in_of
from tests.gateway.office import Clock, settings

ADDRESS = "office@example.org"
WAYS = {
    "microsoft-app": (MicrosoftApp, {"tenant": "t", "client_id": "c", "client_secret": "s"}),
    "microsoft": (MicrosoftColleague, {"tenant": "t", "client_id": "c"}),
    "google-app": (GoogleApp, {"key_file": "key.json"}),
    "google": (GoogleColleague, {"client_id": "c", "client_secret": "s"}),
}


def configured(folder, sign_in, more):
    """Give the settings of an office that reads a mailbox and sends its own mail, by one way to sign in."""
    account = {"sign_in": sign_in, "username": ADDRESS} | more
    outbound = {"server": "smtp.example.org:587"} | account
    mailbox = {"name": "enquiries", "address": ADDRESS} | account
    return settings(folder, mail={"outbound": outbound}, mailbox=[mailbox]).config


@pytest.mark.parametrize("sign_in", WAYS)
def test_each_way_to_sign_in(folder, sign_in):
    """For a mailbox and for sending; a colleague's two sign-ins are kept apart, and allow no more than they must."""
    kind, more = WAYS[sign_in]
    config, now = configured(folder, sign_in, more), Clock()
    reads = sign_in_of(config, of_mailbox(config, config.mailbox[0]), now)
    sends = sign_in_of(config, of_outbound(config.mail.outbound), now)
    assert (type(reads), type(sends)) == (kind, kind)
    if hasattr(reads, "cache"):
        assert [one.cache.name for one in (reads, sends)] == ["enquiries.json", "outbound-mail.json"]
    if sign_in == "microsoft":
        assert (reads.scope, sends.scope) == (READS, SENDS)
    if sign_in == "google-app":
        assert sends.mailbox == ADDRESS
    assert outbound_of(config, now)._token == sends


def test_a_password_is_no_token(folder):
    """It is given as it always was."""
    outbound = {"server": "127.0.0.1:2525", "username": "office", "password": "secret"}
    config = settings(folder, mail={"outbound": outbound}).config
    door = outbound_of(config, Clock())
    assert (door._token, door._settings.username, door._settings.password) == (None, "office", "secret")
