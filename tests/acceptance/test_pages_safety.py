"""The person's device: what another finds who picks it up, what an old or broken browser shows, what a visit weighs."""

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Error, Page, Request, Route, async_playwright, expect

from api.assets.store import assets
from monitor.demo.world.pictures import registered
from tests.support.pages_pictures import agree, file, hashes, to_pictures
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor

ELSEWHERE = "https://www.google.com/**"
TYPED = "zqxtypedbyhand"
MOST_BYTES, MOST_REQUESTS = 60_000, 12
SOON = 5_500  # milliseconds: five seconds, and the time to look


@asynccontextmanager
async def _at_home(
    profile: Path, chromium: str, world: PagesWorld, *, killed: bool = False
) -> AsyncIterator[tuple[BrowserContext, Page]]:
    """A browser with a profile on disk, as people have it. One that is `killed` may be gone when it is closed."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=chromium,
            base_url=world.address,
            locale="en-GB",
            args=["--no-sandbox", "--disable-background-networking", "--host-resolver-rules=MAP * 127.0.0.1"],
        )
        context.set_default_timeout(30_000)
        await context.route(ELSEWHERE, lambda route: route.fulfill(status=200, body="elsewhere"))
        try:
            yield context, context.pages[0]
        finally:
            with contextlib.suppress(*((Error,) if killed else ())):
                await context.close()


async def _into_the_case(page: Page, seeded: Seeded) -> None:
    await page.goto("/?lang=en")
    await page.get_by_role("link", name="Begin, or come back").click()
    await page.locator("#return").click()
    number = seeded.case.id
    await page.locator("#case-id").fill(f"{number[:4].upper()} {number[4:9]}-{number[9:]}")
    await page.locator("#passphrase").fill(seeded.passphrase.replace(" ", ""))
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#mine")).to_be_visible()
    await page.locator("[data-reveal=parts]").click()
    await page.locator("#content_identification").fill(TYPED)


def _running_with(profile: Path) -> list[int]:
    """The processes of the browser that has this profile."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if f"--user-data-dir={profile}".encode() in command:
                found.append(int(process.name))
    return found


def _left(profile: Path, secrets: dict[str, str]) -> set[str]:
    """Which of these stand anywhere in the files of the profile, in any encoding a browser writes."""
    found = set()
    for each in profile.rglob("*"):
        if each.is_file():
            content = each.read_bytes()
            for name, secret in secrets.items():
                if secret.encode() in content or secret.encode("utf-16-le") in content:
                    found.add(f"{name} in {each.relative_to(profile)}")
    return found


def _titles(profile: Path) -> set[tuple[str, str]]:
    titles = set()
    for each in profile.rglob("History"):
        with sqlite3.connect(f"file:{each}?mode=ro&immutable=1", uri=True) as history:
            titles |= set(history.execute("select url, title from urls"))
    return titles


async def test_whoever_picks_up_the_phone_finds_nothing(tmp_path: Path, chromium_path: str) -> None:
    """After quick exit, log-out, lock and a browser that was killed: on screen, behind Back, and in the profile."""
    profile = tmp_path / "profile"
    chromium_path = shutil.which("chromium") or chromium_path  # the shell alone keeps no history
    async with pages_world(tmp_path) as world:
        seeded = await seed_case(world, copies=1)
        secrets = {
            "the case number": seeded.case.id,
            "the passphrase": seeded.passphrase,
            "the passphrase without spaces": seeded.passphrase.replace(" ", ""),
            "the place": "examplechannel",
            "what was typed": TYPED,
        }
        async with _at_home(profile, chromium_path, world) as (context, page):
            await page.goto(f"{world.address}/healthz?before")
            await _into_the_case(page, seeded)
            assert await page.title() == "Information"
            await page.locator("#leave").click()
            await expect(page).to_have_url("https://www.google.com/")
            await page.go_back()
            await expect(page).to_have_url(f"{world.address}/healthz?before")  # of ours there is no page behind it
            assert await context.cookies() == []
        async with _at_home(profile, chromium_path, world) as (context, page):
            await page.goto(f"{world.address}/healthz?before")
            await _into_the_case(page, seeded)
            await page.locator("#session [data-log-out]").click()
            await expect(page.locator("#door")).to_be_visible()
            assert not {name for name, secret in secrets.items() if secret in await page.content()}
            await page.go_back()
            await expect(page).to_have_url(f"{world.address}/healthz?before")
            assert await context.cookies() == []
        async with _at_home(profile, chromium_path, world) as (_, page):
            await page.clock.install()
            await _into_the_case(page, seeded)
            await page.clock.fast_forward(11 * 60 * 1000)
            await _shows_nothing(page, secrets)
            await page.locator("#unlock-passphrase").fill("not these words at all")
            await page.get_by_role("button", name="Go on").click()
            await expect(page.locator("#said")).to_contain_text("not the passphrase that opens")
            await _shows_nothing(page, secrets)
            await page.locator("#unlock-passphrase").fill(seeded.passphrase)
            await page.get_by_role("button", name="Go on").click()
            await expect(page.locator("#mine")).to_be_visible()
            await expect(page.locator("#content_identification")).to_have_value(TYPED)  # nothing typed is lost
            await page.locator("#lock-now").click()
            await _shows_nothing(page, secrets)
        assert _left(profile, secrets) == set()
        async with _at_home(profile, chromium_path, world, killed=True) as (_, page):
            await _into_the_case(page, seeded)
            await asyncio.sleep(1)  # so that it writes what it would write
            for process in _running_with(profile):
                os.kill(process, signal.SIGKILL)
        assert _left(profile, secrets) == set()
        visited = _titles(profile)
        assert {title for url, title in visited if "/healthz" not in url and "google" not in url} <= {"Information", ""}
        if shutil.which("chromium"):
            assert any("/case" in url for url, _ in visited), "the history was not looked at"


