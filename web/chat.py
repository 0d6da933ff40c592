"""What Chainlit loads by path: its hooks. No state lives here: it is per page, or in the store."""

import asyncio

import chainlit as cl
from chainlit.config import config
from chainlit.context import init_ws_context
from chainlit.emitter import ChainlitEmitter
from chainlit.server import sio
from chainlit.session import WebsocketSession
from chainlit.types import ThreadDict
from chainlit.user_session import user_sessions
from starlette.datastructures import Headers

from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.principal import Sender
from web.app import settings
from web.faults import ScreenClosed
from web.history import History
from web.live import Page
from web.login import identifier, sender_from_entra, sender_from_proxy, sender_of
from web.services import services


class Socket:
    """`web.live.Screen` on a Chainlit session, which outlives the connections of one page."""

    def __init__(self, session: WebsocketSession) -> None:
        self._session = session
        self._lost = ""

    async def emit(self, event: str, data: object) -> None:
        """Send an event; waits while the browser is away, raises ScreenClosed when its session is over."""
        while True:
            if WebsocketSession.get_by_id(self._session.id) is None:
                raise ScreenClosed
            if self._session.socket_id != self._lost:
                break
            await asyncio.sleep(0.25)
        await ChainlitEmitter(self._session).emit(event, data)

    def socket(self) -> str:
        """Which connection this is."""
        return str(self._session.socket_id)

    def lose(self) -> None:
        """The connection of now is gone."""
        self._lost = str(self._session.socket_id)


@cl.data_layer
def history() -> History:
    """Past conversations."""
    return History()


async def _signed_in(sender: Sender | None) -> cl.User | None:
    if sender is None:
        return None
    try:
        who = await services().directory.resolve(sender)
    except NotAllowed:
        return None
    return cl.User(identifier=identifier(sender), display_name=who.name or sender.name)


async def _by_password(username: str, password: str) -> cl.User | None:
    return await _signed_in(await services().authenticate(username, password))


async def _by_proxy(headers: Headers) -> cl.User | None:
    return await _signed_in(sender_from_proxy(headers, settings()))


async def _by_entra(
    provider_id: str,  # noqa: ARG001 - Chainlit passes by name
    token: str,  # noqa: ARG001
    raw_user_data: dict[str, str],
    default_user: cl.User,  # noqa: ARG001
    id_token: str | None = None,  # noqa: ARG001
) -> cl.User | None:
    return await _signed_in(sender_from_entra(raw_user_data, settings()))


if settings().password:
    cl.password_auth_callback(_by_password)
if settings().proxy:
    cl.header_auth_callback(_by_proxy)
if settings().entra:
    cl.oauth_callback(_by_entra)


def _page() -> Page:
    """The page of this session, made at its first deed."""
    session = cl.context.session
    kept = user_sessions.setdefault(session.id, {})
    page = kept.get("page")
    if isinstance(page, Page):
        return page
    owner = sender_of(session.user.identifier, session.user.display_name or "") if session.user else None
    if owner is None or not isinstance(session, WebsocketSession):
        raise PersonError("You are not signed in.", next_step="Reload the page and sign in.")
    socket = Socket(session)
    page = Page(services(), socket, owner, session.thread_id)
    kept.update(page=page, socket=socket)
    return page


def _occupy(page: Page, run: str) -> None:
    """Let the composer show its stop button until the run is over."""
    cl.context.session.current_task = asyncio.create_task(page.wait(run))


async def on_message(message: cl.Message) -> None:
    """A question was typed."""
    try:
        await _page().ask(message.id, message.content)
    except ScreenClosed:
        return


# Chainlit's own decorator wraps this in a "run" step, which draws a second indicator and a second pair of thumbs.
config.code.on_message = on_message


@cl.on_chat_resume
async def resume(thread: ThreadDict) -> None:
    """A past conversation was opened; what still runs in it goes on."""
    state = thread.get("metadata") or {}
    page, run = _page(), str(state.get("unanswered", ""))
    await page.resume(int(state.get("seq", 0)), run)
    if run:
        _occupy(page, run)


@cl.on_chat_end
async def away() -> None:
    """The connection was lost or closed; the session may come back."""
    socket = user_sessions.get(cl.context.session.id, {}).get("socket")
    if isinstance(socket, Socket):
        socket.lose()


@cl.action_callback("press")
async def press(action: cl.Action) -> dict[str, str]:
    """A button on a card was pressed; the answer is {} or {error: what the person is told}."""
    try:
        page = _page()
        run = await page.press(action.payload)
        if run:
            _occupy(page, run)
    except QuilluxError as error:
        return {"error": str(error)}
    return {}


async def on_stop(sid: str) -> None:
    """The stop button of the composer."""
    session = WebsocketSession.get(sid)
    if session is not None:
        init_ws_context(session)
        await _page().stop()


# Chainlit's handler would say "Task manually stopped."; the run's own card says what came of it.
sio.on("stop", on_stop)


@cl.set_starters
async def starters(user: cl.User | None, _language: str | None = None) -> list[cl.Starter]:
    """Questions to begin with."""
    sender = sender_of(user.identifier) if user else None
    if sender is None:
        return []
    try:
        questions = await services().suggest(await services().directory.resolve(sender))
    except QuilluxError:
        return []
    return [cl.Starter(label=question, message=question) for question in questions[:4]]
