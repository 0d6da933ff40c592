"""`quillux delegations`: who decides in whose place. They are given in a chat, by whoever hands over their own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import run, say

if TYPE_CHECKING:
    from conversation.gates.delegation import Delegation
    from infra.store.delegations import SqlDelegations

app = typer.Typer(help="Who decides in whose place, and for how long.")


@app.callback(invoke_without_command=True)
def delegations(
    context: typer.Context,
    over: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List who decides in whose place; given in a chat (“delegate my approvals to ben until Friday”)."""
    if context.invoked_subcommand is None:
        _list(over, as_json)


def _list(over: bool, as_json: bool) -> None:
    from infra.cli.terminal import tame

    found = run(_of(over))
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        return
    if not found:
        say("Nobody decides in another's place.")
    for one in found:
        end = f"ended {one.ended_at[:16]}" if one.ended_at else f"until {one.until[:16]}"
        who = f"{tame(one.to)} for {tame(one.giver)}"
        print(f"{tame(one.id)}  {who:<32}  {one.since[:16]}  {end} UTC  {tame(one.reason)[:100]}".rstrip())


@app.command()
def end(
    id: Annotated[str, typer.Argument(help="Id of a delegation (`quillux delegations`).")],
    by: Annotated[str, typer.Option("--by", help="Id of the admin of the settings who ends it.")],
) -> None:
    """End a delegation before its time; the two people see it in “who decides for me?”."""
    ended = run(_end(id, by))
    say(f"{ended.to} no longer decides in the place of {ended.giver}. Tell them: this command can't.")


async def _of(over: bool) -> "list[Delegation]":
    from infra.settings import load
    from infra.store.tables import now

    async with _kept() as kept:
        return list(await kept.of(load().tenant, at="" if over else now()))


async def _end(id: str, by: str) -> "Delegation":
    from conversation.errors import NotAllowed, PersonError
    from infra.settings import load
    from infra.store.tables import now

    configured = load()
    admins = [person.id for person in configured.people if "admin" in person.roles]
    if by not in admins:
        able = f"These are: {', '.join(admins)}." if admins else "Give somebody the role admin in [[people]]."
        raise NotAllowed(f"{by!r} is no admin of the settings.", next_step=able)
    async with _kept() as kept:
        ended = await kept.end(configured.tenant, id, by=by, at=now(), channel="cli")
    if ended is None:
        raise PersonError(f"There is no delegation {id!r}.", next_step="`quillux delegations` shows them.")
    return ended


@asynccontextmanager
async def _kept() -> "AsyncIterator[SqlDelegations]":
    from infra.settings import load
    from infra.stores import open_stores, prepare

    configured = load()
    prepare(configured)
    stores = open_stores(configured)
    try:
        yield stores.delegations
    finally:
        await stores.engine.dispose()
