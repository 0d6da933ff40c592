"""Takes secrets out of whatever is shown: all that were ever looked up, and passwords in addresses."""

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "…"
MOST = 2_000
"""Forms of secrets that are remembered, the latest ones: tokens come anew each hour."""
SHORT = 6
"""A shorter secret is hidden only where it stands as a word, or every log line would be full of holes."""

_ADDRESS = re.compile(r"(?<=://)([^\s/?#:@\"'`<>]*):(?!\$\{[^{}]*\}@)(?!\d{1,5}(?:[/?#\s]|$))([^\s\"'`<>]{1,1000})@")
_NAMED = re.compile(
    r"(?i)(?<![a-z0-9_-])((?:[a-z0-9_-]*[_-])?(?:password|passwd|pwd|secret|token|(?:api|access|secret|private|account)[_-]?key|sig)"
    r"[\"']?\s*[=:]\s*[\"']?)(?!\$\{)([^\s&;,\"'`<>]+)"
)


class Redaction:
    """The secrets of this process. `repr` tells how many there are and nothing else."""

    def __init__(self) -> None:
        self._long: OrderedDict[str, None] = OrderedDict()
        self._short: OrderedDict[str, re.Pattern[str]] = OrderedDict()

    def __repr__(self) -> str:
        return f"Redaction({len(self._long) + len(self._short)} forms)"

    def add(self, secret: str) -> None:
        """Hide this from now on: as it is, and as addresses, JSON and Python write it."""
        for form in _forms(secret):
            if len(form) < SHORT:
                self._short[form] = re.compile(rf"(?<!\w){re.escape(form)}(?!\w)")
            else:
                self._long[form] = None
                self._long.move_to_end(form)
        for kept in (self._long, self._short):
            while len(kept) > MOST:
                kept.popitem(last=False)

    def text(self, text: str) -> str:
        """The text without secrets."""
        found = [secret for secret in list(self._long) if secret in text]
        for secret in sorted(found, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        for pattern in list(self._short.values()):
            text = pattern.sub(HIDDEN, text)
        text = _ADDRESS.sub(rf"\1:{HIDDEN}@", text)
        return _NAMED.sub(rf"\1{HIDDEN}", text)

    def value(self, value: Any) -> Any:
        """Any value of a log line: texts within it without secrets; what is no plain value becomes such a text."""
        match value:
            case str():
                return self.text(value)
            case bool() | int() | float() | None:
                return value
            case Mapping():
                return {self.text(str(name)): self.value(item) for name, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(item) for item in value]
            case _:
                return self.text(str(value))

    def __call__(self, _logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """As a processor of structlog, to stand after exceptions were formatted and before the renderer."""
        for name, item in event.items():
            if not name.startswith("_") and name != "exc_info":
                event[name] = self.value(item)
        return event


REDACTION = Redaction()
"""Of this process: logs and errors go through it."""


def _forms(secret: str) -> set[str]:
    """All ways in which the secret may stand in a text; of one with several lines each longer line by itself too."""
    parts = {secret, *(line.strip() for line in secret.splitlines() if len(line.strip()) >= 16)}
    written = {quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {form for form in parts | written if form.strip()}
