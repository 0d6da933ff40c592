"""A Redis server for a module of tests: on a socket of its own, gone when they are."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    path = tmp_path_factory.mktemp("redis") / "r.sock"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(path.parent)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    for line in server.stdout:
        if "Ready to accept" in line or "ready to accept" in line:
            break
    yield f"unix://{path}"
    server.terminate()
    server.wait(10)
