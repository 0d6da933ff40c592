"""The audit log for one command."""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TextIO

from conversation.audit import Broken, Entry, Head, Verified, damage
from conversation.codec import JsonObject
from conversation.errors import PersonError
from infra.cli.verifying import settings
from infra.store.audit import BATCH, SqlAudit
from infra.store.engine import migrate, open_engine

LONGEST_LINE = 1_000_000
_TEXTS = {field.name for field in fields(Entry)} - {"seq", "detail"}


@asynccontextmanager
async def _log() -> AsyncIterator[tuple[SqlAudit, str]]:
    configured = settings()
    configured.data.mkdir(parents=True, exist_ok=True)
    migrate(configured.database_url)
    engine = open_engine(configured.database_url)
    try:
        yield SqlAudit(engine), configured.tenant
    finally:
        await engine.dispose()


async def verified(head: str) -> Verified | Broken:
    """Whether the log in the database is whole, and holds the end that was noted. Raises PersonError for an odd one."""
    noted = _noted(head)
    async with _log() as (audit, tenant):
        found = await audit.verify(tenant)
        if noted is None or isinstance(found, Broken):
            return found
        entries = await audit.entries(tenant, after=noted.seq - 1, limit=1)
    return _holds(noted, entries[0] if entries else None) or found


async def verified_file(file: Path, head: str) -> Verified | Broken:
    """Whether the entries of a file are a whole log from its first entry on. Raises PersonError for other files."""
    noted, last = _noted(head), Head()
    with file.open(encoding="utf-8") as lines:
        while line := lines.readline(LONGEST_LINE):
            entry = _entry(line)
            if broken := damage(last, entry):
                return broken
            last = Head(entry.seq, entry.digest)
            if noted is not None and entry.seq == noted.seq and (other := _holds(noted, entry)):
                return other
    return Verified(last) if noted is None or noted.seq <= last.seq else _missing(noted)


def _noted(head: str) -> Head | None:
    if not head:
        return None
    seq, _, digest = head.partition(":")
    if not seq.isascii() or not seq.isdigit() or int(seq) < 1 or len(digest) != 64:
        raise PersonError("An end of the log is written as its number and digest, like 12:ab…", unchanged="")
    return Head(int(seq), digest)


def _holds(noted: Head, entry: Entry | None) -> Broken | None:
    """Whether the log is another one than that of which the end was noted."""
    if entry is None or entry.seq != noted.seq:
        return _missing(noted)
    if entry.digest == noted.digest:
        return None
    return Broken(
        noted.seq, "changed", f"Entry {noted.seq} is whole, but not the one that was noted: it was rewritten."
    )


def _missing(noted: Head) -> Broken:
    return Broken(noted.seq, "cut off", f"The log ends before entry {noted.seq}, which was noted.")


def _entry(line: str) -> Entry:
    try:
        found = json.loads(line)
        entry = Entry(**found)
    except (ValueError, TypeError, RecursionError):
        entry = None
    texts = entry is not None and all(isinstance(getattr(entry, name), str) for name in _TEXTS)
    if entry is None or not texts or not isinstance(entry.seq, int) or not isinstance(entry.detail, dict):
        raise PersonError("A line of the file is no entry of a log.", next_step="Use a file of `quillux audit export`.")
    return entry


async def latest(subject: str, limit: int) -> Sequence[Entry]:
    """The latest entries, oldest first."""
    async with _log() as (audit, tenant):
        if not subject:
            head = await audit.head(tenant)
            return await audit.entries(tenant, after=max(0, head.seq - limit), limit=limit)
        found: list[Entry] = []
        async for entry in _all(audit, tenant, subject, 0):
            found = [*found[-limit + 1 :], entry] if limit > 1 else [entry]
        return found


async def exported(out: Path | None, subject: str, after: int) -> int:
    """Write entries as JSON lines, and count them."""
    async with _log() as (audit, tenant):
        if out is None:
            return await _written(_all(audit, tenant, subject, after), sys.stdout)
        with out.open("w", encoding="utf-8") as target:
            return await _written(_all(audit, tenant, subject, after), target)


async def _written(entries: AsyncIterator[Entry], target: TextIO) -> int:
    count = 0
    async for entry in entries:
        line: JsonObject = asdict(entry)
        target.write(json.dumps(line, ensure_ascii=False) + "\n")
        count += 1
    return count


async def _all(audit: SqlAudit, tenant: str, subject: str, after: int) -> AsyncIterator[Entry]:
    while entries := await audit.entries(tenant, subject=subject, after=after, limit=BATCH):
        for entry in entries:
            yield entry
        after = entries[-1].seq
