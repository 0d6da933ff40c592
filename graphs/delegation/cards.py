"""The cards of delegations: given, ended, who decides for whom, and what the other person is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from conversation.card import Button, Card, Element, Facts, Text
from conversation.gates.clock import read
from conversation.gates.delegation import Delegation
from conversation.principal import Principal

SHOWN = 10
LIMITS = "Nobody can approve their own request this way, and it can't be handed on."


def given(one: Delegation, to: Principal, told: bool, zone: tzinfo, run: str) -> Card:
    """What the giver sees."""
    body: list[Element] = [
        Text(f"{to.name} decides in your place until {day(one.until, zone)}", "title"),
        Text(f"You can still decide yourself; whoever is first decides. {LIMITS}"),
    ]
    if one.reason:
        body.append(Facts((("Reason", one.reason),)))
    if not told:
        body.append(Text(f"{to.name} could not be told: tell them yourself.", "warning"))
    return Card(tuple(body), (_end(one, to.name, run),), run=run)


def received(one: Delegation, giver: Principal, zone: tzinfo) -> Card:
    """What whoever decides from now on is told."""
    body: list[Element] = [
        Text(f"{giver.name} asked you to decide in their place", "heading"),
        Text(f"Until {day(one.until, zone)} you may give the decisions that {giver.name} may give. {LIMITS}"),
    ]
    if one.reason:
        body.append(Facts((("Reason", one.reason),)))
    return Card(tuple(body), (Button("What waits for me?", "ask", {"text": "what waits for me?"}),))


def ended(names: Sequence[str], run: str) -> Card:
    """What was ended, for whoever ended it."""
    if not names:
        return Card((Text("Nobody decides in your place, so there was nothing to end.", "muted"),), run=run)
    who = " and ".join(names)
    return Card((Text(f"{who} no longer decide{'s' if len(names) == 1 else ''} in your place.", "good"),), run=run)


def declined(name: str, run: str) -> Card:
    """What was ended, for whoever was asked to decide."""
    return Card((Text(f"You no longer decide in the place of {name}.", "good"),), run=run)


def over(one: Delegation, by: Principal, giver: str) -> Card:
    """What the other of the two is told when `by` ends it; `giver` is the name of whoever gave it."""
    if by.id == one.to:
        return Card((Text(f"{by.name} ended it and no longer decides in your place.", "muted"),))
    return Card((Text(f"{by.name} ended it: you no longer decide in the place of {giver}.", "muted"),))


def listed(who: Principal, found: Sequence[Delegation], names: Mapping[str, str], zone: tzinfo, run: str) -> Card:
    """Who decides for this person, and for whom they decide."""
    mine = [one for one in found if one.giver == who.id][:SHOWN]
    theirs = [one for one in found if one.to == who.id][:SHOWN]
    body: list[Element] = []
    if mine:
        facts = tuple((names[one.to], _period(one, zone)) for one in mine)
        body += [Text("These decide in your place", "heading"), Facts(facts)]
    else:
        body.append(Text("Nobody decides in your place."))
    if theirs:
        facts = tuple((names[one.giver], _period(one, zone)) for one in theirs)
        body += [Text("You decide in the place of", "heading"), Facts(facts)]
    if not mine:
        body.append(Text("“Delegate my approvals to Ben until Friday because I am away” lets somebody.", "muted"))
    buttons = tuple(_end(one, names[one.to], run) for one in mine[:3])
    return Card(tuple(body), alternatives=buttons, run=run)


def which(words: str, people: Sequence[Principal], giver: Principal, run: str) -> Card:
    """Asks who is meant."""
    buttons = tuple(
        Button(f"{who.name} ({who.id})", "delegation.give", {"run": run, "to": who.id, "giver": giver.id})
        for who in people[:5]
    )
    return Card((Text(f"Who is “{words[:80]}”?", "heading"),), alternatives=buttons, run=run)


def day(at: str, zone: tzinfo) -> str:
    """An end for people: “Friday, 27 November 2026” where the day counts in full, otherwise with its time."""
    local = read(at).astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return _date(local - timedelta(days=1))
    return f"{_date(local)}, {local:%H:%M} {local:%Z}"


def _date(local: datetime) -> str:
    return f"{local:%A}, {local.day} {local:%B %Y}"


def _period(one: Delegation, zone: tzinfo) -> str:
    return f"until {day(one.until, zone)}" + (f": {one.reason}" if one.reason else "")


def _end(one: Delegation, name: str, run: str) -> Button:
    return Button(f"End it for {name}", "delegation.end", {"run": run, "delegation": one.id})
