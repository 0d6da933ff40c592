"""A local S3 server in this process: code that keeps Python's lock while it waits for an answer gets none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto.server import ThreadedMotoServer
from pyarrow import fs

from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Opening

KEYS = {"env:S3_KEY": "AKTEST", "env:S3_SECRET": "not-a-secret"}


async def resolve(reference: str) -> str:
    """The keys of the server."""
    if reference not in KEYS:
        raise SourceUnavailable(f"There is no secret {reference!r}.")
    return KEYS[reference]


@dataclass(frozen=True)
class Store:
    """A running server. `files` writes to it."""

    host: str
    files: fs.S3FileSystem

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://{self.host}"

    @property
    def delta(self) -> dict[str, str]:
        """What deltalake needs to write to it."""
        return {
            "aws_endpoint": self.endpoint,
            "aws_access_key_id": KEYS["env:S3_KEY"],
            "aws_secret_access_key": KEYS["env:S3_SECRET"],
            "aws_region": "us-east-1",
            "allow_http": "true",
            "aws_s3_allow_unsafe_rename": "true",
        }

    def opening(self, address: str, **options: str) -> Opening:
        """An opening of an address on it, with the keys by reference."""
        given = {"endpoint": self.endpoint, "access_key": "${env:S3_KEY}", "secret_key": "${env:S3_SECRET}"}
        return Opening("shop", address, resolve, options={**given, **options})


@contextmanager
def s3_server() -> Iterator[Store]:
    """A server on a free port for as long as the block runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    files = fs.S3FileSystem(
        access_key=KEYS["env:S3_KEY"], secret_key=KEYS["env:S3_SECRET"], endpoint_override=f"{host}:{port}",
        scheme="http", region="us-east-1", allow_bucket_creation=True,
    )  # fmt: skip
    try:
        yield Store(f"{host}:{port}", files)
    finally:
        server.stop()
