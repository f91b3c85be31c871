"""What the person answered is taken once, however the line breaks; what is over is neither asked nor told as it was."""

from pathlib import Path

from playwright.async_api import Page, Route, expect
from sqlalchemy import func, select

from db.models.ledger import LedgerEntry
from db.models.messages import Message
from db.models.people import Advocate
from db.queries.actors import AdvocateActor
from monitor.actions.transfer import ask_transfer
from monitor.cases.advocates import add_advocate
from monitor.evidence.by import By, Door
from monitor.evidence.entry_kinds import EntryKind
from tests.acceptance.test_pages_cut_case import NO_CONNECTION, at_case, lose_answer
from tests.acceptance.test_pages_entered import EMPTY, _entered
from tests.acceptance.test_pages_slow_line import ask_for_centre_b
from tests.acceptance.test_pages_windows import opened
from tests.support.pages_world import PASSWORD, PagesWorld
from tests.support.quick_hasher import QUICK

DONE = "Done, but it could not be shown anew."


async def without_reading(page: Page) -> list[str]:
    """Nothing of the case can be read before the list is emptied; what is written arrives."""
    cut = ["GET"]

    async def stop(route: Route) -> None:
        if route.request.method in cut:
            await route.abort()
        else:
            await route.fallback()

    await page.route("**/api/cases/**", stop)
    return cut


async def steps(world: PagesWorld, case_id: str, *kinds: EntryKind) -> int:
    """How many of these steps stand in the record of the case."""
    async with world.services.database.read() as session:
        query = select(func.count()).select_from(LedgerEntry)
        return await session.scalar(query.where(LedgerEntry.case_id == case_id, LedgerEntry.kind.in_(kinds))) or 0


async def test_answer_that_was_lost_is_told_as_it_was_taken(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, **EMPTY) as (world, page, seeded):
        await _entered(world, seeded)
        await page.locator("#refresh").click()
        await opened(page, "questions-body")
        cards = page.locator("#entered-list > li")
        await expect(cards).to_have_count(3)
        signature = cards.filter(has_text="In whose name")
        # It arrived, and the answer is lost.
        await lose_answer(page, "**/entries/signature/confirm")
        await signature.get_by_role("button", name="Yes, this is right").click()
        await expect(page.locator("#said")).to_contain_text("From now on this is yours.")
        await expect(cards).to_have_count(2)
        assert await steps(world, seeded.case.id, EntryKind.ENTRY_CONFIRMED) == 1
        # Nothing gets through for a while: it is asked still, and pressed again it is the same answer.
        cut = await without_reading(page)
        await lose_answer(page, "**/entries/permission-to-send/reject")
        no = cards.filter(has_text="That notices may be sent").get_by_role("button", name="No, this is wrong")
        await no.click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await expect(cards).to_have_count(2)
        cut.clear()
        await no.click()
        await expect(page.locator("#said")).to_contain_text("It does not count.")
        await expect(cards).to_have_count(1)
        assert await steps(world, seeded.case.id, EntryKind.ENTRY_REJECTED) == 1


async def test_what_was_done_is_not_called_undone_where_it_cannot_be_shown(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, **EMPTY) as (world, page, seeded):
        await _entered(world, seeded)
        await page.locator("#refresh").click()
        await opened(page, "questions-body")
        await opened(page, "letters-body")
        cut = await without_reading(page)
        said = page.locator("#said")
        await page.locator("#entered-list > li").first.get_by_role("button", name="Yes, this is right").click()
        await expect(said).to_have_text(f"{DONE} Thank you. From now on this is yours.")
        assert await steps(world, seeded.case.id, EntryKind.ENTRY_CONFIRMED) == 1
        field = page.locator("#write textarea")
        await field.fill("Please call me.")
        await page.locator("#write button").click()
        await expect(said).to_have_text(f"{DONE} Sent. Your centre sees it in its list.")
        await expect(field).to_have_value("")
        assert await page.evaluate("document.getElementById('write').dataset.typed") is None, "nothing waits there"
        async with world.services.database.read() as session:
            count = select(func.count()).select_from(Message).where(Message.case_id == seeded.case.id)
            assert await session.scalar(count) == 1
        # The same of what is not a question.
        cut.clear()
        await opened(page, "watching-body")
        cut.append("GET")
        await page.locator("#pause-all").click()
        await expect(said).to_have_text(f"{DONE} Paused. Nothing is read there until you let it go on.")
        cut.clear()
        await page.locator("#refresh").click()
        await expect(page.locator("#all-paused")).to_be_visible()
        # What did not arrive is not called done.
        cut += ["GET", "PUT"]
        await page.locator("#resume-all").click()
        await expect(said).to_contain_text(NO_CONNECTION)


async def test_card_of_an_earlier_move_says_where_the_case_went_then(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        for name in ("Centre B", "Centre C"):
            async with world.services.database.begin() as session:
                await add_advocate(
                    session,
                    world.services.keys,
                    login=name.replace(" ", "-").lower(),
                    name=f"Advocate of {name}",
                    organisation=name,
                    password=PASSWORD,
                    by=By.operator("test"),
                    hasher=QUICK,
                    now=world.context.now(),
                )
        await ask_for_centre_b(world, seeded.case.id)
        await page.locator("#refresh").click()
        await opened(page, "questions-body")
        cards = page.locator("#transfer-list > li")
        await cards.first.locator("button").first.click()
        await expect(cards.first).to_contain_text("This centre has your case now.")
        await expect(page.locator("#no-questions")).to_be_visible()
        async with world.services.database.read() as session:
            row = (await session.scalars(select(Advocate).where(Advocate.login == "centre-b"))).one()
        actor = AdvocateActor(row.id, row.organisation_id, row.name)
        context = world.services.context.acting(By.advocate(row.id, Door.API))
        async with world.services.database.begin() as session:
            await ask_transfer(session, context, actor, seeded.case.id, to="Centre C")
        await page.locator("#refresh").click()
        await expect(page.locator("#no-questions")).to_be_hidden()
        await expect(cards.first).to_contain_text("This centre has your case now.")
        await cards.nth(1).locator("button").first.click()
        await expect(cards.first).to_contain_text("You said yes. Your case went to Centre B then.")
        await expect(cards.nth(1)).to_contain_text("This centre has your case now.")
        await expect(page.locator("#no-questions")).to_be_visible()
