"""What a foreign library says about a failure, in words that may be shown."""

import re

_ADDRESS = re.compile(r"://\S+")
_SECRET = re.compile(r"(?i)\b(password|passwd|pwd|token|secret|api[-_]?key|authorization)\b(\s*[=:]\s*)\S+")
LONGEST = 300


def words(error: BaseException) -> str:
    """The first line of its text, without addresses and secrets; its type where it says little."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    text = _SECRET.sub(r"\1\2…", _ADDRESS.sub("://…", lines[0]))[:LONGEST].rstrip(".: ")
    bare = isinstance(error, LookupError | TypeError | AttributeError)
    return f"{type(error).__name__} {text}" if bare else text
