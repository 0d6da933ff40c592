"""A MariaDB server of one's own for tests: on a free port, as a user who is not root, gone when the tests are."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pymysql

from tests.postgres import free_port

PASSWORD = "not-a-secret"
START_SECONDS = 60.0


def server() -> str | None:
    """The path of mariadbd, or None where there is none."""
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/libexec:/usr/local/sbin")


def server_user() -> str | None:
    """The user to run as: oneself, or `mysql` for root; None where that user is missing."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam("mysql").pw_name
    except KeyError:
        return None


def why_not() -> str:
    """Why no server can be started here; empty where one can."""
    if server() is None or shutil.which("mariadb-install-db") is None:
        return "no MariaDB server is installed"
    return "" if server_user() else "MariaDB does not run as root, and there is no user mysql"


@contextmanager
def mariadb_server() -> Iterator[str]:
    """The address of a fresh server's empty database; its user may do everything there."""
    binary, user = server(), server_user()
    assert binary
    assert user
    home = Path(tempfile.mkdtemp(prefix="quillux-maria-"))
    shutil.chown(home, user)
    run_as = user if os.geteuid() == 0 else None
    try:
        _install(home, run_as)
        with _running(binary, home, run_as) as port:
            yield f"mysql://quillux:{PASSWORD}@127.0.0.1:{port}/shop"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _install(home: Path, run_as: str | None) -> None:
    # The bootstrap server of the installer sometimes gives up on a busy machine; a fresh folder is then as good.
    for left in (2, 1, 0):
        made = subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={home / 'data'}", f"--tmpdir={home}", "--skip-test-db",
             "--auth-root-authentication-method=normal", "--innodb-log-file-size=16M"],
            check=False, capture_output=True, cwd=home, user=run_as,
        )  # fmt: skip
        if made.returncode == 0:
            break
        shutil.rmtree(home / "data", ignore_errors=True)
        assert left, made.stderr.decode(errors="replace")[-2_000:]
    first = home / "first.sql"
    first.write_text(
        "CREATE DATABASE shop CHARACTER SET utf8mb4;\n"
        f"CREATE USER quillux@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON *.* TO quillux@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    if run_as:
        shutil.chown(first, run_as)


@contextmanager
def _running(binary: str, home: Path, run_as: str | None) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [binary, "--no-defaults", f"--datadir={home / 'data'}", f"--port={port}", "--bind-address=127.0.0.1",
         # A server that starts removes what others keep in a shared folder for temporary tables.
         f"--tmpdir={home}", f"--socket={home / 'socket'}", f"--pid-file={home / 'pid'}", f"--log-error={home / 'log'}",
         f"--init-file={home / 'first.sql'}", "--skip-name-resolve", "--innodb-buffer-pool-size=32M",
         "--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, user=run_as,
    )  # fmt: skip
    try:
        _wait(port, process, home / "log")
        yield port
    finally:
        process.kill()
        process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the server lets the user in; the first file has run before it listens."""
    until = monotonic() + START_SECONDS
    while True:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="quillux", password=PASSWORD, database="shop").close()
            return
        except pymysql.err.OperationalError:
            if process.poll() is not None or monotonic() > until:
                raise RuntimeError(f"MariaDB did not start: {log.read_text()[-2000:]}") from None
            sleep(0.05)
