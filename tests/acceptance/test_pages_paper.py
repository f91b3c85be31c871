"""What an advocate prints: the notice and the copy on paper, without what one presses, addresses written out."""

import io
from pathlib import Path

import pytest
from playwright.async_api import Page
from pypdf import PdfReader

from monitor.model.notice_states import NoticeState
from tests.support.pages_seed import seed_case, seed_notice
from tests.support.pages_world import log_in, visiting

ON_SCREEN_ONLY = ("로그아웃", "안내서", "이 화면은 무엇을 위한 거예요?", "통계", "복사하기")


@pytest.mark.timeout(300)
async def test_a_notice_a_copy_and_a_case_are_printed_whole_and_without_buttons(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path, locale="ko-KR", color_scheme="dark") as (world, page):
        seeded = await seed_case(world, copies=2)
        notice = await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        await log_in(page, world)
        await page.wait_for_url("**/advocate")
        await page.emulate_media(media="print", color_scheme="dark")
        for address in (
            f"/advocate/notices/{notice}",
            f"/advocate/copies/{seeded.sightings[0].id}",
            f"/advocate/cases/{seeded.case.id}/police",
        ):
            await page.goto(address)
            title = (await page.locator("h1").first.inner_text()).replace("\n", " ")
            pages = await printed(page)
            text = " ".join(" ".join(pages).split())
            assert "".join(title.split()) in "".join(text.split()), address
            assert [word for word in ON_SCREEN_ONLY if word in text] == [], address
            shown = await page.locator("main a[href^='http']:visible").evaluate_all("all => all.map(one => one.href)")
            flat = "".join(text.split())
            assert [link for link in shown if "".join(link.split()) not in flat] == [], address
            assert all(len(one.strip()) > 20 for one in pages), "an empty page"
            # Black on white, whatever the screen shows.
            assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


async def printed(page: Page) -> list[str]:
    """The text of each sheet."""
    made = await page.pdf(format="A4", print_background=True)
    return [one.extract_text() for one in PdfReader(io.BytesIO(made)).pages]
