"""Page after page of a table, by number, offset, cursor or link."""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.sources.meter import SMALLER
from knowledge.sources.rest.client import Reply
from knowledge.sources.rest.columns import found_at
from knowledge.sources.rest.described import Bounds, RestTable

Params: TypeAlias = dict[str, str | list[str]]
Row: TypeAlias = dict[str, Any]
Ask: TypeAlias = Callable[[str, Params], Reply]
"""The reply at an address, for query parameters."""


class Paged:
    """One reading of a table. Iterating gives the rows of each page in their order.

    Raises SourceUnavailable for a reply that is not as described, a page that repeats itself and a cursor that comes
    again; TooMuch beyond the bounds.
    """

    def __init__(self, source: str, table: RestTable, params: Params, bounds: Bounds, ask: Ask) -> None:
        self._source = source
        self._table = table
        self._params = params
        self._bounds = bounds
        self._ask = ask
        self._pages = 0
        self._bytes = 0
        self._last = b""

    def __iter__(self) -> Iterator[list[Row]]:
        """The pages."""
        match self._table.pages.kind:
            case "page" | "offset":
                return self._numbered()
            case "cursor" | "link":
                return self._linked()
            case _:
                return iter([self._taken(self._ask(self._table.path, self._params))])

    def _numbered(self) -> Iterator[list[Row]]:
        """Until an empty page, or until as many as the API says there are: those at once, a few at a time."""
        how, by_page = self._table.pages, self._table.pages.kind == "page"
        reply = self._ask(self._table.path, self._at(how.first))
        rows = self._taken(reply)
        yield rows
        known = self._known(reply, len(rows))
        if known is not None and rows:
            step = 1 if by_page else len(rows)
            yield from self._parallel([how.first + number * step for number in range(1, known)])
            return
        at = how.first
        while rows:
            at += 1 if by_page else len(rows)
            rows = self._taken(self._ask(self._table.path, self._at(at)))
            if rows:
                yield rows

    def _parallel(self, places: list[int]) -> Iterator[list[Row]]:
        if len(places) >= self._bounds.pages:
            raise self._too_many()
        with ThreadPoolExecutor(self._bounds.parallel, thread_name_prefix="rest-pages") as threads:
            waiting: deque[Future[Reply]] = deque()
            try:
                for place in places:
                    waiting.append(threads.submit(self._ask, self._table.path, self._at(place)))
                    if len(waiting) >= self._bounds.parallel:
                        yield self._taken(waiting.popleft().result())
                while waiting:
                    yield self._taken(waiting.popleft().result())
            finally:
                threads.shutdown(wait=False, cancel_futures=True)

    def _linked(self) -> Iterator[list[Row]]:
        seen: set[str] = set()
        address, params = self._table.path, self._sized()
        while True:
            reply = self._ask(address, params)
            yield self._taken(reply)
            follows = self._follows(reply)
            if not follows:
                return
            if follows in seen:
                raise self._wrong("gives the same cursor again, so its pages have no end")
            seen.add(follows)
            if self._table.pages.kind == "link":
                address, params = follows, {}
            else:
                params = {**self._sized(), self._table.pages.param: follows}

    def _follows(self, reply: Reply) -> str:
        """The cursor or address of the next page; empty at the end."""
        if not self._table.pages.next:
            return reply.link
        found = found_at(reply.content, self._table.pages.next)
        if found is None or found == "" or found is False:
            return ""
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise self._wrong(f"holds no cursor at “{self._table.pages.next}”")
        return str(found)

    def _known(self, reply: Reply, rows: int) -> int | None:
        """How many pages there are; None where the API does not say."""
        how = self._table.pages
        count = _natural(found_at(reply.content, how.count)) if how.count else None
        if count is not None or not how.total or not rows:
            return count
        total = _natural(found_at(reply.content, how.total))
        return None if total is None else -(-total // rows)

    def _taken(self, reply: Reply) -> list[Row]:
        """The rows of a reply, counted."""
        self._pages += 1
        self._bytes += reply.size
        if self._pages > self._bounds.pages:
            raise self._too_many()
        if self._bytes > self._bounds.bytes:
            raise TooMuch(
                f"“{self._table.name}” has more than {self._bounds.bytes // 1024 // 1024:,} MB.", next_step=SMALLER
            )
        rows = self._rows(reply.content)
        if rows and self._table.pages.kind != "none":
            self._same_again(rows)
        return rows

    def _rows(self, content: object) -> list[Row]:
        found = found_at(content, self._table.rows)
        if found is None and self._table.rows:
            raise self._wrong(f"holds nothing at “{self._table.rows}”")
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            raise self._wrong("holds no list of rows" + (f" at “{self._table.rows}”" if self._table.rows else ""))
        return [row if isinstance(row, dict) else {"value": row} for row in found]

    def _same_again(self, rows: list[Row]) -> None:
        digest = hashlib.sha256(json.dumps(rows).encode()).digest()
        if digest == self._last:
            raise self._wrong("gives the same page again, so its pages have no end")
        self._last = digest

    def _at(self, place: int) -> Params:
        return {**self._sized(), self._table.pages.param: str(place)}

    def _sized(self) -> Params:
        how = self._table.pages
        return {how.size_param: str(how.size), **self._params} if how.size_param and how.size else dict(self._params)

    def _too_many(self) -> TooMuch:
        return TooMuch(f"“{self._table.name}” has more than {self._bounds.pages:,} pages.", next_step=SMALLER)

    def _wrong(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self._source}” could not be read: the reply for “{self._table.name}” {why}.",
            next_step="Check `rows` and `pages` of this table in the description of the API.",
        )


def _natural(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def with_limit(params: Mapping[str, str | list[str]], table: RestTable, limit: int | None) -> Params:
    """The parameters, with the limit where the API takes one."""
    if limit is None or not table.limit:
        return dict(params)
    return {**params, table.limit: str(min(limit, table.most) if table.most else limit)}
