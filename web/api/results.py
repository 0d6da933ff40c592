"""Read the rows of an answer: page by page as JSON, or whole as a file."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from web.api import cells
from web.api.downloads import MEDIA, Format, csv_pieces, disposition, parquet_pieces, workbook_pieces
from web.api.identity import Caller, Signed
from web.api.problems import Refused, not_found
from web.api.services import ApiServices, Services
from web.api.wire import RowsOut

router = APIRouter(tags=["Results"])


@router.get(
    "/v1/results/{id}.{format}",
    response_class=StreamingResponse,
    responses={200: {"content": {media.split(";")[0]: {} for media in MEDIA.values()}, "description": "The file"}},
)
async def download(
    id: str,
    format: Format,
    services: Services,
    who: Signed,
    name: Annotated[str, Query(max_length=200, description="Name of the file, without its ending.")] = "",
    bom: Annotated[bool, Query(description="CSV: begin with a byte order mark, as Excel needs it.")] = True,
) -> StreamingResponse:
    """The whole result as a file. In CSV, text that a spreadsheet would run as a formula begins with an apostrophe."""
    table = await _look(services, who, id)
    pieces = _pieces(table, format, bom=bom)
    # The first piece is made before the answer begins, so that an error is still a problem and not half a file.
    first = await asyncio.to_thread(next, pieces, b"")
    headers = {"Content-Disposition": disposition(name or f"quillux-{id[:8]}", format)}
    return StreamingResponse(_chain(first, pieces), media_type=MEDIA[format], headers=headers)


@router.get("/v1/results/{id}")
async def page(
    id: str,
    services: Services,
    who: Signed,
    offset: Annotated[int, Query(ge=0, le=2**40)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    sort: Annotated[str, Query(max_length=500, description="Name of the column to sort by.")] = "",
    desc: bool = False,
) -> RowsOut:
    """A page of the rows, sorted where asked; empty values come last."""
    table = await _look(services, who, id)
    return await asyncio.to_thread(_page, table, offset, limit, sort, desc)


async def _look(services: ApiServices, who: Caller, id: str) -> pa.Table:
    table = await services.results.get(who.principal.tenant, id)
    if table is None:
        raise not_found("result")
    return table


def _page(table: pa.Table, offset: int, limit: int, sort: str, desc: bool) -> RowsOut:
    shown = table.slice(min(offset, table.num_rows), limit) if not sort else _sorted(table, offset, limit, sort, desc)
    return RowsOut(columns=cells.columns(table), rows=cells.rows(shown), total=table.num_rows, offset=offset)


def _sorted(table: pa.Table, offset: int, limit: int, sort: str, desc: bool) -> pa.Table:
    if sort not in table.column_names:
        raise Refused(422, "There is no such column to sort by.", next_step="Use a name from `columns`.")
    values = table.column(table.column_names.index(sort))
    try:
        order = pc.array_sort_indices(values, order="descending" if desc else "ascending", null_placement="at_end")
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError) as unsortable:
        raise Refused(422, "This column can't be sorted.", next_step="Sort by another column.") from unsortable
    return table.take(order.slice(min(offset, table.num_rows), limit))


def _pieces(table: pa.Table, format: Format, *, bom: bool) -> Iterator[bytes]:
    match format:
        case "csv":
            return csv_pieces(table, bom=bom)
        case "parquet":
            return parquet_pieces(table)
        case "xlsx":
            return workbook_pieces(table)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
