"""The real product in processes of its own, beside a fake Slack, so that it can be killed."""

import asyncio
import ctypes
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests.fixtures.fake_slack import BOT_TOKEN, SECRET, FakeSlack, event_body, form_body

ROOT = Path(__file__).parents[2]
SETTINGS = """
[[sources]]
name = "shop"
address = "sqlite:///{folder}/shop.sqlite"

[[people]]
id = "ben"
roles = ["approver"]
identities = ["slack:T1:UBEN"]
"""
ROWS = 300


def shop(folder: Path) -> None:
    """A small database to ask, and settings that name it."""
    with closing(sqlite3.connect(folder / "shop.sqlite")) as file, file:
        file.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT NOT NULL, amount REAL NOT NULL)")
        rows = [(("North", "South", "East")[n % 3], n * 1.5) for n in range(ROWS)]
        file.executemany("INSERT INTO orders (region, amount) VALUES (?, ?)", rows)
    (folder / "quillux.toml").write_text(SETTINGS.format(folder=folder))


class Product:
    """Server and worker, as `quillux run` starts them."""

    def __init__(self, folder: Path, slack: FakeSlack, **settings: str) -> None:
        self._folder = folder
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self._port: int = listener.getsockname()[1]
        self._environment = {
            **os.environ,
            "QUILLUX_CONFIG": str(folder / "quillux.toml"),
            "QUILLUX_DATA": str(folder / "data"),
            "QUILLUX_SERVER__PORT": str(self._port),
            "QUILLUX_SLACK__BOT_TOKEN": BOT_TOKEN,
            "QUILLUX_SLACK__SIGNING_SECRET": SECRET,
            "QUILLUX_SLACK__API_URL": slack.api,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start server and worker in a process group of their own."""
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "infra.cli.main", "run"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_the_test,
            )

    def kill(self) -> None:
        """kill -9 of server and worker at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_server(self) -> None:
        """kill -9 of the server alone: its worker notices, and ends in its own time."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def kill_worker(self) -> None:
        """kill -9 of the worker alone, if there is one at this moment; the server starts another."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        for child in children.split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)

    async def deliver(self, body: bytes, headers: dict[str, str]) -> bool:
        """Post one signed request; whether it was acknowledged."""
        timeout = aiohttp.ClientTimeout(total=3)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(f"http://127.0.0.1:{self._port}/slack/events", data=body, headers=headers) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def unfinished(self) -> int:
        """Turns that are accepted and not handled."""
        return _count(
            self._folder / "data" / "inbox.sqlite", "SELECT count(*) FROM inbox WHERE forwarded = 0"
        ) + _count(
            self._folder / "data" / "queue.sqlite",
            "SELECT count(*) FROM workflow_status WHERE status NOT IN ('SUCCESS', 'CANCELLED')",
        )

    def log(self) -> str:
        """The last lines that the processes wrote."""
        return "\n".join((self._folder / "log.txt").read_text().splitlines()[-30:])


def _die_with_the_test() -> None:
    """Ask Linux to kill this process with its parent, should that be killed without a word."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _count(file: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
        count: int = connection.execute(query).fetchone()[0]
        return count


def mention(number: int, text: str, *, delivery: int = 0) -> tuple[bytes, dict[str, str]]:
    """A signed mention; the same message in another delivery has another event id."""
    event = {
        "type": "app_mention",
        "user": f"U{number}",
        "text": f"<@UBOT> {text}",
        "ts": f"1700000000.{number:06d}",
        "channel": f"C{number % 4}",
        "event_ts": f"1700000000.{number:06d}",
    }
    installed = {"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True}
    return event_body(
        {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": f"Ev{number}x{delivery}",
            "event_time": int(time.time()),
            "authorizations": [{**installed, "is_enterprise_install": False}],
            "event": event,
        }
    )


def press(message: dict[str, Any], label: str, user: str) -> tuple[bytes, dict[str, str]]:
    """A signed press of the button with this label."""
    buttons = [e for block in message["blocks"] for e in block.get("elements", []) if e.get("type") == "button"]
    button = next(button for button in buttons if button["text"]["text"] == label)
    channel, ts, thread = message["channel"], message["ts"], message["thread_ts"]
    return form_body(
        {
            "type": "block_actions",
            "user": {"id": user, "name": user.lower(), "team_id": "T1"},
            "team": {"id": "T1"},
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "thread_ts": thread},
            "channel": {"id": channel, "name": "general"},
            "message": {"ts": ts, "team": "T1", "thread_ts": thread},
            "state": {"values": {}},
            "actions": [{**button, "action_ts": "1700000020.123456"}],
        }
    )


async def until(true: Any, product: Product, seconds: float = 60) -> None:
    """Wait for something that comes about by itself; the log says why it did not."""
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not in {seconds} s; the log ends with\n{product.log()}") from None
