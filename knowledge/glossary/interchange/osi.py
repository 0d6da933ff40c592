"""Models in the Open Semantic Interchange format (now Apache Ossie) as terms: datasets, fields and metrics."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError
from knowledge.glossary.expressions import adds_up, read_aggregate
from knowledge.glossary.form import tame
from knowledge.glossary.interchange.model import Documents, Imported, Where
from knowledge.glossary.interchange.places import Ids, place_of, table_named, unit_of, usable, written
from knowledge.glossary.interchange.plain import Lost, mapping, mappings, text, texts, words
from knowledge.glossary.model import Metric, Place, Term
from knowledge.meaning import CURRENCIES

DIALECTS = {"ANSI_SQL": "", "SNOWFLAKE": "snowflake", "DATABRICKS": "databricks", "BIGQUERY": "bigquery"}
"""Those of the format that are SQL, by sqlglot's names."""
_AGGREGATIONS = ("SUM", "COUNT", "AVG", "MIN", "MAX")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of a model with its table; `fields` by lower-case name."""

    name: str
    table: Table
    dialect: str
    fields: Mapping[str, Mapping[str, Any]]
    said: Mapping[str, Any]


def from_osi(documents: Documents, where: Where) -> Imported:
    """The terms of every model in the files, with a sentence for what can't be kept."""
    reader = _Reader(where)
    terms = [term for found in documents.values() for model in _models(found) for term in reader.model(model)]
    return usable(terms, reader.left, where, "osi")


def _models(found: object) -> Iterator[Mapping[str, Any]]:
    """One model that is the whole document (0.2), or a list of them (0.1)."""
    document = mapping(found)
    said = document.get("semantic_model")
    if said is None:
        yield document
    yield from mappings(said if isinstance(said, list) else [said])