async def _shows_nothing(page: Page, secrets: dict[str, str]) -> None:
    await expect(page.locator("#locked")).to_be_visible()
    seen = await page.locator("body").inner_text()
    assert not [name for name, secret in secrets.items() if secret in seen]
    assert await page.locator("#app textarea:visible, #app #mine:visible").count() == 0
    await expect(page.locator("#unlock-passphrase")).to_be_focused()


async def test_a_log_in_that_is_over_hides_the_case_and_keeps_what_was_typed(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        async with visitor(started, world) as (context, page):
            await _into_the_case(page, seeded)
            await page.evaluate("document.documentElement.className")  # the page is there

            async def over(route: Route) -> None:
                await route.fulfill(status=401, json={"code": "not-logged-in"})

            await context.route("**/api/cases/**", over)
            await page.locator("#save-notice button").click()
            await _shows_nothing(page, {"the place": "examplechannel", "the number": seeded.case.id})
            await context.unroute("**/api/cases/**", over)
            await page.locator("#unlock-passphrase").fill(seeded.passphrase)
            await page.get_by_role("button", name="Go on").click()
            await expect(page.locator("#said")).to_contain_text("Kept")  # the same call went on
            assert await page.locator("#content_identification").input_value() == TYPED
            # Out of sight: a phone shows a picture of its open pages.
            await page.evaluate(
                "Object.defineProperty(document, 'hidden', { value: true, configurable: true }), "
                "document.dispatchEvent(new Event('visibilitychange'))"
            )
            await expect(page.locator("#mine")).to_be_hidden()
            await page.evaluate("delete document.hidden, document.dispatchEvent(new Event('visibilitychange'))")
            await expect(page.locator("#mine")).to_be_visible()


async def test_a_broken_or_old_browser_says_so_soon_and_what_goes_on(tmp_path: Path, chromium_path: str) -> None:
    script, worker, early = (assets().address(name) for name in ("case en", "worker pdq/worker.mjs", "early"))

    async def never(_: Route) -> None:
        await asyncio.sleep(60)

    def gives(body: str) -> Any:
        return lambda route: route.fulfill(status=200, content_type="text/javascript", body=body)

    broken: dict[str, dict[str, Any]] = {
        "the script does not arrive": {script: lambda route: route.abort()},
        "the script is too new for it": {script: gives("const a = ;")},
        "the script fails": {script: gives("(async () => { await undefinedThing(); })();")},
        "the network is stuck": {script: never},
        "no script arrives at all": {script: lambda route: route.abort(), early: lambda route: route.abort()},
    }
    unable: dict[str, tuple[dict[str, Any], str, str]] = {
        "the worker does not arrive": ({worker: lambda route: route.abort()}, "", "could not start the part"),
        "the worker never answers": ({worker: gives("")}, "", "could not start the part"),
        "there are no workers": ({}, "delete window.Worker", "could not start the part"),
        "there is no canvas": ({worker: gives("postMessage({ ready: false })")}, "", "too old to make fingerprints"),
    }
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        for what, routes in broken.items():
            context = await started.new_context(locale="en-GB", base_url=world.address)
            for address, how in routes.items():
                await context.route(f"**{address}", how)
            page = await context.new_page()
            await page.goto("/case", wait_until="commit")
            await expect(page.get_by_role("heading", name="This page could not start here"), what).to_be_visible(
                timeout=SOON
            )
            await expect(page.locator("#fallback")).to_contain_text("0345 6000 459")
            await expect(page.get_by_role("link", name="Try once more")).to_be_visible()
            await context.close()
        for what, (routes, before, said) in unable.items():
            context = await started.new_context(locale="en-GB", base_url=world.address)
            for address, how in routes.items():
                await context.route(f"**{address}", how)
            page = await context.new_page()
            await page.add_init_script(before)
            await agree(page)
            await page.locator("#age-adult").check()
            await page.locator("#save-you").click()
            await expect(page.locator("#refused"), what).to_contain_text(said, timeout=SOON)
            await expect(page.locator("#files")).to_be_disabled()
            await page.locator("[data-next=step-places]").click()  # everything else works
            await expect(page.locator("#place")).to_be_visible()
            await context.close()


def _finished(context: BrowserContext) -> list[Request]:
    finished: list[Request] = []

    def note(request: Request) -> None:
        finished.append(request)

    context.on("requestfinished", note)
    return finished


async def test_the_case_page_is_light_and_its_files_are_kept(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        for language in ("ko", "en"):
            async with visitor(started, world) as (context, page):
                finished = _finished(context)
                await page.goto(f"/case?lang={language}")
                await expect(page.locator("#door")).to_be_visible()
                await page.wait_for_load_state("networkidle")
                weights: dict[str, int] = {}
                for request in finished:
                    sizes, answer = await request.sizes(), await request.response()
                    weights[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]
                    assert answer is not None
                    kept = answer.headers.get("cache-control", "")
                    assert ("immutable" in kept) is ("/a/" in answer.url), answer.url
                print(language, len(weights), sum(weights.values()), weights)
                assert len(weights) <= MOST_REQUESTS, sorted(weights)
                assert sum(weights.values()) < MOST_BYTES, weights


_HEARING = """
  window.heard = [];
  new MutationObserver(() => heard.push(document.getElementById('heard').textContent))
    .observe(document.getElementById('heard'), { childList: true, characterData: true, subtree: true });
"""
_LONG_LIVE = """
  [...document.querySelectorAll('[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]')]
    .filter((one) => one.getAttribute('aria-live') !== 'off' && one.textContent.trim().length > 150)
    .map((one) => one.id || one.textContent.slice(0, 60))
"""


async def test_a_screen_reader_hears_what_happens_and_focus_is_never_lost(tmp_path: Path, chromium_path: str) -> None:
    async def focused(page: Page) -> str:
        return str(await page.evaluate("document.activeElement ? document.activeElement.tagName : ''"))

    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        for width in (390, 1280):
            async with visitor(started, world, viewport={"width": width, "height": 844}) as (_, page):
                await to_pictures(page)
                assert await page.evaluate(_LONG_LIVE) == []
                await page.evaluate(_HEARING)
                one, two = registered(3)[:2]
                await hashes(page, [file("one.jpg", one), file("no.jpg", b"nothing"), file("two.jpg", two)])
                heard = await page.evaluate("heard")
                assert "Making fingerprint 1 of 3" in heard and "Making fingerprint 3 of 3" in heard
                assert heard[-1] == "Fingerprints made: 2. Not possible: 1."
                for number in range(2):
                    await page.locator(f"#kind-{number}-faked").check()
                await page.locator("#keep-pictures").click()
                await expect(page.locator("#kept-pictures li")).to_have_count(2)
                assert await focused(page) != "BODY", "after keeping"
                await page.get_by_role("button", name="Remove: ").first.click()
                await expect(page.locator("#kept-pictures li")).to_have_count(1)
                assert await focused(page) != "BODY", "after removing"
                assert await page.evaluate(_LONG_LIVE) == []
                for address in ("/", "/safe", "/elsewhere"):
                    await page.goto(address)
                    assert await page.evaluate(_LONG_LIVE) == []
        # 200 % of the text on a phone, and 400 % zoom of a desk's screen: the header leaves room, nothing is cut.
        for size, viewport in (("200%", {"width": 390, "height": 844}), ("100%", {"width": 320, "height": 256})):
            async with visitor(started, world, viewport=viewport) as (_, page):
                for address in ("/", "/case", "/safe", "/elsewhere"):
                    await page.goto(address)
                    await page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
                    high = await page.locator("header.exit").evaluate("one => one.getBoundingClientRect().height")
                    wide = await page.locator("html").evaluate("html => html.scrollWidth")
                    assert wide <= viewport["width"], (address, size)
                    sticky = await page.locator("header.exit").evaluate("one => getComputedStyle(one).position")
                    assert sticky != "sticky" or high <= viewport["height"] / 5, (address, size, high)
                    await expect(page.locator("#leave")).to_be_in_viewport()
