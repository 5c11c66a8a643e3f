"""Names inside a Maildir: the directory of an inbox, of a folder, the file of a message.

Belongs here: pure rendering. Different names never meet in one directory or file, and none leaves its place.
"""

from __future__ import annotations

import base64
import hashlib
import re

_LONGEST = 180
_UNSAFE = re.compile(rb"[^A-Za-z0-9@._+=-]|^\.")
_PRINTABLE_RUN = re.compile(r"([ -~]*)([^ -~]*)", re.DOTALL)
_CODED = re.compile("&([A-Za-z0-9+,]*)-")


def inbox_directory(inbox: str) -> str:
    """Give the directory of an inbox, which is named by its address; raises ValueError where it has no name."""
    return _encoded(inbox)


def message_file(name: str) -> str:
    """Give the file of a message, flags left out; raises ValueError where it has no name."""
    return _encoded(name)


def folder_directory(folder: str) -> str:
    """Give the Maildir++ directory of a folder, `` for the inbox itself; `.` parts a folder from one inside it.

    Raises ValueError for a name that could leave the mailbox: a separator, a control character, an empty part.
    """
    if not folder:
        return ""
    if re.search(r"[/\\\x00-\x1f\x7f]", folder) or not all(folder.split(".")):
        raise ValueError("a folder has neither separators nor empty parts in its name")
    return "." + modified_utf7(folder)


def modified_utf7(text: str) -> str:
    """Encode a folder's name as IMAP does (RFC 3501 5.1.3)."""
    parts = []
    for plain, other in _PRINTABLE_RUN.findall(text):
        parts.append(plain.replace("&", "&-"))
        if other:
            coded = base64.b64encode(other.encode("utf-16-be")).decode("ascii").rstrip("=")
            parts.append(f"&{coded.replace('/', ',')}-")
    return "".join(parts)


def folder_name(directory: str) -> str:
    """Give the name of a folder from its directory, as `folder_directory` was given it; others' nonsense as it is."""
    try:
        return _CODED.sub(_decoded, directory.removeprefix("."))
    except ValueError:
        return directory.removeprefix(".")


def _decoded(found: re.Match[str]) -> str:
    coded = found[1].replace(",", "/")
    return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-16-be") if coded else "&"


def _encoded(name: str) -> str:
    """Percent-encode all but letters, digits and a few signs; a digest stands for the end of what grows too long."""
    if not name:
        raise ValueError("a mailbox and a message have a name")
    octets = name.encode("utf-8", "surrogateescape")
    safe = _UNSAFE.sub(lambda found: b"%%%02X" % found[0][0], octets).decode("ascii")
    if len(safe) <= _LONGEST:
        return safe
    # `%-` is no percent code, so that no short name can be equal to it.
    return f"{safe[: _LONGEST - 70].rsplit('%', 1)[0]}%-{hashlib.sha256(octets).hexdigest()}"
