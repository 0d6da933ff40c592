"""`quillux run` and `quillux worker`: the server with its worker beside it, or a worker alone."""

import contextlib
import time
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, fail, say
from infra.cli.codes import settings as configured

if TYPE_CHECKING:
    from infra.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(
    demo: Annotated[bool, typer.Option("--demo", help="With made-up data and people, unless others are set.")] = False,
    workers: Annotated[bool, typer.Option("--workers/--no-workers", help="Start a worker beside the server.")] = True,
) -> None:
    """Start Quillux: the server, and a worker beside it."""
    began = time.perf_counter()
    settings = with_demo(configured()) if demo else configured()
    import asyncio

    from conversation.errors import OperatorError
    from infra.channels import check_channels
    from infra.serve import serve
    from infra.telemetry.logs import configure

    _check_model(settings, build=False)
    try:
        check_channels(settings)
    except OperatorError as error:
        fail(Exit.SETTINGS, error.what, error.unchanged, error.next_step)
    configure(settings.server.log, settings.server.log_level)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(settings, began, demo=demo, workers=workers))


def worker(
    demo: Annotated[bool, typer.Option("--demo", help="With made-up data and people, unless others are set.")] = False,
    parented: Annotated[bool, typer.Option("--parented", hidden=True)] = False,
) -> None:
    """Start a worker alone; every replica needs an `executor` name of its own."""
    settings = with_demo(configured()) if demo else configured()
    from infra.worker import run as work

    _check_model(settings, build=True)
    work(settings, parented=parented)


def _check_model(settings: "Settings", *, build: bool) -> None:
    """A model that can't be used ends the command; the worker builds it, which finds a missing key too."""
    from conversation.errors import OperatorError
    from infra.models.chat import chat_model, check

    try:
        check(settings.model)
        if build and settings.model.name:
            chat_model(settings.model)
    except OperatorError as error:
        fail(Exit.SETTINGS, error.what, error.unchanged, error.next_step)


def with_demo(settings: "Settings") -> "Settings":
    """The settings with the demo's data and people wherever none are set. Makes the data if it is not there."""
    from infra import demo

    if settings.people and settings.sources:
        return settings
    if not settings.people and settings.server.host not in LOOPBACK:
        fail(
            Exit.SETTINGS,
            f"The demo's people have a known password, so it can't listen on {settings.server.host}.",
            "Nothing was started.",
            "Add [[people]] to quillux.toml, or listen on 127.0.0.1.",
        )
    changes: dict[str, object] = {}
    if not settings.people:
        changes["people"] = demo.people()
    if not settings.sources:
        if not demo.made(settings.data):
            say("Making the demo data: three years of a retail warehouse, some seconds, once")
        changes["sources"] = demo.sources(demo.prepare(settings.data))
        changes["questions"] = settings.questions or demo.QUESTIONS
        changes["documents"] = settings.documents or demo.documents()
    return settings.model_copy(update=changes)
