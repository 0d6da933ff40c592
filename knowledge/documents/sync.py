"""A folder brought into the library: what is new or changed is read, what is gone is forgotten, the rest is left."""

import fnmatch
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from knowledge.documents.library import Library
from knowledge.documents.model import Folder, Loaded, Problem, Rights
from knowledge.documents.parsing import Reader
from knowledge.documents.parsing.kinds import ENDINGS
from knowledge.documents.store import FileSeen, shelf_of

ACCESS = ".access.yaml"
"""A file at the top of a folder: a list of `path` (a pattern), `roles`, `groups`, for files that fewer may read."""
DEEPEST = 32
MOST_FILES = 200_000
ACCESS_BYTES = 1_000_000
Told = Callable[[int, int, str], None]


class AccessUnclear(Exception):
    """The folder's file of rights can't be read, so nothing new is taken in."""


@dataclass(slots=True)
class Report:
    """What a sync did with a folder, in documents; `problems` names every file that was not taken in."""

    folder: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    copies: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def text(self) -> str:
        """One line."""
        counts = {
            "added": self.added, "changed": self.changed, "removed": self.removed, "copies": self.copies,
            "unchanged": self.unchanged, "not read": len(self.problems),
        }  # fmt: skip
        return f"{self.folder}: " + (", ".join(f"{n:,} {what}" for what, n in counts.items() if n) or "nothing there")


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    full: Path
    size: int
    mtime: int


def sync(library: Library, folder: Folder, reader: Reader, told: Told = lambda _done, _total, _path: None) -> Report:
    """Bring a folder up to date; never raises for what is in it. Vectors are made afterwards, by `Library.fill`."""
    report = Report(folder.name)
    root = Path(folder.path)
    if not root.is_dir():
        report.problems.append(Problem(folder.path, "There is no such folder; what is known of it was left as it was."))
        return report
    try:
        rights = _rights(root)
    except AccessUnclear as unclear:
        report.problems.append(Problem(ACCESS, f"{unclear} Nothing of this folder was changed."))
        return report
    found = {each.path: each for each in _files(root, report)}
    for path in library.store.files(folder.name).keys() - found.keys():
        report.removed += library.remove(folder.name, path)
    for turn in range(2):  # a copy whose original changed is read in the second turn
        known = library.store.files(folder.name)
        todo = [each for each in found.values() if turn == 0 or known[each.path].mtime == -1]
        for done, each in enumerate(todo):
            told(done, len(todo), each.path)
            _file(library, folder, rights(each.path), each, known.get(each.path), reader, report)
    told(len(found), len(found), "")
    return report


def forget(library: Library, folder: str) -> int:
    """Take all documents of a folder out; how many."""
    return sum(library.remove(folder, path) for path in library.store.files(folder))


def _file(
    library: Library,
    folder: Folder,
    rights: Rights,
    each: _Found,
    known: FileSeen | None,
    reader: Reader,
    report: Report,
) -> None:
    with library.store.writing() as database:
        shelf = shelf_of(database, folder.name, rights)
    same_place = known is not None and known.shelf == shelf
    if known is not None and same_place and (known.size, known.mtime) == (each.size, each.mtime):
        _left(known, report)
        return
    digest = _digest(each, reader)
    if known is not None and same_place and digest and known.digest == digest:
        _keep(library, folder.name, each, digest, shelf, known.problems)
        _left(known, report)
        return
    problems: list[tuple[str, str]] = []
    kept: list[str] = []
    if known is not None and not same_place:
        library.remove(folder.name, each.path)
    before = {document.id: document.version for document in library.store.documents(folder.name)} if known else {}
    for one in reader.read(each.full, each.path):
        match one:
            case Loaded():
                document, copy = library.put(folder.name, rights, each.path, one)
                kept.append(document.id)
                report.copies += bool(copy)
                report.added += not copy and document.id not in before
                report.changed += not copy and document.id in before
            case Problem():
                problems.append((one.path, one.why))
    report.problems += [Problem(*problem) for problem in problems]
    report.removed += library.remove(folder.name, each.path, keep=kept or ("",))
    _keep(library, folder.name, each, digest, shelf, problems)


