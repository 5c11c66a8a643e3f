"""Dovecot for real, on loopback, with the configuration that `deploy/dovecot` ships; folders and ports are ours.

Belongs here: starting and killing it, tokens that it checks, and looking into its mailboxes as a mail reader does.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from imapclient import IMAPClient

from tests.ports import free_port

PROGRAM = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")
SHIPPED = Path(__file__).parents[2] / "deploy" / "dovecot"
ISSUER = "https://sign-in.office.example.org/"
PASSWORD = "as-long-as-it-is-wide"
_CONF = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
{users}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = yes
auth_failure_delay = 0
auth_worker_max_count = 4
!include {folder}/shipped.conf
disable_plaintext_auth = {private}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  # Who fails often is made to wait by Dovecot; the tests fail often.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}
"""


class Dovecot:
    """Run one Dovecot, where everybody has a mailbox and the same password; its mail outlives it."""

    def __init__(self, *, more: str = "", tls: bool = False) -> None:
        # Not below pytest's own folders: mail is another user's where the tests run as root.
        self.folder = Path(tempfile.mkdtemp(prefix="parley-dovecot-"))
        self.folder.chmod(0o755)
        self.port, self.tls_port = free_port(), free_port() if tls else 0
        self._more, self._tls = more, tls
        self._key = rsa.generate_private_key(65537, 2048)
        self._process: subprocess.Popen[bytes] | None = None
        self._keys()
        self._own = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        mail = self.folder / "mail"
        mail.mkdir()
        os.chown(mail, self._own.pw_uid, self._own.pw_gid)

    def _keys(self) -> None:
        place = self.folder / "keys" / "default" / "RS256"
        place.mkdir(parents=True)
        public = serialization.PublicFormat.SubjectPublicKeyInfo
        (place / "default").write_bytes(self._key.public_key().public_bytes(serialization.Encoding.PEM, public))
        for name in ("imap-by-token.conf", "oauth2.conf.ext"):
            text = (SHIPPED / name).read_text("utf-8").replace("/etc/dovecot/parley", str(self.folder))
            (self.folder / ("shipped.conf" if name.endswith(".conf") else name)).write_text(text)
        if self._tls:
            _certificate(self.folder)

    # Its life

    def start(self) -> None:
        """Start it, on the port that it had before, and wait until it greets."""
        root = os.geteuid() == 0
        users = "" if root else f"default_login_user = {self._own.pw_name}\ndefault_internal_user = {self._own.pw_name}"
        text = _CONF.format(
            folder=self.folder,
            users=users,
            ssl="yes" if self._tls else "no",
            private="yes" if self._tls else "no",
            password=PASSWORD,
            uid=self._own.pw_uid,
            gid=self._own.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
            more=self._more,
        )
        if not self._tls:
            text = "\n".join(line for line in text.splitlines() if not line.startswith(("ssl_cert", "ssl_key")))
        (self.folder / "dovecot.conf").write_text(text)
        command = [PROGRAM, "-F", "-c", str(self.folder / "dovecot.conf")]
        self._process = subprocess.Popen(command, start_new_session=True)
        until = time.monotonic() + 30
        while not self._greets():
            if time.monotonic() > until or self._process.poll() is not None:
                pytest.fail(f"dovecot does not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def _greets(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            return probe.recv(100).startswith(b"* OK")
        return False

    def kill(self) -> None:
        """Kill it and all that it started, at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def end(self) -> None:
        """Kill it and remove its mail."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Its people

    def token(self, user: str, **changes: object) -> str:
        """Sign a token for somebody, good for an hour."""
        now = int(time.time())
        claims = {"sub": user, "iss": ISSUER, "iat": now - 5, "exp": now + 3600}
        return jwt.encode(claims | changes, self._key, algorithm="RS256")

    @contextlib.contextmanager
    def reader(self, user: str, folder: str = "INBOX"):
        """Open somebody's folder as their mail reader does."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        try:
            client.login(user, PASSWORD)
            if folder != "INBOX" and not client.folder_exists(folder):
                client.create_folder(folder)
            client.select_folder(folder)
            yield client
            client.logout()
        finally:
            with contextlib.suppress(OSError):
                client.shutdown()

    def put(self, user: str, *messages: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Have messages come, in their order, now or at another time."""
        with self.reader(user, folder) as client:
            client.multiappend(folder, [{"msg": one, "date": at} if at else one for one in messages])

    def lies(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Give the messages of a folder, in their order."""
        return [message for message, _ in self.marked(user, folder)]

    def marked(self, user: str, folder: str = "INBOX") -> list[tuple[bytes, set[str]]]:
        """Give the messages of a folder with their marks, less that of what is recent."""
        with self.reader(user, folder) as client:
            told = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "FLAGS"])
            return [
                (told[uid][b"BODY[]"], {flag.decode() for flag in told[uid][b"FLAGS"]} - {"\\Recent"})
                for uid in sorted(told)
                if told[uid].get(b"BODY[]") is not None  # else it was moved away meanwhile
            ]

    def number_anew(self, user: str) -> None:
        """Have a mailbox lose its numbers, as after a restore: other UIDs, another UIDVALIDITY, no keywords."""
        home = self.folder / "mail" / user
        for name in list(home.glob("dovecot*")) + list(home.glob(".*/dovecot*")):
            if name.is_file():
                name.unlink()
        path = home / "dovecot-uidlist"
        path.write_text(f"3 V{int(time.time()) + 1000} N5001 G{secrets.token_hex(16)}\n")
        os.chown(path, self._own.pw_uid, self._own.pw_gid)


def _certificate(folder: Path) -> None:
    """Make a certificate for localhost, signed by itself."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )


def needed() -> None:
    """Skip where there is no Dovecot; under CI that is a failure."""
    if PROGRAM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("dovecot is missing: make servers")
        pytest.skip("dovecot is not installed: make servers")
