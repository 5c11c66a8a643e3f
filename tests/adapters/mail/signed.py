"""Signed messages: keys made once for a test's process, dkimpy's own signing, and the records that go with it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

import dkim
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SELECTOR = "s1"


@cache
def _key(bits: int) -> tuple[bytes, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, base64.b64encode(public).decode("ascii")


def record(bits: int = 1024) -> list[str]:
    """Give the TXT record of the key, as a zone has it."""
    text = f"v=DKIM1; k=rsa; p={_key(bits)[1]}"
    return [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))]


def zone(domain: str = "example.org", bits: int = 1024) -> dict[tuple[str, str], list[str]]:
    """Give a zone in which a domain publishes the key."""
    return {(f"{SELECTOR}._domainkey.{domain}", "TXT"): record(bits)}


def sign_subject(raw: bytes, domain: str = "example.org") -> bytes:
    """Sign the subject of a message and not its author, which dkimpy declines to do; both forms relaxed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    subject = next(line for line in head.split(b"\r\n") if line.startswith(b"Subject: ")).partition(b": ")[2]
    digest = base64.b64encode(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()).decode("ascii")
    tags = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={SELECTOR}; h=subject; bh={digest}; b="
    covered = b"subject:" + subject + b"\r\ndkim-signature:" + tags.encode()
    signature = load_pem_private_key(_key(1024)[0], None).sign(covered, padding.PKCS1v15(), hashes.SHA256())
    return f"DKIM-Signature: {tags}{base64.b64encode(signature).decode('ascii')}\r\n".encode() + raw


def sign(raw: bytes, domain: str = "example.org", *, bits: int = 1024, **more) -> bytes:
    """Sign a message for a domain."""
    options = {"canonicalize": (b"relaxed", b"relaxed")} | more
    return dkim.sign(raw, SELECTOR.encode(), domain.encode(), _key(bits)[0], **options) + raw
