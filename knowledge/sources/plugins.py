"""Sources from other packages: entry points of the group `quillux.sources`, named as the scheme that they open."""

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from knowledge.errors import SourceUnavailable
from knowledge.sources.kinds import KINDS, Opener
from knowledge.sources.opening import Opening
from knowledge.sources.port import Source

GROUP = "quillux.sources"

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_PORT = ("name", "dialect", "introspect", "profile", "sample", "estimate", "execute", "close")


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point. `problem` says why it is never opened: its name is no scheme, built in, or taken twice."""

    scheme: str
    package: str
    target: EntryPoint
    problem: str = ""

    def load(self) -> Opener:
        """What opens its sources. Raises SourceUnavailable when it may not, or can't be imported for any reason."""
        if self.problem:
            raise self._unusable(self.problem)
        try:
            opener = self.target.load()
        except (Exception, SystemExit) as error:
            raise self._unusable(f"it can't be imported ({_words(error)})") from error
        if not callable(opener):
            raise self._unusable(f"{self.target.value} is nothing that can be called")
        return cast(Opener, opener)

    def open(self, opening: Opening) -> Source:
        """The source. Raises SourceUnavailable, whatever the plugin raises."""
        opener = self.load()
        try:
            source = self._made(opener, opening)
        except SourceUnavailable as error:
            raise error from None  # what the plugin raised may hold the address
        missing = [part for part in _PORT if not hasattr(source, part)]
        if missing:
            raise self._unusable(f"what it gives is no source: {', '.join(missing)} missing")
        return source

    def _made(self, opener: Opener, opening: Opening) -> Source:
        try:
            return opener(opening)
        except SourceUnavailable:
            raise
        except (Exception, SystemExit) as error:
            raise self._unusable(f"it failed with {type(error).__name__}") from error

    def _unusable(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The plugin {self.package} for {self.scheme}:// is not used: {why}.",
            next_step="Update or uninstall it; `quillux source kinds` shows all plugins.",
        )


def plugins() -> tuple[Plugin, ...]:
    """All that are installed, by scheme; none of them is imported."""
    found = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    names = [point.name for point in found]
    return tuple(Plugin(point.name, _package(point), point, _problem(point.name, names)) for point in found)


def _problem(name: str, names: list[str]) -> str:
    if not _SCHEME.fullmatch(name):
        return f"{name[:40]!r} is no scheme of an address"
    if any(name.partition("+")[0] in kind.schemes or name in kind.schemes for kind in KINDS):
        return f"{name}:// is built in and stays so"
    if names.count(name) > 1:
        return f"{names.count(name)} plugins want {name}://, so none of them gets it"
    return ""


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value


def _words(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__
