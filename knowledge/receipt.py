"""What an answer was made from, so that anybody can check it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One query that ran in one source. `sql` is for people; `milliseconds` includes fetching the rows.

    `place` says where it ran when that was not the source itself: the join of several sources in this process, or in a
    configured engine; its `source` is then that engine's name. `rows_estimated` is what the plan expected to come back,
    `bytes` the Arrow bytes that came, `note` what the planner did (keys shipped, taken from the cache).
    """

    source: str
    sql: str
    tables: tuple[str, ...] = ()
    rows: int = 0
    milliseconds: float = 0.0
    place: str = ""
    rows_estimated: int | None = None
    bytes: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Frozen with the answer. `rows_estimated` is what the sources expected to read, None where they could not tell.

    `terms` are words of the glossary that were applied, `policies` the row and column rules; `confidence` is in 0..1;
    `catalog` the version of the catalog that the question was read against; `at` an ISO time in UTC.
    """

    steps: tuple[Step, ...]
    rows: int
    milliseconds: float
    terms: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    rows_estimated: int | None = None
    cached: bool = False
    confidence: float = 1.0
    catalog: str = ""
    at: str = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table read, once, as `source.table`."""
        return tuple(dict.fromkeys(f"{step.source}.{table}" for step in self.steps for table in step.tables))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with a field for each field."""
        value: dict[str, Any] = _lists(asdict(self))
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Receipt":
        """The receipt behind `to_json`; fields that a newer version added are passed over."""
        steps = tuple(Step(**_known(Step, step)) for step in value.get("steps", ()))
        return cls(**{**_known(cls, value), "steps": steps})


def _known(cls: type, value: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(cls)}
    return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items() if key in names}


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, tuple) else value
