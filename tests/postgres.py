"""A PostgreSQL server of one's own for tests: on a free port, as a user who is not root, gone when the tests are."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "not-a-secret"


def binaries() -> Path | None:
    """The folder of initdb and postgres, or None where there is none."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def server_user() -> str | None:
    """The user to run as: oneself, or `postgres` for root, whom PostgreSQL refuses; None where that user is missing."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


def why_not() -> str:
    """Why no server can be started here; empty where one can."""
    if binaries() is None:
        return "no PostgreSQL binaries are installed"
    return "" if server_user() else "PostgreSQL does not run as root, and there is no user postgres"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a fresh server's empty database."""
    folder, user = binaries(), server_user()
    assert folder
    assert user
    home = Path(tempfile.mkdtemp(prefix="quillux-pg-"))
    shutil.chown(home, user)
    secret = home / "password"
    secret.write_text(PASSWORD)
    shutil.chown(secret, user)
    data = home / "data"
    run_as = user if os.geteuid() == 0 else None
    initdb: list[str | Path] = [
        folder / "initdb",
        "-D",
        data,
        "-U",
        "quillux",
        "--pwfile",
        secret,
        "-A",
        "scram-sha-256",
        "-N",
        "-E",
        "UTF8",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=home, user=run_as)
    port = free_port()
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB"
    control: list[str | Path] = [folder / "pg_ctl", "-D", data, "-w", "-s", "-l", home / "log"]
    subprocess.run([*control, "-o", options, "start"], check=True, cwd=home, user=run_as)
    try:
        yield f"postgresql://quillux:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd=home, user=run_as)
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
