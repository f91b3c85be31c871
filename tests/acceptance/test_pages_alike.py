"""Two pictures look the same: what was said of one counts for the copies of both, and the page says so."""

from pathlib import Path

from playwright.async_api import expect
from sqlalchemy import select

from db.models.cases import Case, Fingerprint
from monitor.cases.fingerprints import add_fingerprint
from monitor.model.facts import AgeGroup, PictureKind
from tests.acceptance.test_pages_cut_case import at_case
from tests.acceptance.test_pages_windows import opened

ALIKE = "Another of your pictures looks like this one, and was said to show you younger, or perhaps younger."


async def test_who_says_adult_of_one_is_told_that_the_other_still_protects(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        async with world.services.database.begin() as session:
            case = await session.get_one(Case, seeded.case.id)
            pictures = [("f0" * 32, None), ("f1" + "f0" * 31, AgeGroup.MINOR), ("0f" * 32, None)]
            rows = [
                await add_fingerprint(
                    session, world.context, case, pdq=pdq, quality=90, kind=PictureKind.INTIMATE, age=age
                )
                for pdq, age in pictures
            ]
        first, young, apart = [row.id for row in rows]
        await opened(page, "parts")
        kept = page.locator("#kept-pictures > li")
        await expect(kept).to_have_count(3)
        await expect(kept.filter(has_text=ALIKE)).to_have_count(1)
        await page.locator(f"#kept-age-{first}").select_option("adult")
        await expect(page.get_by_text(f"Kept. {ALIKE}")).to_be_visible()
        await page.locator(f"#kept-age-{apart}").select_option("adult")
        await expect(page.get_by_text("Kept. Copies of this picture follow it from now on.")).to_be_visible()
        await page.locator(f"#kept-age-{young}").select_option("adult")
        await expect(kept.filter(has_text=ALIKE)).to_have_count(0)
        async with world.services.database.read() as session:
            told = select(Fingerprint.age_group).where(Fingerprint.case_id == seeded.case.id)
            assert set(await session.scalars(told)) == {"adult"}
