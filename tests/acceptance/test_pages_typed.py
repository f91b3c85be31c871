"""What was typed in an open case stays until it is kept, sent or taken out, as long as it was typed; and what goes for
good, or comes before anybody asked for it, is asked for first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, expect
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.cases import Case
from db.models.messages import Message
from monitor.actions.centre_list import add_places
from monitor.actions.freeze import freeze, unfreeze
from monitor.cases.fingerprints import add_fingerprint
from monitor.model.facts import PictureKind
from monitor.platforms.base import PlatformName
from tests.acceptance.test_pages_after_login import come_back
from tests.support.pages_pictures import to_pictures
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visiting, visitor
from tests.support.person_states import MORE, acting_lead, seed_centre

PHONE = {"width": 390, "height": 844}
PARTS = [
    {
        "part_id": letter * 26,
        "state": "asked",
        "asked_by": "Advocate A",
        "organisation": "Test Centre",
        "asked_at": "2026-11-27T00:00:00Z",
    }
    for letter in "ab"
]


@asynccontextmanager
async def at_case(folder: Path, path: str, **seed: Any) -> AsyncIterator[tuple[PagesWorld, Page, Seeded]]:
    """Somebody in front of their open case, where everything is switched on."""
    async with pages_world(folder, more=MORE) as world, browser(path) as started:
        await seed_centre(world)
        seeded = await seed_case(world, **seed)
        async with visitor(started, world, viewport=PHONE) as (_, page):
            await come_back(page, seeded, "en")
            yield world, page, seeded


async def opened(page: Page, *parts: str) -> None:
    """Open these parts, and wait until they are there."""
    for part in parts:
        if await page.locator(f"#{part}").is_hidden():
            await page.locator(f"#{part}-show").click()
            await expect(page.locator(f"#{part}")).to_be_visible()


async def look_again(page: Page, last: str) -> None:
    """Until the answer to the `last` call is on the page."""
    async with page.expect_response(f"**/{last}"):
        await page.evaluate("document.getElementById('refresh').click()")  # whoever types elsewhere stays there
    await page.evaluate("new Promise((done) => setTimeout(done, 200))")


async def values(page: Page, *fields: str) -> list[str]:
    return [await page.locator(field).input_value() for field in fields]


async def test_what_is_typed_outlives_closing_looking_again_pausing_and_a_hold(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await page.route("**/joint-parts", lambda route: route.fulfill(json={"parts": PARTS}))
        await page.route("**/joint-parts/*/*", lambda route: route.fulfill(status=204))
        await opened(page, "parts", "news-body", "letters-body", "questions-body")
        await page.locator("[id^=rename-]").first.click()
        name, words = "#kept-pictures input[id^=name-]", f"#words-{'a' * 26}"
        typed = {
            "#good_faith_facts": "I never agreed to it, typed just now.",
            "#news-address": "me@box.example",
            "#letter": "Please call nobody at home.",
            words: "What happened, in my own words.",
            name: "The one in the blue room",
            "#source": "@half",
        }
        for field, text in typed.items():
            await page.locator(field).fill(text)

        async def nothing_is_lost(when: str) -> None:
            assert await values(page, *typed) == list(typed.values()), when

        await look_again(page, "names")
        await nothing_is_lost("looked again")
        for button, said in (("pause-all", "Paused."), ("resume-all", "It goes on.")):
            await page.locator(f"#{button}").click()
            await expect(page.locator("#said")).to_contain_text(said)
        await nothing_is_lost("paused and gone on")
        # Somebody who types while the page is shown anew types on.
        await page.locator(words).focus()
        await look_again(page, "names")
        await page.keyboard.press("End")
        await page.keyboard.type(" And on.")
        typed[words] += " And on."
        await nothing_is_lost("typed on")
        # No to another part, and the first one stays.
        await page.locator("#joint-list > li").last.get_by_role("button", name="No, not for me").click()
        await expect(page.locator("#said")).to_contain_text("your part is not sent")
        await nothing_is_lost("no to another part")
        # Closed, it waits out of sight, and that is said.
        for part in ("parts", "news-body", "questions-body", "letters-body"):
            await page.locator(f"#{part}-show").click()
            await expect(page.locator(f"#{part}")).to_be_hidden()
            await expect(page.locator("#said")).to_contain_text("not saved yet")
        await opened(page, "parts", "news-body", "letters-body", "questions-body")
        await nothing_is_lost("closed and opened")
        # The centre puts the case on hold, and lets it go on.
        actor, context = await acting_lead(world)
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, seeded.case.id)
            await freeze(session, context, case, actor, reason="a doubt", speak_to="Ms Kim")
        await page.locator("#refresh").click()
        await expect(page.locator("#copies-title")).to_be_hidden()
        assert not await page.locator("#good_faith_facts").is_visible()
        async with world.services.database.begin() as session:
            await unfreeze(session, context, await lock_one(session, Case, seeded.case.id), actor)
        await page.locator("#refresh").click()
        await expect(page.locator("#copies-title")).to_be_visible()
        await opened(page, "parts", "news-body", "letters-body", "questions-body")
        await nothing_is_lost("on hold")
        # What was kept is not held back any more: closed, it is gone from the page.
        await page.locator("#save-notice button").click()
        await expect(page.locator("#said")).to_contain_text("Kept.")
        await page.locator("#kept-pictures form button").click()
        await expect(page.locator("#kept-pictures")).to_contain_text("The one in the blue room")
        await page.locator("#parts-show").click()
        await expect(page.locator("#parts")).to_be_hidden()
        assert await values(page, "#good_faith_facts", "#signature") == ["", ""]
        assert await page.locator("#kept-pictures > li").count() == 0
        # No more mails: what was typed there goes too.
        await page.locator("#news-sender").fill("Library")
        await page.locator("#news-subject").fill("A reminder")
        await page.locator("#news-form button").first.click()
        await expect(page.locator("#news-end")).to_be_visible()
        await page.locator("#news-sender").fill("Typed over it")
        await page.locator("#news-end").click()
        await expect(page.locator("#said")).to_contain_text("forgotten")
        assert await values(page, "#news-address", "#news-sender") == ["", ""]


async def test_nothing_that_is_pasted_is_cut_and_what_is_too_long_is_counted_and_not_sent(
    tmp_path: Path, chromium_path: str
) -> None:
    paste = """([field, text]) => {
      const place = document.querySelector(field);
      place.focus();
      place.select();
      document.execCommand("insertText", false, text);
    }"""
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, _):
        await page.route("**/joint-parts", lambda route: route.fulfill(json={"parts": PARTS}))
        await opened(page, "letters-body", "parts", "questions-body")
        fields = (
            ("#letter", 2000, "#write button"),
            ("#good_faith_facts", 3000, "#save-notice button"),
            ("#content_identification", 3000, "#save-notice button"),
            (f"#words-{'a' * 26}", 3000, "#joint-list form button"),
        )
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
        for field, most, send in fields:
            text = "😀" + "a" * (most + 490) + " THE END."
            await page.evaluate(paste, [field, text])
            await expect(page.locator(f"{field} + .badge")).to_have_text("Letters too many: 500")
            assert await page.locator(field).get_attribute("aria-invalid") == "true"
            if "joint" in send:
                await page.locator(f"#sign-{'a' * 26}").fill("Typed")
            await page.locator(send).first.click()
            await expect(page.locator("#said")).to_contain_text("500. All that you typed is still here")
            assert await page.evaluate("document.activeElement.id") == field[1:]
            assert await page.locator(field).input_value() == text
            await page.evaluate(paste, [field, text[:most]])
            await expect(page.locator(f"{field} + .badge")).to_have_count(0)
        assert sent == []
        await page.locator("#write button").click()
        await expect(page.locator("#said")).to_contain_text("Sent.")
        async with world.services.database.read() as session:
            assert await session.scalar(select(func.count()).select_from(Message)) == 1
        assert sent == ["POST"]
        # An emoji in a letter that is printed: it would be an empty box there.
        await page.locator("#papers-title ~ details summary").click()
        await page.locator("#letter-to").fill("School 😀")
        await page.locator("#letter-form button").click()
        await expect(page.locator("#said")).to_contain_text("such as an emoji")
        assert await page.locator("#letter-to").input_value() == "School 😀"
        await page.locator("#letter-to").fill("漢字 학교")
        async with page.expect_download():
            await page.locator("#letter-form button").click()


async def test_texts_of_somebody_who_waits_are_fetched_when_they_ask_for_them(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, vouched=False) as (_, page, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        await opened(page, "parts")
        await page.locator("#url").fill("https://t.me/examplechannel/12")
        await page.locator("#link-kind").select_option("faked")
        await page.locator("#link button").click()
        await expect(page.locator("#kept-links")).to_contain_text("examplechannel/12")
        await page.locator("#parts-show").click()
        await look_again(page, "standing")
        assert "self-notices" not in asked and "examplechannel" not in await page.content()
        await opened(page, "self-notices-body")
        assert "https://t.me/examplechannel/12" in await page.locator("#self-notice-list textarea").first.input_value()
        await page.locator("#self-notices-body-show").click()
        await expect(page.locator("#self-notices-body")).to_be_hidden()
        assert "examplechannel" not in await page.content()


async def test_a_list_that_changed_meanwhile_is_shown_as_it_is_now(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, _):
        await opened(page, "parts")
        await expect(page.locator("#list-watch-label")).to_contain_text(": 2")
        actor, context = await acting_lead(world)
        async with world.services.database.begin() as session:
            await add_places(session, context, actor, platform=PlatformName.TELEGRAM, sources=["@listthree"])
        await page.locator("#list-watch").check()
        await page.locator("#list-agree").click()
        await expect(page.locator("#said")).to_contain_text("look at the number again")
        await expect(page.locator("#list-watch-label")).to_contain_text(": 3")
        assert await page.locator("#list-watch").is_checked()
        await page.locator("#list-agree").click()
        await expect(page.locator("#list-state")).to_contain_text("3")


async def test_what_is_destroyed_for_good_is_asked_once_more_and_said(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, seeded.case.id)
            for number in range(40):
                pdq = bytes([number + 1] * 32).hex()
                await add_fingerprint(session, world.context, case, pdq=pdq, quality=90, kind=PictureKind.INTIMATE)
        gone: list[str] = []

        async def note(route: Route) -> None:
            if route.request.method in ("DELETE", "PUT"):
                gone.append(route.request.url.rpartition("/cases/")[2].partition("/")[2])
            await route.fallback()

        await opened(page, "parts")
        # A photo: the question stands in its place, and keeping it is what Enter does.
        await page.route("**/cases/*/**", note)
        rows = page.locator("#kept-pictures > li")
        row = rows.nth(29)
        await row.scroll_into_view_if_needed()
        await row.get_by_role("button", name="Remove: Photo 30").click()
        await expect(row).to_contain_text("need the photo or video itself")
        await page.keyboard.press("Enter")
        await expect(row.get_by_role("button", name="Remove: Photo 30")).to_be_focused()
        assert gone == []
        await row.get_by_role("button", name="Remove: Photo 30").click()
        before = await page.evaluate("scrollY")
        await row.get_by_role("button", name="Yes, remove it").click()
        await expect(page.locator("#said")).to_have_text("Removed.")
        await expect(rows).to_have_count(39)
        assert len(gone) == 1
        assert await row.evaluate("row => row.contains(document.activeElement)")
        assert abs(await page.evaluate("scrollY") - before) < PHONE["height"]

        # Words that name the person: one alone, and all of them.
        await page.locator("#names-on").check()
        await expect(page.locator("#name-term")).to_be_visible()
        words = page.locator("#name-terms > li")
        for count, word in enumerate(("Kim Minji", "minji_17"), start=1):
            await page.locator("#term-text").fill(word)
            await page.locator("#name-term button").click()
            await expect(words).to_have_count(count)
        gone.clear()
        await words.first.get_by_role("button", name="Take it back").click()
        await words.first.get_by_role("button", name="Yes, destroy this word").click()
        await expect(page.locator("#said")).to_contain_text("Taken back.")
        await expect(words).to_have_count(1)
        assert len(gone) == 1
        await page.locator("#names-on").click()
        await expect(page.locator("#names")).to_contain_text("you add each one anew")
        assert await page.locator("#names-on").is_checked() and len(gone) == 1
        await page.locator("#names").get_by_role("button", name="No, keep it").click()
        await expect(page.locator("#names")).not_to_contain_text("you add each one anew")
        await page.locator("#names-on").click()
        await page.get_by_role("button", name="Yes, destroy my words").click()
        await expect(page.locator("#said")).to_contain_text("Your words were destroyed")
        await expect(page.locator("#names-on")).not_to_be_checked()
        await expect(page.locator("#names-on")).to_be_focused()


async def test_before_there_is_a_case_too_long_a_text_stays_whole_and_the_rest_is_kept(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path, viewport=PHONE) as (_, page):
        await to_pictures(page)
        await page.locator("[data-next=step-places]").click()
        await page.locator("[data-next=step-notice]").click()
        text = "b" * 3400 + " THE END."
        await page.locator("#signature").fill("Somebody")
        await page.locator("#good_faith_facts").fill(text)
        await expect(page.locator("#good_faith_facts + .badge")).to_have_text("Letters too many: 409")
        await page.locator("#notice button[data-next]").click()
        await expect(page.locator("#said")).to_contain_text("409. All that you typed is still here")
        assert await page.locator("#good_faith_facts").input_value() == text
        await page.locator("#notice [data-back]").click()
        await expect(page.locator("#step-places")).to_be_visible()
        await expect(page.locator("#said")).to_be_empty()
        await page.locator("[data-next=step-notice]").click()
        await page.locator("#good_faith_facts").fill("Short now.")
        await page.locator("#notice button[data-next]").click()
        await expect(page.locator("#step-open")).to_be_visible()
        await expect(page.locator("#review")).to_contain_text("Short now.")
