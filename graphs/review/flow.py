"""“What needs review?”: an expert decides what is wrong or missing, item by item. No graph: each press is whole."""

import re
from collections.abc import Awaitable, Callable, Mapping

from conversation.activity import CardAction, Message
from conversation.card import Card, Text
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Decision, Gate
from conversation.principal import Principal
from conversation.review import ROLES, ReviewItem
from conversation.run import Answered, Outcome, Report, Run, Standing
from graphs.review import cards, effect_cards
from graphs.review.changing import TARGET, term_of
from graphs.review.editing import Editing
from graphs.review.looking import Looking, topic
from graphs.review.passing import Passing
from graphs.review.settling import Settling
from graphs.review.shelf import Shelf

_ASKED = re.compile(
    r"\W*(?:what\s+(?:needs|is (?:there )?to|waits for|is waiting for)\s+(?:a\s+)?review"
    r"|(?:show(?: me)? )?(?:the |my )?review queue)\W*",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\W*review\s+(?:item\s+)?(?P<item>[0-9a-f]{16}-\d{1,6})\W*", re.IGNORECASE)
_EFFECT = re.compile(r"\W*(?:show (?:me )?)?(?:the )?effect of changing (?P<term>[\w .-]{1,200}?)\W*", re.IGNORECASE)

LIST = "review"
"""The topic of a list: it leaves the topic of the item that its card showed before."""

Handled = Callable[[ReviewItem, CardAction, Run], Awaitable[Outcome | Card]]


class ReviewFlow:
    """`conversation.run.Flow` for review items and changes of terms. Presses are looked up, never believed."""

    name = "review"

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._looking = Looking(shelf)
        self._editing = Editing(shelf)
        self._settling = Settling(shelf, self._looking, self._editing)
        self._passing = Passing(shelf, self._looking)
        self._presses: Mapping[str, Handled] = {
            "review.approve": self._settling.approve,
            "review.reject": self._settling.reject,
            "review.alike": self._settling.alike,
            "review.meaning": self._editing.form,
            "review.effect": self._editing.effect,
            "review.propose": self._editing.propose,
            "review.ask": self._passing.ask,
            "review.assign": self._passing.assign,
        }

    def handles(self, activity: Message | CardAction) -> float:
        """Only these very words, and its own buttons."""
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb.startswith("review.") else 0.0
        own = _ASKED.fullmatch(activity.text) or _ITEM.fullmatch(activity.text) or _EFFECT.fullmatch(activity.text)
        return 0.9 if own else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """The list, an item, or its decision. Raises NotAllowed for somebody who may not do that."""
        if isinstance(activity, Message):
            return await self._said(run, activity.text, memory, report)
        if activity.verb == "review.answer":
            return Answered(await self._passing.answer(await self._item(run, activity), activity, run), memory)
        if activity.verb == "review.again":
            return await self._editing.again(activity, run)
        if activity.verb == "review.list":
            return Answered(await self._list(run), memory, topic=LIST)
        if activity.verb == "review.batch":
            return Answered(await self._settling.batch(activity, run), memory, topic=LIST)
        item = await self._item(run, activity)
        self._permit(run.asked_by, item)
        return await self._pressed(item, activity, run, memory)

    async def _pressed(self, item: ReviewItem, press: CardAction, run: Run, memory: JsonObject) -> Outcome:
        if item.decision is not None and item.decision.activity != press.id:
            return Answered(cards.late(item, run.id), memory, topic=topic(item))
        handle = self._presses.get(press.verb, self._looking.opened)
        made = await handle(item, press, run)
        return Answered(made, memory, topic=topic(item)) if isinstance(made, Card) else made

    async def _said(self, run: Run, text: str, memory: JsonObject, report: Report) -> Outcome:
        if (found := _EFFECT.fullmatch(text)) is not None:
            return Answered(await self._effect(run, found["term"], report), memory)
        if (found := _ITEM.fullmatch(text)) is not None:
            item = await self._known(run.tenant, found["item"].lower())
            self._permit(run.asked_by, item)
            if item.decision is not None:
                return Answered(cards.late(item, run.id), memory, topic=topic(item))
            return Answered(await self._looking.shown(item, run), memory, topic=topic(item))
        return Answered(await self._list(run), memory)

    async def _list(self, run: Run) -> Card:
        """What waits for this person: their own first."""
        who = run.asked_by
        items = list(await self._shelf.reviews.all(who.tenant))
        if not set(ROLES) & set(who.roles):
            items = [item for item in items if item.belongs_to(who)]
            if not items:
                raise NotAllowed("Answers are reviewed by experts and admins.", next_step="Ask one of them.")
        items.sort(key=lambda item: not item.belongs_to(who))
        return cards.waiting(items, run.id)

    async def _item(self, run: Run, press: CardAction) -> ReviewItem:
        return await self._known(run.tenant, str(press.payload.get("item", "")))

    async def _known(self, tenant: str, id: str) -> ReviewItem:
        item = await self._shelf.reviews.get(tenant, id)
        if item is None:
            raise NotAllowed("This item is not known.", next_step="Ask “what needs review?”.")
        return item

    def _permit(self, who: Principal, item: ReviewItem) -> None:
        if not set(ROLES) & set(who.roles) and not item.belongs_to(who):
            raise NotAllowed("Answers are reviewed by experts and admins.", next_step="Ask one of them.")

    async def _effect(self, run: Run, named: str, report: Report) -> Card:
        """What an open change of this word does to past answers, with the rights of whoever asks."""
        who = run.asked_by
        for gate in await self._shelf.changing.open_gates(who.tenant):
            after = term_of(gate)
            if named.strip().lower() in (after.id, after.name.lower(), gate.target.removeprefix(TARGET)):
                if gate.why_not(who, "approve") and gate.asked_by.id != who.id:
                    continue
                report("Reading past questions again")
                found = await self._shelf.effects.of(await self._shelf.changing.base(gate), after, who)
                body = (Text(gate.title, "title"), *effect_cards.effect(found))
                return Card(body, run=run.id, private=True)
        raise PersonError(f"No change of “{named[:80]}” waits for you.", next_step="Look at your approvals.")

    async def standing(self, gate: Gate) -> Standing:
        """The rules on risk, and the version of the term that the gate would change."""
        return await self._shelf.changing.standing(gate)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """Make a change of a term that was approved, and settle what it was made for."""
        outcome, term = await self._shelf.changing.resume(run, gate, decision)
        await self._settling.changed(gate, decision, term)
        return outcome
