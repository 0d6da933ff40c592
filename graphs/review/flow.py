"""“What needs review?”: an expert decides what people found wrong, item by item. No graph: each press is whole."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from conversation.activity import CardAction, Message, readable
from conversation.card import Card
from conversation.channel import Delivery
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.gates import Decision, Gate
from conversation.gates.deciding import REASON_LIMIT
from conversation.principal import Principal
from conversation.review import ROLES, ReviewItem, Reviews
from conversation.run import Answered, Outcome, Report, Run
from graphs.asking import asker
from graphs.nlq.desk import Desk
from graphs.review import cards
from graphs.review.changing import Changing
from graphs.review.proposal import Proposal, Proposing, shown
from knowledge.verified import VerifiedQueries

log = logging.getLogger(__name__)

_ASKED = re.compile(
    r"\W*(?:what\s+(?:needs|is (?:there )?to|waits for|is waiting for)\s+(?:a\s+)?review"
    r"|(?:show(?: me)? )?(?:the |my )?review queue)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a review needs of the world. `now` gives an ISO time in UTC."""

    desk: Desk
    reviews: Reviews
    verified: VerifiedQueries
    delivery: Delivery
    now: Callable[[], str]


class ReviewFlow:
    """`conversation.run.Flow` for review items. Presses are looked up; who may decide stands in `Gate.why_not`."""

    name = "review"

    def __init__(self, shelf: Shelf, changing: Changing | None = None) -> None:
        self._shelf = shelf
        self._changing = changing
        self._proposing = Proposing(shelf.desk)

    def handles(self, activity: Message | CardAction) -> float:
        """Only these very words, and its own buttons."""
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb.startswith("review.") else 0.0
        return 0.9 if _ASKED.fullmatch(activity.text) else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """The list, an item, or its decision. Raises NotAllowed for others than experts and admins."""
        who = run.asked_by
        if not set(ROLES) & set(who.roles):
            raise NotAllowed("Answers are reviewed by experts and admins.", next_step="Ask one of them.")
        if isinstance(activity, Message) or activity.verb == "review.list":
            return Answered(cards.waiting(await self._shelf.reviews.all(who.tenant), run.id), memory)
        item = await self._shelf.reviews.get(who.tenant, str(activity.payload.get("item", "")))
        if item is None:
            raise NotAllowed("This item is not known.", next_step="Ask “what needs review?”.")
        return Answered(await self._item(item, activity, run), memory)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """What became of a change of a term, which is the only thing that waits here."""
        if self._changing is None:
            raise NotAllowed("Nothing here waits for a decision.")
        outcome, _ = await self._changing.resume(run, gate, decision)
        return outcome

    async def _item(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        if item.decision is not None and item.decision.activity != press.id:
            return cards.late(item, run.id)
        match press.verb:
            case "review.approve":
                return await self._approve(item, press, run)
            case "review.reject":
                return await self._reject(item, press, run)
            case _:
                return await self._shown(item, run, await self._proposal(item, press, run.asked_by))

    async def _proposal(self, item: ReviewItem, press: CardAction, who: Principal) -> Proposal:
        """What was typed beside the buttons, else what the item proposes; run with this person's rights."""
        typed = {name: readable(str(press.inputs.get(name) or "")) for name in ("question", "sql")}
        return await self._proposing.of(item, who, self._shelf.now(), typed["question"], typed["sql"])

    async def _shown(self, item: ReviewItem, run: Run, proposal: Proposal, note: str = "") -> Card:
        complaints = await self._shelf.reviews.complaints(item.tenant, item.id)
        catalog = await self._shelf.desk.engine.catalog(asker(run.asked_by))
        return cards.item(item, complaints, proposal, shown(item.sql, item.source, catalog), run.id, note)

    async def _approve(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """Accept only what was shown with its rows: anything typed since is shown with its own rows first."""
        proposal = await self._proposal(item, press, run.asked_by)
        self._check(item, run.asked_by, "approve")
        if item.follows and proposal.question == item.question:
            note = "This was asked after another question: say the whole question before you approve."
            return await self._shown(item, run, proposal, note)
        if proposal.pair is None or proposal.digest != press.payload.get("digest"):
            note = "" if proposal.problem else "This is what you changed, with its rows. Approve it if it is right."
            return await self._shown(item, run, proposal, note)
        decided = await self._decide(item, press, run.asked_by, "approve")
        if decided.decision is None or decided.decision.activity != press.id:
            return cards.late(decided, run.id)
        await self._shelf.verified.put(proposal.pair)
        told = await self._tell(decided, decided.decision, proposal.question)
        return cards.approved(proposal, run.asked_by.name, told, run.id)

    async def _reject(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        self._check(item, run.asked_by, "reject")
        if not readable(str(press.inputs.get("reason") or "")):
            proposal = await self._proposal(item, press, run.asked_by)
            return await self._shown(item, run, proposal, "Say why you reject it: whoever asked reads the reason.")
        decided = await self._decide(item, press, run.asked_by, "reject")
        if decided.decision is None or decided.decision.activity != press.id:
            return cards.late(decided, run.id)
        told = await self._tell(decided, decided.decision, "")
        return cards.rejected(decided, decided.decision, told, run.id)

    def _check(self, item: ReviewItem, who: Principal, verdict: str) -> None:
        gate = item.gate(self._shelf.desk.approval.self_approval)
        why_not = gate.why_not(who, "approve" if verdict == "approve" else "reject")
        if why_not:
            raise NotAllowed(why_not, unchanged="The item is still open.")

    async def _decide(self, item: ReviewItem, press: CardAction, who: Principal, verdict: str) -> ReviewItem:
        reason = readable(str(press.inputs.get("reason") or ""))
        if len(reason) > REASON_LIMIT:
            raise PersonError(
                f"The reason has {len(reason):,} characters; up to {REASON_LIMIT:,} are kept.",
                unchanged="The item is still open.",
                next_step="Shorten it and decide again.",
            )
        decision = Decision(
            "approve" if verdict == "approve" else "reject", who, reason, {}, press.id, self._shelf.now()
        )
        return await self._shelf.reviews.decide(item.tenant, item.id, decision) or item

    async def _tell(self, item: ReviewItem, decision: Decision, question: str) -> int:
        """Tell everybody who complained; how many could be reached. One who can't be keeps nobody else from it."""
        told = 0
        for said in await self._shelf.reviews.complaints(item.tenant, item.id):
            if said.who.id == decision.by.id:
                continue
            card = cards.told(item, decision, question)
            key = f"review:{item.id}:{said.who.id}"
            try:
                await self._shelf.delivery.show(item.tenant, said.where, card, key=key, only_for=said.user)
                told += 1
            except QuilluxError as unreachable:
                log.warning("review not told", extra={"item": item.id, "why": str(unreachable)})
        return told
