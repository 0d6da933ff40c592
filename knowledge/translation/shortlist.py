"""Which few tables of a big catalog a question may be about: postings of words and values, the rare ones first."""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

from knowledge.catalog.model import Column, Table
from knowledge.translation.index import Said, expand, vocabulary
from knowledge.translation.labels import Labels, key_of
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.words import Token, lemma, pieces, plain, root
from knowledge.values.spelling import near

TABLES = 40
"""Tables that a question is linked against, before those that lie on the way between them."""
ON_THE_WAY = 20
_COMMON = 1_500
"""Tables that a word may be in before it only counts for tables that other words name."""
_WIDEST = 5
_SHARED = 8
"""Tables whose key is called the same; where more are, the name of a column says nothing."""
_ALWAYS = frozenset(("number", "code", "name", "id", "rate", "time", "date", "count"))
"""Words that rules put beside those of the question."""
_ORDINAL = 20
_HASH = (1 << 43) - 1


@dataclass(frozen=True, slots=True)
class Part:
    """What is remembered of one table: its words with their weight, hashes of its values."""

    table: Table
    words: tuple[tuple[str, float], ...]
    values: "array[int]"


@dataclass(frozen=True, slots=True)
class _Terms:
    """Words that stand for what a question says, with how surely, and hashes of values that it may spell."""

    words: Mapping[str, float]
    values: Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Found:
    """Scores of tables by ordinal, and what of the question they were found by."""

    scores: Mapping[int, float]
    said: Said


