"""The whole way of a person with a phone, from the first page to a copy that is gone and its receipt.

The page is the real one in a real browser, the programs run as they do for everybody, a platform posts copies and
removes them when it is told. One way stands in every run; the other languages, widths and browsers are soaked.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.api_client import ApiClient
from monitor.demo.driver import Person
from monitor.demo.run import DemoRun
from monitor.demo.world.pictures import copies
from monitor.demo.world.plan import PLACES
from tests.support import firefox
from tests.support.demo_run import demo, until
from tests.support.hands import ChromiumHands, Hands
from tests.support.pages_world import browser

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


@dataclass
class Keys:
    """What the person wrote down."""

    number: str
    passphrase: str


@asynccontextmanager
async def _hands(
    kind: str, path: str, folder: Path, base: str, viewport: dict[str, int], language: str
) -> AsyncIterator[Hands]:
    if kind == "firefox":
        async with firefox.firefox(path, folder / "firefox", base, viewport) as found:
            yield found
        return
    async with browser(path) as started:
        options: dict[str, Any] = {"viewport": viewport, "locale": LOCALES[language], "has_touch": viewport is PHONE}
        context = await started.new_context(base_url=base, **options)
        context.set_default_timeout(60_000)
        try:
            yield ChromiumHands(await context.new_page())
        finally:
            await context.close()


async def _open_case(hands: Hands, photo: Path, code: str, language: str) -> Keys:
    await hands.goto(f"/?lang={language}")
    await hands.click("main a.button.main")
    await hands.click("#start")
    await hands.fill("#country", "KR")
    await hands.click("#now-older")
    await hands.click("#agree-button")
    await hands.click("#age-adult")
    await hands.click("#save-you")
    await hands.shown("#pictures[data-ready=yes]")
    await hands.choose("#files", photo)
    await hands.click("#kind-0-intimate")
    await hands.fill("#label-0", "Summer")
    await hands.click("#keep-pictures")
    await hands.shown("#kept-pictures > li", "Summer")
    await hands.click("[data-next=step-places]")
    for place in PLACES[:2]:
        await hands.fill("#source", f"@{place.handle}")
        await hands.click("#purpose-watch")
        await hands.click("#purpose-follow")
        await hands.click("#place button")
        await hands.shown("#kept-places", place.handle)
    await hands.click("#step-places [data-next=step-notice]")
    await hands.fill("#signature", "Journey Signature")
    await hands.fill("#contact", "journey@people.invalid")
    await hands.fill("#content_identification", "One person before a coloured background.")
    await hands.fill("#good_faith_facts", "I never agreed that anybody publishes this.")
    await hands.click("#permission")
    await hands.click("#notice button[data-next]")
    await hands.shown("#step-open")
    assert await hands.fits()
    await hands.fill("#code", code)
    await hands.click("#open button")
    keys = Keys(await hands.read("#new-case-id"), await hands.read("#new-passphrase"))
    await hands.click("#wrote-down")
    await hands.fill("#typed-number", keys.number)
    await hands.fill("#typed", keys.passphrase)
    await hands.click("#type-back button")
    await hands.shown("#numbers")
    return keys


async def _asked(run: DemoRun, hands: Hands, case_id: str, language: str) -> None:
    """A copy is found; the advocate asks, the person says yes without having seen it."""

    async def found() -> bool:
        return any(one["case_id"] == case_id for one in await run.driver.sightings("open"))

    await until(found)
    sighting = next(one for one in await run.driver.sightings("open") if one["case_id"] == case_id)
    await run.driver.advocate.call("POST", f"/sightings/{sighting['sighting_id']}/ask")
    await hands.click("#refresh")
    await hands.shown("#number-asked", "1")
    assert not await hands.has(PLACES[0].handle), "no place is named before it is asked for"
    await hands.click("#questions-body-show")
    await hands.click("#yours-list > li button:not([disabled])")
    told = (await run.driver.advocate.call("GET", f"/sightings/{sighting['sighting_id']}"))["person_says"]
    if told is None:

        async def said() -> bool:
            one = await run.driver.advocate.call("GET", f"/sightings/{sighting['sighting_id']}")
            return one["person_says"] is not None

        await until(said, seconds=30)
    await hands.click("#questions-body-show")


async def _removed(run: DemoRun, case_id: str) -> None:
    """The advocate confirms and sends; the platform removes it; two looks find it gone."""

    async def gone() -> bool:
        await run.driver.work_once()
        return bool((await run.driver.summary())["removed_verified"])

    await until(gone)


async def _journey(kind: str, path: str, folder: Path, language: str, viewport: dict[str, int]) -> None:
    mine = tuple(sample for sample in copies(1) if sample.copy_of == 0)
    async with demo(folder, "sqlite", samples=mine) as run:
        driver = run.driver
        await driver.log_in()
        code = (await driver.advocate.call("POST", "/codes", {"count": 1, "days": 14}))["codes"][0]
        photo = folder / "photo.jpg"
        photo.write_bytes(run.world.persons[0])
        async with _hands(kind, path, folder, run.address, viewport, language) as hands:
            keys = await _open_case(hands, photo, code, language)
            case_id = "".join(keys.number.split())
            driver.persons.append(Person(0, case_id, keys.passphrase, ApiClient(run.http)))
            run.world.start_watching()
            await _asked(run, hands, case_id, language)
            await _removed(run, case_id)
            # The phone was put away meanwhile: the person comes back with what they wrote down.
            await hands.goto(f"/case?lang={language}")
            await hands.click("#return")
            await hands.fill("#case-id", keys.number)
            await hands.fill("#passphrase", keys.passphrase)
            await hands.click("#come-back form button")
            await hands.shown("#numbers")
            assert int(await hands.read("#number-removed")) >= 1
            assert not await hands.has("t.me/"), "still nothing is named before it is asked for"
            await hands.click("#copies-body-show")
            await hands.shown("#copies > li", "https://t.me/")
            await hands.click("#notices-body-show")
            await hands.shown("#notices > li")
            await hands.click("#receipts-body-show")
            await hands.shown("#receipts > li")
            assert (await hands.downloaded("#receipts-pdf")).endswith(".pdf")
            assert await hands.fits()
        assert driver.unexpected == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("language", "viewport"),
    [
        pytest.param("ko", PHONE, id="ko-390"),
        pytest.param("en", PHONE, id="en-390", marks=pytest.mark.soak),
        pytest.param("ko", WIDE, id="ko-1280", marks=pytest.mark.soak),
        pytest.param("en", WIDE, id="en-1280", marks=pytest.mark.soak),
    ],
)
async def test_from_the_first_page_to_a_copy_that_is_gone(
    tmp_path: Path, chromium_path: str, language: str, viewport: dict[str, int]
) -> None:
    await _journey("chromium", chromium_path, tmp_path, language, viewport)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("language", "viewport"), [("en", PHONE), ("ko", WIDE)], ids=["en-390", "ko-1280"])
async def test_from_the_first_page_to_a_copy_that_is_gone_in_firefox(
    tmp_path: Path, language: str, viewport: dict[str, int]
) -> None:
    path = firefox.find()
    if path is None:
        pytest.skip(firefox.WHERE)
    await _journey("firefox", path, tmp_path, language, viewport)