def _left(known: FileSeen, report: Report) -> None:
    report.unchanged += not known.problems
    report.problems += [Problem(*problem) for problem in known.problems]


def _keep(library: Library, folder: str, each: _Found, digest: str, shelf: int, problems: Any) -> None:
    import json

    with library.store.writing() as database:
        database.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)",
            (folder, each.path, each.size, each.mtime, digest, shelf, json.dumps(list(problems))),
        )


def _digest(each: _Found, reader: Reader) -> str:
    """SHA-256 of the bytes; empty for a file that is too large to be read, or can't be."""
    if each.size > reader.limits.file_bytes:
        return ""
    try:
        with each.full.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _files(root: Path, report: Report) -> Iterator[_Found]:
    """The files of a folder by path. Links are not followed, wherever they lead."""
    waiting, count = [(root, 0)], 0
    while waiting:
        at, depth = waiting.pop()
        for entry in _listed(at, root, report):
            name = Path(entry.path).relative_to(root).as_posix()
            if entry.is_symlink():
                report.problems.append(Problem(_shown(name), "It is a link; links are not followed."))
            elif entry.is_dir(follow_symlinks=False):
                waiting += _deeper(entry, name, depth, report)
            elif Path(entry.name).suffix.lower() in ENDINGS and not entry.name.startswith((".", "~$")):
                count += 1
                if count > MOST_FILES:
                    report.problems.append(Problem("", f"Only the first {MOST_FILES:,} files were looked at."))
                    return
                yield from _found(entry, name, Path(entry.path), report)


def _deeper(entry: "os.DirEntry[str]", name: str, depth: int, report: Report) -> list[tuple[Path, int]]:
    if depth >= DEEPEST:
        report.problems.append(Problem(_shown(name), f"It is nested more than {DEEPEST} folders deep."))
        return []
    return [] if entry.name.startswith(".") else [(Path(entry.path), depth + 1)]


def _listed(at: Path, root: Path, report: Report) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(at) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as away:
        report.problems.append(
            Problem(_shown(at.relative_to(root).as_posix()), f"It can't be opened: {away.strerror}.")
        )
        return []


def _found(entry: "os.DirEntry[str]", name: str, path: Path, report: Report) -> Iterator[_Found]:
    try:
        about = entry.stat(follow_symlinks=False)
        name.encode()
    except OSError as away:
        report.problems.append(Problem(_shown(name), f"It can't be read: {away.strerror}."))
        return
    except UnicodeEncodeError:
        report.problems.append(Problem(_shown(name), "Its name is not UTF-8."))
        return
    if not stat.S_ISREG(about.st_mode):
        report.problems.append(Problem(_shown(name), "It is no ordinary file."))
        return
    yield _Found(name, path, about.st_size, about.st_mtime_ns)


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _rights(root: Path) -> Callable[[str], Rights]:
    """Who may read a file, beside what the folder asks; the first pattern that fits counts. Raises AccessUnclear."""
    path = root / ACCESS
    if not path.exists() and not path.is_symlink():
        return lambda _: Rights()
    try:
        if path.is_symlink() or path.stat().st_size > ACCESS_BYTES:
            raise AccessUnclear("The file of rights is a link, or too large.")
        rules = [_rule(each) for each in yaml.safe_load(path.read_text("utf-8")) or []]
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as wrong:
        raise AccessUnclear("The file of rights is not a list of `path`, `roles`, `groups`.") from wrong

    def of(file: str) -> Rights:
        return next((rights for pattern, rights in rules if fnmatch.fnmatchcase(file, pattern)), Rights())

    return of


def _rule(said: dict[str, Any]) -> tuple[str, Rights]:
    if set(said) - {"path", "roles", "groups"} or not isinstance(said["path"], str):
        raise ValueError
    roles, groups = said.get("roles") or [], said.get("groups") or []
    if (
        not all(isinstance(name, str) for name in (*roles, *groups))
        or isinstance(roles, str)
        or isinstance(groups, str)
    ):
        raise ValueError
    return said["path"], Rights(tuple(roles), tuple(groups))
