"""The question cut into chunks, each with the roles, names, values, numbers or periods its words can mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.translation.index import PARTIAL, ROOT, STRIPPED, SYNONYM, Hit, Index, Target
from knowledge.translation.ir import Field
from knowledge.translation.lexicon import LONGEST, Lexicon, written_out
from knowledge.translation.spelling import respelled
from knowledge.translation.times import Clock, Period
from knowledge.translation.words import Token, lemma, plain, root

_GLUE = {"of", "the", "a", "an", "'s", "’s", "'", "in"}
_SOFT = {
    "light",
    "ignore",
    "agg",
    "adjective",
    "super",
    "contains",
    "top",
    "bottom",
    "null",
    "share",
    "rel",
    "equals",
    "both",
    "common",
    "rate",
    "beyond",
    "growth",
    "margin",
    "running",
    "ratio",
    "difference",
    "elapsed",
    "busy",
    "rank",
    "slow",
}


@dataclass(slots=True)
class Chunk:
    """Some words. `targets` best first; `table` and `columns` are filled in by the linker."""

    text: str
    start: int
    end: int
    roles: tuple[tuple[str, str], ...] = ()
    targets: list[Target] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    number: float | None = None
    period: Period | None = None
    quoted: bool = False
    capital: bool = False
    table: str = ""
    columns: tuple[Field, ...] = ()
    rivals: tuple[Target, ...] = ()
    tied: bool = False
    likely: int = 1

    def plays(self, role: str) -> str | None:
        """The argument of a role, or None when the words do not play it."""
        return next((arg for name, arg in self.roles if name == role), None)

    def has(self, *roles: str) -> bool:
        """Whether the words play any of the roles."""
        return any(name in roles for name, _ in self.roles)

    @property
    def linked(self) -> bool:
        """True when the words name a table or column."""
        return bool(self.targets)

    @property
    def value(self) -> bool:
        """True for words that can only be a value: quoted or found in the data."""
        return self.quoted or bool(self.hits)

    @property
    def unknown(self) -> bool:
        """True when nothing at all is known of the words."""
        return not (self.roles or self.targets or self.hits or self.quoted or self.period) and self.number is None


def chunk(tokens: Sequence[Token], index: Index, lexicon: Lexicon, today: date) -> list[Chunk]:
    """The best cut of the tokens into chunks, by dynamic programming over scored spans."""
    count = len(tokens)
    clock = Clock(tokens, lexicon, today)
    best: list[tuple[float, Chunk | None]] = [(0.0, None)] * (count + 1)
    for at in range(count - 1, -1, -1):
        best[at] = max(
            ((score + best[found.end][0], found) for score, found in _spans(tokens, at, index, lexicon, clock)),
            key=lambda entry: entry[0],
        )
    chunks, at = [], 0
    while at < count:
        found = best[at][1]
        if found is None:
            break
        chunks.append(found)
        at = found.end
    return chunks


def _spans(
    tokens: Sequence[Token], at: int, index: Index, lexicon: Lexicon, clock: Clock
) -> Iterator[tuple[float, Chunk]]:
    token = tokens[at]
    if token.kind == "term":
        yield 3.0, Chunk(token.text, at, at + 1, targets=list(index.told.get(token.lemma, ())))
        return
    if token.kind == "quoted":
        hits = index.values.get(plain(token.text), [])
        yield 2.0, Chunk(token.text, at, at + 1, quoted=True, hits=list(hits), capital=True)
        return
    period = clock.match(at)
    if period:
        stop, meant = period
        text = " ".join(t.text for t in tokens[at:stop])
        year = tokens[stop - 1].value if stop - at == 2 and tokens[stop - 1].kind == "number" else None
        yield (stop - at) * 1.2, Chunk(text, at, stop, period=meant, number=year)
    if token.kind in ("number", "day"):
        yield from _number(tokens, at, lexicon)
    longest = max(LONGEST, index.longest_value)
    for end in range(at + 1, min(len(tokens), at + longest) + 1):
        found = _span(tokens, at, end, index, lexicon)
        if found:
            yield found
    yield -0.2, Chunk(token.text, at, at + 1, capital=token.capital)


def _number(tokens: Sequence[Token], at: int, lexicon: Lexicon) -> Iterator[tuple[float, Chunk]]:
    token = tokens[at]
    yield 1.0, Chunk(token.text, at, at + 1, number=token.value, quoted=token.kind == "day")
    following = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    if token.value is not None and following in lexicon.magnitudes:
        number = token.value * lexicon.magnitudes[following]
        yield 2.1, Chunk(f"{token.text} {following}", at, at + 2, number=number)


def _span(tokens: Sequence[Token], at: int, end: int, index: Index, lexicon: Lexicon) -> tuple[float, Chunk] | None:
    """Everything that the words from `at` to `end` can mean, merged into one chunk."""
    words, width = tokens[at:end], end - at
    if any(token.kind in ("quoted", "term") for token in words):
        return None
    lower = tuple(token.lower for token in words)
    made = Chunk(" ".join(token.text for token in words), at, end, capital=words[0].capital)
    score = 0.0
    made.roles = lexicon.roles(lower)
    if made.roles:
        score = width * (0.75 if made.roles[0][0] == "ignore" else 1.0) + 0.05 * (width - 1)
    named = _named(words, index, lexicon) if words[0].kind == "word" and words[-1].kind == "word" else (0.0, [])
    soft = any(role in _SOFT for role, _ in made.roles) or (
        made.has("show") and _amid(tokens, at) and bool(named[1]) and named[1][0].score >= STRIPPED
    )
    hard = bool(made.roles) and not soft
    ranks = made.has("rank") and at > 2  # “their rank” far from the start of a question is a name
    spoken = made.has("margin") or (made.has("light") and not made.has("prep"))
    vague = bool(made.roles) and not spoken and not ranks and bool(named[1]) and named[1][0].score < 0.9 and width == 1
    light = made.has("light")
    if named[1] and not (hard and width == 1) and not vague and (light or ranks or named[0] > score - 0.3):
        made.targets, score = named[1], max(score, named[0])
    beside = light and _beside(tokens, at, lower, index, lexicon)
    hits, worth = _stored(words, lower, index, bool(made.roles) and not beside, at)
    table = bool(made.targets) and not made.targets[0].column and made.targets[0].score == 1.0
    owned = at > 0 and tokens[at - 1].lower in ("their", "its")
    if hits and worth > score - 0.3 and not (table and owned):
        made.hits, score = hits, max(score, worth)
    if width == 1 and lower[0] in lexicon.numbers and not made.targets:
        made.number, score = float(lexicon.numbers[lower[0]]), max(score, 0.95)
    return (score, made) if score > 0 else None


def _amid(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word stands where no sentence begins, so that “state” and “name” are no commands."""
    return at > 0 and tokens[at - 1].kind == "word" and tokens[at - 1].lower not in ("please", "then", "also")


