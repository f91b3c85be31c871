"""An open case when an answer is lost, a log-in ends or the person leaves: nothing is lost, doubled or untrue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Dialog, Page, Route, expect
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.messages import Message
from db.models.people import VouchCode
from db.models.sightings import Sighting
from db.queries.people import end_logins_of
from monitor.actions.confirm import confirm
from monitor.cases.code_words import words_of
from monitor.cases.codes import make_codes
from monitor.demo.world.pictures import registered
from monitor.evidence.by import By, Door
from monitor.model.facts import AgeGroup, Basis
from tests.acceptance.test_pages_vouching import to_the_last_step
from tests.support.pages_pictures import file
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor

NO_CONNECTION = "There is no connection"


async def come_back(page: Page, seeded: Seeded, words: str = "") -> None:
    await page.goto("/case?lang=en")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(words or seeded.passphrase)
    await page.locator("#come-back form button").first.click()


@asynccontextmanager
async def at_case(folder: Path, path: str, **seed: object) -> AsyncIterator[tuple[PagesWorld, Page, Seeded]]:
    """Somebody in front of their open case."""
    async with pages_world(folder) as world, browser(path) as started:
        seeded = await seed_case(world, **seed)  # type: ignore[arg-type]
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#numbers")).to_be_visible()
            yield world, page, seeded


async def lose_answer(page: Page, address: str, method: str = "POST") -> None:
    """The next such request arrives, and its answer does not."""

    waits = [method]

    async def cut(route: Route) -> None:
        if waits != [route.request.method]:
            await route.fallback()
            return
        waits.clear()
        await route.fetch()
        await route.abort()

    await page.route(address, cut)


async def draw(page: Page, words: str) -> str:
    """New words, as they stand on the page."""
    if await page.locator("#new-words-body").is_hidden():
        await page.locator("#new-words-body-show").click()
    await page.locator("#new-words-ask button").first.click()
    await page.locator("#new-words-ask input").fill(words)
    await page.get_by_role("button", name="Yes, draw new words").click()
    await expect(page.locator("#new-words-text")).not_to_be_empty()
    return await page.locator("#new-words-text").inner_text()


async def type_back(page: Page, words: str) -> None:
    await page.locator("#new-words-noted").click()
    await page.locator("#new-words-typed").fill(words)
    await page.get_by_role("button", name="Use these words").click()


async def unlock(page: Page, words: str) -> None:
    await page.locator("#unlock-passphrase").fill(words)
    await page.locator("#unlock button").first.click()


async def test_new_words_lock_nobody_out_whatever_happens_between(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        # The answer with the words is lost: the old ones are in force.
        await page.locator("#new-words-body-show").click()
        await lose_answer(page, "**/passphrase/words")
        await page.locator("#new-words-ask button").first.click()
        await page.locator("#new-words-ask input").fill(seeded.passphrase)
        await page.get_by_role("button", name="Yes, draw new words").click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await page.get_by_role("button", name="Yes, draw new words").click()
        await expect(page.locator("#new-words-text")).not_to_be_empty()
        drawn = await page.locator("#new-words-text").inner_text()
        # Locked with the words on the page: the old ones open it, and the new ones still stand there.
        await page.locator("#lock-now").click()
        await unlock(page, seeded.passphrase)
        await expect(page.locator("#new-words-text")).to_have_text(drawn)
        await page.locator("#refresh").click()
        await expect(page.locator("#new-words-text")).to_have_text(drawn)
        await type_back(page, "seven words that are quite different ones")
        await expect(page.locator("#said")).to_contain_text("not the passphrase yet")
        await page.locator("#new-words-again").click()
        # They are in force, and the answer is lost: pressed again, the page finds out.
        await lose_answer(page, "**/passphrase")
        await type_back(page, drawn.replace(" ", "-"))
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await page.get_by_role("button", name="Use these words").click()
        await expect(page.locator("#said")).to_contain_text("Your new words are in force")
        await expect(page.locator("#new-words-text")).to_be_empty()
        await page.locator("#lock-now").click()
        await unlock(page, seeded.passphrase)
        await expect(page.locator("#said")).to_contain_text("not the passphrase that opens")
        await unlock(page, drawn)
        await expect(page.locator("#numbers")).to_be_visible()
        # Drawn and never typed back, as after a reload: they are nothing.
        never = await draw(page, drawn)
        await page.reload()
        await come_back(page, seeded, never)
        await expect(page.locator("#said")).to_contain_text("do not fit")
        await come_back(page, seeded, drawn)
        await expect(page.locator("#numbers")).to_be_visible()


async def test_message_whose_answer_is_lost_is_sent_once_and_one_in_writing_is_not_left_behind(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await page.locator("#letters-body-show").click()
        field = page.locator("#write textarea")
        await field.fill("Please call me in the evening.")
        await lose_answer(page, "**/messages")
        await page.locator("#write button").click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await page.locator("#write button").click()
        await expect(page.locator("#said")).to_contain_text("Sent.")
        async with world.services.database.read() as session:
            count = select(func.count()).select_from(Message).where(Message.case_id == seeded.case.id)
            assert await session.scalar(count) == 1
        # What is typed and not sent: the language asks first, the browser asks, and Look again leaves it alone.
        await field.fill("Half a sen")
        await page.locator(".languages a[lang=ko]").click()
        await expect(page.locator("#said")).to_contain_text("press the language once more")
        await expect(field).to_have_value("Half a sen")
        asked: list[str] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.dismiss()

        page.on("dialog", stay)
        await page.locator(".languages a[lang=ko]").click()
        await expect(field).to_have_value("Half a sen")
        assert asked == ["beforeunload"]
        page.remove_listener("dialog", stay)
        await page.locator("#erasure .surely > button").last.click()
        await page.locator("#erasure .surely form").last.locator("input").fill("half typed")
        await page.locator("#parts-show").click()
        await expect(page.locator("#signature")).not_to_have_value("")
        await page.locator("#signature").fill("Another Name")
        await page.locator("#refresh").click()
        await expect(page.locator("#numbers")).to_be_visible()
        await expect(page.locator("#refresh")).to_be_enabled()
        await expect(page.locator("#signature")).to_have_value("Another Name")
        await expect(page.locator("#erasure .surely form").last.locator("input")).to_have_value("half typed")
        # Without a network it says so.
        await page.context.set_offline(True)
        await page.locator("#refresh").click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)


async def test_log_in_that_fails_half_way_locks_and_opens_once_afterwards(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world)
        async with visitor(started, world) as (_, page):
            await lose_answer(page, "**/standing", "GET")
            await come_back(page, seeded)
            await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
            await page.locator("#case-id").fill(seeded.case.id)
            await page.locator("#passphrase").fill(seeded.passphrase)
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#numbers")).to_be_visible()
            log_ins: list[str] = []
            page.on("request", lambda one: log_ins.append(one.url) if one.url.endswith("/log-ins/person") else None)
            await page.locator("#lock-now").click()
            await unlock(page, seeded.passphrase)
            await expect(page.locator("#locked")).to_be_hidden()
            await expect(page.locator("#numbers")).to_be_visible()
            assert len(log_ins) == 1
            # The case has been fetched anew.
            await expect(page.locator("#unlock button").first).not_to_have_attribute("aria-disabled", "true")
            assert await page.locator("#said").inner_text() == ""
            # A log-in that is over while a letter is made: the passphrase is asked for, and the letter is made.
            async with world.services.database.begin() as session:
                await end_logins_of(session, seeded.case.id)
            await page.locator("details:has(#letter-form) summary").click()
            await page.locator("#letter-form button").first.click()
            await expect(page.locator("#locked")).to_be_visible()
            async with page.expect_download():
                await unlock(page, seeded.passphrase)


async def test_case_that_is_cut_on_its_way_in_is_opened_by_a_second_press_or_left_as_if_never_asked_for(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        async with visitor(started, world) as (_, page):
            log_ins: list[str] = []
            page.on("request", lambda one: log_ins.append(one.method) if "/log-ins/" in one.url else None)
            await lose_answer(page, "**/standing", "GET")
            await come_back(page, seeded)
            await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
            # As it stood before: the keys are typed still, and nothing of the case is there.
            await expect(page.locator("#case-id")).to_have_value(seeded.case.id)
            await expect(page.locator("#passphrase")).to_have_value(seeded.passphrase)
            await expect(page.locator("#session")).to_be_hidden()
            # Left, the log-in ends, and a new case can be begun with all of its steps.
            async with page.expect_response("**/api/log-ins/current"):
                await page.locator("#come-back [data-door]").click()
            await page.locator("#start").click()
            await expect(page.locator("#country")).to_be_visible()
            await page.locator("#now-older").check()
            await page.locator("#agree-button").click()
            await page.locator("#age-adult").check()
            await page.locator("#save-you").click()
            await expect(page.locator("#step-pictures")).to_be_visible()
            await expect(page.locator("#step-pictures [data-next]")).to_be_visible()
            await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
            await page.locator("#return-too").click()
            await lose_answer(page, "**/standing", "GET")
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
            # Pressed again, it goes on under the log-in that is there.
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#numbers")).to_be_visible()
            await expect(page.locator("#session")).to_be_visible()
            assert log_ins == ["POST", "DELETE", "POST"]
            assert await page.locator("#passphrase").input_value() == await page.locator("#case-id").input_value() == ""
            await page.locator("#parts-show").click()
            await expect(page.locator("#parts #step-notice")).to_be_visible()
            await expect(page.locator("#parts [data-next]").first).to_be_hidden()
            assert await page.locator("#you #country-part").count() == 1
            # A log-in that is over meanwhile is made anew.
            await page.goto("/case?lang=en")
            await page.locator("#return-too").click()
            await page.locator("#case-id").fill(seeded.case.id)
            await page.locator("#passphrase").fill(seeded.passphrase)
            await lose_answer(page, "**/standing", "GET")
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
            async with world.services.database.begin() as session:
                await end_logins_of(session, seeded.case.id)
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#numbers")).to_be_visible()


async def test_code_that_worked_is_not_called_wrong(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, vouched=False) as (world, page, _):
        advocate, now = await world.advocate(), world.context.now()
        async with world.services.database.begin() as session:
            (code,) = await make_codes(
                session,
                world.context.ledger,
                organisation_id=advocate.organisation_id,
                by=By.advocate(advocate.id, Door.PAGE),
                count=1,
                days=14,
                now=now,
            )
        await lose_answer(page, "**/code")
        await page.locator("#late-code-text").fill(words_of(code, "en"))
        await page.locator("#late-code button").click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await page.locator("#late-code button").click()
        await expect(page.locator("#said")).to_contain_text("An advocate has vouched for you. From now on")
        async with world.services.database.read() as session:
            assert (await session.scalars(select(VouchCode))).one().used_at is not None


async def test_child_is_told_no_removal_that_nobody_makes_and_asked_no_permission(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1, age_group=AgeGroup.MINOR) as (world, page, seeded):
        advocate = await world.advocate()
        async with world.services.database.begin() as session:
            row = await lock_one(session, Sighting, seeded.sightings[0].id)
            await confirm(session, world.context, row, by=advocate.id, basis=Basis.CAPTION_CONTEXT)
        await page.locator("#refresh").click()
        await expect(page.locator("#number-waiting")).to_have_text("1")
        await expect(page.locator("#sentence")).to_contain_text("Something was found.")
        await expect(page.locator("#sentence")).not_to_contain_text("under way")
        await expect(page.locator("#resending")).to_be_hidden()


async def test_links_alone_are_taken_along(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, _):
        await page.locator("#parts-show").click()
        await page.locator("#url").fill("https://www.instagram.com/p/abc/")
        await page.locator("#link-kind").select_option("faked")
        await page.locator("#link button").click()
        await expect(page.locator("#kept-links")).to_contain_text("instagram.com")
        await page.locator("#copies-body-show").click()
        async with page.expect_download() as kept:
            await page.locator("#hand-off-text").click()
        kept_at = tmp_path / "links.txt"
        await (await kept.value).save_as(kept_at)
        assert "https://www.instagram.com/p/abc/" in await asyncio.to_thread(kept_at.read_text, encoding="utf-8")


async def test_log_out_with_a_photo_in_hand_leaves_the_page_as_it_begins(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, _):
        await page.locator("#parts-show").click()
        await page.locator("#files").set_input_files([file("photo.jpg", registered(3)[1])])
        await expect(page.locator("#pending")).to_be_visible()
        asked: list[str] = []
        page.on("dialog", lambda dialog: asked.append(dialog.type))
        await page.locator("[data-log-out]").first.click()
        await expect(page.locator("#door")).to_be_visible()
        await expect(page.locator("#return")).to_be_enabled()
        assert asked == []


async def test_keys_stand_until_the_case_is_shown_though_its_answer_is_lost(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started, visitor(started, world) as (_, page):
        await to_the_last_step(page)
        await page.locator("#open-empty").check()
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        words = await page.locator("#new-passphrase").inner_text()
        number = (await page.locator("#new-case-id").inner_text()).replace(" ", "")
        await page.locator("#wrote-down").click()
        await page.locator("#typed-number").fill(number)
        await page.locator("#typed").fill(words)
        await lose_answer(page, "**/api/cases/*", "GET")
        await page.locator("#type-back button").first.click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await page.locator("#see-again").click()
        await expect(page.locator("#new-passphrase")).to_have_text(words)
        await page.locator("#wrote-down").click()
        await page.locator("#type-back button").first.click()
        await expect(page.locator("#said")).to_contain_text("Your case is open.")
        await expect(page.locator("#numbers")).to_be_visible()
        assert words not in await page.content()


async def test_keys_are_copied_and_saved_with_no_word_of_what_they_open(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world, permissions=["clipboard-read", "clipboard-write"]) as (_, page),
    ):
        await to_the_last_step(page)
        await page.locator("#open-empty").check()
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        words = await page.locator("#new-passphrase").inner_text()
        number = await page.locator("#new-case-id .group").all_inner_texts()
        await page.locator("#copy-keys").click()
        await expect(page.locator("#said")).to_contain_text("Copied.")
        card = f"{' '.join(number)}\n\n{words}\n"
        assert await page.evaluate("navigator.clipboard.readText()") == card
        async with page.expect_download() as kept:
            await page.locator("#save-keys").click()
        assert (await kept.value).suggested_filename == "card.txt"
        place = tmp_path / "card.txt"
        await (await kept.value).save_as(place)
        assert await asyncio.to_thread(place.read_text, encoding="utf-8") == card
