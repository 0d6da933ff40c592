"""Reads the tables of an API for DuckDB: comparisons that the API can make are sent along."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import chain, islice

import pyarrow as pa

from knowledge.sources.rest.client import Client, Reply
from knowledge.sources.rest.columns import RestColumn, inferred
from knowledge.sources.rest.described import Api, Operator, Pushed, RestTable
from knowledge.sources.rest.entry import Credentials
from knowledge.sources.rest.pages import Paged, Params, Row, with_limit
from knowledge.sources.rest.patience import Patience
from knowledge.sources.sdk.pushdown import Filter

SAMPLE = 1_000
"""Rows of the first page that columns are inferred from."""
_LONGEST_LIST = 100
_SENT_AS: Mapping[str, Operator] = {"=": "=", "in": "in", ">=": ">=", ">": ">=", "<=": "<=", "<": "<="}


class RestReader:
    """`Reader` over an API. `credentials` are set before each question, as the secrets are then."""

    def __init__(self, source: str, describe: Callable[[], Api], patience: Patience) -> None:
        self._source = source
        self._describe = describe
        self._patience = patience
        self._client: Client | None = None
        self._columns: dict[str, tuple[RestColumn, ...]] = {}
        self.credentials = Credentials()

    @cached_property
    def api(self) -> Api:
        """The description, read at its first use. Raises SourceUnavailable."""
        return self._describe()

    def close(self) -> None:
        """End the connections."""
        if self._client is not None:
            self._client.close()

    def tables(self) -> Mapping[str, pa.Schema]:
        """The tables of the description; columns that it does not declare are inferred from the first page."""
        found = {}
        for name, table in self.api.tables.items():
            self._columns[name] = table.columns or inferred(
                list(islice(chain.from_iterable(self._pages(table, {})), SAMPLE))
            )
            said = {"comment": table.comment, "primary_key": ", ".join(table.key)}
            fields = [column.field for column in self._columns[name]]
            found[name] = pa.schema(fields, metadata={key: text for key, text in said.items() if text})
        return {name: schema for name, schema in found.items() if len(schema)}

    def read(
        self, table: str, columns: Sequence[str], filters: Sequence[Filter], limit: int | None
    ) -> Iterator[pa.RecordBatch]:
        """A batch for each page; no more pages than the limit needs."""
        described = self.api.tables[table]
        wanted = [column for column in self._columns[table] if column.name in columns]
        schema = pa.schema([column.field for column in wanted])
        left = limit
        for rows in self._pages(described, with_limit(self._sent(described, filters), described, limit)):
            taken = rows if left is None else rows[:left]
            arrays = [pa.array([column.value(row, table) for row in taken], column.field.type) for column in wanted]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
            left = None if left is None else left - len(taken)
            if left == 0:
                return

    def tag(self, table: str) -> str:
        """The ETag or date of a table that is one reply; empty where the API gives none, and for several pages."""
        described = self.api.tables.get(table)
        if described is None or described.pages.kind != "none":
            return ""
        headers = self._asked(described.path, dict(described.params), self._until()).headers
        return headers.get("etag", "") or headers.get("last-modified", "")

    def _pages(self, table: RestTable, params: Params) -> Iterator[list[Row]]:
        until = self._until()
        whole: Params = {**table.params, **params}
        paged = Paged(
            self._source, table, whole, self.api.bounds, lambda address, sent: self._asked(address, sent, until)
        )
        return iter(paged)

    def _asked(self, address: str, params: Params, until: float) -> Reply:
        if self._client is None:
            self._client = Client(self._source, self.api, self._patience)
        return self._client.get(address, params, self.credentials, until)

    def _until(self) -> float:
        return self._patience.now + self.api.bounds.seconds

    def _sent(self, table: RestTable, filters: Sequence[Filter]) -> Params:
        """Query parameters for the comparisons that the API makes; each parameter is used once."""
        sent: Params = {}
        for given in filters:
            if (pushed := _pushed(table, given)) is None or pushed.param in sent:
                continue
            values = given.value if isinstance(given.value, tuple) else (given.value,)
            texts = [_as_sent(value) for value in values]
            if pushed.repeated:
                sent[pushed.param] = texts
            elif len(texts) == 1 or not any("," in text for text in texts):
                sent[pushed.param] = ",".join(texts)
        return sent


def _pushed(table: RestTable, given: Filter) -> Pushed | None:
    operator = _SENT_AS.get(given.operator)
    if isinstance(given.value, tuple) and len(given.value) > _LONGEST_LIST:
        return None
    known = {pushed.operator: pushed for pushed in table.pushed if pushed.column == given.column}
    if operator == "in" and "in" not in known and isinstance(given.value, tuple) and len(given.value) == 1:
        return known.get("=")
    return known.get(operator) if operator else None


def _as_sent(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat() + "Z"
        case date():
            return value.isoformat()
        case _:
            return str(value)