def _beside(tokens: Sequence[Token], at: int, lower: tuple[str, ...], index: Index, lexicon: Lexicon) -> bool:
    """Whether a verb that is a stored value too stands beside what it belongs to: “status paid”, “many paid orders”."""
    before = {token.lemma for token in tokens[max(0, at - 2) : at]}
    hits = index.values.get(" ".join(lower), ())
    after = tokens[at + len(lower)].lemma if at + len(lower) < len(tokens) else ""
    counted = lexicon.roles(tuple(token.lower for token in tokens[max(0, at - 2) : at]))
    if any(role == "count" for role, _ in counted) and any(index.words[(h.field.table, "")] == (after,) for h in hits):
        return True
    return any(before & set(index.words[(hit.field.table, hit.field.column)]) for hit in hits)


def _stored(
    words: Sequence[Token], lower: tuple[str, ...], index: Index, busy: bool, at: int
) -> tuple[list[Hit], float]:
    """Values of the data that the words spell, and how much that is worth."""
    width = len(words)
    if width > index.longest_value or words[0].kind == "mark" or words[-1].kind == "mark":
        return [], 0.0
    text = " ".join(token.lower for token in words if token.kind != "mark")
    hits = index.values.get(text)
    if not hits and frozenset(token.lemma for token in words) not in index.meant:
        hits = index.values.get(" ".join((*text.split(" ")[:-1], lemma(lower[-1]))))
    if not hits or (width == 1 and len(text) < 2):
        return [], 0.0
    capital = words[0].capital and (at > 0 or width > 1)
    if width == 1 and (busy or len(text) < 3) and not capital:
        return [], 0.0
    return list(hits), width * (1.1 if capital or width > 1 else 0.85) + 0.1 * (width - 1)


def _named(words: Sequence[Token], index: Index, lexicon: Lexicon) -> tuple[float, list[Target]]:
    """Tables and columns that the words name, with the worth of the span."""
    lemmas = [part for t in words if t.lower not in _GLUE for part in written_out(t, lexicon)]
    width = len(words)
    if not lemmas or len(lemmas) > 6 or (words[0].lower in _GLUE) or words[-1].lower in _GLUE:
        return 0.0, []
    glued = any(token.lower in _GLUE for token in words)
    found = index.exact.get(frozenset(lemmas)) or (index.exact.get(frozenset({"".join(lemmas)})) if width > 1 else None)
    targets = [Target(table, column, score) for (table, column), score in (found or {}).items()]
    if glued and frozenset(lemmas) not in index.meant:
        targets = [t for t in targets if t.column and _counts(lemmas, index.words[(t.table, t.column)])]
    if targets and max(t.score for t in targets) > 0.55:
        top = max(t.score for t in targets)
        extra = _partial(lemmas, index, {(t.table, t.column) for t in targets}) if width == 1 and top < 0.9 else []
        return width * (0.95 + 0.1 * top) + 0.36 * (width - 1), _ranked(targets + extra, index)
    if glued:
        return 0.0, []
    targets = _partial(lemmas, index, set())
    if targets:
        return 0.8 * width + 0.25 * (width - 1), _ranked(targets, index)
    return _loose(lemmas, index, lexicon) if width == 1 and words[0].kind == "word" else (0.0, [])


