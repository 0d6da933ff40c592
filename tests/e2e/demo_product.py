"""The real product with its demo data, as `quillux run --demo` starts it; the data is made once for all tests."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.server import environment

READY = re.compile(r"ready at (http://\S+)")
SETTINGS = """
data = "{data}"
[server]
port = 0
log = "text"
"""


@asynccontextmanager
async def demo_product(folder: Path) -> AsyncIterator[str]:
    """The address of server and worker over `folder`; they end with the block."""
    file = folder / "quillux.toml"
    file.write_text(SETTINGS.format(data=folder / "data"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "infra.cli.main", "run", "--demo"),
        env=dict(environment(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    drain: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(90):
            address = ""
            while not address:
                found = READY.search((await process.stdout.readline()).decode())
                address = found[1] if found else ""
        drain = asyncio.create_task(process.stdout.read())
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await process.wait()
        if drain is not None:
            assert b"Traceback" not in await drain
