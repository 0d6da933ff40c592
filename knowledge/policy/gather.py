"""What several rules together say of each table: every filter holds, the strongest mask counts, a refusal wins."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase, translate
from functools import lru_cache

from knowledge.catalog.model import Column, Table
from knowledge.policy.filters import columns_of
from knowledge.policy.port import Key, Mask, Masking, TableRules, key_of
from knowledge.policy.views import reads_of

TAG = "tag:"
_STRENGTH = {Masking.PARTIAL: 1, Masking.GENERALISE: 2, Masking.HASH: 3, Masking.NULL: 4}
_DEFAULT_SCHEMAS = ("main", "public", "dbo", "default")
_OPEN = TableRules()


@dataclass(frozen=True, slots=True)
class Said:
    """One rule as it holds for one asker.

    `tables` are globs of `source.table` or `source.schema.table`, in lower case; `masks` and `hide` name columns, or
    tags as `tag:glob`. `vouched`: a view among the tables may be seen though tables beneath it are restricted.
    """

    name: str
    tables: tuple[str, ...]
    allow: bool | None = None
    filter: str = ""
    masks: tuple[tuple[str, Mask], ...] = ()
    hide: tuple[str, ...] = ()
    vouched: bool = False


def gather(tables: Sequence[Table], said: Sequence[Said], *, open_by_default: bool) -> dict[Key, TableRules]:
    """Rules for each table. A view over a restricted table may not be seen unless a rule vouches for it."""
    found: dict[Key, TableRules] = {}
    vouched: set[Key] = set()
    for table in tables:
        names = _names(table)
        here = [rule for rule in said if _matches(rule.tables, names)]
        found[key_of(table)] = _together(table, here, open_by_default=open_by_default)
        if any(rule.vouched for rule in here):
            vouched.add(key_of(table))
    views = {key_of(table): [key for key in reads_of(table) if key in found] for table in tables if table.reads}
    for view in views:
        if view not in vouched and not all(found[key].open for key in _beneath(view, views, vouched)):
            found[view] = replace(found[view], allowed=False)
    return found


def _together(table: Table, rules: Sequence[Said], *, open_by_default: bool) -> TableRules:
    if not rules:
        return _OPEN if open_by_default else TableRules(allowed=False)
    words = [rule.allow for rule in rules if rule.allow is not None]
    filters = tuple(dict.fromkeys(rule.filter for rule in rules if rule.filter))
    known = all(columns_of(text) <= table.by_name.keys() for text in filters)
    hidden: set[str] = set()
    masks: dict[str, Mask] = {}
    names = []
    for rule in rules:
        hides = {name for name, column in table.by_name.items() if any(_means(what, column) for what in rule.hide)}
        shown = {name: mask for name, column in table.by_name.items() if (mask := _mask(rule, column)) is not None}
        hidden |= hides
        for name, mask in shown.items():
            masks[name] = _stronger(masks.get(name), mask)
        if hides or shown or rule.filter or rule.allow is False:
            names.append(rule.name)
    return TableRules(
        allowed=all(words) and (open_by_default or bool(words)) and known,
        filters=filters,
        masks={name: mask for name, mask in masks.items() if name not in hidden},
        hidden=frozenset(hidden),
        names=tuple(names),
    )


def _mask(rule: Said, column: Column) -> Mask | None:
    """A column's own name says more than a tag; of several tags the first in the rule counts."""
    named = [mask for what, mask in rule.masks if not what.startswith(TAG) and _means(what, column)]
    return next((mask for mask in [*named, *(mask for what, mask in rule.masks if _means(what, column))]), None)


def _means(what: str, column: Column) -> bool:
    if what.startswith(TAG):
        return any(fnmatchcase(tag.lower(), what.removeprefix(TAG)) for tag in column.tags)
    return what == column.name.lower()


def _stronger(one: Mask | None, other: Mask) -> Mask:
    return one if one is not None and _STRENGTH[one.kind] >= _STRENGTH[other.kind] else other


def _names(table: Table) -> tuple[str, ...]:
    """How a table may be written in a rule; one of the default schema with or without it."""
    source, schema, name = key_of(table)
    if schema:
        return (f"{source}.{schema}.{name}",)
    return (f"{source}.{name}", *(f"{source}.{default}.{name}" for default in _DEFAULT_SCHEMAS))


def _matches(globs: tuple[str, ...], names: tuple[str, ...]) -> bool:
    plain, pattern = _compiled(globs)
    return any(name in plain for name in names) or (pattern is not None and any(pattern.match(name) for name in names))


@lru_cache(4096)
def _compiled(globs: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    wild = [glob for glob in globs if any(sign in glob for sign in "*?[")]
    return frozenset(globs), re.compile("|".join(map(translate, wild))) if wild else None


def _beneath(view: Key, views: Mapping[Key, Iterable[Key]], vouched: set[Key]) -> Iterator[Key]:
    seen: set[Key] = set()
    ends = [view]
    while ends:
        for key in views.get(ends.pop(), ()):
            if key not in seen:
                seen.add(key)
                yield key
                if key not in vouched:
                    ends.append(key)
