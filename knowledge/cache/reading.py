"""What an answer depends on, as one key: the query, the data, and everything that decides what the asker may see."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.asker import Asker
from knowledge.cache.normal import normalised
from knowledge.cache.stable import stable
from knowledge.catalog.model import Catalog, Table
from knowledge.errors import KnowledgeError
from knowledge.federation.port import EVERYWHERE
from knowledge.guard import tables_of
from knowledge.policy import Key, TableRules, key_of, with_tables_beneath

MOST_NODES = 5_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A query in its one form, the tables that it and its views read, and a digest of what the catalog says of them."""

    text: str
    tables: tuple[Table, ...]
    described: str


def read(query: exp.Expr, source: str, catalog: Catalog) -> Reading | None:
    """None for a query whose answer may not be given again, or that the engine should look at by itself."""
    try:
        if sum(1 for _ in query.walk()) > MOST_NODES or not stable(query):
            return None
        named = {key_of(table): table for table in tables_of(query, catalog, source)}
        text = normalised(query, dialect_of(source, catalog), tuple(named.values()))
    except (KnowledgeError, SqlglotError, RecursionError, ValueError):
        return None
    tables = with_tables_beneath(named, catalog)  # rules and freshness of what a view reads count too
    return Reading(text, tables, _digest(sorted(repr(table) for table in tables)))


def dialect_of(source: str, catalog: Catalog) -> str:
    """The dialect in which queries of a source are written."""
    return "duckdb" if source == EVERYWHERE else catalog.dialects.get(source, "")


def rights(asker: Asker, *, person: bool) -> list[object]:
    """Tenant, roles and groups; the person and the token too where the answer may depend on them.

    As a list and not as text put together, so that no name of a group can look like two.
    """
    shared: list[object] = [asker.tenant, sorted(set(asker.roles)), sorted(set(asker.groups))]
    return [*shared, asker.person, _digest(asker.token)] if person else shared


def ruled(rules: Mapping[Key, TableRules], tables: Sequence[Table]) -> list[object] | None:
    """The rules that apply, for the key; None when a table may not be seen, so that the engine says so."""
    found: list[object] = []
    for key in sorted(key_of(table) for table in tables):
        given = rules.get(key)
        if given is None or not given.allowed:
            return None
        found.append([key, _plain(given)])
    return found


def key(*parts: object) -> str:
    """A digest of everything."""
    return _digest(parts)


def _plain(value: object) -> object:
    """As JSON, the same whatever the order of what has none; a field that rules may get one day is in it too."""
    if is_dataclass(value):
        return [[field.name, _plain(getattr(value, field.name))] for field in fields(value)]
    if isinstance(value, Mapping):
        return sorted([[str(name), _plain(item)] for name, item in value.items()], key=str)
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float) else repr(value)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
