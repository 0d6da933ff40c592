"""`/approvals`: what waits for a person, and several of low risk decided with one press. It works without scripts."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from conversation.activity import CardAction, readable
from conversation.card import Card, Facts, Text
from conversation.codec import Json, JsonObject
from conversation.errors import NotAllowed, QuilluxError
from conversation.gates.batch import seal
from conversation.gates.deciding import REASON_LIMIT
from conversation.gates.inbox import PAGE, Inbox, InboxItem
from conversation.gates.times import due, waited
from web.api.gate_wire import page_of
from web.api.identity import Caller, caller
from web.api.problems import Refused
from web.api.services import ApiServices
from web.api.watch import watch
from web.approvals.forms import sent
from web.approvals.layout import Html, page, tag, told
from web.faults import guarded

PATH = "/approvals"
PATIENCE = 6.0
"""Seconds for which a page waits for what was decided; later it is asked for again by the page itself."""
_PRESS = re.compile(r"[0-9a-f]{32}")
_RISKS = {"medium": "medium risk", "high": "high risk"}


def routes(services: ApiServices) -> list[Route]:
    """The address of the list, to look and to decide."""

    async def look(request: Request) -> Response:
        return await answered(request, services, lambda who: _list(request, services, who))

    async def decide(request: Request) -> Response:
        return await answered(request, services, lambda who: _decide(request, services, who))

    return [Route(PATH, look), Route(PATH, decide, methods=["POST"])]


async def answered(request: Request, services: ApiServices, work: Callable[[Caller], Awaitable[Response]]) -> Response:
    """The page for whoever is signed in; every error is a page too, which says what to do next."""

    async def whole() -> Response:
        return await work(await caller(request, services, None))

    try:
        return await guarded(_refusals(whole()))
    except NotAllowed as refused:
        return told("You have no access", refused.what, refused.next_step, status=403)
    except QuilluxError as error:
        again = ("Try again", request.url.path)
        return told("That did not work", error.what, error.unchanged, error.next_step, status=503, link=again)


async def _refusals(work: Awaitable[Response]) -> Response:
    try:
        return await work
    except Refused as refused:
        if refused.status == 401:
            words = "Sign in first, then open this page again."
            return told("You are not signed in", words, status=401, link=("Sign in", "/login"))
        error = refused.error
        back = ("Back to your approvals", PATH)
        return told("That did not work", error.what, error.unchanged, error.next_step, status=refused.status, link=back)


async def _list(request: Request, services: ApiServices, who: Caller) -> HTMLResponse:
    done, after = request.query_params.get("done", ""), request.query_params.get("after", "")
    result = await _result(services, who, done) if done else None
    items = await services.inbox.of(who.principal, limit=PAGE + 1, after=after[:1_000])
    body = _form(items, services.inbox) if items else _nothing(after)
    return page("Approvals", result, body, person=who.principal.name)


def _nothing(after: str) -> Html:
    words = "There are no more." if after else "Whatever waits for a decision of yours will stand here."
    back = tag("p", tag("a", "From the start", href=PATH)) if after else None
    return tag("section", tag("h1", "Nothing waits for you"), tag("p", words, class_="muted"), back, class_="empty")


def _form(items: Sequence[InboxItem], inbox: Inbox) -> Html:
    shown, more = items[:PAGE], len(items) > PAGE
    together = sum(item.batchable for item in shown)
    many = f"{len(shown)}{' and more' if more else ''}"
    title = "1 request waits for you" if many == "1" else f"{many} requests wait for you"
    hint = "Tick those of low risk to decide them together. Open one to see all of it." if together else None
    rows = tag("ol", *(_row(item, inbox) for item in shown), class_="waiting")
    following = f"{PATH}?{urlencode({'after': shown[-1].gate.id})}"
    return tag(
        "form",
        tag("h1", title),
        tag("p", hint, class_="muted") if hint else None,
        rows,
        tag("p", tag("a", "Next page", href=following, rel="next")) if more else None,
        _together() if together else None,
        tag("script", src="/public/quillux/approvals.js", defer=True),
        method="post",
        action=PATH,
    )


def _row(item: InboxItem, inbox: Inbox) -> Html:
    gate, title = item.gate, readable(item.gate.title)
    tick = (
        tag("input", type="checkbox", name="chosen", value=f"{seal(gate)} {gate.id}", aria_label=f"Choose: {title}")
        if item.batchable
        else tag("span", class_="no-tick")
    )
    risk = tag("span", _RISKS[gate.risk], class_=f"risk {gate.risk}") if gate.risk in _RISKS else None
    words = tag(
        "div", tag("h2", tag("a", title, href=page_of(gate))), _reason(readable(gate.reason)), _times(item, inbox)
    )
    return tag("li", tick, words, risk)


def _reason(reason: str) -> Html | None:
    return tag("p", reason, class_="reason") if reason else None


def _times(item: InboxItem, inbox: Inbox) -> Html:
    now = inbox.now()
    until = due(item.due, now, inbox.zone)
    late = "bad" if until.startswith("overdue") else None
    parts = [
        tag("span", f"{item.gate.asked_by.name} asks"),
        tag("span", item.why) if item.why else None,
        tag("time", waited(item.since, now, inbox.zone), datetime=item.since),
        tag("time", until, datetime=item.due, class_=late) if until else None,
    ]
    return tag("p", *parts, class_="facts")


def _together() -> Html:
    return tag(
        "fieldset",
        tag("legend", "Decide together"),
        tag("label", tag("input", type="checkbox", id="every"), "All on this page", class_="every", hidden=True),
        tag("label", "One reason for all", for_="reason"),
        tag("input", type="text", id="reason", name="reason", maxlength=REASON_LIMIT, placeholder="Needed to reject"),
        tag("input", type="hidden", name="press", value=uuid.uuid4().hex),
        tag("button", "Approve chosen", name="verdict", value="approve", class_="primary"),
        tag("button", "Reject chosen", name="verdict", value="reject", class_="danger"),
        class_="together",
    )


async def _decide(request: Request, services: ApiServices, who: Caller) -> Response:
    """Accept the press, and show the list again: what became of each stands above it."""
    fields = await sent(request)
    press = (fields.get("press") or [""])[0]
    if not _PRESS.fullmatch(press):
        raise Refused(422, "The form is not one of ours.", next_step="Open your approvals and choose again.")
    payload: JsonObject = {"verdict": (fields.get("verdict") or [""])[0], "chosen": _chosen(fields)}
    reason = (fields.get("reason") or [""])[0]
    activity = who.activity(press)
    action = CardAction(activity, who.place("inbox"), who.sender, "gate.batch", payload, {"reason": reason})
    await services.accept(action)
    return RedirectResponse(f"{PATH}?{urlencode({'done': press})}", 303)


def _chosen(fields: Mapping[str, Sequence[str]]) -> list[Json]:
    pairs = [value.partition(" ") for value in fields.get("chosen", [])]
    return [{"gate": gate, "seal": kept} for kept, _, gate in pairs]


async def _result(services: ApiServices, who: Caller, press: str) -> Html | None:
    """What became of a press, as soon as that is known."""
    if not _PRESS.fullmatch(press):
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            async for seen in watch(services, who, who.activity(press)):
                if seen.run is not None and seen.run.card is not None:
                    return _card(seen.run.card)
    except TimeoutError:
        again = tag("a", "Look again", href=f"{PATH}?{urlencode({'done': press})}")
        return tag("section", tag("p", "Your decisions are taken and under way. ", again), class_="result")
    except Refused:
        return None
    return None


def _card(card: Card) -> Html:
    """The words of a card, at the top of the page."""
    parts: list[Html] = []
    for element in card.body:
        match element:
            case Text(text=words, style=style):
                parts.append(tag("h2", words) if style in ("title", "heading") else tag("p", words, class_=style))
            case Facts(pairs=pairs):
                rows = (tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs)
                parts.append(tag("dl", *rows))
    return tag("section", *parts, class_="result", role="status")
