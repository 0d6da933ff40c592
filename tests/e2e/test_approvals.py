"""What waits for a person, in headless Chromium: decide several; a long list, an empty one, a failing one."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.test_browser import CHROMIUM, FLAGS, sign_in

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; set QUILLUX_CHROMIUM to one"),
    pytest.mark.xdist_group("browser"),
]


@asynccontextmanager
async def approvals(folder: Path, waiting: int) -> AsyncIterator[tuple[Page, str]]:
    """A tab of somebody who is not signed in, and the address; so many gates wait for Ann."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.demo", str(folder), str(waiting), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        address = (await asyncio.wait_for(server.stdout.readline(), 60)).decode().strip()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = await browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
            page.set_default_timeout(20_000)
            yield page, address
            await browser.close()
    finally:
        server.terminate()
        await server.wait()


async def test_several_are_decided_in_the_browser_and_the_list_says_what_became_of_each(tmp_path: Path) -> None:
    async with approvals(tmp_path, 200) as (page, address):
        await page.goto(address)
        await sign_in(page)
        link = page.locator("a[data-waiting='20+']")
        await expect(link.first).to_be_visible()
        await link.first.click()
        await expect(page.locator("h1")).to_have_text("50 and more requests wait for you")
        first = page.locator(".waiting li").first
        await expect(first).to_contain_text("Bob Example asks")
        await expect(first).to_contain_text("as approver")
        await expect(first).to_contain_text("since 8 days")
        # What is of medium or high risk can't be ticked, and hostile words are words.
        await expect(page.locator("li:has(.risk) input")).to_have_count(0)
        await expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
        await expect(page.get_by_role("button", name="Approve chosen")).to_be_disabled()
        ticks = page.locator("input[name=chosen]")
        await ticks.nth(0).check()
        await ticks.nth(1).check()
        await page.get_by_role("button", name="Approve 2").click()
        await expect(page.locator(".result h2")).to_have_text("All 2 decided")
        await expect(page.locator(".result dd")).to_have_text(["Approved", "Approved"])
        await expect(page.locator(".waiting li").first).to_contain_text("Change the metric")
        await page.reload()
        await expect(page.locator(".result h2")).to_have_text("All 2 decided")

        await page.locator("input[name=chosen]").first.check()
        await page.get_by_role("button", name="Reject 1").click()
        await expect(page.locator(".result")).to_contain_text("Say why you reject these")
        pages = 1
        while await page.get_by_role("link", name="Next page").count():
            await page.get_by_role("link", name="Next page").click()
            pages += 1
        assert pages == 4
        await expect(page.locator(".waiting li")).to_have_count(48)

        await page.set_viewport_size({"width": 390, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        await page.emulate_media(color_scheme="dark")
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light


async def test_an_empty_and_a_failing_inbox_and_a_forged_form_say_what_to_do(tmp_path: Path) -> None:
    async with approvals(tmp_path, 6) as (page, address):
        await page.goto(f"{address}/approvals")
        await expect(page.locator("h1")).to_have_text("You are not signed in")
        await page.get_by_role("link", name="Sign in").click()
        await page.wait_for_url(re.compile("/login"))
        await sign_in(page, "bob")
        await page.goto(f"{address}/approvals")
        await expect(page.locator("h1")).to_have_text("Nothing waits for you")
        assert "show all order lines" not in await page.content()
        send = page.context.request.post
        forged: tuple[tuple[dict[str, str], dict[str, str | float | bool], int], ...] = (
            ({"Origin": "https://evil.example"}, {"press": "0" * 32, "verdict": "approve"}, 403),
            ({}, {"press": "0" * 32, "verdict": "approve"}, 403),
            ({"Origin": address}, {"press": "x", "verdict": "approve"}, 422),
            ({"Origin": address}, {"chosen": "x" * 70_000}, 413),
        )
        for headers, form, status in forged:
            answer = await send(f"{address}/approvals", headers=headers, form=form, max_redirects=0)
            assert answer.status == status, await answer.text()
        (tmp_path / "broken").touch()
        failed = await page.goto(f"{address}/approvals")
        assert failed is not None
        assert failed.status == 503
        await expect(page.locator("h1")).to_have_text("That did not work")
        assert "hunter2" not in await page.content()
