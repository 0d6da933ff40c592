"""The whole story over real processes: asked in Teams, edited in Slack, confirmed in the browser, told in Teams."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Page, async_playwright, expect

from infra.settings import Settings
from infra.stores import open_stores
from knowledge.glossary import Metric, Term
from knowledge.glossary.files import to_yaml
from tests.e2e.server import Running, environment, running
from tests.e2e.test_browser import CHROMIUM, FLAGS, sign_in
from tests.scenarios.product import Product

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; set QUILLUX_CHROMIUM to one"),
    pytest.mark.xdist_group("browser"),
]
EXPERT = ("U4", "D4")
REVENUE = Term("revenue", "Revenue", "metric", "approved", "All orders", metric=Metric("shop", "orders", "SUM(amount)"))


async def test_the_analyst_in_teams_gets_the_right_answer_after_slack_and_browser_and_the_log_proves_it(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as server, story(server, tmp_path) as (people, page):
        imported = await command(tmp_path, "glossary", "import", "terms.yaml", "--by", "eva", "--yes")
        assert imported[0] == 0, imported

        await people.teams_says("revenue")
        await until(lambda: "8,200" in teams(people), people)
        await people.teams_presses("👎")
        await until(lambda: "What was wrong?" in teams(people), people)
        await people.teams_presses("Send", kind="meaning", reason="only paid orders count")
        await until(lambda: "goes to an expert" in teams(people), people)

        await people.slack_says("what needs review?", *EXPERT)
        await until(lambda: "1 item waits" in slack(people), people)
        await people.slack_presses("Review: ", *EXPERT)
        await until(lambda: "only paid orders count" in slack(people), people)
        await people.slack_presses("Change what “Revenue” means", *EXPERT)
        await until(lambda: "Only where" in slack(people), people)
        await people.slack_presses("Propose this", *EXPERT, inputs="paid is paid", typed={"filters": "status = 'paid'"})
        await until(lambda: "May decide" in slack(people), people)

        await page.goto(f"{server.url}/approvals")
        await page.get_by_role("link", name="Revenue").first.click()
        await expect(page.get_by_text("1 past answer changes, here is how")).to_be_visible()
        await expect(page.get_by_text("8,200").first).to_be_visible()
        await page.fill("#reason", "Finance agrees")
        await page.get_by_role("button", name="Approve", exact=True).click()
        await expect(page.get_by_role("status")).to_contain_text("Your decision counts.")

        await until(lambda: "Fixed: this is the new answer" in teams(people), people)
        assert "1,800" in teams(people)
        await people.slack_says("revenue", *EXPERT)
        await until(lambda: "1,800" in slack(people), people)
        await _proved(tmp_path)


async def _proved(folder: Path) -> None:
    """The log is whole, and holds each step in its order."""
    code, said = await command(folder, "audit", "verify")
    assert code == 0, said
    code, said = await command(folder, "audit", "export")
    assert code == 0, said
    order = [json.loads(line).get("what") for line in said.splitlines() if line.startswith("{")]
    wanted = [
        "answer.complained",
        "review.opened",
        "gate.opened",
        "gate.voted",
        "gate.decided",
        "term.changed",
        "review.decided",
        "person.told",
    ]
    at = [order.index(what) for what in wanted]
    assert at == sorted(at), order


@asynccontextmanager
async def story(server: Running, folder: Path) -> AsyncIterator[tuple[Product, Page]]:
    """Ben and Eva in their chats, and a tab in which Cat is signed in."""
    (folder / "terms.yaml").write_text(to_yaml([REVENUE]))
    stores = open_stores(Settings(data=folder / "data"))
    people = Product(
        Settings(data=folder / "data"),
        server.slack,
        server.teams,
        stores,
        server.client,
        handler=cast(Any, None),
        _worker=AsyncExitStack(),
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(20_000)
        await page.goto(server.url)
        await sign_in(page, "cat")
        yield people, page
        await browser.close()
    await stores.engine.dispose()


def teams(people: Product) -> str:
    """Ben's conversation."""
    return json.dumps(people.teams_shows("a:ben")[-1:], ensure_ascii=False)


def slack(people: Product) -> str:
    """Eva's conversation."""
    return people.slack_shows("D4")[-1] if people.slack.messages["D4"] else ""


async def until(true: Callable[[], bool], people: Product) -> None:
    """Wait until something is so; a minute at most."""
    try:
        async with asyncio.timeout(60):
            while not true():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"Teams: {teams(people)[-3000:]}\nSlack: {slack(people)[-3000:]}") from None


async def command(folder: Path, *words: str) -> tuple[int, str]:
    """A command of `quillux` in the folder of the settings: its exit code, and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.cli.main",
        *words,
        cwd=folder,
        env={**environment(folder / "quillux.toml"), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()
