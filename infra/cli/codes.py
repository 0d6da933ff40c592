"""How a command ends: exit codes that a script can rely on, and errors that say what to do next."""

import sys
from collections.abc import Coroutine
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from infra.settings import Settings

T = TypeVar("T")


class Exit(IntEnum):
    """The exit codes of every command."""

    OK = 0
    BROKEN = 1
    USAGE = 2
    UNANSWERED = 3
    REFUSED = 4
    SOURCE = 5
    SETTINGS = 6
    DRIFT = 7


MEANING = {
    Exit.OK: "done, or answered",
    Exit.BROKEN: "something that is configured does not work, or a fault of ours",
    Exit.USAGE: "the command was written wrongly",
    Exit.UNANSWERED: "the data does not hold the answer, or the question must be put more exactly",
    Exit.REFUSED: "not allowed, or past a limit on rows, seconds or bytes",
    Exit.SOURCE: "a source could not be reached",
    Exit.SETTINGS: "the settings can't be used",
    Exit.DRIFT: "something changed in the data that may break questions",
}


def say(words: str) -> None:
    """A line for the person, beside the output: on standard error, without any secret that was looked up."""
    from infra.secrets.redact import REDACTION

    print(REDACTION.text(words), file=sys.stderr)


def fail(code: Exit, what: str, unchanged: str = "", next_step: str = "") -> NoReturn:
    """End the command: what happened, what was not changed, what to do next."""
    for line in (what, unchanged, next_step):
        if line:
            say(line)
    raise typer.Exit(code)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work to its end; every error that Quillux raises on purpose ends the command with its code."""
    import asyncio

    from conversation.errors import OperatorError, PersonError, QuilluxError, Unanswerable
    from conversation.errors import SourceUnavailable as Away
    from knowledge.errors import KnowledgeError, SourceUnavailable

    try:
        return asyncio.run(work)
    except (KnowledgeError, QuilluxError) as error:
        match error:
            case SourceUnavailable() | Away():
                code = Exit.SOURCE
            case Unanswerable():
                code = Exit.UNANSWERED
            case KnowledgeError() | PersonError():
                code = Exit.REFUSED
            case OperatorError():
                code = Exit.SETTINGS
            case _:
                code = Exit.BROKEN
        fail(code, error.what, error.unchanged, error.next_step)


def settings() -> "Settings":
    """The settings; the command ends with their complaint when they can't be used."""
    from conversation.errors import OperatorError
    from infra.settings import load

    try:
        return load()
    except OperatorError as error:
        fail(Exit.SETTINGS, error.what, error.unchanged, error.next_step)
