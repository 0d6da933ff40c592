"""One open page: it hands on what its person does, and shows what changes in their conversation."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from conversation.card import Card, Progress, Text
from conversation.errors import OperatorError, PersonError, QuilluxError
from conversation.principal import Sender
from web import limits
from web.events import clean, is_id, parse_message, parse_press, parse_stop
from web.faults import ScreenClosed, guarded
from web.port import WebMessage, WebThread
from web.render import element, step
from web.services import Services

log = logging.getLogger(__name__)

PATIENCE: Final = 0.4
"""Seconds without any card after which the page itself says that work is under way."""

LONGEST: Final = 900.0
"""Seconds after which the composer is free again, whatever became of the run; its card still arrives."""


class Screen(Protocol):
    """The browser at the other end. It may be away for a while and come back as another socket."""

    async def emit(self, event: str, data: object) -> None:
        """Send an event as Chainlit does; waits while the browser is away. Raises ScreenClosed when it is gone."""

    def socket(self) -> str:
        """Which connection this is; another one after the browser was away."""


@dataclass(slots=True)
class _Open:
    """A run that this page waits for."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Page:
    """What one browser tab sees of one conversation. Holds nothing that a reload does not find again."""

    def __init__(self, services: Services, screen: Screen, owner: Sender, thread: str) -> None:
        self._services = services
        self._screen = screen
        self._owner = owner
        self._id = thread
        self._open: dict[str, _Open] = {}
        self._following: asyncio.Task[None] | None = None

    async def ask(self, id: str, text: str) -> None:
        """Take a question and stay until its answer is on the screen."""
        try:
            run = await guarded(self._take(id, text))
        except QuilluxError as error:
            await self._apologise(error)
            return
        await self._wait(run)

    async def _take(self, id: str, text: str) -> str:
        message = parse_message(self._id, self._owner, id, text)
        if message is None:
            raise PersonError("There was nothing to read in that.", next_step="Ask a question in words.")
        thread = await self._thread(clean(text))
        await self._services.store.say(thread, id, message.text)
        await self._follow(thread)
        await self._services.accept(message)
        return message.id

    async def press(self, press: Mapping[str, object]) -> str:
        """Take a press of a button; gives back the run to wait for, empty where the press begins none.

        Raises PersonError for a button that no longer stands on the card, OperatorError where a part of ours fails.
        """
        return await guarded(self._press(press))

    async def _press(self, press: Mapping[str, object]) -> str:
        id = str(press.get("message", ""))
        thread = await self._services.store.find_thread(self._id)
        if thread is None or thread.owner != _nameless(self._owner):
            raise PersonError("This conversation was deleted.", next_step="Start a new one.")
        kept = await self._services.store.message(thread.tenant, id) if is_id(id) else None
        action = parse_press(thread, kept, press)
        if action is None:
            raise PersonError("This button is no longer current.", next_step="Use the newest card, or ask again.")
        await self._follow(thread)
        if action.verb == "ask":
            await self._echo(thread, action.id, str(action.payload.get("text", "")))
        await self._services.accept(action)
        return action.id if begins_run(action.verb) else ""

    async def stop(self) -> None:
        """Ask every run that this page waits for to stop."""
        thread = await self._services.store.find_thread(self._id)
        if thread is not None:
            await asyncio.gather(*(self._services.accept(parse_stop(thread, run)) for run in self._open))

    async def resume(self, seq: int, unanswered: str) -> None:
        """Go on with a conversation that was restored up to `seq`; `unanswered` is a run that is still under way."""
        thread = await self._services.store.find_thread(self._id)
        if thread is None:
            return
        if unanswered:
            self._open[unanswered] = _Open()
        await self._follow(thread, seq)

    async def wait(self, run: str) -> None:
        """Show the stop button until the run is over."""
        with suppress(ScreenClosed):
            await self._screen.emit("task_start", {})
            await self._wait(run)
            await self._screen.emit("task_end", {})

    def close(self) -> None:
        """Stop following."""
        if self._following is not None:
            self._following.cancel()

    async def _thread(self, name: str) -> WebThread:
        if not is_id(self._id):
            raise PersonError("This conversation has no valid address.", next_step="Start a new one.")
        who = await self._services.directory.resolve(self._owner)
        return await self._services.store.open_thread(who.tenant, self._owner, self._id, title(name))

    async def _echo(self, thread: WebThread, seed: str, text: str) -> None:
        """A question asked by a button stands in the conversation as one that was typed."""
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
        if text and await self._services.store.say(thread, id, text):
            kept = await self._services.store.message(thread.tenant, id)
            if kept is not None:
                await self._show(kept)

    async def _wait(self, run: str) -> None:
        waiting = self._open.setdefault(run, _Open())
        async with self._services.feed.hurry():
            try:
                await asyncio.wait_for(waiting.begun.wait(), PATIENCE)
            except TimeoutError:
                await self._reassure(run, waiting)
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting.done.wait(), LONGEST)

    async def _reassure(self, run: str, waiting: _Open) -> None:
        """Say that work is under way, until the first real card takes its place."""
        passing = self._passing(run, Card((Progress("Looking at your data"),)))
        await self._draw(passing)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting.begun.wait(), LONGEST)
        finally:
            await self._screen.emit("delete_message", step(passing))
            await self._screen.emit("remove_element", {"id": element(passing)["id"]})

    async def _apologise(self, error: QuilluxError) -> None:
        said = (Text(error.what, "bad"), Text(" ".join(filter(None, (error.unchanged, error.next_step)))))
        await self._draw(self._passing(str(uuid.uuid4()), Card(said)))

    def _passing(self, seed: str, card: Card) -> WebMessage:
        """A card that is shown and not kept."""
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"passing:{seed}"))
        return WebMessage(id, "", self._id, "", card, 0, datetime.now(UTC).isoformat())

    async def _follow(self, thread: WebThread, after: int = -1) -> None:
        if self._following is not None and not self._following.done():
            return
        seq = after if after >= 0 else await self._services.store.latest(thread.tenant)
        self._following = asyncio.create_task(self._look(thread, seq))

    async def _look(self, thread: WebThread, seq: int) -> None:
        socket = self._screen.socket()
        async with self._services.feed.follow(thread.tenant, thread.id, seq) as changes:
            with suppress(ScreenClosed):
                async for message in changes:
                    if socket != self._screen.socket():
                        now = self._screen.socket()
                        # Where that fails it is done at the next breath of the feed.
                        with suppress(OperatorError):
                            await guarded(self._catch_up(thread))
                            socket = now
                    if message is not None:
                        await self._show(message)

    async def _catch_up(self, thread: WebThread) -> None:
        """What was shown to a connection that was lost may not have arrived."""
        for message in await self._services.store.messages(thread.tenant, thread.id, limit=10):
            await self._show(message)

    async def _show(self, message: WebMessage) -> None:
        run = message.card.run if message.card else ""
        concerned = [waiting for id, waiting in self._open.items() if run in {"", id}] if message.card else []
        for waiting in concerned:
            waiting.begun.set()
        await self._draw(message)
        if message.settled:
            for id in [id for id, waiting in self._open.items() if waiting in concerned]:
                self._open.pop(id).done.set()

    async def _draw(self, message: WebMessage) -> None:
        # The element first: a step that is drawn without it would flash its words.
        if message.card is not None:
            await self._screen.emit("element", element(message))
        await self._screen.emit("new_message", step(message, self._owner.name))


def begins_run(verb: str) -> bool:
    """Whether a press of this verb begins a run of its own, so that its answer is waited for."""
    return verb == "run.retry" or not verb.startswith(("run.", "gate."))


def unanswered(messages: list[WebMessage]) -> str:
    """The run that a restored conversation still waits for, or empty."""
    if not messages:
        return ""
    last = messages[-1]
    if last.card is None:
        return f"web:{last.thread}:{last.id}"
    return "" if last.settled else last.card.run


def title(text: str) -> str:
    """A conversation's name from its first words: one line."""
    line = " ".join(text.split())
    return line if len(line) <= limits.NAME else line[: limits.NAME - 1].rstrip() + "…"


def _nameless(sender: Sender) -> Sender:
    return Sender(sender.channel, sender.workspace, sender.user)
