"""Forms in which people name, or hide, who sent a message; each a labelled case, through the real SMTP door (I1, I3).

Two promises are tried with every form: a restricted party whose address the border vouches for never passes unflagged,
and nobody is held who shares no candidate address with somebody restricted.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path

from tests.gateway.office import CLERK, PARTY, mail, office

MX = "mx.office.example.org"
NEUTRAL, SOMEBODY_ELSE = "bounce@lists.example.com", "z.other@elsewhere.example"
FILES = sorted(Path(__file__).parent.glob("*.toml"))
FORMS = [(file.stem, form) for file in FILES for form in tomllib.loads(file.read_text("utf-8"))["form"]]
REPEATED = re.compile(r"\$\{(\d+) x ([^}]+)\}")


def octets(form, number: int) -> bytes:
    """Give a form's message: each character of its lines is one octet; the border vouches for the party's domain."""
    party = form.get("party", PARTY).rpartition("@")[2]
    lines = REPEATED.sub(lambda found: found[2] * int(found[1]), "\r\n".join(form["lines"])).encode("latin-1")
    border = (
        f"Authentication-Results: {MX}; dmarc=pass header.from={party}\r\nReceived: from x by {MX}; Mon\r\n".encode()
    )
    rest = mail(number).partition(b"\r\n")[2]  # without its From
    return lines + b"\r\n" + border + rest if form.get("first") else border + lines + b"\r\n" + rest


async def outcome(here, form, number: int) -> str:
    """Send a form as that message, and say what became of it: known, held, marked or passed."""
    reply = await here.post(octets(form, number), CLERK, sender=form.get("mail_from", NEUTRAL))
    assert reply.startswith("250 "), reply
    entry = here.record.read_now(lambda reader: reader.contact(reply.split()[-1]))
    if entry.state.value != "delivered":
        return "known" if entry.party_id else "held"
    said = " ".join(reason.text for reason in entry.reasons)
    return "marked" if "Nobody can say who sent it" in said or "suggests who it may be" in said else "passed"


async def outcomes(folder, restricted) -> dict[str, str]:
    """Send every form to an office in which these addresses are restricted."""
    found = {}
    async with office(folder, mail={"border": MX}) as here:
        for number, address in enumerate(sorted(restricted)):
            here.party({"kind": "file_unanswered"}, emails=[address], name=f"Party {number}")
        for number, (family, form) in enumerate(FORMS):
            found[f"{family}: {form['name']}"] = await outcome(here, form, number)
    return found


def expected() -> dict[str, str]:
    """Give the labels."""
    return {f"{family}: {form['name']}": form["then"] for family, form in FORMS}


async def test_every_form_is_met_as_its_label_says(folder, record_property):
    """The table of forms: known as the party, held for a person, delivered and marked, or a stranger's."""
    labels = expected()
    assert len(labels) == len(FORMS) >= 60
    found = await outcomes(folder, {PARTY} | {form["party"] for _, form in FORMS if "party" in form})
    wrong = {name: (label, found[name]) for name, label in labels.items() if found[name] != label}
    record_property("table", table(found))
    assert not wrong


async def test_nobody_is_held_for_somebody_elses_sake(folder):
    """With another party restricted, none of these is held, but where there is more to read than is read."""
    found = await outcomes(folder, {SOMEBODY_ELSE})
    unread = {
        "parsed: more addresses than are listed",
        "parsed: a thousand brackets",
        "parsed: a thousand brackets, closed",
    }
    assert {name for name, what in found.items() if what not in ("marked", "passed")} <= unread


NAMED = re.compile(
    r"r\.?example(?:\+[^@]*)?@(?:example\.org|gmail\.com|googlemail\.com|outlook\.com|icloud\.com)", re.I
)


def test_labels_keep_the_first_promise():
    """No label lets a form pass that has the party's address, but where nobody would read it as the sender's."""
    harmless = {"a stranger whose display name is the party's address", "Outlook with another dot is another mailbox"}
    harmless |= {
        "a tag where the provider is not known",
        "inside another field, folded",
        "a field whose name ends like it",
    }
    for _, form in FORMS:
        if NAMED.search("".join(form["lines"])) and form["name"] not in harmless:
            assert form["then"] in ("known", "held", "marked"), form["name"]


def table(found: dict[str, str]) -> str:
    """Write forms and what became of them, a family a line, and each form beneath."""
    lines = [f"Forms of naming the sender: {len(found)}"]
    for family in sorted({name.partition(":")[0] for name in found}):
        own = {name.partition(": ")[2]: what for name, what in found.items() if name.startswith(f"{family}:")}
        counts = ", ".join(f"{count} {what}" for what, count in sorted(Counter(own.values()).items()))
        lines += [f"  {family} ({counts})", *(f"    {what:7} {name}" for name, what in own.items())]
    return "\n".join(lines)
