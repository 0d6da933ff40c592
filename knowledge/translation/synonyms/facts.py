"""What everybody knows of stored values: that the French are from France, that CA is California and F is female."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.translation.words import plain


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing of a kind: names, codes, and words for what belongs to it, all as they are looked up."""

    kind: str
    names: tuple[str, ...]
    codes: tuple[str, ...]
    belonging: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Facts by each of their words. `columns` tells by kind which words the name of a column has that holds codes."""

    by_word: Mapping[str, tuple[Fact, ...]]
    columns: Mapping[str, frozenset[str]]
    narrow: frozenset[str]

    def spoken(self, stored: str, column: Iterable[str]) -> Iterator[str]:
        """What else people say for a stored value of a column whose name has these words."""
        text, words = plain(stored[:80]), frozenset(column)
        for fact in self.by_word.get(text, ()):
            home = not words.isdisjoint(self.columns.get(fact.kind, frozenset()))
            if home or (text in fact.names and fact.kind not in self.narrow):
                yield from (word for word in (*fact.names, *fact.codes, *fact.belonging) if word != text)

    def names(self, text: str) -> tuple[str, ...]:
        """Other names of what a word stands for, but for codes of two letters, which may be anything."""
        facts = [fact for fact in self.by_word.get(plain(text), ()) if fact.kind not in self.narrow]
        known = [fact for fact in facts if plain(text) not in fact.codes or len(text) > 2]
        names = (name for fact in known for name in (*fact.names, *fact.codes))
        return tuple(name for name in names if name != plain(text) and len(name) > 2)


@cache
def facts(language: str = "en") -> Facts:
    """The facts in the words of a language; none where there is no file. Raises ValueError for a broken file."""
    path = Path(__file__).parent / language / "facts.yaml"
    if not language.isalpha() or not path.exists():
        return Facts({}, {}, frozenset())
    data = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    if not isinstance(data, dict):
        raise ValueError(f"{path.name} of “{language}” is not a table; see knowledge/translation/synonyms.")
    return _made(data)


def _made(data: dict[str, Any]) -> Facts:
    columns = {str(kind): frozenset(map(str, words)) for kind, words in data.pop("columns", {}).items()}
    narrow = frozenset(map(str, data.pop("narrow", ())))
    found: dict[str, list[Fact]] = {}
    for kind, lines in data.items():
        for line in lines:
            names, codes, belonging = ([plain(p) for p in part.split(",")] for part in f"{line};;".split(";")[:3])
            fact = Fact(str(kind), *(tuple(filter(None, part)) for part in (names, codes, belonging)))
            for word in dict.fromkeys((*fact.names, *fact.codes, *fact.belonging)):
                found.setdefault(word, []).append(fact)
    return Facts({word: tuple(known) for word, known in found.items()}, columns, narrow)
