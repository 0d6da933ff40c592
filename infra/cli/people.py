"""`quillux token` and `quillux password`: what people sign in with."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, fail, say, settings

if TYPE_CHECKING:
    from infra.settings import Person, Settings

LEAST = 8
"""Characters of a password."""


def token(
    person: Annotated[str, typer.Argument(help="Id of a person of the settings file, for whom the token speaks.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it ends.")] = 30,
    anybody: Annotated[
        bool, typer.Option("--anybody", help="Also for somebody whom the settings do not name (open access).")
    ] = False,
) -> None:
    """Make an API token for a person: `Authorization: Bearer ...`. Only the token goes to standard output."""
    configured = settings()
    known = {someone.id: someone for someone in configured.people or _demo_people(configured)}
    if person not in known and not (anybody and configured.open_access):
        fail(
            Exit.REFUSED,
            f"The settings name no person {person!r}.",
            "No token was made.",
            f"Add a [[people]] block with id = {person!r}, or use --anybody where open_access is on.",
        )
    from infra.identity.tokens import issue, signing_secret

    name = known[person].name if person in known else person
    print(issue(signing_secret(configured), configured.tenant, person, name or person, days))
    roles = ", ".join(known[person].roles) if person in known else "member"
    say(f"For {name or person} ({roles}), good for {days} days. It can't be shown again.")
    say("Whoever holds it asks as this person. Changing web.secret ends every token.")


def _demo_people(configured: "Settings") -> "tuple[Person, ...]":
    """The people of `quillux run --demo`, where it ran with these settings."""
    from infra import demo

    return demo.people() if demo.made(configured.data) else ()


def password(
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the password from standard input.")] = False,
) -> None:
    """Make the hash of a password, for `password` in a [[people]] block."""
    from infra.identity.passwords import hash_password

    typed = sys.stdin.readline().rstrip("\n") if stdin else typer.prompt("Password", hide_input=True, err=True)
    if len(typed) < LEAST:
        fail(Exit.USAGE, f"A password has {LEAST} characters or more.", "No hash was made.")
    if not stdin and typer.prompt("Again", hide_input=True, err=True) != typed:
        fail(Exit.USAGE, "The two passwords differ.", "No hash was made.")
    print(hash_password(typed))
