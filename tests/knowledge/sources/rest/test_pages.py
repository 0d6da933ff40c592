"""Pages by number, offset, cursor and link, read to their end and never without one."""

from typing import Any

import pytest

from knowledge.errors import SourceUnavailable, TooMuch
from tests.knowledge.sources.rest.conftest import Open, rows
from tests.knowledge.sources.rest.server import Answered, Api, Asked, Route

ITEMS: list[dict[str, Any]] = [
    {"id": number, "city": ("Berlin", "Oslo")[number % 2], "price": number / 4} for number in range(1, 96)
]
TABLE = (
    "base: BASE\ntables:\n  items:\n    path: /items\n    rows: data\n    key: id\n"
    "    columns: {id: integer, city: text, price: number}\n"
)
COUNT = "SELECT count(*) AS n, sum(id) AS s FROM items"
ALL = [{"n": 95, "s": sum(range(1, 96))}]


def by_page(asked: Asked) -> Answered:
    size, page = min(int(asked.param("size", "10")), 20), int(asked.param("page", "1"))
    found = ITEMS[(page - 1) * size : page * size]
    return Answered({"data": found, "meta": {"pages": -(-len(ITEMS) // size), "total": len(ITEMS)}})


def by_offset(asked: Asked) -> Answered:
    at = int(asked.param("offset", "0"))
    return Answered({"data": ITEMS[at : at + 10], "meta": {"total": len(ITEMS)}})


def by_cursor(asked: Asked) -> Answered:
    at = int(asked.param("after", "0"))
    return Answered({"data": ITEMS[at : at + 10], "next": str(at + 10) if at + 10 < len(ITEMS) else None})


def by_link(asked: Asked) -> Answered:
    at = int(asked.param("at", "0"))
    more = {"Link": f'</items?at={at + 10}>; rel="next", </items>; rel="first"'} if at + 10 < len(ITEMS) else {}
    return Answered({"data": ITEMS[at : at + 10]}, headers=more)


@pytest.mark.parametrize(
    ("route", "pages", "requests"),
    [
        (by_page, "{kind: page, param: page}", 11),
        (by_page, "{kind: page, param: page, size_param: size, size: 100}", 6),
        (by_page, "{kind: page, param: page, count: meta.pages}", 10),
        (by_page, "{kind: page, param: page, total: meta.total}", 10),
        (by_offset, "{kind: offset, param: offset}", 11),
        (by_offset, "{kind: offset, param: offset, total: meta.total}", 10),
        (by_cursor, "{kind: cursor, param: after, next: next}", 10),
        (by_link, "{kind: link}", 10),
    ],
)
async def test_every_row_comes_once(api: Api, opened: Open, route: Route, pages: str, requests: int) -> None:
    api.routes["/items"] = route
    assert await rows(opened(f"{TABLE}    pages: {pages}\n"), COUNT) == ALL
    assert len(api.asked) == requests


async def test_a_server_that_gives_smaller_pages_than_asked_for_loses_no_rows(api: Api, opened: Open) -> None:
    api.routes["/items"] = by_page
    source = opened(f"{TABLE}    pages: {{kind: page, param: page, size_param: size, size: 50}}\n")
    assert await rows(source, COUNT) == ALL


async def test_a_limit_reads_no_more_pages_than_it_needs(api: Api, opened: Open) -> None:
    api.routes["/items"] = by_cursor
    source = opened(
        f"{TABLE}    pages: {{kind: cursor, param: after, next: next}}\n    limit: {{param: limit, most: 7}}\n"
    )
    assert len(await rows(source, "SELECT id FROM items LIMIT 15")) == 15
    assert len(api.asked) <= 3
    assert api.asked[0].param("limit") == "7"


@pytest.mark.parametrize(
    ("answer", "pages", "says"),
    [
        ({"data": ITEMS[:10], "next": "x"}, "{kind: cursor, param: after, next: next}", "the same"),
        ({"data": ITEMS[:10]}, "{kind: page, param: page}", "the same page again"),
        ({"data": ITEMS[:10]}, "{kind: offset, param: offset}", "the same page again"),
    ],
)
async def test_pages_without_end_are_noticed(api: Api, opened: Open, answer: object, pages: str, says: str) -> None:
    api.routes["/items"] = lambda asked: Answered(answer)
    with pytest.raises(SourceUnavailable, match=says):
        await rows(opened(f"{TABLE}    pages: {pages}\n"), COUNT)
    assert len(api.asked) < 4


async def test_a_cursor_that_goes_in_a_circle_is_noticed(api: Api, opened: Open) -> None:
    def around(asked: Asked) -> Answered:
        at = int(asked.param("after", "0"))
        return Answered({"data": [{"id": at}], "next": str((at + 1) % 3)})

    api.routes["/items"] = around
    with pytest.raises(SourceUnavailable, match="same cursor again"):
        await rows(opened(f"{TABLE}    pages: {{kind: cursor, param: after, next: next}}\n"), COUNT)


async def test_too_many_pages_and_bytes_are_too_much(api: Api, opened: Open) -> None:
    api.routes["/items"] = by_page
    for limits, says in (
        ("pages: 3", "more than 3 pages"),
        ("bytes: 2000", "more than"),
        ("page_bytes: 100", "larger"),
    ):
        source = opened(f"limits: {{{limits}}}\n{TABLE}    pages: {{kind: page, param: page}}\n")
        with pytest.raises(TooMuch, match=says) as error:
            await rows(source, COUNT)
        assert error.value.next_step
    many = opened(f"limits: {{pages: 3}}\n{TABLE}    pages: {{kind: page, param: page, count: meta.pages}}\n")
    api.asked.clear()
    with pytest.raises(TooMuch):
        await rows(many, COUNT)
    assert len(api.asked) == 1


async def test_comparisons_that_the_api_makes_are_sent_and_the_rest_is_done_here(api: Api, opened: Open) -> None:
    def filtered(asked: Asked) -> Answered:
        found = [item for item in ITEMS if asked.param("town") in ("", item["city"])]
        return Answered({"data": found})

    api.routes["/items"] = filtered
    source = opened(f"{TABLE}    filters: {{city: {{'=': town}}, id: {{in: ids, '>=': from}}}}\n")
    (found,) = await rows(source, "SELECT count(*) AS n FROM items WHERE city = 'Oslo' AND price > 10 AND id >= 50")
    assert found["n"] == len([item for item in ITEMS if item["city"] == "Oslo" and item["id"] >= 50])
    assert (api.asked[-1].param("town"), api.asked[-1].param("from")) == ("Oslo", "50")
    await rows(source, "SELECT id FROM items WHERE id IN (3, 5)")
    assert api.asked[-1].param("ids") == "3,5"
    await rows(source, "SELECT id FROM items WHERE city = 'Oslo' OR id = 1")
    assert not api.asked[-1].params


async def test_a_day_is_sent_as_iso_text(api: Api, opened: Open) -> None:
    api.routes["/log"] = lambda asked: Answered([{"day": "2026-02-01", "moment": "2026-02-01T10:00:00+02:00"}])
    source = opened(
        "base: BASE\ntables:\n  log:\n    path: /log\n    columns: {day: date, moment: timestamp}\n"
        "    filters: {day: {'>=': since}, moment: {'>=': after}}\n"
    )
    found = await rows(
        source, "SELECT moment FROM log WHERE day >= DATE '2026-01-31' AND moment >= '2026-02-01 07:00:00'"
    )
    assert str(found[0]["moment"]) == "2026-02-01 08:00:00"
    assert (api.asked[-1].param("since"), api.asked[-1].param("after")) == ("2026-01-31", "2026-02-01T07:00:00Z")
