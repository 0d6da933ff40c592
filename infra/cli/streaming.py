"""A large answer straight into a Parquet file: rows are written as they come and never held all at once."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from knowledge.errors import Refused
from knowledge.federation import Engine, Request


async def write(engine: Engine, request: Request, out: Path) -> int:
    """The number of rows written. The file appears when it is whole; an error leaves what was there before.

    Raises what the engine raises, and Refused when a column turns out to be of another type than it began with.
    """
    part = out.with_name(f".{out.name}.part")
    rows = 0
    try:
        stream = cast(AsyncGenerator[pa.RecordBatch, None], engine.stream(request))
        async with aclosing(stream) as batches:
            first = await anext(batches)
            schema = pa.schema([_writable(field) for field in first.schema])
            with pq.ParquetWriter(part, schema) as writer:
                rows += _write(writer, first, schema)
                async for batch in batches:
                    rows += _write(writer, batch, schema)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _writable(field: pa.Field) -> pa.Field:
    """A column that is empty so far may hold anything later, which only text can."""
    return pa.field(field.name, pa.string()) if pa.types.is_null(field.type) else field


def _write(writer: pq.ParquetWriter, batch: pa.RecordBatch, schema: pa.Schema) -> int:
    try:
        writer.write_batch(batch if batch.schema.equals(schema) else batch.cast(schema))
    except pa.ArrowInvalid as error:
        raise Refused(
            f"A column changed its type on the way: {str(error).splitlines()[0][:200]}.",
            unchanged="No file was written.",
            next_step="Ask with --out, which holds all rows and brings them to one type.",
        ) from error
    return int(batch.num_rows)
