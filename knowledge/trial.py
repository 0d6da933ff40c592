"""Runs a query on trial, to compare two readings of one question: only when it is light, and only its first rows."""

from knowledge.asker import Asker
from knowledge.errors import TooMuch
from knowledge.federation import Engine, Request
from knowledge.sources.port import Limits
from knowledge.translation.assisted import Rows
from knowledge.translation.model import Interpretation

LIGHT = 1_000_000
"""Estimated rows read above which a query is not run on trial."""
LIMITS = Limits(rows=1_000, seconds=3.0, bytes=4 * 1024 * 1024)


class LightTrial:
    """A `Trial` with the rights of one person; all checks and the estimate come first, as they do for an answer."""

    def __init__(self, engine: Engine, asker: Asker) -> None:
        self._engine = engine
        self._asker = asker

    async def __call__(self, reading: Interpretation) -> Rows | None:
        """The rows, None when they are too many or too dear. Raises Refused when the source does not take the query."""
        request = Request(reading.query, reading.source, self._asker, LIMITS)
        expected = await self._engine.estimate(request)
        if (expected.rows_read or 0) > LIGHT:
            return None
        try:
            table = (await self._engine.run(request)).table
        except TooMuch:
            return None
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
