"""What must reach a person at the command line: `parley check` and `replay` show it, `policy` reads an office's own."""

from __future__ import annotations

import json

import pytest

SENDER, CLERK, AT = "r.example@example.org", "clerk@office.example.org", "2026-03-09T10:00"
DESPAIR = "I am going to end my life."
BLOCKED = f"""[[party]]
name = "R. Example"
emails = ["{SENDER}"]
[[party.restriction]]
reason = "x"
ground = "persistent_contact"
approved_by = "Head of Casework"
notified = true
starts = 2026-03-04
ends = 2026-09-04
measures = [{{ kind = "block" }}]
"""


@pytest.fixture
def blocked(tmp_path):
    """A party whose mail is refused, as a file that can be brought in or tried."""
    path = tmp_path / "office.toml"
    path.write_text(BLOCKED)
    return path


def message(number, subject, text):
    """Write a message of the past."""
    return (
        f"From: {SENDER}\nTo: {CLERK}\nSubject: {subject}\nMessage-ID: <{number}@example.org>\n"
        f"Date: Mon, 9 Mar 2026 10:0{number}:00 +0000\n\n{text}\n"
    )


def test_check_says_what_is_recognised_and_by_which_words(parley, office, blocked):
    """By what it says or by its subject; without either the message would be refused."""
    parley("import", str(blocked))
    asked = ("check", SENDER, "--to", CLERK, "--at", AT)
    shown = " ".join(parley(*asked, "--says", DESPAIR).out.split())
    assert "would be filed, out of the inbox, for a person to look at" in shown
    assert "Recognised: risk to life: self-harm, by the words 'end my life'." in shown
    assert "The sender is told, once: You can talk to the Samaritans" in shown
    found = json.loads(parley(*asked, "--subject", "Subject access request", "--json").out)
    assert (found["outcome"], found["safeguards"]) == ("file", ["legal clock: a person's own data"])
    plain = json.loads(parley(*asked, "--says", "Good morning", "--json").out)
    assert (plain["outcome"], "safeguards" in plain) == ("refuse", False)


def test_replay_shows_it(parley, blocked, tmp_path):
    """Each object names it, and people are told how many there are; a stranger's mail is not read."""
    folder = tmp_path / "past"
    folder.mkdir()
    for number, (subject, text) in enumerate(
        [("One", DESPAIR), ("I appeal against the ban", "See above."), ("3", "Hi")]
    ):
        (folder / f"{number}.eml").write_text(message(number, subject, text))
    stranger = message(9, "Four", DESPAIR).replace(SENDER, "s.sample@example.org")
    (folder / "9.eml").write_text(stranger)
    said = parley("replay", str(folder), "--restrictions", str(blocked), "--json")
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["outcome"], one.get("safeguards")) for one in found] == [
        ("file", ["risk to life: self-harm"]),
        ("file", ["appeal: against the restriction"]),
        ("refuse", None),
        ("deliver", None),
    ]
    assert "2 contacts that must reach a person, by their words" in said.err


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (
            "[safeguards.add]\nappeal = ['let <visitors> in']",
            "safeguards.add.appeal: the phrase 'let <visitors> in' names the",
        ),
        ("[safeguards.remove]\nappeal = ['open the door']", "safeguards.remove.appeal: 'open the door' stands in no"),
        ("[safeguards]\nlanguages = []", "safeguards.languages"),
        ("[safeguards.look_by]\nappeal = 21", "safeguards.look_by.appeal"),
    ],
    ids=["not understood", "stands nowhere", "no list", "too late"],
)
def test_a_policy_whose_lists_cannot_be_used_is_refused(parley, office, part, sentence):
    """By `policy check`, and at the start of an office that names it."""
    policy = office.state / "ours.toml"
    shipped = parley("policy", "show", "--toml", "default").out
    before, _, rest = shipped.partition("[safeguards]")
    policy.write_text(f"{before}{part}\n[retention]{rest.partition('[retention]')[2]}")
    said = parley("policy", "check", str(policy))
    assert (said.code, sentence in " ".join(said.err.split())) == (2, True)
    settings = office.state / "parley.toml"
    settings.write_text(settings.read_text().replace("[office]", '[office]\npolicy = "ours.toml"', 1))
    started = parley("contacts")
    assert (started.code, sentence in " ".join(started.err.split())) == (78, True)


def test_an_offices_own_words(parley, office, blocked):
    """What it adds is recognised from then on, what it takes out is not."""
    shipped = parley("policy", "show", "--toml", "default").out
    own = "[safeguards.add]\nappeal = ['open sesame']\n[safeguards.remove]\nlegal_clock = ['subject access']\n"
    (office.state / "ours.toml").write_text(shipped.replace("[retention]", f"{own}\n[retention]", 1))
    settings = office.state / "parley.toml"
    settings.write_text(settings.read_text().replace("[office]", '[office]\npolicy = "ours.toml"', 1))
    parley("import", str(blocked))
    asked = ("check", SENDER, "--to", CLERK, "--at", AT, "--json", "--says")
    assert json.loads(parley(*asked, "Open sesame!").out)["safeguards"] == ["appeal"]
    assert json.loads(parley(*asked, "It is about subject access.").out)["outcome"] == "refuse"
