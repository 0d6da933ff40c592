"""The page of one gate in headless Chromium: a fresh sign-in, edits, and what changed since a last look."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.test_browser import CHROMIUM, FLAGS, sign_in

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here; set QUILLUX_CHROMIUM to one"),
    pytest.mark.xdist_group("browser"),
]
Form: TypeAlias = dict[str, str | float | bool]
HIGH, EDIT = "/approvals/high%3Agate", "/approvals/edit%3Agate%2F1"


@asynccontextmanager
async def pages(folder: Path) -> AsyncIterator[tuple[Browser, str]]:
    """A browser, and the address of pages where the hard gates wait."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.demo", str(folder), "hard", stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    try:
        address = (await asyncio.wait_for(server.stdout.readline(), 60)).decode().strip()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser, address
            await browser.close()
    finally:
        server.terminate()
        await server.wait()


async def tab(browser: Browser, address: str, name: str, path: str) -> Page:
    """A tab of somebody who is signed in."""
    page = await (await browser.new_context(viewport={"width": 1280, "height": 900})).new_page()
    page.set_default_timeout(20_000)
    await page.goto(address)
    await sign_in(page, name)
    await page.goto(address + path)
    return page


async def test_high_risk_takes_a_fresh_sign_in_that_counts_once(tmp_path: Path) -> None:
    async with pages(tmp_path) as (browser, address):
        page = await tab(browser, address, "ann", HIGH)
        approve = page.get_by_role("button", name="Approve")
        await page.fill("#reason", "Audited in May")
        await approve.click()
        await expect(page.get_by_role("alert")).to_contain_text("Type your password.")
        await expect(page.locator("#reason")).to_have_value("Audited in May")
        await expect(page.locator("form.decide > button[hidden]")).to_be_hidden()
        await page.fill("#password", "hunter2")
        await page.keyboard.press("Enter")  # decides nothing
        await expect(page.get_by_role("alert")).to_contain_text("Type your password.")
        await page.fill("#password", "hunter2")
        await approve.click()
        await expect(page.get_by_role("alert")).to_contain_text("This is not your password.")
        assert "hunter2" not in await page.content()

        # What somebody else holds, or an earlier form of the page, does not help a forger.
        names = ("press", "digest", "revision")
        form: Form = {name: await page.locator(f"[name={name}]").input_value() for name in names}
        forged: list[tuple[Form, int, str]] = [
            ({**form, "verdict": "approve", "reason": "x", "proof": "1"}, 403, "Type your password."),
            ({**form, "verdict": "approve", "reason": "x", "password": "demo", "digest": "0" * 64}, 403, "has changed"),
            ({**form, "verdict": "approve", "reason": "x", "password": "demo", "revision": "2"}, 403, "has changed"),
            ({**form, "verdict": "edit", "reason": "x", "password": "demo"}, 403, "be answered with"),
            ({**form, "verdict": "approve", "reason": "x" * 10_000, "password": "demo"}, 422, "10,000 characters"),
            ({**form, "verdict": "all", "password": "demo"}, 422, "carries no decision"),
            ({**form, "press": "../x", "verdict": "approve"}, 422, "not one of ours"),
        ]
        for fields, status, words in forged:
            answer = await page.request.post(address + HIGH, form=fields, headers={"Origin": address})
            assert (answer.status, words in await answer.text()) == (status, True), (words, await answer.text())
        crossed = await page.request.post(address + HIGH, form=form, headers={"Origin": "https://evil.example"})
        assert crossed.status == 403

        await page.fill("#password", "demo")
        await approve.click()
        await expect(page.get_by_role("status")).to_contain_text("Your decision counts.")
        await expect(page.locator(".state")).to_contain_text("Approved by Ann Example")
        await expect(page.locator(".state")).to_contain_text("Audited in May")
        await expect(page.locator("form")).to_have_count(0)


async def test_after_an_edit_the_second_approver_sees_only_what_changed(tmp_path: Path) -> None:
    async with pages(tmp_path) as (browser, address):
        cat = await tab(browser, address, "cat", EDIT)  # looks at the request as it was asked
        await expect(cat.locator(".changed")).to_have_count(0)
        ann = await tab(browser, address, "ann", EDIT)
        await ann.get_by_text("Change it", exact=True).click()
        await ann.get_by_label("Most rows").fill("5,000")
        await ann.get_by_label("Synonyms").fill("revenue\nturnover")
        await ann.fill("#reason", "Fewer rows are enough")
        await ann.get_by_role("button", name="Change and approve").click()
        await expect(ann.get_by_role("alert")).to_contain_text("Most rows: write a whole number")
        await expect(ann.get_by_label("Synonyms")).to_have_value("revenue\nturnover")
        await ann.get_by_label("Most rows").fill("5000")
        await ann.get_by_role("button", name="Change and approve").click()
        await expect(ann.get_by_role("alert")).to_contain_text("Most rows: must be 1000 or less")
        await ann.get_by_label("Most rows").fill("5")
        await ann.get_by_role("button", name="Approve", exact=True).click()
        await expect(ann.get_by_role("alert")).to_contain_text("You changed some values")
        await ann.get_by_role("button", name="Change and approve").click()
        await expect(ann.get_by_role("status")).to_contain_text("Your vote counts")
        await expect(ann.locator("article")).to_contain_text("1 of 2 approved")

        await cat.get_by_role("button", name="Approve").click()  # an earlier form of the request
        await expect(cat.get_by_role("alert")).to_contain_text("has changed since this card was shown")
        await expect(cat.locator(".changed h2")).to_have_text("Changed since you last looked (by Ann Example)")
        rows = cat.locator(".changed tbody tr")
        await expect(rows).to_have_text(["rows105", "synonymsrevenue, net salesrevenue, turnover"])
        await expect(cat.get_by_text("SUM(amount)").first).to_be_hidden()
        await cat.get_by_text("Ask back").click()
        await cat.fill("#question", "Is <b>turnover</b> the same?")
        await cat.get_by_role("button", name="Send the question").click()
        await expect(cat.get_by_role("status")).to_contain_text("Bob Example was asked")
        await expect(cat.locator("article")).to_contain_text("Is <b>turnover</b> the same?")
        await cat.fill("#reason", "Agreed")
        await cat.get_by_role("button", name="Approve", exact=True).click()
        await expect(cat.get_by_role("status")).to_contain_text("Your decision counts.")
        await expect(cat.locator(".state")).to_contain_text("Approved by Cat Example")

        for width in (390, 1600):
            await cat.set_viewport_size({"width": width, "height": 844})
            assert await cat.evaluate("document.documentElement.scrollWidth") <= width
        light = await cat.evaluate("getComputedStyle(document.body).backgroundColor")
        await cat.emulate_media(color_scheme="dark")
        assert await cat.evaluate("getComputedStyle(document.body).backgroundColor") != light


async def test_somebody_whom_a_gate_does_not_concern_finds_none_and_the_asker_takes_theirs_back(tmp_path: Path) -> None:
    async with pages(tmp_path) as (browser, address):
        page = await (await browser.new_context()).new_page()
        await page.goto(address + HIGH)
        await expect(page.locator("h1")).to_have_text("You are not signed in")
        bob = await tab(browser, address, "bob", HIGH)
        await expect(bob.locator("#password")).to_have_count(0)
        await bob.get_by_role("button", name="Take it back").click()
        await expect(bob.locator(".state")).to_contain_text("Taken back by Bob Example")
        await bob.goto(f"{address}/approvals/none%3Agate")
        await expect(bob.locator("h1")).to_have_text("That did not work")
