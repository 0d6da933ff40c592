"""dbt semantic models and MetricFlow metrics as terms."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from knowledge.catalog.model import Table
from knowledge.glossary.expressions import adds_up
from knowledge.glossary.form import tame
from knowledge.glossary.interchange.dbt_numbers import Number, Numbers, lost_options
from knowledge.glossary.interchange.dbt_reading import Dimension, Model, Project, Wanted, read_project
from knowledge.glossary.interchange.model import Documents, Imported, Where
from knowledge.glossary.interchange.places import Ids, place_of, table_named, unit_of, usable, written
from knowledge.glossary.interchange.plain import Lost, every_text, words
from knowledge.glossary.model import Additivity, Metric, Place, Term
from knowledge.meaning import CURRENCIES


def from_dbt(documents: Documents, where: Where) -> Imported:
    """The terms of a project's files: each metric that is one aggregate, the dimensions, and the models themselves."""
    reader = _Reader(read_project(documents), where)
    return usable(reader.terms(), reader.left, where, "dbt")


class _Reader:
    """One project against one catalog; `left` grows with what can't be kept."""

    def __init__(self, project: Project, where: Where) -> None:
        self._project, self._where = project, where
        self._ids = Ids()
        self.left = list(project.left)
        self._tables = dict(self._found())
        dialects = {name: where.catalog.dialects.get(table.source, "") for name, table in self._tables.items()}
        self._numbers = Numbers(project, dialects)
        self._shared = Counter(name for model in project.models for name in model.dimensions)

    def terms(self) -> list[Term]:
        """Everything that can be said as a term; metrics get the plainest ids."""
        made = [*self._metrics()]
        for model in self._project.models:
            if model.name in self._tables:
                made += self._of_model(model, self._tables[model.name])
        self._unused()
        return made

    def _found(self) -> Iterator[tuple[str, Table]]:
        for model in self._project.models:
            try:
                yield model.name, table_named(model.table, self._where)
            except Lost as lost:
                self.left.append(f"semantic model {tame(model.name)}: {lost}")

    def _metrics(self) -> Iterator[Term]:
        for wanted in self._project.metrics:
            try:
                yield self._metric(wanted, self._numbers.of(wanted))
            except Lost as lost:
                self.left.append(f"metric {tame(wanted.name)}: {lost}")

    def _metric(self, wanted: Wanted, number: Number) -> Term:
        table = self._tables.get(number.model.name)
        if table is None:
            raise Lost(f"its semantic model {tame(number.model.name)} is not kept")
        expression = self._numbers.written(number)
        for option in lost_options(wanted.params):
            self.left.append(f"metric {tame(wanted.name)}: {option} is not kept")
        if number.snapshot:
            self.left.append(f"metric {tame(wanted.name)}: which moment of a period counts is not kept")
        if number.time and number.time.lower() not in table.by_name:
            self.left.append(f"metric {tame(wanted.name)}: its time “{tame(number.time)}” is no column, and not kept")
        unit = unit_of(number.tree, table)
        metric = Metric(
            table.source,
            written(table),
            expression,
            number.filters,
            tuple(_columns(number.model, table)),
            _additivity(number),
            number.time if number.time.lower() in table.by_name else "",
            unit,
            "money" if unit in CURRENCIES else "number",
        )
        id, name = self._ids.new(wanted.name), wanted.label or words(wanted.name)
        return self._term(id, name, wanted.description, wanted.synonyms, metric)

    def _of_model(self, model: Model, table: Table) -> Iterator[Term]:
        place = Place(table.source, written(table))
        id, name = self._ids.new(model.name), model.label or words(model.name)
        yield self._term(id, name, model.description, model.synonyms, place)
        for dimension in model.dimensions.values():
            try:
                yield self._dimension(dimension, model, table)
            except Lost as lost:
                self.left.append(f"dimension {tame(dimension.name)} of {tame(model.name)}: {lost}")
        if model.foreign:
            ties = ", ".join(map(tame, model.foreign))
            self.left.append(f"entities of {tame(model.name)} ({ties}): how tables are joined is read from the catalog")

    def _dimension(self, dimension: Dimension, model: Model, table: Table) -> Term:
        place = place_of(dimension.expr, table, self._where.catalog.dialects.get(table.source, ""))
        alone = self._shared[dimension.name] == 1
        name = words(dimension.name if alone else f"{model.name} {dimension.name}")
        shown = dimension.label if dimension.label and alone else name
        return self._term(self._ids.new(name), shown, dimension.description, dimension.synonyms, place)

    def _term(self, id: str, name: str, definition: str, synonyms: tuple[str, ...], what: Metric | Place) -> Term:
        whole = Term(id, name, "term", self._where.status, definition, synonyms)
        if isinstance(what, Metric):
            return replace(whole, kind="metric", metric=what)
        return replace(whole, kind="dimension" if what.column else "term", places=(what,))

    def _unused(self) -> None:
        """Measures that no metric is made of."""
        used = {word for wanted in self._project.metrics for word in every_text(wanted.params)}
        for model in self._project.models:
            for name in model.measures:
                if name not in used:
                    self.left.append(f"measure {tame(name)} of {tame(model.name)}: no metric is made of it")


def _columns(model: Model, table: Table) -> Iterator[str]:
    """The column by which the model says its table has one row each."""
    column = table.by_name.get(model.entities.get(model.primary, "").lower())
    if column is not None:
        yield column.name


def _additivity(number: Number) -> Additivity:
    if number.snapshot:
        return "semi-additive"
    return "additive" if adds_up(number.tree) else "non-additive"
