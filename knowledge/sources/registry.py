"""From an address to a source: by its scheme or its ending, built in or by plugin."""

import re
from typing import overload

from knowledge.errors import SourceUnavailable
from knowledge.sources.kinds import by_path, by_scheme
from knowledge.sources.opening import Opening
from knowledge.sources.plugins import plugins
from knowledge.sources.port import Source

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


@overload
def open_source(opening: Opening, /) -> Source: ...
@overload
def open_source(address: str, name: str, /) -> Source: ...
def open_source(what: Opening | str, name: str = "", /) -> Source:
    """The source behind an opening, or behind an address that needs no more; nothing is connected or read yet.

    Raises SourceUnavailable for an address of no known kind, one whose package is not installed, and one whose plugin
    can't be used; the address itself may hold a password and is never shown.
    """
    opening = what if isinstance(what, Opening) else Opening(name, what)
    scheme = _SCHEME.match(opening.address)
    if scheme is None:
        kind = by_path(opening.address)
        return kind.open(opening) if kind else _nothing(opening.name)
    wanted = scheme[1].lower()
    if kind := by_scheme(wanted):
        return kind.open(opening)
    found = [plugin for plugin in plugins() if plugin.scheme == wanted]
    return found[0].open(opening) if found else _nothing(opening.name)


def _nothing(name: str) -> Source:
    raise SourceUnavailable(
        f"The address of the source “{name}” is of no known kind, or there is nothing at its path.",
        next_step=(
            "Give sqlite:///file.db, postgresql://user@host/database, or the path of a file or folder; "
            "`quillux source kinds` shows all kinds."
        ),
    )
