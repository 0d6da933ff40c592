"""What the model is told: the tables that matter, the question, and what was said before, within a budget.

All that others wrote travels as one JSON document between tags which it cannot close, because `<` is escaped in it.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from knowledge.catalog.model import Catalog, Column, Table
from knowledge.translation.assisted.port import Briefing, Prompt
from knowledge.translation.model import Context, Interpretation, Read, Translation
from knowledge.translation.words import clean, lemma, pieces, plain, root, tokenise

MOST_CHARACTERS = 24_000
"""Of the tables in a prompt; a token of schema is about four characters."""
MOST_COLUMNS = 60
MOST_VALUES = 8
FEW = 40
"""Columns with up to so many repeated values are codes and shown; of others, such as names, what the question says."""
LAST = 4
"""Earlier questions that are told."""
NOTHING = Briefing()


MOST_EXAMPLES = 6
MOST_TERMS = 30
WAYS = ("tables", "backwards", "cautious")
"""How all candidates but the first are told to go about it, in turn."""


def asks(
    question: str,
    catalog: Catalog,
    context: Context,
    translation: Translation,
    briefing: Briefing,
    *,
    many: int,
    samples: bool,
) -> list[Prompt]:
    """The first prompts of so many candidates: the same facts, told to go about it in different ways."""
    first = ask(question, catalog, context, translation, samples=samples, briefing=briefing)
    ways = (_text(f"{WAYS[at % len(WAYS)]}.md") for at in range(many - 1))
    return [first, *(Prompt(f"{first.system}\n\n{way}", first.turns) for way in ways)][:many]


def ask(
    question: str,
    catalog: Catalog,
    context: Context,
    translation: Translation,
    *,
    samples: bool,
    briefing: Briefing = NOTHING,
) -> Prompt:
    """The first prompt. Without `samples` no stored value leaves, except as the question says it, and so no example.

    The rules' reading says which tables are likely, but is not told: who votes must not copy.
    """
    best = translation.interpretations[0] if isinstance(translation, Read) else None
    spoken = f" {plain(clean(question))} " if samples else ""
    data: dict[str, Any] = {
        "today": context.today.isoformat(),
        "question": clean(question),
        "sources": _sources(_ranked(question, catalog, best), catalog, spoken),
        "earlier": [{"question": told.question, "sql": told.sql} for told in context.history[-LAST:]],
    }
    if briefing.examples and samples:
        data["examples"] = [
            {"question": e.question[:400], "source": e.source, "sql": e.sql[:2_000]}
            for e in briefing.examples[:MOST_EXAMPLES]
        ]
    if briefing.terms:
        data["terms"] = {t.name[:80]: t.meaning[:300] for t in briefing.terms[:MOST_TERMS]}
    return Prompt(_text("propose.md"), (_enclosed(data),))


def repair(prompt: Prompt, reply: str, problem: str) -> Prompt:
    """The same prompt with what came back and what is wrong with it."""
    told = f"{_text('repair.md')}\n{_enclosed({'problem': problem[:1_000]})}"
    return Prompt(prompt.system, (*prompt.turns, reply[:4_000] or "(nothing)", told))


def nothing(prompt: Prompt, reply: str) -> Prompt:
    """The same prompt with a reply whose query gave no rows."""
    return Prompt(prompt.system, (*prompt.turns, reply[:4_000], _text("nothing.md")))


@cache
def _text(name: str) -> str:
    return (Path(__file__).parent / "prompts" / name).read_text(encoding="utf-8").strip()


def _enclosed(data: dict[str, Any]) -> str:
    return f"<data>\n{json.dumps(data, ensure_ascii=False).replace('<', chr(92) + 'u003c')}\n</data>"


def _sources(tables: Iterable[Table], catalog: Catalog, spoken: str) -> dict[str, Any]:
    """The likeliest tables by source, as many as the budget holds."""
    found: dict[str, Any] = {}
    left = MOST_CHARACTERS
    for table in tables:
        described = _table(table, spoken)
        left -= len(json.dumps(described, ensure_ascii=False))
        if left < 0 and found:
            break
        dialect = catalog.dialects.get(table.source, "")
        found.setdefault(table.source, {"dialect": dialect, "tables": []})["tables"].append(described)
    return found


def _table(table: Table, spoken: str) -> dict[str, Any]:
    name = f"{table.schema}.{table.name}" if table.schema else table.name
    described: dict[str, Any] = {
        "name": name,
        "columns": [_column(c, table, spoken) for c in table.columns[:MOST_COLUMNS]],
    }
    if table.primary_key:
        described["key"] = ", ".join(table.primary_key)
    if table.keys:
        described["joins"] = [
            f"{', '.join(key.columns)} = {key.target}({', '.join(key.target_columns)})" for key in table.keys
        ]
    if table.comment:
        described["comment"] = table.comment[:200]
    return described


def _column(column: Column, table: Table, spoken: str) -> str:
    parts = [f"{column.name} {column.type.value}{f' in {column.unit}' if column.unit else ''}"]
    if column.comment:
        parts.append(f"({column.comment[:120]})")
    values = _values(column, table, spoken)
    if values:
        parts.append(f"values: {json.dumps(values, ensure_ascii=False)}")
    return " ".join(parts)


def _values(column: Column, table: Table, spoken: str) -> list[str]:
    """Stored values that help: those of a code, and any that the question says. None where `spoken` is empty."""
    if not spoken or column.type.numeric or column.type.temporal:
        return []
    said = [value[:60] for value in column.values if f" {plain(value[:60])} " in spoken]
    different = column.distinct or FEW + 1
    repeated = different <= FEW and different < (table.rows or 0) - (column.nulls or 0)
    codes = [value[:60] for value in column.values] if repeated else []
    return list(dict.fromkeys([*said, *codes]))[:MOST_VALUES]


def _ranked(question: str, catalog: Catalog, best: Interpretation | None) -> list[Table]:
    """All tables: first those of the rules' reading, then by words shared with the question, then their neighbours."""
    asked = {root(token.lower) for token in tokenise(clean(question)) if token.kind == "word"}
    read = {(best.source, name.lower()) for name in best.tables} if best else set()
    scores = {
        (table.source, table.name): 20 * ((table.source, table.name.lower()) in read) + _shared(asked, table)
        for table in catalog.tables
    }
    neighbours = {key for table in catalog.tables if scores[_key(table)] > 1 for key in _linked(table)}
    return sorted(catalog.tables, key=lambda table: -(scores[_key(table)] + (_key(table) in neighbours)))


def _shared(asked: set[str], table: Table) -> int:
    own = len(asked & _roots((table.name,)))
    return 4 * own + 2 * len(asked & _roots(tuple(column.name for column in table.columns)))


@lru_cache(maxsize=20_000)
def _roots(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(root(lemma(piece)) for name in names for piece in pieces(name))


def _key(table: Table) -> tuple[str, str]:
    return table.source, table.name


def _linked(table: Table) -> Sequence[tuple[str, str]]:
    return [(table.source, key.target) for key in table.keys]
