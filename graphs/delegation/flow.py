"""“Delegate my approvals to ben until Friday”: given, listed and ended in words. No graph: each has one step."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.channel import Delivery
from conversation.codec import JsonObject
from conversation.directory import Directory
from conversation.errors import NotAllowed, PersonError, QuilluxError, TooMuch
from conversation.gates import Decision, Gate
from conversation.gates.clock import read, written
from conversation.gates.deciding import REASON_LIMIT
from conversation.gates.delegation import Delegation, Delegations
from conversation.principal import Principal
from conversation.run import Answered, Outcome, Report, Run
from graphs.delegation import cards
from graphs.delegation.period import end_of
from graphs.delegation.words import End, Give, Said, said

log = logging.getLogger(__name__)

HOW = "Say “delegate my approvals to Ben until Friday because I am away”."


@dataclass(frozen=True, slots=True)
class Office:
    """What delegating needs of the world. `now` gives an ISO time in UTC; days are those of `zone`."""

    delegations: Delegations
    directory: Directory
    delivery: Delivery
    now: Callable[[], str]
    zone: tzinfo
    most_days: int = 90


class DelegationFlow:
    """`conversation.run.Flow` for who decides in whose place. A run gives at most one delegation, of its own id."""

    name = "delegation"

    def __init__(self, office: Office) -> None:
        self._office = office

    def handles(self, activity: Message | CardAction) -> float:
        """These very words, and its own buttons."""
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb.startswith("delegation.") else 0.0
        return 0.0 if said(activity.text) is None else 0.95

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """Give, end or list. Raises PersonError for a person or an end that can't be."""
        words = said(run.text)
        if isinstance(activity, CardAction):
            return Answered(await self._pressed(run, activity, words), memory)
        match words:
            case Give():
                return Answered(await self._give(run, words), memory)
            case End():
                return Answered(await self._end(run, words), memory)
            case _:
                return Answered(await self._listed(run), memory)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """This flow opens no gate, so there is nothing to go on with."""
        raise NotAllowed("Nothing here waits for a decision.")

    async def _pressed(self, run: Run, press: CardAction, words: Said | None) -> Card:
        who, office = run.asked_by, self._office
        if press.verb == "delegation.give" and isinstance(words, Give):
            if press.payload.get("giver") != who.id:
                raise NotAllowed("Somebody else was asked this.", next_step=HOW)
            to = await office.directory.person(who.tenant, str(press.payload.get("to", "")))
            return await self._give(run, words, to)
        if press.verb != "delegation.end":
            raise PersonError("This button is not known any more.", next_step=HOW)
        named = str(press.payload.get("delegation", ""))
        found = [one for one in await office.delegations.of(who.tenant, who.id) if one.id == named]
        if not found:
            raise NotAllowed("This delegation is not known.", next_step="Ask “who decides for me?”.")
        return await self._over(run, found)

    async def _give(self, run: Run, words: Give, chosen: Principal | None = None) -> Card:
        who, office = run.asked_by, self._office
        people = [chosen] if chosen else list(await office.directory.named(who.tenant, words.to))
        if len(people) > 1:
            return cards.which(words.to, people, who, run.id)
        if not people:
            raise PersonError(
                f"I know nobody called “{words.to[:80]}”.",
                next_step="Say their id or their name as I show it; they have to have spoken with me once.",
            )
        to = people[0]
        if to.id == who.id:
            raise PersonError("You decide in your own place anyway.", next_step=HOW)
        one = await office.delegations.give(self._made(run, words, to), channel=run.where.channel)
        for before in await office.delegations.of(who.tenant, who.id, one.since):
            if (before.giver, before.to) == (who.id, to.id) and before.id != one.id:
                await self._end_one(before, who, run)
        told = await self._tell(to, cards.received(one, who, office.zone), f"delegation:{one.id}")
        return cards.given(one, to, told, office.zone, run.id)

    def _made(self, run: Run, words: Give, to: Principal) -> Delegation:
        since = written(read(run.created_at or self._office.now()))
        if not words.until:
            raise PersonError("Until when?", next_step=HOW)
        until = end_of(words.until, read(since), self._office.zone)
        if until is None:
            raise PersonError(
                f"I can't read “{words.until[:80]}” as an end.",
                next_step="Say a day, such as “until Friday” or “until 2026-11-28”, or “for 3 days”.",
            )
        if until <= read(since):
            raise PersonError(f"{cards.day(written(until), self._office.zone)} is over already.", next_step=HOW)
        if until - read(since) > timedelta(days=self._office.most_days + 1):
            raise TooMuch(f"A delegation lasts {self._office.most_days} days at most.", next_step="Say an earlier day.")
        if len(words.reason) > REASON_LIMIT:
            raise TooMuch(f"The reason has more than {REASON_LIMIT:,} characters.", next_step="Shorten it.")
        return Delegation(run.tenant, run.asked_by.id, to.id, since, written(until), words.reason, run.id)

    async def _end(self, run: Run, words: End) -> Card:
        who, office = run.asked_by, self._office
        mine = [one for one in await office.delegations.of(who.tenant, who.id, office.now()) if one.giver == who.id]
        if words.to:
            meant = {person.id for person in await office.directory.named(who.tenant, words.to)}
            mine = [one for one in mine if one.to in meant]
        return await self._over(run, mine)

    async def _over(self, run: Run, found: list[Delegation]) -> Card:
        for one in found:
            await self._end_one(one, run.asked_by, run)
        names = await self._names(run.tenant, found)
        if any(one.to == run.asked_by.id for one in found):
            return cards.declined(names[found[0].giver], run.id)
        return cards.ended([names[one.to] for one in found], run.id)

    async def _end_one(self, one: Delegation, by: Principal, run: Run) -> None:
        """End it, and tell the other of the two."""
        await self._office.delegations.end(
            one.tenant, one.id, by=by.id, at=run.created_at or self._office.now(), channel=run.where.channel
        )
        other = await self._office.directory.person(one.tenant, one.to if by.id == one.giver else one.giver)
        if other is not None:
            names = await self._names(one.tenant, [one])
            await self._tell(other, cards.over(one, by, names[one.giver]), f"delegation:{one.id}:end")

    async def _listed(self, run: Run) -> Card:
        who, office = run.asked_by, self._office
        found = list(await office.delegations.of(who.tenant, who.id, office.now()))
        return cards.listed(who, found, await self._names(who.tenant, found), office.zone, run.id)

    async def _names(self, tenant: str, found: list[Delegation]) -> dict[str, str]:
        ids = {id for one in found for id in (one.giver, one.to)}
        people = {id: await self._office.directory.person(tenant, id) for id in ids}
        return {id: person.name if person else id for id, person in people.items()}

    async def _tell(self, who: Principal, card: Card, key: str) -> bool:
        """Tell somebody where they can be reached alone; False where they can't be."""
        told = False
        for _, where in await self._office.directory.reach(who.tenant, (), users=(who.id,)):
            try:
                await self._office.delivery.show(who.tenant, where, card, key=key)
                told = True
            except QuilluxError as unreachable:
                log.warning("delegation not told", extra={"key": key, "why": str(unreachable)})
        return told
