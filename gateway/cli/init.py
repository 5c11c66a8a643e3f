"""`parley init`: begins an installation. Writes parley.toml, touches none that is there, and starts by observing."""

from __future__ import annotations

import json
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from gateway import config
from gateway.build import open_record
from gateway.cli.office import app, refuse, who
from gateway.cli.screen import escaped
from gateway.config import FILE_NAME, ConfigError
from gateway.mail_contact import OBSERVE
from rules import identity
from storage.transaction import Transaction

_TEMPLATE = """\
# Settings of Parley, read at start: restart after a change. What cannot work is refused with a sentence.
# Any setting can come from the environment instead, such as PARLEY_MAIL__NEXT_HOP for next_hop in [mail].

[office]
name = {name}
address = {address}     # our own mail to senders comes from here
alerts = {alerts}       # staff are told here: flags, messages that wait for a person
domains = [{domains}]     # mail for these domains is taken, for no other
# policy = "default"    # a policy that ships with Parley, or a file beside this one
# zone = "Europe/London"
# channels = ["email", "call", "letter", "visit"]   # how people reach you; also "web", "sms" (with texts below)

[mail]
listen = "127.0.0.1:8025"
# next_hop = "127.0.0.1:10026"          # the mail server behind us; without it mail goes into Maildirs beside this file
# filed_to = "filed@office.example.org" # where the next hop takes filed mail, if it cannot sort by Parley-Trace
# border = "mx.office.example.org"      # a server in front that checks senders, as its Authentication-Results name it;
#                                       # or "microsoft365", or "google"; without one, senders are checked here
# outbound = {{ server = "127.0.0.1:10027", security = "none" }}   # our own mail leaves here, not by Parley

# [[mailbox]]                             # a mailbox elsewhere, sorted by IMAP after mail has arrived; see deploy/
# name = "enquiries"
# address = "enquiries@office.example.org"
# server = "imap.office.example.org:993"
# password = "..."                        # or sign_in, for Microsoft 365 and Google, which take no passwords

[phone]
listen = "127.0.0.1:8080"               # web: calls, /health, and /api unless it has an address of its own
# All four for calls by Twilio; in its console, the number's voice address is public_url + "/calls".
# public_url = "https://calls.office.example.org"
# account = "AC..."
# tokens = ["..."]                      # or the environment's PARLEY_PHONE__TOKENS, which keeps them out of this file
# switchboard = "+441632960100"         # where calls are put through
# lines = {{ "+441632960101" = "+441632960102" }}   # other numbers of yours, and what serves them
# texts = "enquiries@office.example.org"  # the inbox for texts; else that of alerts
# text_lines = {{ "+441632960101" = "housing@office.example.org" }}   # another inbox for texts to another line
# fallback = "message"                  # what `parley fallback` writes for when we are down; else the switchboard
# api_key = "SK..."                     # what the provider is asked with, in place of a token
# api_secret = "..."                    # its secret
# shared_keys = {{ webhooks_sharedkey_1 = "..." }}   # keys that you made at the provider to sign with

[sip]
# tokens = [{token}]   # made for you just now, for a PBX that asks about its calls: deploy/kamailio.md
# refusal = "decline"                   # what a refused caller hears of SIP: "decline" (603) or "busy" (486)

[api]
# enabled = true                        # false: no API at all; whoever asks it needs a token: parley token add
# listen = "127.0.0.1:8081"             # an address of its own: do this where public_url is open to the world

[desk]
# enabled = true                        # pages for staff at /desk, in a browser; they want HTTPS in front
# public_url = "https://parley.office.example.org"   # where staff find them: alerts then lead there by links

[alerts]                                # who is alerted; without it all goes to office.alerts
# quiet_from = "22:00"                  # hours in which only what is urgent leaves
# quiet_to = "07:00"
# [[alerts.to]]
# mail = ["duty@office.example.org"]
# [[alerts.to]]                         # who hears of what is urgent and nobody has acknowledged for an hour
# severities = ["urgent"]
# mail = ["head@office.example.org"]
# after_minutes = 60

# Who works here. Without it everybody at the keyboard has every role; `parley policy show` lists the roles.
# [[people]]
# name = "C. Worker"
# login = "cworker"                     # the name on this machine
# roles = ["caseworker"]

# Other systems that are told of acts: signed, and never a name, an address or what was said.
# [[webhook]]
# name = "archive"
# url = "https://archive.office.example.org/parley"
# secret = {secret}   # made for you just now; or PARLEY_WEBHOOK_SECRETS in the environment
# events = ["warn", "send_notice"]      # without it: all acts

[record]
# url = "postgresql://parley@127.0.0.1/parley"   # without it: the file parley.db beside this one
"""


