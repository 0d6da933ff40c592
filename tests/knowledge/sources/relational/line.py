"""A line to a server that a test can cut: a TCP proxy that stops carrying bytes without hanging up, or hangs up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """`address` goes to the server through here. After `cut` nothing is carried any more, and nobody is told."""

    def __init__(self, address: str) -> None:
        at = urlsplit(address)
        self._server = (str(at.hostname), at.port or 0)
        self._whole = address
        self._carrying = asyncio.Event()
        self._carrying.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.carried = asyncio.Event()
        self.address = ""

    def cut(self) -> None:
        """Carry nothing more, in either direction; new connections are taken and never answered."""
        self._carrying.clear()

    def hang_up(self) -> None:
        """Drop all connections at once."""
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.address = self._whole.replace(f":{self._server[1]}/", f":{port}/")
        return server

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if not self._carrying.is_set():
            return
        behind, before = await asyncio.open_connection(*self._server)
        self._writers.add(before)
        for source, sink in ((reader, before), (behind, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                await self._carrying.wait()
                sink.write(data)
                await sink.drain()
                self.carried.set()
            sink.close()

    def stop(self) -> None:
        self.hang_up()
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def line_to(address: str) -> AsyncIterator[Line]:
    """A line that is gone at the end."""
    line = Line(address)
    server = await line.serve()
    try:
        yield line
    finally:
        line.stop()
        server.close()
