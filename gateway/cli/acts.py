"""`parley act`: what people do about a party, one act at a time; the acts come from their catalogue."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer
from pydantic import ValidationError

from gateway.build_desk import casework_of
from gateway.casework.desk import Done, NoSuchParty, Stale
from gateway.casework.forms import act_of, form_of, schema_of
from gateway.casework.outline import paper
from gateway.casework.register import Register
from gateway.cli.fields import BadField, read, written
from gateway.cli.office import app, print_json, record_of, refuse, settings_of, who
from gateway.cli.screen import escaped
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.people import at_keyboard
from rules.casework.acts.act import Act
from rules.casework.catalogue import ACTS
from rules.casework.file import CaseFile
from rules.casework.refused import Refused
from rules.policies import Policy
from rules.sentences import each

_HELP = (
    "Do ACT about PARTY (its number, its name, or an address or number of it).\n\n"
    "Without arguments: list the acts. With ACT alone: its fields. Fields are field=value; lists are a,b or given "
    'again or ["a", "b"]; measures are measures=\'[{kind="block", channels=["call"]}]\' or measures=@FILE with '
    "measures = [...] in it; reason=@FILE takes the words of a file.\n\n"
    "You act under the name and with the roles that \\[\\[people]] in parley.toml has for your login name. Where it "
    "names nobody, everybody at the keyboard has every role of the policy: an office on one machine.\n\n"
    "What the policy does not allow ends with 2, its clause and the way that is open; 75 means that somebody else has "
    "changed the file since the version you gave."
)


@app.command("act", help=_HELP)
def _act(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="ACT", help="The act.", show_default=False)] = None,
    party: Annotated[str | None, typer.Argument(metavar="PARTY", help="The party.", show_default=False)] = None,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="Its fields.", show_default=False)
    ] = None,
    version: Annotated[int | None, typer.Option(min=1, help="The version of the file that you decided on.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object, for a program.")] = False,
) -> None:
    settings = settings_of(context)
    if name is None:
        _list(settings.policy, as_json)
        return
    kind = ACTS.get(name)
    if kind is None:
        refuse(f"There is no act {escaped(repr(name))}; `parley act` lists them.")
    if party is None:
        _describe(kind, settings.policy)
        return
    done, file = _do(settings, party, _meant(kind, fields or []), version)
    _say(done, file, settings.policy, as_json)


def _meant(kind: type[Act], typed: list[str]) -> Act:
    form = form_of(kind)
    try:
        return act_of(kind, form.model_validate(read(form, typed)))
    except BadField as bad:
        refuse(escaped(str(bad)))
    except ValidationError as bad:
        sentences = "\n".join(escaped(f"{one}.") for one in each(bad))
        refuse(f"{sentences}\n`parley act {kind.name}` says what it takes.")


def _do(settings: Settings, party: str, act: Act, version: int | None) -> tuple[Done, CaseFile]:
    """Do it; gives what was done, and the file as it is then: what is enforced changes its version once more."""
    with record_of(settings) as record:
        register = Register(record, settings, utc_now)
        try:
            number = register.found(party)
            by = at_keyboard(settings, who())
            done = casework_of(settings, record).do_now(number, act, by, version=version)
            return done, register.file(number)
        except Refused as refused:
            clause = f"Clause: {refused.clause}" if refused.clause else ""
            refuse("\n".join(escaped(line) for line in (refused.why, refused.way, clause) if line))
        except NoSuchParty as none:
            refuse(escaped(str(none.args[0])))
        except Stale as stale:
            refuse(str(stale), 75)


def _say(done: Done, file: CaseFile, policy: Policy, as_json: bool) -> None:
    now = done.paper.at
    stage = done.shelf.stage(now).value
    if as_json:
        data = {"paper": paper(done.paper, policy.zone), "party": done.file.party.id, "version": file.version}
        print_json(data | {"stage": stage})
        return
    typer.echo(f"Done: {done.paper.act.name.replace('_', ' ')}, paper {done.paper.id}.")
    name = escaped(done.file.party.name)
    typer.echo(f"{name} (party {done.file.party.id}) is at stage {stage}, version {file.version}.")
    act = done.paper.act
    for about in (getattr(act, "restriction", ""), getattr(act, "about", ""), done.paper.id):
        found = done.shelf.restrictions.get(about)
        if found is None:
            continue
        typer.echo(f"Restriction {found.id} is {found.state(now).value.replace('_', ' ')}.")


def _list(policy: Policy, as_json: bool) -> None:
    if as_json:
        for act in ACTS.values():
            print_json({"name": act.name, "words": act.staff_words, "fields": schema_of(act)})
        return
    for act in ACTS.values():
        typer.echo(act.name)
        typer.echo(_wrapped(f"{act.staff_words} {_rights(act, policy)}"))


def _describe(act: type[Act], policy: Policy) -> None:
    typer.echo(f"parley act {act.name} PARTY field=value ...")
    typer.echo(_wrapped(f"{act.staff_words} {_rights(act, policy)}"))
    schema = form_of(act).model_json_schema()
    must = schema.get("required", [])
    for name, shape in schema.get("properties", {}).items():
        typer.echo(f"  {name}{' (must be given)' if name in must else ''}: {written(shape, schema)}")
        if shape.get("description"):
            typer.echo(_wrapped(shape["description"], "      "))


def _rights(act: type[Act], policy: Policy) -> str:
    roles = sorted(policy.roles.get(role, role) for role in policy.may(act.name))
    clause = f" ({policy.clause(act.name)})" if policy.clause(act.name) else ""
    return f"{' or '.join(roles) or 'Any colleague'}{clause}."


def _wrapped(text: str, indent: str = "    ") -> str:
    return textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent)