class _Reader:
    """Models against one catalog; `left` grows with what can't be kept."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._ids = Ids()
        self.left: list[str] = []

    def model(self, model: Mapping[str, Any]) -> list[Term]:
        """The terms of one model; metrics get the plainest ids."""
        datasets = {found.name.lower(): found for found in self._datasets(model)}
        shared = Counter(name for found in datasets.values() for name in found.fields)
        made = [*self._metrics(model, datasets)]
        for found in datasets.values():
            made += self._dataset(found, shared)
        named = tame(text(model.get("name")))
        if model.get("relationships"):
            self.left.append(f"relationships of {named}: how tables are joined is read from the catalog")
        if model.get("custom_extensions"):
            self.left.append(f"custom_extensions of {named}: not kept")
        self._context(model, f"the model {named}")
        return made

    def _datasets(self, model: Mapping[str, Any]) -> Iterator[Dataset]:
        for said in mappings(model.get("datasets")):
            name = text(said.get("name"))
            try:
                table = table_named(text(said.get("source")) or name, self._where)
            except Lost as lost:
                self.left.append(f"dataset {tame(name)}: {lost}")
                continue
            fields = {text(field.get("name")).lower(): field for field in mappings(said.get("fields"))}
            yield Dataset(name, table, self._where.catalog.dialects.get(table.source, ""), fields, said)

    def _metrics(self, model: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> Iterator[Term]:
        for said in mappings(model.get("metrics")):
            name = text(said.get("name"))
            try:
                yield self._term(said, self._metric(said, datasets), words(name))
            except Lost as lost:
                self.left.append(f"metric {tame(name)}: {lost}")

    def _metric(self, said: Mapping[str, Any], datasets: Mapping[str, Dataset]) -> Metric:
        first = next(iter(datasets.values()), None)
        if first is None:
            raise Lost("none of its datasets is kept")
        tree = _expression(said.get("expression"), first.dialect)
        over = _dataset_of(tree, datasets)
        tree = _expression(said.get("expression"), over.dialect)
        tree = _resolved(tree, over)
        sql = tree.sql(over.dialect, comments=False)
        try:
            read_aggregate(sql, over.dialect)
        except KnowledgeError as error:
            raise Lost(f"its expression “{tame(sql)}” {error.what}") from error
        unit = unit_of(tree, over.table)
        return Metric(
            over.table.source,
            written(over.table),
            sql,
            (),
            tuple(_own_columns(over, texts(over.said.get("primary_key")))),
            "additive" if adds_up(tree) else "non-additive",
            _time(over),
            unit,
            "money" if unit in CURRENCIES else "number",
        )

    def _dataset(self, found: Dataset, shared: Mapping[str, int]) -> Iterator[Term]:
        place = Place(found.table.source, written(found.table))
        yield self._term(found.said, place, words(found.name))
        silent = 0
        for name, field in found.fields.items():
            if not ("dimension" in field or field.get("description") or field.get("ai_context")):
                silent += 1
                continue
            shown = words(text(field.get("name")) if shared[name] == 1 else f"{found.name} {text(field.get('name'))}")
            try:
                tree = _expression(field.get("expression") or name, found.dialect)
                where = place_of(_bare(tree).sql(found.dialect), found.table, found.dialect)
                yield self._term(field, where, shown)
            except Lost as lost:
                self.left.append(f"field {tame(name)} of {tame(found.name)}: {lost}")
        if silent:
            self.left.append(f"{silent} fields of {tame(found.name)} say nothing beside their column")

    def _term(self, said: Mapping[str, Any], what: Metric | Place, name: str) -> Term:
        self._context(said, name)
        synonyms = texts(mapping(said.get("ai_context")).get("synonyms"))
        whole = Term(self._ids.new(name), name, "term", self._where.status, text(said.get("description")), synonyms)
        if isinstance(what, Metric):
            return replace(whole, kind="metric", metric=what)
        return replace(whole, kind="dimension" if what.column and "dimension" in said else "term", places=(what,))

    def _context(self, said: Mapping[str, Any], name: str) -> None:
        """Words for models that are no synonyms."""
        context = said.get("ai_context")
        others = [key for key in mapping(context) if key != "synonyms"] or ([""] if text(context) else [])
        self.left += [f"{tame(name)}: ai_context {key} is not kept".replace("  ", " ") for key in others]


def _expression(said: object, dialect: str) -> exp.Expr:
    """An expression in the dialect of the source, or in standard SQL. Raises Lost for none that is SQL."""
    offered = _offered(said)
    own = next((name for name, sqlglots in DIALECTS.items() if sqlglots == dialect and sqlglots), "")
    name = own if own in offered else next((name for name in DIALECTS if name in offered), "")
    if not name:
        there = ", ".join(map(tame, offered)) or "none"
        raise Lost(f"its expression is in no SQL that is read (there is: {there})")
    try:
        tree = sqlglot.parse_one(offered[name], read=DIALECTS[name] or None)
    except (SqlglotError, RecursionError, ValueError) as error:
        raise Lost(f"“{tame(offered[name])}” can't be read as SQL") from error
    if tree.find(exp.Query) or not isinstance(tree, exp.Condition):
        raise Lost(f"“{tame(offered[name])}” is no expression")
    return tree


def _offered(said: object) -> dict[str, str]:
    """The expressions by their dialect, in each of the shapes that the format had."""
    if isinstance(said, str):
        return {"ANSI_SQL": said}
    listed = mapping(said).get("dialects") if isinstance(said, dict) else said
    found = {}
    for one in mappings(listed):
        sql, how = text(one.get("expression")), text(one.get("aggregation_type")).upper()
        if not sql and how in _AGGREGATIONS:
            sql = f"{how}({text(one.get('input_expr'))})"
        found[text(one.get("dialect")) or "ANSI_SQL"] = sql
    return {dialect: sql for dialect, sql in found.items() if sql}


def _dataset_of(tree: exp.Expr, datasets: Mapping[str, Dataset]) -> Dataset:
    """The one dataset that an expression is over. Raises Lost for several, or one that is not kept."""
    named = {column.table.lower() for column in tree.find_all(exp.Column) if column.table}
    for column in tree.find_all(exp.Column):
        if not column.table:
            named |= {name for name, found in datasets.items() if column.name.lower() in found.fields}
    named = named or (set(datasets) if len(datasets) == 1 else set())
    if len(named) != 1:
        raise Lost("it is made of several tables, and a metric is over one" if named else "it names no dataset")
    found = datasets.get(next(iter(named)))
    if found is None:
        raise Lost(f"its dataset {tame(next(iter(named)))} is not kept")
    return found


def _resolved(tree: exp.Expr, over: Dataset) -> exp.Expr:
    """The expression over columns of the table, its fields put in."""
    holder = exp.Paren(this=tree.copy())
    for column in list(holder.find_all(exp.Column)):
        field = over.fields.get(column.name.lower())
        put = _bare(_expression(field.get("expression") or column.name, over.dialect)) if field else _bare(column)
        within = isinstance(column.parent, exp.Binary | exp.Unary) and isinstance(put, exp.Binary)
        column.replace(exp.paren(put) if within else put)
    made: exp.Expr = holder.this
    return made


def _bare(tree: exp.Expr) -> exp.Expr:
    """A copy whose columns name no table."""
    copied = tree.copy()
    for column in copied.find_all(exp.Column):
        for part in ("table", "db", "catalog"):
            column.set(part, None)
    return copied


def _own_columns(over: Dataset, names: tuple[str, ...]) -> Iterator[str]:
    yield from (column.name for name in names if (column := over.table.by_name.get(name.lower())) is not None)


def _time(over: Dataset) -> str:
    """The column of the one field that is a time; none where there are several."""
    times = [field for field in over.fields.values() if mapping(field.get("dimension")).get("is_time")]
    names = {sql for field in times for sql in _offered(field.get("expression") or field.get("name")).values()}
    columns = [*_own_columns(over, tuple(sorted(names)))]
    return columns[0] if len(columns) == 1 and over.table.by_name[columns[0].lower()].type.temporal else ""
