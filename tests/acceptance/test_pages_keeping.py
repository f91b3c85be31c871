"""While photos are being kept on a slow line: none is taken for another, and what is said of one meanwhile counts."""

from pathlib import Path

from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from db.models.cases import Fingerprint
from monitor.demo.world.pictures import registered
from monitor.model.records.fingerprint import FingerprintRecord
from tests.acceptance.test_pages_cut_case import NO_CONNECTION, at_case
from tests.acceptance.test_pages_slow_line import Gate
from tests.acceptance.test_pages_windows import opened
from tests.support.pages_pictures import file, hashes, to_pictures
from tests.support.pages_seed import Seeded
from tests.support.pages_world import PagesWorld, visiting

_PHOTOS = registered(3)
_THREE = [file(f"{number}.jpg", _PHOTOS[number]) for number in range(3)]
_CHOSEN = "(select, value) => { select.value = value; select.dispatchEvent(new Event('change', { bubbles: true })) }"
"""As somebody does it on a phone, also in a row that says of itself that it is busy."""


async def chosen(page: Page) -> list[str]:
    """Three photos wait for their kind, and have it. Their hashes."""
    codes = await hashes(page, _THREE)
    for number in range(3):
        await page.locator(f"#kind-{number}-intimate").check()
    return codes


async def kept(world: PagesWorld, seeded: Seeded) -> dict[str, tuple[str | None, str, str]]:
    """By hash what the case keeps of a photo: its age, its kind, its name."""
    async with world.services.database.read() as session:
        mine = (Fingerprint.case_id == seeded.case.id, Fingerprint.removed_at.is_(None))
        rows = (await session.scalars(select(Fingerprint).where(*mine))).all()
        told = {}
        for row in rows:
            record = world.context.open_record(FingerprintRecord, row.case_id, row.id, row.payload)
            told[record.pdq] = (row.age_group, row.kind, record.label)
        return told


async def test_photo_on_its_way_is_not_another_ones_place(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        await opened(page, "parts")
        await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        first, second, third = await chosen(page)
        gate = await Gate().before(page, "**/fingerprints")
        await page.locator("#keep-pictures").click()
        await gate.arrived.wait()
        # The first is on its way: it is neither left out nor made another kind, and the others are what they were.
        rows = page.locator("#pending-list > li")
        out = page.get_by_role("button", name="Leave this one out")
        await out.first.click(force=True)
        await page.locator("#kind-0-ordinary").click(force=True)
        await expect(rows).to_have_count(3)
        await expect(page.locator("#kind-0-intimate")).to_be_checked()
        await out.nth(1).click()
        await expect(rows).to_have_count(2)
        # What is said of it meanwhile counts, and so does what is said of all.
        await page.locator("#all-age").evaluate(_CHOSEN, "unsure")
        await page.locator("#age-0").evaluate(_CHOSEN, "minor")
        await page.locator("#label-0").press_sequentially("Beach")
        gate.go.set()
        await expect(page.locator("#kept-pictures > li")).to_have_count(2)
        await expect(page.locator("#pending")).to_be_hidden()
        assert await kept(world, seeded) == {
            first: ("minor", "intimate", "Beach"),
            third: ("unsure", "intimate", ""),
        }
        assert second not in await kept(world, seeded)


async def test_age_that_is_told_of_a_kept_photo_before_the_last_one_is_kept_counts(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        await opened(page, "parts")
        await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        first, second, third = await chosen(page)
        sent: list[Route] = []
        gate = Gate()

        async def hold_second(route: Route) -> None:
            if route.request.method == "POST":
                sent.append(route)
            if len(sent) == 2 and not gate.arrived.is_set():
                gate.arrived.set()
                await gate.go.wait()
            await route.fallback()

        await page.route("**/fingerprints", hold_second)
        await page.locator("#keep-pictures").click()
        await gate.arrived.wait()
        await page.get_by_role("button", name="Leave this one out").first.click(force=True)
        await page.locator("#age-0").evaluate(_CHOSEN, "minor")
        gate.go.set()
        await expect(page.locator("#kept-pictures > li")).to_have_count(3)
        assert {code: age for code, (age, *_) in (await kept(world, seeded)).items()} == {
            first: "minor",
            second: None,
            third: None,
        }


async def test_where_the_line_is_cut_half_way_each_photo_stands_in_one_list(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        await opened(page, "parts")
        await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        await chosen(page)
        sent: list[str] = []

        async def cut_second(route: Route) -> None:
            if route.request.method == "POST":
                sent.append(route.request.url)
            if route.request.method == "POST" and len(sent) == 2:
                await route.abort()
            else:
                await route.fallback()

        await page.route("**/fingerprints", cut_second)
        await page.locator("#keep-pictures").click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await expect(page.locator("#kept-pictures > li")).to_have_count(1)
        await expect(page.locator("#pending-list > li")).to_have_count(2)
        # Nothing is held any more: the next one can be left out.
        await page.get_by_role("button", name="Leave this one out").first.click()
        await page.locator("#keep-pictures").click()
        await expect(page.locator("#kept-pictures > li")).to_have_count(2)
        await expect(page.locator("#pending")).to_be_hidden()
        assert len(await kept(world, seeded)) == 2


async def test_before_the_case_is_open_the_same_holds(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await chosen(page)
        gate = await Gate().before(page, "**/draft/pictures/*", "PUT")
        await page.locator("#keep-pictures").click()
        await gate.arrived.wait()
        await page.get_by_role("button", name="Leave this one out").first.click(force=True)
        await page.locator("#age-0").evaluate(_CHOSEN, "minor")
        gate.go.set()
        ages = page.locator("#kept-pictures select[id^=kept-age]")
        await expect(ages).to_have_count(3)
        await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
        await page.goto("/case")
        await expect(ages).to_have_count(3)
        told = await ages.evaluate_all("all => all.map((one) => one.value)")
        assert sorted(told) == ["", "", "minor"]
