"""Which words point back at the answer before: “them”, “their”, “there”, “those stores”, “each”, or nothing named."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Query
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.reading.draft import Reader
from knowledge.translation.words import Token


@dataclass(frozen=True, slots=True)
class Pointing:
    """How a text refers to what was asked before.

    `back` when words say so; `partly` when some of the rows are asked for (“which of them”); `place` for “there”;
    `each` when groups or rows are named by nothing but “each”; `more` for “also”; `only`, `compares` and
    `begins` for such a start; `joins` for “and”; `that` where “that” stands for a column.
    """

    back: bool = False
    partly: bool = False
    place: bool = False
    each: bool = False
    more: bool = False
    begins: bool = False
    only: bool = False
    compares: bool = False
    joins: bool = False
    that: bool = False


def pointing(tokens: Sequence[Token], reader: Reader) -> Pointing:
    """What the words of a text say of the question before."""
    lexicon = reader.lexicon
    words = [token.lower for token in tokens]
    text = f" {' '.join(token.lower for token in tokens if token.kind in ('word', 'number'))} "
    place, spoken = _there(words, lexicon), text.strip()
    return Pointing(
        back=place or _named_back(words, reader, lexicon),
        partly=any(f" {cue} " in text for cue in lexicon.follow["partly"]),
        place=place,
        each=_each(reader),
        more=any(f" {cue} " in text for cue in lexicon.follow["more"]),
        begins=begins(spoken, lexicon.follow["starts"]),
        only=begins(spoken, lexicon.follow["only"]),
        compares=begins(spoken, lexicon.follow["compares"]),
        joins=any(word in lexicon.follow["joins"] for word in words),
        that=_by_that(words, lexicon),
    )


def begins(text: str, cues: Sequence[str]) -> bool:
    """Whether a text begins with one of the cues."""
    return any(text == cue or text.startswith(cue + " ") for cue in cues)


def _named_back(words: Sequence[str], reader: Reader, lexicon: Lexicon) -> bool:
    """Whether a pronoun stands for something that this text itself does not name."""
    follow = lexicon.follow
    for at, word in enumerate(words):
        if _in_period(at, reader.chunks):
            continue
        before = words[at - 1] if at else ""
        named = _named_before(at, reader.chunks)
        joined = named and any(w in follow["joins"] for w in words[named:at])
        if word in follow["demonstratives"] and (word != "that" or _demonstrative(words, at, lexicon)):
            return True
        if word in follow["subjects"] and (not named or before in follow["auxiliaries"]):
            return True
        if word in follow["objects"] and not (named and joined):
            return True
        if word in follow["owners"] and not named:
            return True
        if word in follow["ones"] and not named:
            return True
    return False


def _by_that(words: Sequence[str], lexicon: Lexicon) -> bool:
    """“sort by that”."""
    follow = lexicon.follow
    pronouns = (*follow["demonstratives"], *follow["objects"])
    return any(a in follow["by"] and b in pronouns for a, b in pairwise(words))


def _demonstrative(words: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    """“that” points back at the end, behind a preposition or a verb; else it begins a clause."""
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    ends = after in ("", "?", ".", "!", ",")
    return ends or before in lexicon.follow["leads"] or after in lexicon.follow["ones"]


def _there(words: Sequence[str], lexicon: Lexicon) -> bool:
    """“held there”, not “there are”."""
    exists = lexicon.follow["exists"]
    return any(
        word in lexicon.follow["places"]
        and (at == 0 or words[at - 1] not in exists)
        and (at + 1 == len(words) or words[at + 1] not in exists)
        for at, word in enumerate(words)
    )


def _named_before(at: int, chunks: Sequence[Chunk]) -> int:
    """Where the last name of a table before a word ends; 0 when there is none."""
    return max((chunk.end for chunk in chunks if chunk.table and chunk.end <= at), default=0)


def _in_period(at: int, chunks: Sequence[Chunk]) -> bool:
    """“this month” is a time, nothing that was shown."""
    return any(chunk.period is not None and chunk.start <= at < chunk.end for chunk in chunks)


def _each(reader: Reader) -> bool:
    """“in each?”, “of each of them”: nothing follows that could be a group."""
    for at, chunk in enumerate(reader.chunks):
        if chunk.has("each") and not chunk.linked:
            rest = reader.chunks[at + 1 :]
            following = rest[0] if rest else None
            if following is None or not (following.linked or following.text.lower() in reader.lexicon.units):
                return True
    return False


def names_entity(reader: Reader) -> bool:
    """Whether the text says itself of which rows it speaks."""
    draft = reader.draft
    return bool(draft.focus or draft.shown or any(chunk.table for chunk in reader.chunks))


def definite(before: Query, tokens: Sequence[Token], reader: Reader) -> bool:
    """“Who is the artist?”: the one that belongs to what was shown."""
    draft, index = reader.draft, reader.index
    tables = [chunk for chunk in reader.chunks if chunk.table]
    if len(tables) != 1 or draft.filters or draft.groups or draft.orders or draft.limit or len(tokens) > 7:
        return False
    chunk = tables[0]
    article = tokens[chunk.start - 1].lower if chunk.start else tokens[chunk.start].lower
    near = min((index.graph.distance(table, chunk.table) for table in before.tables()), default=99)
    asks = reader.asked in ("who", "which") or tokens[0].lower in reader.lexicon.follow["asks"]
    return asks and article in reader.lexicon.follow["articles"] and chunk.table != before.focus and 0 < near <= 2
