"""The file of the durable queue."""

import contextlib
import sqlite3
from pathlib import Path

from infra.durable import migrate_queue
from infra.settings import Settings


def test_the_worker_reads_while_the_server_writes(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    migrate_queue(settings)
    with contextlib.closing(sqlite3.connect(settings.queue_url.removeprefix("sqlite:///"))) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
