"""The questions before, so that `quillux ask --follow` can go on from them."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from infra.cli.answering import Answer, sql_of
from infra.cli.settings_file import write
from infra.cli.shelf import FOLDER
from knowledge.table_view import scalars
from knowledge.translation.model import Exchange

KEPT = 5
ROWS = 20


def recall(addresses: Mapping[str, str]) -> tuple[Exchange, ...]:
    """What was asked of these sources before, oldest first; nothing where nothing can be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(_path(addresses).read_text(encoding="utf-8"))
        return tuple(
            Exchange(**{**item, "columns": tuple(item["columns"]), "rows": tuple(map(tuple, item["rows"]))})
            for item in kept
        )
    return ()


def keep(addresses: Mapping[str, str], question: str, answer: Answer, history: tuple[Exchange, ...]) -> None:
    """Remember an answered question after those it went on from."""
    latest = Exchange(
        question=question,
        sql=sql_of(answer.reading),
        source=answer.reading.source,
        memory=answer.reading.memory,
        columns=tuple(column.name for column in answer.columns),
        rows=tuple(scalars(answer.table, 0, ROWS)),
    )
    path = _path(addresses)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write(path, json.dumps([asdict(item) for item in (*history, latest)[-KEPT:]]))


def _path(addresses: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(repr(sorted(addresses.items())).encode("utf-8", "replace")).hexdigest()[:32]
    return FOLDER / f"before-{digest}.json"
