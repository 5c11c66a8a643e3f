"""Play the conversations of tests/dialogs with the door.

`C:` is a line of the client, `C>` octets with escapes and no line end of their own, `S:` a line that the door must say
(`...` at its end: anything), `hang up` closes the client's side, `closed` wants the door to close, `messages:` counts
what was taken. `# path:` names what the path behind the door can do.
"""

import asyncio
from pathlib import Path

import pytest

from adapters.mail.smtp_commands import Offers
from tests.adapters.mail.door import Client, open_door

DIALOGS = sorted((Path(__file__).resolve().parents[2] / "dialogs").glob("*.smtp"))


def settings_of(lines: list[str]) -> dict[str, int]:
    """Read the `# settings:` line of a dialog, if it has one."""
    words = next((line.partition("settings:")[2] for line in lines if line.startswith("# settings:")), "")
    given = dict(word.split("=") for word in words.split())
    return {"most_message_bytes": 100_000} | {name: int(value) for name, value in given.items()}


def path_of(lines: list[str]) -> Offers:
    """Read the `# path:` line of a dialog: names of what the path behind can do."""
    words = next((line.partition("path:")[2] for line in lines if line.startswith("# path:")), "")
    return Offers(**dict.fromkeys(words.split(), True))


async def play(line: str, client: Client) -> None:
    """Play one line."""
    kind, _, text = line.partition(" ")
    match kind:
        case "C:":
            await client.send(text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
        case "C>":
            await client.send(text.encode().decode("unicode_escape").encode("latin-1"))
        case "S:":
            async with asyncio.timeout(20):
                said = (await client.reader.readline()).decode()
            assert said.endswith("\r\n"), line
            if text.endswith("..."):
                assert said.startswith(text.removesuffix("...")), line
            else:
                assert said == text + "\r\n"
        case "hang":
            client.writer.write_eof()
        case "closed":
            assert await client.closed()


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem.replace("_", " "))
async def test_dialog(path):
    """The door says what the dialog says, and takes as many messages."""
    lines = path.read_text(encoding="utf-8").splitlines()
    async with open_door(**settings_of(lines)) as (door, reception):
        reception.path = path_of(lines)
        await converse(lines, door, reception)


async def converse(lines, door, reception):
    """Say and hear one dialog."""
    async with Client.of(door, hello=False) as client:
        for line in lines:
            if line.startswith("messages:"):
                assert len(reception.messages) == int(line.partition(":")[2])
            elif not line.startswith("#"):
                await play(line, client)


def test_there_are_dialogs():
    """The folder was found."""
    assert len(DIALOGS) >= 15