class Shortlist:
    """Postings of all tables of a catalog. Made from another one, only tables that changed are looked at again."""

    def __init__(
        self, tables: Sequence[Table], lexicon: Lexicon, labels: Labels, before: Sequence["Shortlist"]
    ) -> None:
        self.tables = tables
        self.ordinals = {key_of(table): at for at, table in enumerate(tables)}
        self.vocabularies = _vocabularies(tables, lexicon)
        self._lexicon = lexicon
        self._labels = labels
        self.parts, self.fresh = self._parts(before)
        self._words, self._weights = self._postings()
        self._values = array("Q", sorted(v | at for at, part in enumerate(self.parts) for v in part.values))

    def names(self, word: str) -> bool:
        """Whether any table or column has this word in its name."""
        return word in self._words

    def pick(self, scores: Mapping[int, float], kept: Iterable[int], only: frozenset[int] | None = None) -> list[int]:
        """The best tables, with those that keys need between them; `kept` come whatever they score.

        With `only`, no other tables are considered.
        """
        ranked = sorted((at for at in scores if only is None or at in only), key=lambda at: (-scores[at], at))
        chosen = list(dict.fromkeys([*kept, *ranked[:TABLES]]))
        return chosen + self._on_the_way(chosen, only)

    def found(self, tokens: Sequence[Token]) -> Found:
        """How well each table fits; only tables that a word or value points at."""
        terms = self._terms(tokens)
        scores: dict[int, float] = defaultdict(float)
        for word in sorted(terms.words, key=lambda word: len(self._words[word])):
            tables, weights = self._words[word], self._weights[word]
            worth = terms.words[word] * log(1 + len(self.tables) / len(tables))
            if len(tables) > _COMMON and len(scores) >= TABLES:
                for at in scores:
                    place = bisect_left(tables, at)
                    if place < len(tables) and tables[place] == at:
                        scores[at] += worth * weights[place]
            else:
                for at, weight in zip(tables, weights, strict=True):
                    scores[at] += worth * weight
        spelled = self._score_values(terms.values, scores)
        own = frozenset((*terms.words, *(token.lemma for token in tokens), *_joined(tokens)))
        return Found(scores, Said(own | _ALWAYS, own, frozenset(key_of(self.tables[at]) for at in spelled)))

    def _score_values(self, values: Sequence[tuple[int, float]], scores: dict[int, float]) -> set[int]:
        """Count stored values; the tables that have any of those that are not everywhere, or that count anyway."""
        spelled: set[int] = set()
        for number, worth in values:
            first = bisect_left(self._values, number)
            last = bisect_left(self._values, number + (1 << _ORDINAL))
            rare = worth * log(1 + len(self.tables) / max(1, last - first)) * 0.5
            few = last - first <= TABLES
            for entry in self._values[first:last]:
                at = entry & ((1 << _ORDINAL) - 1)
                if few or at in scores:
                    scores[at] += rare
                    spelled.add(at)
        return spelled

    def _terms(self, tokens: Sequence[Token]) -> _Terms:
        words: dict[str, float] = {}
        for token in tokens:
            for word, sure in self._meant(token):
                if word in self._words:
                    words[word] = max(words.get(word, 0.0), sure)
        values: dict[int, float] = {}
        for at in range(len(tokens)):
            for end in range(at + 1, min(len(tokens), at + _WIDEST) + 1):
                text = plain(" ".join(token.text for token in tokens[at:end]))
                if text and not (end == at + 1 and self._lexicon.roles((text,))):
                    values[_hash(text)] = float(end - at)
                    *rest, last = text.split(" ")
                    values.setdefault(_hash(" ".join((*rest, lemma(last)))), float(end - at))
        return _Terms(words, list(values.items()))

    def _meant(self, token: Token) -> Iterable[tuple[str, float]]:
        """Words that a token stands for: itself written out, synonyms, words of its root, what it misspells."""
        own = [lemma(word) for word in self._lexicon.abbreviations.get(token.lower, (token.lower,))]
        yield from ((word, 1.0) for word in own)
        yield token.lemma, 1.0
        if adjective := self._lexicon.adjectives.get(token.lower):
            yield from ((lemma(word), 0.5) for name in (*adjective.up, *adjective.down) for word in name.split())
        for other in self._lexicon.synonyms.get(token.lemma, ()):
            yield from ((word, 0.6) for word in other.split())
        yield from ((word, 0.4) for word in self._roots.get(root(token.lemma), ()) if len(token.lemma) > 3)
        unknown = not any(word in self._words for word in (*own, token.lemma)) and token.kind == "word"
        if unknown and len(token.lower) > 4 and not self._lexicon.roles((token.lower,)):
            yield from ((word, 0.7) for _, word in near(token.lemma, self._spelled)[:4])

    @cached_property
    def _roots(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._words:
            if len(word) > 3:
                found.setdefault(root(word), []).append(word)
        return found

    @cached_property
    def _spelled(self) -> list[str]:
        return [word for word in self._words if len(word) > 3]

    def part(self, table: Table, words: frozenset[str] | None) -> Part | None:
        """What is known of this very table, if names are still split in the same way."""
        at = self.ordinals.get(key_of(table))
        if at is None or self.vocabularies.get(table.source) != words:
            return None
        part = self.parts[at]
        return part if part.table is table or part.table == table else None

    def _parts(self, before: Sequence["Shortlist"]) -> tuple[list[Part], int]:
        names: dict[str, dict[str, tuple[str, ...]]] = {source: {} for source in self.vocabularies}
        made, fresh = [], 0
        for table in self.tables:
            words = self.vocabularies[table.source]
            part = next((found for old in before if (found := old.part(table, words))), None)
            if part is None:
                part, fresh = self._part(table, names[table.source]), fresh + 1
            made.append(part)
        return made, fresh

    def _part(self, table: Table, names: dict[str, tuple[str, ...]]) -> Part:
        """A table's name counts for more than those of its columns; a whole name for more than a word of it."""

        def words(name: str) -> tuple[str, ...]:
            if name not in names:
                names[name] = expand(name, self._lexicon, self.vocabularies[table.source])
            return names[name]

        weights: dict[str, float] = {}
        for name, base in [(table.name, 0.6), *((column.name, 0.3) for column in table.columns)]:
            own = words(name)
            for word in own:
                weights[word] = max(weights.get(word, 0.0), base + base / len(own))
        for word, weight in _beside(table):
            weights.setdefault(word, weight)
        values = {_hash(text) for column in table.columns for text in _texts(column)}
        return Part(table, tuple(weights.items()), array("Q", values))

    def _postings(self) -> tuple[dict[str, "array[int]"], dict[str, "array[float]"]]:
        words: dict[str, array[int]] = {}
        weights: dict[str, array[float]] = {}
        for at, part in enumerate(self.parts):
            for word, weight in part.words:
                words.setdefault(word, array("I")).append(at)
                weights.setdefault(word, array("f")).append(weight)
        return words, weights

    @cached_property
    def neighbours(self) -> dict[int, set[int]]:
        """Tables that keys join with each table, declared or plain from the names."""
        found: dict[int, set[int]] = defaultdict(set)
        at_label = {self._labels.of(table): at for at, table in enumerate(self.tables)}
        named = _by_key_name(self.tables)
        for at, table in enumerate(self.tables):
            targets = {at_label.get(self._labels.target(table, key), at) for key in table.keys}
            for column in table.columns if not table.keys else ():
                targets.update(named.get((table.source, table.schema, column.name.lower()), ()))
            for other in targets - {at}:
                found[at].add(other)
                found[other].add(at)
        return found

    def _on_the_way(self, chosen: Sequence[int], only: frozenset[int] | None) -> list[int]:
        """Tables that join two of the chosen ones, then those that the best of them refer to."""
        inside = set(chosen)
        met = Counter(other for at in chosen for other in self.neighbours.get(at, ()) if other not in inside)
        bridges = [at for at, joined in met.most_common(2 * ON_THE_WAY) if joined > 1]
        parents = [other for at in chosen[:8] for other in sorted(self.neighbours.get(at, ())) if other not in inside]
        found = [at for at in dict.fromkeys([*bridges[:ON_THE_WAY], *parents]) if only is None or at in only]
        return found[: ON_THE_WAY + 8]


def _joined(tokens: Sequence[Token]) -> Iterable[str]:
    """Words of the question run together, as names often are."""
    for width in (2, 3):
        for at in range(len(tokens) - width + 1):
            yield "".join(token.lemma for token in tokens[at : at + width])


def _vocabularies(tables: Sequence[Table], lexicon: Lexicon) -> dict[str, frozenset[str]]:
    homes: dict[str, list[Table]] = {}
    for table in tables:
        homes.setdefault(table.source, []).append(table)
    return {source: vocabulary(found, lexicon) for source, found in homes.items()}


def _by_key_name(tables: Sequence[Table]) -> dict[tuple[str, str, str], list[int]]:
    """Tables by source, schema and what a column that refers to them is usually called."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for at, table in enumerate(tables):
        if len(table.primary_key) == 1:
            key = table.primary_key[0].lower()
            names = {f"{lemma(table.name.lower())}_{key}"} | ({key} if key not in ("id", "name", "code") else set())
            for name in names:
                found.setdefault((table.source, table.schema, name), []).append(at)
    return {name: ats for name, ats in found.items() if len(ats) <= _SHARED}


def _beside(table: Table) -> Iterable[tuple[str, float]]:
    """Words for where a table is and what is said of it."""
    for piece in (*pieces(table.schema), *pieces(table.source)):
        yield lemma(piece), 0.3
    for comment in (table.comment, *(column.comment for column in table.columns)):
        for word in plain(comment).split()[:12] if comment else ():
            if len(word) > 3:
                yield lemma(word), 0.2


def _texts(column: Column) -> Iterable[str]:
    if column.type.numeric or column.type.temporal:
        return
    for stored in column.values:
        simple = stored.isascii() and stored.isalpha() and (stored.islower() or stored.istitle())
        text = stored.lower() if simple else plain(stored[:80])
        if text and not text.replace(" ", "").isdigit():
            yield text


def _hash(text: str) -> int:
    """A hash of a text, in the upper bits of a posting."""
    return (hash(text) & _HASH) << _ORDINAL
