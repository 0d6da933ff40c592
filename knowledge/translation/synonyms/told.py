"""What the card says of words that were taken for the names of something else."""

from collections.abc import Iterator, Sequence

from knowledge.translation.chunks import Chunk
from knowledge.translation.headings import called, table_name
from knowledge.translation.index import Index, Target
from knowledge.translation.ir import Field, Query
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.linking import option_id, phrase_id
from knowledge.translation.model import Assumption, Option
from knowledge.translation.synonyms.meant import written
from knowledge.translation.words import tokenise

MOST = 4


def taken(chunks: Sequence[Chunk], index: Index, lexicon: Lexicon, query: Query) -> Iterator[Assumption]:
    """One assumption per phrase that is no name in the data and was taken for one that the query uses."""
    used = {*query.fields(), *(f.item.field for f in query.filters)}
    tables = set(query.tables())
    for chunk in chunks:
        if not index.meant or not chunk.targets or written(tokenise(chunk.text), lexicon) not in index.meant:
            continue
        field = next((field for field in chunk.columns if field in used), None)
        table = chunk.table if chunk.table in tables else ""
        chosen = Target(field.table, field.column, 0.0) if field else Target(table, "", 0.0) if table else None
        if chosen:
            others = [chosen, *(t for t in chunk.targets if option_id(t) != option_id(chosen))][:MOST]
            options = tuple(Option(option_id(t), _named(t, index)) for t in others)
            text = f"“{chunk.text}” was taken to mean {_named(chosen, index)}."
            yield Assumption(phrase_id(chunk.text), chunk.text, text, options, option_id(chosen))


def _named(target: Target, index: Index) -> str:
    owner = table_name(index, target.table)
    return f"{called(index, Field(target.table, target.column))} ({owner})" if target.column else owner
