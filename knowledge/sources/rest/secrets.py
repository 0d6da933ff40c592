"""Secrets stand in a description by reference only."""

import re

from knowledge.sources.rest.part import Part

REFERENCE = re.compile(r"\$\{[a-z]+:[^${}]+\}")
_NAMED = re.compile(r"(?i)(authorization|cookie|secret|password|passwd|token|api[-_]?key|^x-.*key$|access[-_]?key)$")
_SHAPED = re.compile(
    r"^(Bearer |Basic )\S{8,}|\b(sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bAKIA[0-9A-Z]{16}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.|\bxox[abp]-\S{10,}|://[^/\s@]+:[^/\s@]+@"
)
_RANDOM = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/=_-]{32,}")
_RIGHT_WAY = "Write ${env:NAME} there and give the secret by the environment, a file or a vault."


def by_reference(part: Part) -> str:
    """The text of a key that is secret by nature. Raises Wrong unless it is a reference."""
    if not REFERENCE.search(part.text()):
        raise part.wrong("holds a secret in plain text", _RIGHT_WAY)
    return part.text()


def no_plain_secrets(whole: Part) -> None:
    """Raises Wrong for any text that looks like a secret, or stands at a key that is named like one."""
    for part in whole.texts():
        text = REFERENCE.sub("", part.text())
        name = part.path.rpartition(".")[2]
        named = bool(_NAMED.search(name)) and _holds_settings(part.path) and text == part.text() and text != ""
        if named or _SHAPED.search(text) or _RANDOM.fullmatch(text):
            raise part.wrong("holds what looks like a secret in plain text", _RIGHT_WAY)


def _holds_settings(path: str) -> bool:
    """Whether a value is sent as it stands; `token: text` among columns is a type."""
    return ".params." in path or path.startswith("headers.")
