"""Infers keys that nobody declared: from names, and from the values that one column shares with another."""

from dataclasses import replace

from knowledge.catalog.model import Column, DataType, ForeignKey, Table
from knowledge.catalog.statistics import Probe

SHARE = 0.98
"""At least this share of the sampled values must be found in the other table."""
SAMPLE = 500
_IRREGULAR = {"people": "person", "men": "man", "women": "woman", "children": "child", "data": "datum"}
_KEYLIKE = (DataType.INTEGER, DataType.TEXT, DataType.OTHER)


async def infer_keys(tables: tuple[Table, ...], probe: Probe) -> tuple[Table, ...]:
    """The tables with primary and foreign keys added where none is declared; each says its evidence."""
    identified = tuple(_identify(table) for table in tables)
    single = {table.name: table for table in identified if len(table.primary_key) == 1}
    return tuple([await _point(table, single, probe) for table in identified])


def _identify(table: Table) -> Table:
    """A column named `id` or after its table, unique and never empty, identifies the rows."""
    if table.primary_key or not table.rows:
        return table
    names = {"id", f"{table.name.lower()}_id", f"{singular(table.name)}_id", f"{singular(table.name)}id"}
    for column in table.columns:
        if column.name.lower() in names and column.distinct == table.rows and not column.nulls:
            return replace(table, primary_key=(column.name,))
    return table


async def _point(table: Table, single: dict[str, Table], probe: Probe) -> Table:
    taken = {key.columns[0].lower() for key in table.keys if len(key.columns) == 1}
    found = []
    for column in table.columns:
        if column.name.lower() in taken or column.type not in _KEYLIKE or not column.distinct:
            continue
        for target in single.values():
            if target is not table and target.name != table.name and _alike(column, target):
                key = await _included(table, column, target, probe)
                if key:
                    found.append(key)
                    break
    return replace(table, keys=(*table.keys, *found)) if found else table


def _alike(column: Column, target: Table) -> bool:
    """`customer_id` may point at `customers(customer_id)`, `customers(id)` or `customer(id)`."""
    key = target.primary_key[0]
    name, one = column.name.lower(), singular(target.name)
    if name == "id" or target.by_name[key.lower()].type is not column.type:
        return False
    if name == key.lower():
        return key.lower() in (f"{one}_id", f"{one}id", f"{target.name.lower()}_id") or name.endswith("_id")
    return key.lower() == "id" and name in (f"{one}_id", f"{one}id", f"{target.name.lower()}_id")


async def _included(table: Table, column: Column, target: Table, probe: Probe) -> ForeignKey | None:
    own, key = probe.quote(column.name), probe.quote(target.primary_key[0])
    sample = f"SELECT DISTINCT {own} AS v FROM {probe.relation(table)} WHERE {own} IS NOT NULL LIMIT {SAMPLE}"  # noqa: S608
    ((asked, met),) = await probe.ask(
        f"SELECT count(*), count(t.{key}) FROM ({sample}) s LEFT JOIN {probe.relation(target)} t ON t.{key} = s.v"  # noqa: S608
    )
    asked, met = int(str(asked)), int(str(met))
    if not asked or met < SHARE * asked:
        return None
    evidence = f"same name; {met} of {asked} sampled values found"
    return ForeignKey((column.name,), target.name, target.primary_key, declared=False, evidence=evidence)


def singular(name: str) -> str:
    """A table's name for one row, in lower case: categories to category, orders to order."""
    lowered = name.lower()
    if lowered in _IRREGULAR:
        return _IRREGULAR[lowered]
    if lowered.endswith("ies"):
        return lowered[:-3] + "y"
    if lowered.endswith(("sses", "xes", "ches", "shes")):
        return lowered[:-2]
    return lowered[:-1] if lowered.endswith("s") and not lowered.endswith("ss") else lowered
