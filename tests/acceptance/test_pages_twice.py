"""A button of an advocate that is pressed twice sends its form once, in a real browser."""

from pathlib import Path

from playwright.async_api import Request, expect

from tests.support.desk_seed import seed_desk
from tests.support.pages_world import log_in, visiting


async def test_a_form_is_sent_once_however_often_its_button_is_pressed(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path, viewport={"width": 1280, "height": 900}) as (world, page):
        advocate = await world.advocate()
        await seed_desk(world.services, advocate.id, advocate.organisation_id, cases=1, sightings=1)
        case_id = (await world.sightings())[0].case_id
        await log_in(page, world)
        await page.goto(f"/advocate/cases/{case_id}/notes")
        sent = list[str]()

        def note(request: Request) -> None:
            if request.method == "POST":
                sent.append(request.url)

        page.on("request", note)
        form = page.locator("form[action$='/notes/write']")
        for text in ("a first note", "a second note"):
            await form.locator("textarea").fill(text)
            await form.locator("button").dblclick()
            await expect(page.locator("main")).to_contain_text(text)
            await expect(page.get_by_text(text, exact=True)).to_have_count(1)
        assert len(sent) == 2, sent
        # By Back the page comes with its form, which can be sent again.
        await page.go_back()
        await form.locator("textarea").fill("a third note")
        await form.locator("button").click()
        await expect(page.locator("main")).to_contain_text("a third note")
        assert len(sent) == 3, sent
