"""dbt's YAML, in the form of measures and in the one of models with metrics, as one shape."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.glossary.interchange.model import Documents
from knowledge.glossary.interchange.plain import mapping, mappings, text, texts

_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")
_READ = frozenset(("version", "semantic_models", "models", "metrics"))


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column or expression to group by; `grain` is that of a time, empty for others."""

    name: str
    expr: str
    label: str = ""
    description: str = ""
    grain: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What is aggregated, and how. `options` are the rest, as they stand."""

    name: str
    agg: str
    expr: str
    time: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """A semantic model: `table` is what it refers to, `entities` name → expression, `primary` the name of its own."""

    name: str
    table: str
    label: str
    description: str
    time: str
    primary: str
    entities: Mapping[str, str]
    foreign: tuple[str, ...]
    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Measure]
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A metric: its type with the parameters of either form side by side."""

    name: str
    type: str
    label: str
    description: str
    params: Mapping[str, Any]
    filters: tuple[str, ...]
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """All that files say, with a sentence for what is not read at all."""

    models: tuple[Model, ...]
    metrics: tuple[Wanted, ...]
    left: tuple[str, ...]


def read_project(documents: Documents) -> Project:
    """The semantic models and metrics of files, which may refer to each other."""
    models: list[Model] = []
    metrics: list[Wanted] = []
    left: list[str] = []
    for name, found in documents.items():
        document = mapping(found)
        models += [_model(item) for item in mappings(document.get("semantic_models"))]
        metrics += [_metric(item) for item in mappings(document.get("metrics"))]
        for item in mappings(document.get("models")):
            if _is_semantic(item):
                models.append(_new_model(item))
                metrics += [_metric(metric) for metric in mappings(item.get("metrics"))]
            else:
                left.append(f"{name}: the model {text(item.get('name'))} has no semantic model")
        left += [f"{name}: {key} is not read" for key in document if key not in _READ]
    metrics += [_of_measure(measure) for model in models for measure in model.measures.values() if _is_metric(measure)]
    return Project(tuple(models), tuple(metrics), tuple(left))


def filters_of(value: object) -> tuple[str, ...]:
    """The filters of a metric, a measure or an input: a text, a list, or dbt's own parsed form."""
    parsed = mapping(value).get("where_filters")
    if parsed is not None:
        return tuple(text(item.get("where_sql_template")) for item in mappings(parsed))
    return texts(value)


def _model(item: Mapping[str, Any]) -> Model:
    name = text(item.get("name"))
    entities = {text(one.get("name")): one for one in mappings(item.get("entities"))}
    measures = [_measure(one) for one in mappings(item.get("measures"))]
    return Model(
        name,
        _referred(text(item.get("model"))) or name,
        text(item.get("label")),
        text(item.get("description")),
        text(mapping(item.get("defaults")).get("agg_time_dimension")),
        text(item.get("primary_entity")) or _primary(entities),
        {entity: text(one.get("expr")) or entity for entity, one in entities.items()},
        tuple(entity for entity, one in entities.items() if one.get("type") == "foreign"),
        {one.name: one for one in map(_dimension, mappings(item.get("dimensions")))},
        {measure.name: measure for measure in measures},
        _synonyms(item),
    )


def _primary(entities: Mapping[str, Mapping[str, Any]]) -> str:
    return next((name for name, one in entities.items() if one.get("type") == "primary"), "")


def _dimension(item: Mapping[str, Any]) -> Dimension:
    name, params = text(item.get("name")), mapping(item.get("type_params"))
    time = item.get("type") == "time"
    return Dimension(
        name,
        text(item.get("expr")) or name,
        text(item.get("label")),
        text(item.get("description")),
        (text(params.get("time_granularity")) or "day") if time else "",
        _synonyms(item),
    )


def _measure(item: Mapping[str, Any]) -> Measure:
    name = text(item.get("name"))
    return Measure(name, text(item.get("agg")).lower(), text(item.get("expr")) or name, _time(item), item)


def _time(item: Mapping[str, Any]) -> str:
    return text(item.get("agg_time_dimension"))


def _metric(item: Mapping[str, Any]) -> Wanted:
    return Wanted(
        text(item.get("name")),
        text(item.get("type")).lower() or "simple",
        text(item.get("label")),
        text(item.get("description")),
        {**item, **mapping(item.get("type_params"))},
        filters_of(item.get("filter")),
        _synonyms(item),
    )


def _is_metric(measure: Measure) -> bool:
    return bool(measure.options.get("create_metric"))


def _of_measure(measure: Measure) -> Wanted:
    label, description = (text(measure.options.get(key)) for key in ("label", "description"))
    return Wanted(measure.name, "simple", label, description, {"measure": measure.name}, ())


def _is_semantic(item: Mapping[str, Any]) -> bool:
    said = item.get("semantic_model")
    return said is True or (isinstance(said, dict) and said.get("enabled") is not False)


def _new_model(item: Mapping[str, Any]) -> Model:
    """A model with columns that are entities and dimensions, and metrics of its own in place of measures."""
    name = text(mapping(item.get("semantic_model")).get("name")) or text(item.get("name"))
    columns = list(mappings(item.get("columns")))
    entities = {_named(one, "entity"): one for one in columns if one.get("entity")}
    kinds = {entity: text(mapping(one["entity"]).get("type")) for entity, one in entities.items()}
    derived = mapping(item.get("derived_semantics"))
    dimensions = [_of_column(one) for one in columns if one.get("dimension")]
    dimensions += [_dimension(one) for one in mappings(derived.get("dimensions"))]
    measures = {text(one.get("name")): _measure(one) for one in mappings(item.get("metrics")) if text(one.get("agg"))}
    return Model(
        name,
        text(item.get("name")),
        text(item.get("label")),
        text(item.get("description")),
        text(item.get("agg_time_dimension")),
        text(item.get("primary_entity")) or next((one for one, kind in kinds.items() if kind == "primary"), ""),
        {entity: text(one.get("name")) for entity, one in entities.items()},
        tuple(entity for entity, kind in kinds.items() if kind == "foreign"),
        {one.name: one for one in dimensions},
        measures,
        _synonyms(item),
    )


def _of_column(column: Mapping[str, Any]) -> Dimension:
    said, name = mapping(column.get("dimension")), text(column.get("name"))
    time = "time" in (said.get("type"), column.get("dimension"))
    return Dimension(
        _named(column, "dimension"),
        name,
        text(said.get("label")),
        text(said.get("description")) or text(column.get("description")),
        (text(column.get("granularity")) or "day") if time else "",
        _synonyms(column),
    )


def _named(column: Mapping[str, Any], key: str) -> str:
    return text(mapping(column.get(key)).get("name")) or text(column.get("name"))


def _synonyms(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Words that people put beside a thing, where dbt keeps what it does not know: `meta`."""
    metas = (mapping(item.get("meta")), mapping(mapping(item.get("config")).get("meta")))
    return tuple(dict.fromkeys(word for meta in metas for word in texts(meta.get("synonyms"))))


def _referred(model: str) -> str:
    """The table behind `ref('orders')`, `ref('shop', 'orders')` or `source('raw', 'orders')`."""
    quoted: list[str] = _QUOTED.findall(model)
    return quoted[-1] if quoted else model
