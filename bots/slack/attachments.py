"""Charts as pictures and results as files, put beside the card once the card stands."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.client import FAILURES, history
from bots.slack.presses import dig, words
from bots.slack.text import clean, cut
from conversation.card import Card, Chart, File
from conversation.channel import MessageRef
from conversation.codec import Json, JsonObject
from conversation.errors import QuilluxError

log = logging.getLogger(__name__)

ChartPng: TypeAlias = Callable[[JsonObject], Awaitable[bytes]]
"""A Vega-Lite specification as a PNG image. May raise QuilluxError or ValueError."""
ReadFile: TypeAlias = Callable[[File], Awaitable[bytes]]
"""The bytes of a file of a card. May raise QuilluxError."""


@dataclass(frozen=True, slots=True)
class _Upload:
    """Something to put into the thread; `name` is unique for message and content, so that it is put there once."""

    name: str
    title: str
    alt: str
    element: Chart | File


async def attach(
    client: AsyncWebClient, message: MessageRef, card: Card, chart_png: ChartPng | None, read_file: ReadFile | None
) -> None:
    """Upload what the card shows and the thread does not hold yet. A failure leaves the card as it is."""
    wanted = list(_uploads(card, message, charts=chart_png is not None, files=read_file is not None))
    if not wanted:
        return
    thread = message.where.thread or ("" if message.where.personal else message.id)
    there = await _names(client, message, thread)
    for upload in wanted:
        if upload.name in there:
            continue
        try:
            content = await _content(upload.element, chart_png, read_file)
            await client.files_upload_v2(
                content=content,
                filename=upload.name,
                title=upload.title,
                alt_txt=upload.alt or None,
                channel=message.where.space,
                thread_ts=thread or None,
            )
        except (*FAILURES, QuilluxError, ValueError) as error:
            log.warning("not attached", extra={"upload": upload.name, "why": str(error)})
            if isinstance(upload.element, File):
                await _say(client, message, thread, f"{upload.title} could not be attached.")


def _uploads(card: Card, message: MessageRef, *, charts: bool, files: bool) -> Iterator[_Upload]:
    for element in card.body:
        if isinstance(element, Chart) and charts:
            title = clean(element.title).strip() or "Chart"
            name = f"chart-{_digest(message.id, element.spec)}.png"
            yield _Upload(name, cut(title, 150), cut(clean(element.alt), 1_000), element)
        if isinstance(element, File) and files:
            path = PurePosixPath(clean(element.name).replace("\\", "/").replace("\0", ""))
            name = f"{path.stem or 'result'}-{_digest(message.id, element.result)}.{element.format}"
            yield _Upload(cut(name, 150), path.name or name, "", element)


def _digest(message: str, content: Json) -> str:
    canonical = json.dumps([message, content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


async def _content(element: Chart | File, chart_png: ChartPng | None, read_file: ReadFile | None) -> bytes:
    if isinstance(element, Chart):
        return await chart_png(element.spec) if chart_png else b""
    return await read_file(element) if read_file else b""


async def _names(client: AsyncWebClient, message: MessageRef, thread: str) -> set[str]:
    """Names of the files that stand after the card already; empty where that can't be seen."""
    names: set[str] = set()
    try:
        async for said in history(client, replace(message.where, thread=thread), oldest=message.id):
            files = dig(said, "files")
            names |= {words(file, "name") for file in files} if isinstance(files, list) else set()
    except FAILURES as error:
        log.warning("files of the thread not seen", extra={"why": str(error)})
    return names


async def _say(client: AsyncWebClient, message: MessageRef, thread: str, text: str) -> None:
    try:
        await client.chat_postMessage(
            channel=message.where.space, thread_ts=thread or None, text=text, mrkdwn=False, link_names=False
        )
    except FAILURES as error:
        log.warning("not said", extra={"why": str(error)})
