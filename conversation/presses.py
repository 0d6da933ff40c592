"""Buttons that every answer has: stop, details, CSV, feedback."""

from conversation import notices
from conversation.activity import CardAction
from conversation.card import Card, File, Table, Text, elements
from conversation.channel import Delivery
from conversation.errors import NotAllowed, PersonError
from conversation.feedback import Feedback
from conversation.principal import Principal
from conversation.run import Run, Runs


class Presses:
    """Handles presses of `run.*` buttons. What the payload says is looked up, never believed."""

    def __init__(self, runs: Runs, delivery: Delivery, feedback: Feedback) -> None:
        self._runs = runs
        self._delivery = delivery
        self._feedback = feedback

    async def known_run(self, action: CardAction, who: Principal) -> Run:
        """The run that a button names, if this person may see it."""
        run = await self._runs.get(who.tenant, str(action.payload.get("run", "")))
        if run is None or (run.where.personal and run.asked_by.id != who.id):
            raise NotAllowed("The answer behind this button is not known.", next_step="Ask the question again.")
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
                await self._privately(action, run, notices.opened(run.card or Card(())))
            case "run.csv":
                await self._file(action, run, who)
            case "run.feedback":
                await self._thumb(action, run, who)
            case _:
                raise PersonError("This button is not known any more.", next_step="Ask your question again.")

    async def _stop(self, action: CardAction, run: Run, who: Principal) -> None:
        if run.asked_by.id != who.id and "admin" not in who.roles:
            raise NotAllowed(f"Only {run.asked_by.name} can stop this question.", unchanged="It goes on.")
        if not await self._runs.ask_to_stop(who.tenant, run.id):
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

    async def _thumb(self, action: CardAction, run: Run, who: Principal) -> None:
        if action.payload.get("value") == "up":
            await self._feedback.record(who.tenant, run.id, who.id, "up", "")
            await self._privately(action, run, notices.notice("Thank you, noted."))
            return
        kind, reason = str(action.inputs.get("kind") or ""), str(action.inputs.get("reason") or "")
        words = ": ".join(part for part in (kind, reason[:1_000]) if part)
        await self._feedback.record(who.tenant, run.id, who.id, "down", words)
        final = action.payload.get("final") is True
        thanks = notices.notice("Thank you, that is noted with your reason.", run.id)
        await self._privately(action, run, thanks if final else notices.why_down(run.id))

    async def _privately(self, action: CardAction, run: Run, card: Card) -> None:
        await self._delivery.show(run.tenant, action.where, card, key=action.id, only_for=action.sender.user)
