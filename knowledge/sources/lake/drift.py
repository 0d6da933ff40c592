"""Files of one table whose columns differ: united by name, or said in words where that can't be."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.dataset as ds

from knowledge.errors import SourceUnavailable

_AT_ONCE = 8
_MOST_LOOKED_AT = 2_000


def as_one(make: Callable[[pa.Schema | None], ds.Dataset], source: str, table: str) -> ds.Dataset:
    """The dataset with the columns of all its files; the first two thousand files are looked at.

    Whole numbers widen to fractions and small types to large ones. Raises SourceUnavailable where a column is of types
    that no one type holds.
    """
    whole = make(None)
    fragments = list(whole.get_fragments())[:_MOST_LOOKED_AT]
    if len(fragments) < 2:
        return whole
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        schemas = list(threads.map(lambda fragment: fragment.physical_schema, fragments))
    united = _united([whole.schema, *schemas], source, table)
    return whole if united.equals(whole.schema) else make(united)


def _united(schemas: Sequence[pa.Schema], source: str, table: str) -> pa.Schema:
    try:
        return pa.unify_schemas(list(schemas), promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise SourceUnavailable(
            f"The files of “{table}” in the source “{source}” can't be one table: {_clash(schemas)}.",
            next_step="Give the column one type in all files, or make two tables of them.",
        ) from error


def _clash(schemas: Sequence[pa.Schema]) -> str:
    kinds: dict[str, dict[str, None]] = {}
    for schema in schemas:
        for item in schema:
            kinds.setdefault(item.name, {})[str(item.type)] = None
    clashing = {name: list(types) for name, types in kinds.items() if len(types) > 1}
    return "; ".join(f"“{name}” is {' here and '.join(types)} there" for name, types in list(clashing.items())[:3])
