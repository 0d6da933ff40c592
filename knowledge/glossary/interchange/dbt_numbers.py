"""dbt's metrics as one aggregate over one table each: simple ones, ratios, and expressions of others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.errors import KnowledgeError
from knowledge.glossary.expressions import read_aggregate, read_condition
from knowledge.glossary.form import tame
from knowledge.glossary.interchange.dbt_reading import Measure, Model, Project, Wanted, filters_of
from knowledge.glossary.interchange.plain import Lost, mapping, mappings, text

_REFERENCE = re.compile(
    r"""\{\{\s*(?P<kind>\w+)\(\s*['"](?P<name>[^'"]+)['"]\s*(?:,\s*(?:time_granularity\s*=\s*)?['"](?P<grain>\w+)['"]\s*)?\)\s*\}\}"""
)
_PLAIN = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "average": exp.Avg, "count": exp.Count, "median": exp.Median}
_NO_PERCENTILES = frozenset(("sqlite", "mysql", "bigquery"))
DEEPEST = 10
"""Metrics made of metrics are followed so far."""


@dataclass(frozen=True, slots=True)
class Number:
    """A metric as a tree over the columns of one model's table, with conditions that always hold."""

    model: Model
    tree: exp.Expr
    filters: tuple[str, ...] = ()
    time: str = ""
    snapshot: bool = False


class Numbers:
    """Works out each metric of a project. `dialects` are those of the models' sources, by the model's name."""

    def __init__(self, project: Project, dialects: Mapping[str, str]) -> None:
        self._dialects = dialects
        self._wanted = {metric.name: metric for metric in project.metrics}
        self._measures = {
            name: (model, measure) for model in project.models for name, measure in model.measures.items()
        }

    def of(self, metric: Wanted, depth: int = 0) -> Number:
        """The metric as a number. Raises Lost, saying why it can't be one."""
        if depth > DEEPEST:
            raise Lost("it is made of itself, or of too many others")
        match metric.type:
            case "simple":
                found = self._simple(metric, depth)
            case "ratio":
                found = self._ratio(metric, depth)
            case "derived":
                found = self._derived(metric, depth)
            case "cumulative":
                raise Lost("a running total over a window of time is no aggregate of a group of rows")
            case "conversion":
                raise Lost("a conversion compares two events in time, which is no aggregate of one table")
            case other:
                raise Lost(f"the type “{tame(other)}” is not known")
        return self._filtered(found, metric.filters)

    def _simple(self, metric: Wanted, depth: int) -> Number:
        said = metric.params.get("measure")
        name = text(mapping(said).get("name")) or text(said) or metric.name
        if name in self._measures:
            found = self._of_measure(*self._measures[name])
            own = mapping(said).get("filter")
            return self._filtered(found, filters_of(own)) if own else found
        raise Lost(f"its measure “{tame(name)}” is not there")

    def _of_measure(self, model: Model, measure: Measure) -> Number:
        inner = self._parsed(measure.expr, model)
        tree = self._aggregate(measure, inner, model)
        time = measure.time or model.time
        snapshot = bool(measure.options.get("non_additive_dimension"))
        return Number(model, tree, (), model.dimensions[time].expr if time in model.dimensions else time, snapshot)

    def _aggregate(self, measure: Measure, inner: exp.Expr, model: Model) -> exp.Expr:
        match measure.agg:
            case "count_distinct":
                return exp.Count(this=exp.Distinct(expressions=[inner]))
            case "sum_boolean":
                return exp.Sum(this=exp.Case().when(inner, exp.Literal.number(1)).else_(exp.Literal.number(0)))
            case "percentile":
                return self._percentile(measure, inner, model)
            case agg if agg in _PLAIN:
                return _PLAIN[agg](this=inner)
            case agg:
                raise Lost(f"the aggregation “{tame(agg)}” is not known")

    def _percentile(self, measure: Measure, inner: exp.Expr, model: Model) -> exp.Expr:
        params = {**measure.options, **mapping(measure.options.get("agg_params"))}
        if self._dialects.get(model.name, "") in _NO_PERCENTILES:
            raise Lost("its source computes no percentiles")
        try:
            share = float(text(params.get("percentile")))
        except ValueError as error:
            raise Lost("its percentile is no number") from error
        share = share / 100 if share > 1 else share
        discrete = params.get("use_discrete_percentile") or params.get("percentile_type") == "discrete"
        kind = exp.PercentileDisc if discrete else exp.PercentileCont
        order = exp.Order(expressions=[exp.Ordered(this=inner)])
        return exp.WithinGroup(this=kind(this=exp.Literal.number(share)), expression=order)

    def _ratio(self, metric: Wanted, depth: int) -> Number:
        above, below = (self._input(metric.params.get(key), depth) for key in ("numerator", "denominator"))
        above, below = self._together([above, below])
        under = exp.func("NULLIF", below.tree, exp.Literal.number(0))
        share = exp.Div(this=_whole(above.tree), expression=under)
        return replace(above, tree=share, snapshot=above.snapshot or below.snapshot)

    def _derived(self, metric: Wanted, depth: int) -> Number:
        said = metric.params.get("input_metrics") or metric.params.get("metrics")
        inputs = list(mappings(said)) or [{"name": name} for name in (said if isinstance(said, list) else ())]
        if any(one.get("offset_window") or one.get("offset_to_grain") for one in inputs):
            raise Lost("it compares with another time, which is a question rather than a metric")
        numbers = self._together([self._input(one, depth) for one in inputs])
        names = [(text(one.get("alias")) or text(one.get("name"))).lower() for one in inputs]
        if not numbers:
            raise Lost("it names no metrics that it is made of")
        by_name = dict(zip(names, numbers, strict=True))
        tree = exp.Paren(this=self._parsed(text(metric.params.get("expr")), numbers[0].model))
        for column in list(tree.find_all(exp.Column)):
            number = by_name.get(column.name.lower())
            if number is None:
                raise Lost(f"its expression speaks of “{tame(column.name)}”, which is none of its metrics")
            column.replace(_whole(number.tree.copy()))
        return replace(numbers[0], tree=tree.this, snapshot=any(number.snapshot for number in numbers))

    def _input(self, said: object, depth: int) -> Number:
        name = text(mapping(said).get("name")) or text(said)
        measure = text(mapping(said).get("measure"))
        if name in self._wanted:
            found = self.of(self._wanted[name], depth + 1)
        elif (measure or name) in self._measures:
            found = self._of_measure(*self._measures[measure or name])
        else:
            raise Lost(f"the metric “{tame(name)}” that it is made of is not there")
        return self._filtered(found, filters_of(mapping(said).get("filter")))

    def _together(self, numbers: list[Number]) -> list[Number]:
        """Numbers over the same rows: filters that differ move into the aggregates. Raises Lost for several tables."""
        if len({number.model.name for number in numbers}) > 1:
            raise Lost("it is made of several tables, and a metric is over one")
        if len({number.filters for number in numbers}) <= 1:
            return numbers
        return [self._inward(number) for number in numbers]

    def _inward(self, number: Number) -> Number:
        if not number.filters:
            return number
        dialect = self._dialects.get(number.model.name, "")
        met = exp.and_(*(read_condition(text, dialect) for text in number.filters))
        tree = exp.Paren(this=number.tree.copy())
        for aggregate in list(tree.find_all(exp.AggFunc)):
            _only_where(aggregate, met)
        return replace(number, tree=tree.this, filters=())

    def _filtered(self, number: Number, filters: tuple[str, ...]) -> Number:
        made = tuple(self._condition(text, number.model) for text in filters)
        return replace(number, filters=tuple(dict.fromkeys((*number.filters, *made))))

    def _condition(self, template: str, model: Model) -> str:
        """A filter as SQL over the model's own table. Raises Lost for one that looks into another model."""
        sql = _REFERENCE.sub(lambda found: _meant(found, model), template)
        if "{{" in sql or "{%" in sql:
            raise Lost(f"its filter “{tame(template)}” can't be read")
        dialect = self._dialects.get(model.name, "")
        try:
            return read_condition(sql, dialect).sql(dialect)
        except KnowledgeError as error:
            raise Lost(f"its filter “{tame(template)}” {error.what}") from error

    def _parsed(self, sql: str, model: Model) -> exp.Expr:
        try:
            tree = sqlglot.parse_one(sql, read=self._dialects.get(model.name) or None)
        except (SqlglotError, RecursionError, ValueError) as error:
            raise Lost(f"“{tame(sql)}” can't be read as SQL") from error
        if tree.find(exp.Query) or not isinstance(tree, exp.Condition):
            raise Lost(f"“{tame(sql)}” is no expression over a row")
        return tree

    def written(self, number: Number) -> str:
        """The expression as SQL of its source. Raises Lost for one that our metrics can't have."""
        dialect = self._dialects.get(number.model.name, "")
        sql = number.tree.sql(dialect, comments=False)
        try:
            read_aggregate(sql, dialect)
        except KnowledgeError as error:
            raise Lost(f"its expression “{tame(sql)}” {error.what}") from error
        return sql


def _whole(tree: exp.Expr) -> exp.Expr:
    return exp.paren(tree) if isinstance(tree, exp.Binary) else tree


def _only_where(aggregate: exp.Expr, met: exp.Expr) -> None:
    """Let only rows that meet a condition count in one aggregate."""
    inner = aggregate.this
    if isinstance(aggregate.parent, exp.WithinGroup):
        raise Lost("its filters differ, and a percentile can't be filtered by itself")
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [exp.Case().when(met.copy(), each.copy()) for each in inner.expressions])
    elif inner is None or isinstance(inner, exp.Star):
        aggregate.set("this", exp.Case().when(met.copy(), exp.Literal.number(1)))
    else:
        aggregate.set("this", exp.Case().when(met.copy(), inner.copy()))


def _meant(found: "re.Match[str]", model: Model) -> str:
    """The SQL of `{{ Dimension('order__status') }}` over the model's own table. Raises Lost for another model's."""
    kind, parts = found["kind"].lower(), found["name"].split("__")
    if kind not in ("dimension", "timedimension", "entity"):
        raise Lost(f"its filter refers to a {tame(kind)}, which can't be kept")
    if kind == "entity" and len(parts) == 1 and parts[0] in model.entities:
        return _bracketed(model.entities[parts[0]])
    if len(parts) > 2 or (len(parts) == 2 and parts[0] != model.primary):
        raise Lost(f"its filter looks into another model ({tame(found['name'])})")
    dimension = model.dimensions.get(parts[-1])
    if dimension is None:
        raise Lost(f"its filter names “{tame(found['name'])}”, which is no dimension of {model.name}")
    if found["grain"] and found["grain"] != dimension.grain:
        raise Lost(f"its filter rounds “{tame(found['name'])}” to the {tame(found['grain'])}")
    return _bracketed(dimension.expr)


def _bracketed(sql: str) -> str:
    return sql if sql.isidentifier() else f"({sql})"


def lost_options(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Options of a metric that are set and that ours don't have."""
    names = ("fill_nulls_with", "join_to_timespine", "time_granularity", "group")
    both = {**params, **mapping(params.get("measure"))}
    return tuple(name for name in names if both.get(name) is not False and both.get(name) not in (None, "", [], {}))