@app.command("init")
def _init(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(help="The office's name, as people know it.")] = None,
    address: Annotated[str | None, typer.Option(help="The office's mail address.")] = None,
    domain: Annotated[
        list[str] | None, typer.Option(help="A mail domain of the office; may be given again. Else the address's own.")
    ] = None,
    alerts: Annotated[str | None, typer.Option(help="The staff inbox that is told of flags. Else the address.")] = None,
) -> None:
    """Begin an installation in the state folder, in observe mode: it decides and records, and lets all through."""
    file: Path = context.obj / FILE_NAME
    if file.exists():
        refuse(f"{file} is there already, and stays as it is.")
    name = _asked("The office's name", "--name", name)
    address = _asked("Its mail address", "--address", address, _address)
    domains = domain or [_asked("Its mail domain", "--domain", address.rpartition("@")[2])]
    alerts = alerts or address
    text = _TEMPLATE.format(
        name=_quoted(name),
        address=_quoted(address),
        alerts=_quoted(alerts),
        domains=", ".join(map(_quoted, domains)),
        token=_quoted(secrets.token_urlsafe(32)),
        secret=_quoted(f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"),
    )
    _begin(file, text, who())
    _say_next(file, context.obj, domains[0])


def _asked(question: str, option: str, given: str | None, check: Callable[[str], str] = str.strip) -> str:
    """Give what was given, else ask until the answer can be right; without a terminal there is nobody to ask."""
    if given:
        return given
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        refuse(f"{question} is missing: say {option} (there is no terminal to ask on).")
    return str(typer.prompt(question, value_proc=check))


def _address(text: str) -> str:
    if identity.email(text) is None:
        raise typer.BadParameter(f"{escaped(text)!r} is not a mail address.")
    return text.strip()


def _quoted(text: str) -> str:
    """Write text as a TOML string; JSON's is the same but for DEL, which no name has."""
    return json.dumps(text.strip().replace("\x7f", ""), ensure_ascii=False)


def _begin(file: Path, text: str, name: str) -> None:
    """Write settings that have been read back without complaint, and begin the record in observe mode."""
    state = file.parent
    try:
        state.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=state, prefix="new-") as folder:
            draft = Path(folder) / FILE_NAME
            draft.write_text(text, "utf-8")
            draft.chmod(0o600)  # tokens and passwords will stand in it
            _start(draft, state, name)
            os.link(draft, file)  # unlike a rename this never replaces a file
    except FileExistsError:
        refuse(f"{file} is there already, and stays as it is.")
    except OSError as fault:
        refuse(f"{file} cannot be written ({fault.strerror}).", 78)


def _start(draft: Path, state: Path, name: str) -> None:
    try:
        settings = config.load(draft.parent)
    except ConfigError as refused:
        refuse(str(refused).removeprefix(f"{draft}: "))
    with open_record(settings.config.model_copy(update={"state": state})) as record:
        record.write_now(lambda tx: _observe(tx, name))


def _observe(tx: Transaction, name: str) -> None:
    if tx.setting(OBSERVE) is None:
        tx.set_setting(OBSERVE, "on")
        tx.act(name, "observe", "office", {"mode": "on", "by": "init"})


def _say_next(file: Path, state: Path, domain: str) -> None:
    parley = "parley" if state == Path("var") else f"parley --state {state}"
    typer.echo(
        f"""{file} is written. The office starts in observe mode: everything is let through, decided and recorded.
Next:
  {parley} serve            take mail for {domain} on 127.0.0.1:8025
  {parley} import FILE      bring in the parties and restrictions that you have
  {parley} check SENDER --channel email --to you@{domain}
  {parley} observe off      enforce, once you have seen that the decisions are right
Where mail goes on to, and calls by Twilio, are set up in {file}: see its comments."""
    )