def _counts(lemmas: Sequence[str], words: Sequence[str]) -> bool:
    """“number of students” is `num_students` or `student_count`, and never the identifier `student_number`."""
    if lemmas[0] == "number":
        return set(lemmas[1:]) <= set(words) and (words[0] == "number" or words[-1] == "count")
    return set(lemmas) <= set(words)


def _partial(lemmas: Sequence[str], index: Index, known: set[tuple[str, str]]) -> list[Target]:
    """Names that hold all the words and more."""
    shared = set.intersection(*(index.by_word.get(word, set()) for word in lemmas)) - known
    found = []
    for at in shared:
        words = index.words[at]
        own = [w for w in words if not at[1] or w not in index.words[(at[0], "")]] or list(words)
        coverage = len(set(lemmas) & set(own)) / len(own)
        head = 0.08 if words[-1] in lemmas else 0.0
        found.append(Target(at[0], at[1], PARTIAL + 0.35 * coverage + head - (0.0 if at[1] else 0.05)))
    return found


def _loose(lemmas: Sequence[str], index: Index, lexicon: Lexicon) -> tuple[float, list[Target]]:
    """Synonyms, then words of the same root."""
    word = lemmas[0]
    found: dict[tuple[str, str], float] = {}
    for other in lexicon.synonyms.get(word, ()):
        exact = index.exact.get(frozenset(other.split()), {})
        for at, score in exact.items():
            found[at] = max(found.get(at, 0.0), SYNONYM * score)
        if not exact:
            for at in index.by_word.get(other, ()):
                found.setdefault(at, PARTIAL)
    if found:
        return 0.7, _ranked([Target(*at, score) for at, score in found.items()], index)
    related = index.by_root.get(root(word), set()) if len(word) > 3 else set()
    if not related and len(word) > 5:
        short = [w for w in index.by_word if len(w) > 3 and (word.startswith(w) or w.startswith(word))]
        related = {at for w in short[:3] for at in index.by_word[w]}
    if related:
        return 0.4, _ranked([Target(*at, ROOT) for at in related], index)
    return 0.0, []


def _ranked(targets: list[Target], index: Index) -> list[Target]:
    """The best targets first; a column that every table has is one of each."""
    return sorted(targets, key=lambda t: (-t.score, t.table, t.column))[: max(24, len(index.tables))]


def spread(tokens: Sequence[Token], index: Index) -> list[Token]:
    """“first and last names” with the noun that both words share beside each of them."""
    made = list(tokens)
    for at in range(len(tokens) - 2, 0, -1):
        noun, word = tokens[at + 1], tokens[at]
        before = at - 1
        while before >= 0 and tokens[before].lower in ("and", "or", ",", "the", "as", "well"):
            before -= 1
        if before in (at - 1, -1) or not _shares(tokens[before], word, noun, index):
            continue
        if before and frozenset({tokens[before - 1].lemma, tokens[before].lemma}) in index.exact:
            continue
        made.insert(before + 1, noun)
    return made


def _shares(first: Token, second: Token, noun: Token, index: Index) -> bool:
    """Whether two words make, each with the same noun, the names of two columns of one table."""
    if "word" not in (first.kind, second.kind, noun.kind) or frozenset({first.lemma}) in index.exact:
        return False
    pairs = [index.exact.get(frozenset({word.lemma, noun.lemma}), {}) for word in (first, second)]
    return any(column and score >= SYNONYM and (table, column) not in pairs[1] and any(
        other == table and good >= SYNONYM for (other, _), good in pairs[1].items())
        for (table, column), score in pairs[0].items())  # fmt: skip


def respell(tokens: Sequence[Token], index: Index, lexicon: Lexicon) -> list[Token]:
    """The tokens as they were meant: put right, what is shared spread out, and ended as a sentence is."""
    fixed = respelled(tokens, index, lexicon)
    if fixed and fixed[-1].text not in (".", "?", "!"):
        fixed.append(Token(".", ".", ".", "mark"))
    return spread(fixed, index)
