"""An answer as bytes: what came before it as JSON, its rows as compressed Arrow."""

import json
import zlib
from dataclasses import asdict, replace

import pyarrow as pa

from knowledge.federation.port import Answer
from knowledge.receipt import Step

_HEAD = 8
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


def encode(answer: Answer, at: float) -> bytes:
    """The bytes, with a checksum. `at` is when the rows were read, in seconds since 1970."""
    told = {"at": at, "steps": [asdict(step) for step in answer.steps], "policies": answer.policies}
    head = json.dumps(told).encode()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, answer.table.schema, options=_OPTIONS) as writer:
        writer.write_table(answer.table)
    rows: bytes = sink.getvalue().to_pybytes()
    body = len(head).to_bytes(4, "big") + head + rows
    return zlib.crc32(body).to_bytes(4, "big") + body


def decode(value: bytes, now: float) -> Answer | None:
    """The answer, its steps noting how old it is; None for bytes that are none, or of another version."""
    if len(value) < _HEAD or zlib.crc32(memoryview(value)[4:]) != int.from_bytes(value[:4], "big"):
        return None
    length = int.from_bytes(value[4:8], "big")
    try:
        told = json.loads(value[_HEAD : _HEAD + length])
        table = pa.ipc.open_stream(pa.py_buffer(value)[_HEAD + length :]).read_all()
        age = max(now - float(told["at"]), 0)
        steps = tuple(_aged(Step(**{**step, "tables": tuple(step["tables"])}), age) for step in told["steps"])
        return Answer(table, steps, tuple(told["policies"]), cached=True)
    except (pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _aged(step: Step, seconds: float) -> Step:
    note = f"from the cache, {seconds:.0f} s old"
    return replace(step, note=f"{step.note}; {note}" if step.note else note)
