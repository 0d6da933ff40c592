"""Questions with everyday words in place of those that the schema is made of; `synonyms.yaml` has the words."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from knowledge.catalog.model import Catalog
from knowledge.translation.words import lemma, pieces, root

MOST = 2
"""Words of one question that are replaced."""
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|[A-Za-z][A-Za-z-]*|[^A-Za-z]")
_BEFORE = {"order": {"in", "ascending", "descending", "alphabetical", "sort", "increasing", "decreasing", "the"}}
_AFTER = {"order": {"by", "of", "them"}, "number": {"of"}, "total": {"of", "number"}, "amount": {"of"}}
_ONLY_BEFORE = {"first": "name", "last": "name"}
_COMMANDS = {"show", "name", "order", "state", "number", "find", "end", "rank"}


def held_word(word: str) -> bool:
    """Half of the words are held out, by hash: what goes wrong with them is never read."""
    return hashlib.sha256(word.encode()).digest()[0] % 2 == 0


@cache
def substitutes(part: str) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Kind and phrases for each word of a part: tune, held or all."""
    data = yaml.safe_load((Path(__file__).parent / "synonyms.yaml").read_text("utf-8"))
    return {
        str(word): (kind, tuple(map(str, phrases)))
        for kind, words in data.items()
        for word, phrases in words.items()
        if part == "all" or held_word(str(word)) == (part == "held")
    }


def vary(question: str, key: str, catalog: Catalog, gold: str, part: str) -> str:
    """The question with up to two schema words replaced, the same way for the same `key`.

    Words that are part of a value (they stand in a literal of the gold query), and words with another role in the
    sentence (“in ascending order”), stay.
    """
    known, roots = _schema_words(tuple(name for t in catalog.tables for name in (t.name, *(c.name for c in t.columns))))
    values = {
        word for literal in re.findall(r"'[^']*'|\"[^\"]*\"", gold.lower()) for word in re.findall(r"\w+", literal)
    }
    tokens = _WORD.findall(question)
    words = [at for at, token in enumerate(tokens) if token[0].isalpha()]
    found: dict[str, list[int]] = {}
    for place, at in enumerate(words):
        base = _base(tokens[at].lower(), part)
        near = [tokens[words[i]].lower() if 0 <= i < len(words) else "" for i in (place - 1, place + 1)]
        if base is None or tokens[at].lower() in values or not _replaceable(base, place, near):
            continue
        noun = substitutes(part)[base][0] == "nouns"
        proper = tokens[at][0].isupper() and place > 0
        if (lemma(base) in known if noun else root(base) in roots) and not proper:
            found.setdefault(base, []).append(at)
    chosen = sorted(found, key=lambda word: _number(key + word))[:MOST]
    for base in chosen:
        phrases = substitutes(part)[base][1]
        phrase = phrases[_number(key) % len(phrases)]
        for at in found[base]:
            tokens[at] = _inflected(tokens[at], base, phrase)
    return _articles("".join(tokens)) if chosen else question


@cache
def _schema_words(names: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Lemmas and roots of the words that names of tables and columns are made of."""
    words = frozenset(lemma(piece) for name in names for piece in pieces(name))
    return words, frozenset(root(word) for word in words)


def _base(word: str, part: str) -> str | None:
    known = substitutes(part)
    return word if word in known else lemma(word) if lemma(word) in known else None


def _replaceable(base: str, place: int, near: list[str]) -> bool:
    before, after = near
    if place == 0 and base in _COMMANDS:
        return False
    if base in _ONLY_BEFORE and lemma(after) != _ONLY_BEFORE[base]:
        return False
    return before not in _BEFORE.get(base, ()) and after not in _AFTER.get(base, ())


def _inflected(word: str, base: str, phrase: str) -> str:
    """The phrase in the number of the word, with its capital."""
    plural = word.lower() != base and word.lower().endswith(("s", "men", "people", "children"))
    if plural:
        *rest, last = phrase.split(" ")
        phrase = " ".join((*rest, _plural(last)))
        if " of " in phrase:
            head, _, tail = phrase.partition(" of ")
            phrase = f"{_plural(head)} of {lemma(tail)}"
    return phrase[:1].upper() + phrase[1:] if word[0].isupper() else phrase


def _plural(word: str) -> str:
    if word.endswith("man"):
        return word[:-3] + "men"
    if word.endswith(("s", "x", "ch", "sh")):
        return word if word.endswith("s") else word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeou" else word + "s"


def _articles(text: str) -> str:
    text = re.sub(r"\b([Aa])n (?=[bcdfghjklmnpqrstvwxyz])", r"\1 ", text)
    return re.sub(r"\b([Aa]) (?=[aeio])", r"\1n ", text)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
