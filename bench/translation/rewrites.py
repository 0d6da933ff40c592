"""Questions that ask the same in words which take some knowledge of the world; `rewrites.yaml` has the rules."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bench.translation.synonyms import held_word


def rewritten(question: str, part: str) -> str:
    """The question as the first rule of the part (tune, held or all) that fits makes it; else unchanged."""
    for pattern, becomes in _rules(part):
        made = pattern.sub(becomes, question, count=1)
        if made != question:
            return made[:1].upper() + made[1:]
    return question


@cache
def _rules(part: str) -> tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    data = yaml.safe_load((Path(__file__).parent / "rewrites.yaml").read_text("utf-8"))
    names = {**data["parts"], **{slot: _any(_table(slot, data)) for slot in ("COUNTRY", "STATE", "STATE_CODE")}}
    found = []
    for name, (pattern, becomes) in data["rules"].items():
        if part == "all" or held_word(name) == (part == "held"):
            cased = re.I if "STATE" not in pattern and "COUNTRY" not in pattern and "US" not in pattern else re.NOFLAG
            found.append((re.compile(pattern.format(**names), cased), _filled(becomes, data)))
    return tuple(found)


def _any(table: dict[str, str]) -> str:
    return "(?P<named>" + "|".join(map(re.escape, table)) + ")"


def _table(slot: str, data: Any) -> dict[str, str]:
    """What each word that a slot matches is replaced by."""
    match slot:
        case "COUNTRY":
            return dict(data["countries"])
        case "STATE_CODE":
            return dict(data["states"])
        case _:
            return {name: code for code, name in data["states"].items()}


def _filled(becomes: str, data: Any) -> str | Callable[[re.Match[str]], str]:
    """A replacement that also fills the slots of tables."""

    def fill(match: re.Match[str]) -> str:
        text = match.expand(re.sub(r"\{\w+\}", "\x00", becomes))
        named = match.groupdict().get("named") or ""
        for slot, table in (("{DEMONYM}", "COUNTRY"), ("{STATE}", "STATE_CODE"), ("{STATE_CODE}", "STATE")):
            if slot in becomes:
                return text.replace("\x00", _table(table, data)[named])
        if "{NUMBER}" in becomes:
            return text.replace("\x00", data["numbers"][int(match.group(2))])
        return text.replace("\x00", match.group(1)[:3])

    return fill if "{" in becomes else becomes
