"""Buttons that every answer has: stop, details, CSV, feedback."""

from dataclasses import replace

from conversation import notices
from conversation.activity import CardAction, readable
from conversation.card import Card, File, Table, Text, elements
from conversation.channel import Delivery
from conversation.errors import NotAllowed, PersonError
from conversation.feedback import Feedback
from conversation.gates.deciding import REASON_LIMIT, Deciding
from conversation.principal import ConversationRef, Principal
from conversation.review import CORRECTION_LIMIT, REASONS, Complaint, Complaints
from conversation.run import Run, Runs


class Presses:
    """Handles presses of `run.*` buttons. What the payload says is looked up, never believed."""

    def __init__(
        self,
        runs: Runs,
        delivery: Delivery,
        feedback: Feedback,
        deciding: Deciding,
        complaints: Complaints | None = None,
    ) -> None:
        self._runs = runs
        self._delivery = delivery
        self._feedback = feedback
        self._deciding = deciding
        self._complaints = complaints

    async def known_run(self, action: CardAction, who: Principal) -> Run:
        """The run that a button names, if this person may see it: their own, or one of the place that they press in.

        Whoever may decide what it waits for may open the details of that, wherever their copy stands.
        """
        named = action.payload.get("run")
        run = await self._runs.get(who.tenant, named) if isinstance(named, str) else None
        if run is not None:
            hidden = run.card is not None and run.card.private
            here = not (run.where.personal or hidden) and _space(run.where) == _space(action.where)
            if run.asked_by.id == who.id or here:
                return run
            if action.verb == "run.details" and await self._deciding.waiting_for(run, who):
                return run
        raise NotAllowed("The answer behind this button is not known.", next_step="Ask the question again.")

    async def own_run(self, action: CardAction, who: Principal) -> Run:
        """The run that a button names, if this person began it."""
        run = await self.known_run(action, who)
        if run.asked_by.id != who.id:
            raise NotAllowed(f"Only {run.asked_by.name} can use this card.", next_step="Ask for one of your own.")
        return run

    def card_key(self, run: Run) -> str:
        """The key under which the card of a run was posted."""
        return run.card_key or run.id

    async def handle(self, action: CardAction, who: Principal) -> None:
        """Handle one press."""
        run = await self.known_run(action, who)
        match action.verb:
            case "run.stop":
                await self._stop(action, run, who)
            case "run.details":
                gate = await self._deciding.awaited(run)
                card = self._deciding.copies.card(gate) if gate else run.card
                await self._privately(action, run, notices.opened(card or Card(()), run.id))
            case "run.csv":
                await self._file(action, run, who)
            case "run.reveal":
                await self._privately(action, run, run.card or Card(()))
            case "run.share":
                await self._share(run)
            case "run.feedback":
                await self._thumb(action, run, who)
            case _:
                raise PersonError("This button is not known any more.", next_step="Ask your question again.")

    async def _stop(self, action: CardAction, run: Run, who: Principal) -> None:
        if run.asked_by.id != who.id and "admin" not in who.roles:
            raise NotAllowed(f"Only {run.asked_by.name} can stop this question.", unchanged="It goes on.")
        if await self._deciding.awaited(run):
            words = "This question waits for approval: “Reject” on its card takes it back."
            await self._privately(action, run, notices.notice(words))
        elif not await self._runs.ask_to_stop(who.tenant, run.id):
            await self._privately(action, run, notices.notice("This question was finished already."))

    async def _file(self, action: CardAction, run: Run, who: Principal) -> None:
        if run.asked_by.entitlement() != who.entitlement():
            raise NotAllowed(
                "Only people with the same rights as the asker can take the whole result.",
                next_step="Ask the question yourself.",
            )
        result = next((e.result for e in elements(run.card or Card(())) if isinstance(e, Table) and e.result), "")
        if not result:
            raise PersonError("This answer has no rows to download.")
        card = Card((Text("The whole result", "muted"), File("answer.csv", result, "csv")), run=run.id)
        await self._delivery.show(run.tenant, action.where, card, key=action.id)

    async def _share(self, run: Run) -> None:
        """The asker shows a private answer to everybody in its place; a second press changes nothing."""
        if run.card is None:
            raise PersonError("This question has no answer yet.")
        card = replace(run.card, private=False)
        await self._runs.finish(run.id, run.state, card, run.memory)
        await self._delivery.show(run.tenant, run.where, card, key=self.card_key(run))

    async def _thumb(self, action: CardAction, run: Run, who: Principal) -> None:
        if action.payload.get("value") not in ("up", "down"):
            raise PersonError("This button is not known any more.", next_step="Ask your question again.")
        if action.payload["value"] == "up":
            await self._feedback.record(who.tenant, run.id, who.id, "up", "")
            await self._privately(action, run, notices.notice("Thank you, noted."))
            return
        kind, reason, correction = (readable(str(action.inputs.get(n) or "")) for n in ("kind", "reason", "correction"))
        if len(correction) > CORRECTION_LIMIT:
            raise PersonError(
                f"The correction has {len(correction):,} characters; up to {CORRECTION_LIMIT:,} are kept.",
                next_step="Shorten it and send it again.",
            )
        words = ": ".join(part for part in (REASONS.get(kind, ""), reason) if part)[:REASON_LIMIT]
        await self._feedback.record(who.tenant, run.id, who.id, "down", words)
        if self._complaints is not None:
            kind = kind if kind in REASONS else ""
            said = Complaint(who, action.where, action.sender.user, run.id, kind, reason[:REASON_LIMIT], correction)
            await self._complaints.take(said)
        final = action.payload.get("final") is True
        thanks = notices.notice("Thank you, that goes to an expert, and you are told what becomes of it.", run.id)
        # One card for each person and place: what was asked on it is replaced by the thanks.
        card, key = thanks if final else notices.why_down(run.id), f"{run.id}:why:{who.id}@{action.where.key}"
        await self._delivery.show(run.tenant, action.where, card, key=key, only_for=action.sender.user)

    async def _privately(self, action: CardAction, run: Run, card: Card) -> None:
        await self._delivery.show(run.tenant, action.where, card, key=action.id, only_for=action.sender.user)


def _space(where: ConversationRef) -> tuple[str, str, str]:
    return where.channel, where.workspace, where.space
