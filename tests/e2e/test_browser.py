"""The pages in headless Chromium: what a person does on the first day."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, async_playwright, expect

from tests.e2e.demo_product import demo_product

CHROMIUM = os.environ.get("QUILLUX_CHROMIUM") or shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; set QUILLUX_CHROMIUM to one"),
    pytest.mark.xdist_group("browser"),
]


@pytest_asyncio.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """The pages over a scripted core, as a process of its own."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.demo", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    yield (await asyncio.wait_for(server.stdout.readline(), 60)).decode().strip()
    server.terminate()
    await server.wait()


@pytest_asyncio.fixture
async def page(address: str) -> AsyncIterator[Page]:
    """A browser tab that fails the test when it asks any other host for anything."""
    foreign: list[str] = []

    def check(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            foreign.append(request.url)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = await browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        tab.on("request", check)
        tab.set_default_timeout(20_000)
        await tab.goto(address)
        yield tab
        await browser.close()
    assert foreign == []


async def sign_in(page: Page, name: str = "ann") -> None:
    await page.fill("#email", name)
    await page.fill("#password", "demo")
    await page.click("button[type=submit]")
    await page.wait_for_selector("#starters")


async def ask(page: Page, text: str) -> None:
    cards = page.locator(".ql-card[data-settled=true]")
    before = await cards.count()
    await page.click("#chat-input")
    await page.keyboard.type(text)
    await page.click("#chat-submit")
    await expect(cards).to_have_count(before + 1, timeout=20_000)


async def test_the_first_day(page: Page, address: str) -> None:
    """Sign in, ask, see table and chart in the canvas, follow up, download, find the conversation again, dark mode."""
    await sign_in(page)
    await ask(page, "How many orders did we ship per region last month?")
    canvas = page.locator(".ql-canvas")
    await expect(canvas.locator("h2")).to_have_text("10,915 orders shipped in May 2025")
    await expect(canvas.locator("svg rect").first).to_be_visible()
    await page.get_by_role("tab", name="Table").click()
    await expect(canvas.locator("tbody tr")).to_have_count(7)
    await expect(canvas.locator(".ql-note")).to_have_count(0)
    await canvas.get_by_role("button", name="Orders").click()
    await expect(canvas.locator("tbody tr").first).to_contain_text("Skåne")
    await page.get_by_role("tab", name="SQL").click()
    await expect(canvas.locator(".ql-word").first).to_have_text("SELECT")
    await page.get_by_role("tab", name="Receipt").click()
    await expect(canvas.get_by_text("38 ms")).to_be_visible()

    async with page.expect_download() as download:
        await canvas.get_by_role("link", name="CSV").click()
    assert "North Rhine-Westphalia,4211" in Path(await (await download.value).path()).read_text("utf-8")
    async with page.expect_download() as picture:
        await canvas.get_by_role("link", name="PNG").click()
    assert Path(await (await picture.value).path()).read_bytes().startswith(b"\x89PNG")

    await page.locator(".ql-card").get_by_role("button", name="Only Germany").click()
    await expect(page.locator("[data-step-type=user_message]").last).to_contain_text("only Germany")
    await expect(canvas.locator("h2")).to_have_text("6,316 orders shipped in May 2025")

    await page.reload()
    await expect(page.locator(".ql-card[data-settled=true]")).to_have_count(2)
    await page.goto(address)
    await page.locator("a[href^='/thread/']").first.click()
    await expect(page).to_have_url(re.compile("/thread/"))
    await expect(page.locator(".ql-card[data-settled=true]")).to_have_count(2)
    await page.locator(".ql-card").last.get_by_role("button", name="By month").click()
    await expect(canvas.locator("h2")).to_contain_text("Revenue grew")

    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.evaluate("localStorage.setItem('vite-ui-theme', 'dark')")
    await page.reload()
    await expect(page.locator("html")).to_have_class(re.compile("dark"))
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light


async def test_stop_ends_a_slow_answer_in_place(page: Page) -> None:
    await sign_in(page)
    await page.click("#chat-input")
    await page.keyboard.type("slow question")
    await page.click("#chat-submit")
    await expect(page.get_by_role("progressbar").first).to_be_visible()
    await page.click("#stop-button")
    await expect(page.locator(".ql-card[data-settled=true]")).to_contain_text("Stopped.")
    await expect(page.locator(".ql-card")).to_have_count(1)


async def test_nobody_opens_the_conversation_of_somebody_else(page: Page, address: str) -> None:
    await sign_in(page)
    await ask(page, "empty")
    theirs = page.url
    await page.context.clear_cookies()
    await page.goto(address)
    await sign_in(page, "bob")
    await page.goto(theirs)
    await page.wait_for_url(address + "/")
    await expect(page.locator(".ql-card")).to_have_count(0)


async def test_a_narrow_page_opens_the_canvas_only_when_asked(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await sign_in(page)
    await ask(page, "orders per region")
    await expect(page.locator(".ql-canvas")).to_have_count(0)
    await page.locator(".ql-card").get_by_role("button", name="Open").click()
    await expect(page.locator(".ql-canvas")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_a_wrong_password_is_told(page: Page) -> None:
    await page.fill("#email", "ann")
    await page.fill("#password", "wrong")
    await page.click("button[type=submit]")
    await expect(page.get_by_text("do not belong together")).to_be_visible()


async def test_a_person_asks_follows_up_and_waits_for_an_approval_that_another_gives(tmp_path: Path) -> None:
    """The real product over its demo data: two people, two browsers."""
    async with demo_product(tmp_path) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        analyst, approver = [await (await browser.new_context()).new_page() for _ in range(2)]
        for page, name in ((analyst, "analyst"), (approver, "approver")):
            page.set_default_timeout(30_000)
            await page.goto(address)
            await sign_in(page, name)
        # An approver is told where they were met last.
        await ask(approver, "How many orders are there?")
        await ask(analyst, "How many orders did we ship per region last month?")
        cards = analyst.locator(".ql-card[data-settled=true]")
        await expect(cards.last).to_contain_text("Western Europe")
        await expect(analyst.locator(".ql-canvas svg").first).to_be_visible()
        await ask(analyst, "only Germany")
        await expect(cards.last).to_contain_text("where the country is Germany")
        await ask(analyst, "show all order lines")
        await expect(cards.last).to_contain_text("approver or admin")
        asked = approver.locator(".ql-card").last
        await expect(asked).to_contain_text("show all order lines")
        await asked.get_by_role("button", name="Approve").click()
        await expect(asked).to_contain_text("Approved by")
        await expect(cards.last).to_contain_text("200,000 rows", timeout=60_000)
        await analyst.reload()
        await expect(cards.last).to_contain_text("200,000 rows", timeout=60_000)
        await browser.close()
