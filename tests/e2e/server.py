"""The real product as processes of its own: `quillux run` over a small shop, with a Slack and a Teams in the test."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.identity.passwords import hash_password
from infra.identity.tokens import issue
from tests.bots.teams.payloads import APP_ID, TENANT
from tests.fixtures.fake_slack import BOT_TOKEN, SECRET, FakeSlack, fake_slack
from tests.fixtures.fake_teams import FakeTeams
from tests.scenarios.product import BEN, write_shop

TOKEN_SECRET = "a secret of the tests, long enough for its algorithm"
READY = re.compile(r"ready at (http://\S+)")


@dataclass
class Running:
    """The server's address, and what stands around it."""

    url: str
    slack: FakeSlack
    teams: FakeTeams
    client: httpx.AsyncClient
    shop: Path

    def token(self, person: str) -> dict[str, str]:
        """Headers that let a request speak for a person."""
        return {"Authorization": f"Bearer {issue(TOKEN_SECRET, 'default', person, person, 1)}"}

    async def ask(self, person: str, text: str, *, wait: float = 20, **more: Any) -> httpx.Response:
        """A question over the API."""
        body = {"text": text, **more}
        return await self.client.post(f"/v1/messages?wait={wait}", json=body, headers=self.token(person))

    async def run(self, person: str, id: str) -> dict[str, Any]:
        """A run as the API tells it."""
        answer = await self.client.get(f"/v1/runs/{id}", headers=self.token(person))
        return dict(answer.json())

    async def finished(self, person: str, id: str, seconds: float = 60) -> dict[str, Any]:
        """The run once it is over."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self.run(person, id)
                if found.get("state") in ("completed", "failed", "canceled", "input-required"):
                    return found
                await asyncio.sleep(0.1)


def configuration(folder: Path, slack: FakeSlack, teams: FakeTeams, shop: Path) -> str:
    """A settings file."""
    return f"""
data = "{folder / "data"}"
[server]
port = 0
log_level = "warning"
[web]
secret = "{TOKEN_SECRET}"
[slack]
bot_token = "{BOT_TOKEN}"
signing_secret = "{SECRET}"
api_url = "{slack.api}"
[teams]
app_id = "{APP_ID}"
tenant = "{TENANT}"
credential = "managed"
service_urls = ["{teams.url}"]
openid_metadata = "{teams.metadata}"
[answers]
approval_rows_returned = 20
[[sources]]
name = "shop"
address = "sqlite:///{shop}"
[[people]]
id = "ann"
name = "Ann"
[[people]]
id = "ben"
name = "Ben"
roles = ["member", "approver"]
identities = ["slack:T1:U2", "teams:{TENANT}:{BEN}"]
[[people]]
id = "eva"
name = "Eva"
roles = ["member", "expert"]
identities = ["slack:T1:U4"]
[[people]]
id = "cat"
name = "Cat"
password = "{hash_password("demo")}"
roles = ["approver"]
"""


def environment(file: Path, **more: str) -> Mapping[str, str]:
    """What the processes see: our own settings file and nothing of the machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUILLUX_")}
    return {**kept, "QUILLUX_CONFIG": str(file), "PYTHONUNBUFFERED": "1", **more}


async def started(command: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    """A command of `quillux`, as a process."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.cli.main",
        command,
        env=dict(env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """The product, ready; it ends with the block."""
    shop = folder / "shop.sqlite"
    write_shop(shop)
    file = folder / "quillux.toml"
    async with fake_slack() as slack, FakeTeams(APP_ID) as teams:
        file.write_text(configuration(folder, slack, teams, shop))
        env = environment(file, IDENTITY_ENDPOINT=f"{teams.url}/identity", IDENTITY_HEADER="fake")
        process = await started("run", env)
        said: list[str] = []
        try:
            async with asyncio.timeout(90):
                url = await _ready(process, said)
            draining = asyncio.create_task(_drain(process, said))
            limits = httpx.Limits(max_connections=200)
            async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
                await _worker_ready(client)
                yield Running(url, slack, teams, client, shop)
            draining.cancel()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(30):
                    await process.wait()
            assert "Traceback" not in "".join(said), "".join(said)[-4_000:]


async def _ready(process: asyncio.subprocess.Process, said: list[str]) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        said.append(line.decode())
        found = READY.search(said[-1])
        if found:
            return found[1]
    raise AssertionError("".join(said))


async def _drain(process: asyncio.subprocess.Process, said: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        said.append(line.decode())


async def _worker_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while (await client.get("/ready")).status_code != 200:
            await asyncio.sleep(0.1)
