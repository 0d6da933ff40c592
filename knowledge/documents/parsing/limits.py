"""What a file may take, and how one says that it is not taken in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may have and take; `ratio` is how many times larger an entry of an archive may get."""

    file_bytes: int = 100 * 1024 * 1024
    unpacked_bytes: int = 400 * 1024 * 1024
    ratio: int = 150
    entries: int = 20_000
    characters: int = 20_000_000
    rows: int = 50_000
    pages: int = 5_000
    seconds: float = 120.0
    memory_bytes: int = 2 * 1024**3


class Unreadable(Exception):
    """This file is not taken in; the message says why, in words for people."""
