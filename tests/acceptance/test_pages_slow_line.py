"""A slow or broken line: a late answer locks nothing, what is typed while something is on its way stays, and what was
said already is not refused when it is said again."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, Route, expect
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.cases import Case
from db.models.messages import Message
from monitor.actions.transfer import ask_transfer, end_transfer
from monitor.cases.advocates import add_advocate
from monitor.cases.in_hand import take_in_hand
from monitor.evidence.by import By
from monitor.model.notice_states import NoticeState
from tests.acceptance.test_pages_cut_case import NO_CONNECTION, at_case, lose_answer, unlock
from tests.acceptance.test_pages_windows import opened
from tests.support.pages_seed import seed_notice
from tests.support.pages_world import PASSWORD, PagesWorld
from tests.support.person_states import acting_lead
from tests.support.quick_hasher import QUICK


class Gate:
    """Requests to an address wait before they reach the server, until they are let go."""

    def __init__(self) -> None:
        self.arrived, self.go, self.cut = asyncio.Event(), asyncio.Event(), False

    async def before(self, page: Page, address: str, method: str = "POST") -> "Gate":
        async def hold(route: Route) -> None:
            if route.request.method == method and not self.arrived.is_set():
                self.arrived.set()
                await self.go.wait()
                if self.cut:
                    await route.abort()
                    return
            await route.fallback()

        await page.route(address, hold)
        return self


async def test_answer_under_an_older_log_in_does_not_end_the_newer_one(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        refused: list[str] = []
        page.on("response", lambda answer: refused.append(answer.url) if answer.status == 401 else None)
        gate = await Gate().before(page, "**/standing", "GET")
        await page.locator("#refresh").click()
        await gate.arrived.wait()
        await page.locator("#lock-now").click()
        await unlock(page, seeded.passphrase)
        await expect(page.locator("#locked")).to_be_hidden()
        async with page.expect_response(lambda answer: answer.status == 401):
            gate.go.set()
        # A file is asked for in the same way.
        await opened(page, "copies-body")
        gate = await Gate().before(page, "**/hand-off/**", "GET")
        await page.locator("#hand-off-text").click()
        await gate.arrived.wait()
        await page.locator("#lock-now").click()
        await unlock(page, seeded.passphrase)
        async with page.expect_download() as caught:
            gate.go.set()
        assert (await caught.value).suggested_filename == "links.txt"
        assert len(refused) == 2, "each was sent once more, and not again"
        await expect(page.locator("#locked")).to_be_hidden()
        # The log-in is the one that was given last.
        await page.locator("#refresh").click()
        await expect(page.locator("#case-number")).to_be_visible()
        assert len(refused) == 2


async def test_words_typed_while_others_are_on_their_way_stay(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await opened(page, "letters-body")
        field = page.locator("#write textarea")
        gate = await Gate().before(page, "**/messages")
        await field.fill("Please call me.")
        await page.locator("#write button").click()
        await gate.arrived.wait()
        await field.press_sequentially("But not at home.")
        gate.go.set()
        await expect(page.locator("#said")).to_contain_text("Sent.")
        await expect(field).to_have_value("But not at home.")
        await expect(page.locator("#talk .said")).to_have_text(["Please call me."])
        # What did not arrive comes before what was typed since.
        gate = await Gate().before(page, "**/messages")
        await field.fill("One.")
        await page.locator("#write button").click()
        await gate.arrived.wait()
        await field.press_sequentially("Two.")
        gate.cut = True
        gate.go.set()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await expect(field).to_have_value("One.\n\nTwo.")
        assert await page.evaluate("document.getElementById('write').dataset.typed") == "yes"
        async with world.services.database.read() as session:
            count = select(func.count()).select_from(Message).where(Message.case_id == seeded.case.id)
            assert await session.scalar(count) == 1
        # The same of a name of one's own page: the next one may be typed at once.
        await opened(page, "parts")
        gate = await Gate().before(page, "**/own-pages")
        await page.locator("#own-source").fill("@minechannel")
        await page.locator("#own-page button").click()
        await gate.arrived.wait()
        await page.locator("#own-source").press_sequentially("@another")
        gate.go.set()
        await expect(page.locator("#own-page-list li")).to_have_count(1)
        await expect(page.locator("#own-source")).to_have_value("@another")


async def ask_for_centre_b(world: PagesWorld, case_id: str) -> str:
    """The centre asks the person whether their case may go to another one. The id of the question."""
    actor, context = await acting_lead(world)
    async with world.services.database.begin() as session:
        return (await ask_transfer(session, context, actor, case_id, to="Centre B")).id


async def test_yes_whose_answer_was_lost_is_no_refusal_when_it_is_said_again(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        async with world.services.database.begin() as session:
            await add_advocate(
                session,
                world.services.keys,
                login="second",
                name="Second Advocate",
                organisation="Centre B",
                password=PASSWORD,
                by=By.operator("test"),
                hasher=QUICK,
                now=world.context.now(),
            )
        # What was taken back meanwhile: it is said so, and asked no more.
        asked = await ask_for_centre_b(world, seeded.case.id)
        await page.locator("#refresh").click()
        await opened(page, "questions-body")
        yes = page.locator("#transfer-list button").first
        await expect(yes).to_be_visible()
        actor, context = await acting_lead(world)
        async with world.services.database.begin() as session:
            await end_transfer(session, context, actor, asked)
        await yes.click()
        await expect(page.locator("#said")).to_contain_text("Nobody asks this any more")
        await expect(page.locator("#transfer-list button")).to_have_count(0)
        # What was said already.
        await ask_for_centre_b(world, seeded.case.id)
        await page.locator("#refresh").click()
        await expect(yes).to_be_visible()
        await lose_answer(page, "**/agree")
        await yes.click()
        await expect(page.locator("#transfer-list")).to_contain_text("This centre has your case now.")
        await expect(page.locator("#transfer-list button")).to_have_count(0)


async def test_saying_twice_that_nobody_is_in_touch_is_no_refusal(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, vouched=False) as (world, page, seeded):
        actor, context = await acting_lead(world)
        async with world.services.database.begin() as session:
            await take_in_hand(session, context, await lock_one(session, Case, seeded.case.id), actor.organisation_id)
        await page.locator("#refresh").click()
        tell = page.locator("#not-in-touch")
        await expect(tell).to_be_visible()
        lost = [True]
        await page.route("**/cases/*", lambda route: route.abort() if lost else route.fallback())
        await lose_answer(page, "**/in-hand", "DELETE")
        await tell.click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await expect(tell).to_be_visible()
        lost.clear()
        await tell.click()
        await expect(page.locator("#to-call")).to_be_visible()
        await expect(page.locator("#said")).to_be_empty()
