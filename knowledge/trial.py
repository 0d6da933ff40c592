"""Runs a query on trial, to compare two readings of one question: only when it is light, and only its first rows."""

from collections.abc import Callable

from knowledge.catalog.model import Catalog
from knowledge.errors import TooMuch
from knowledge.execution import estimate, run_query
from knowledge.sources.port import Limits, Source
from knowledge.translation.assisted import Rows
from knowledge.translation.model import Interpretation

LIGHT = 1_000_000
"""Estimated rows read above which a query is not run on trial."""
LIMITS = Limits(rows=1_000, seconds=3.0, bytes=4 * 1024 * 1024)


class LightTrial:
    """A `Trial` over open sources; the guard and the estimate come first, as they do for an answer."""

    def __init__(self, source: Callable[[str], Source], catalog: Catalog) -> None:
        self._source = source
        self._catalog = catalog

    async def __call__(self, reading: Interpretation) -> Rows | None:
        """The rows, None when they are too many or too dear. Raises Refused when the source does not take the query."""
        source = self._source(reading.source)
        expected = await estimate(source, reading.query, self._catalog)
        if (expected.rows_read or 0) > LIGHT:
            return None
        try:
            table = await run_query(source, reading.query, self._catalog, LIMITS)
        except TooMuch:
            return None
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
