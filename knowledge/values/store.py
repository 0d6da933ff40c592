"""The file that values are kept in: rows of one column side by side, and the words that they are made of."""

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

SCHEMA = """
PRAGMA auto_vacuum=INCREMENTAL;
PRAGMA journal_mode=WAL;
CREATE TABLE IF NOT EXISTS columns (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL COLLATE NOCASE,
  schema TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL COLLATE NOCASE,
  col TEXT NOT NULL COLLATE NOCASE,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  UNIQUE (source, schema, name, col)
);
CREATE TABLE IF NOT EXISTS held (
  id INTEGER PRIMARY KEY,
  key INTEGER NOT NULL,
  stored TEXT NOT NULL,
  rows INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS held_key ON held(key);
CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spellings (key TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), changes INTEGER, next INTEGER);
INSERT OR IGNORE INTO state VALUES (1, 0, 1);
"""
CACHE_KB = 65_536


def open_to_write(path: Path) -> sqlite3.Connection:
    """The file, made if it is not there. What is deleted is overwritten."""
    database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    database.executescript(SCHEMA)
    database.execute("PRAGMA secure_delete=ON")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(f"PRAGMA cache_size=-{CACHE_KB}")
    database.execute("PRAGMA temp_store=FILE")
    return database


def open_to_read(path: Path) -> sqlite3.Connection:
    """The file, for looking up only."""
    database = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA query_only=ON")
    database.execute("PRAGMA cache_size=-16384")
    return database


def key_of(text: str) -> int:
    """The number under which a normal text is kept; texts that share one are told apart by what is stored."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).digest())


def marks(items: Iterable[object]) -> str:
    """A question mark for each item."""
    return ",".join("?" for _ in items)
