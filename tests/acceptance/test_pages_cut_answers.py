"""Answers that arrive by half, come late or cannot be shown: none of them is taken for another, or lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Dialog, Page, Route, expect

from db.models.cases import Case
from db.models.notices import Notice
from monitor.cases.intake import read_intake
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import AgeGroup, Intake
from monitor.model.notice_states import NoticeState
from tests.acceptance.test_pages_answered_once import DONE, steps, without_reading
from tests.acceptance.test_pages_cut_case import NO_CONNECTION, at_case, come_back, lose_answer, unlock
from tests.acceptance.test_pages_entered import EMPTY, _entered
from tests.acceptance.test_pages_keeping import chosen, kept
from tests.acceptance.test_pages_slow_line import Gate
from tests.acceptance.test_pages_windows import Held, opened
from tests.support.cutting_proxy import Cut, CuttingProxy, cutting_proxy
from tests.support.pages_seed import Seeded, seed_case, seed_notice
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor


@asynccontextmanager
async def behind_a_proxy(
    folder: Path, path: str, **seed: object
) -> AsyncIterator[tuple[PagesWorld, Page, Seeded, CuttingProxy]]:
    """Somebody in front of their open case, over a line that can be cut anywhere."""
    async with (
        pages_world(folder) as world,
        cutting_proxy(world.address) as proxy,
        browser(path) as started,
        visitor(started, world, base_url=proxy.address) as (_, page),
    ):
        seeded = await seed_case(world, **seed)  # type: ignore[arg-type]  # names are its own
        await come_back(page, seeded)
        await expect(page.locator("#numbers")).to_be_visible()
        yield world, page, seeded, proxy


async def answers(world: PagesWorld, seeded: Seeded) -> Intake:
    """What the case keeps of the person's answers."""
    async with world.services.database.read() as session:
        return read_intake(world.context, await session.get_one(Case, seeded.case.id))


async def unread_after(page: Page, method: str) -> None:
    """What is written arrives, and from the first such answer on nothing of the case can be read."""
    cut: list[str] = []

    async def stop(route: Route) -> None:
        if cut and route.request.method == "GET":
            await route.abort()
        elif route.request.method == method:
            answer = await route.fetch()
            cut.append(method)
            await route.fulfill(response=answer)
        else:
            await route.fallback()

    await page.route("**/api/cases/**", stop)


async def test_answer_that_is_cut_within_is_no_empty_one(tmp_path: Path, chromium_path: str) -> None:
    async with behind_a_proxy(tmp_path, chromium_path, copies=1) as (world, page, seeded, proxy):
        notice = await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.PREPARED)
        said, state = page.locator("#said"), await page.locator("#state").inner_text()
        before = await answers(world, seeded)
        cuts: list[tuple[str, str, Cut]] = []

        def decide(method: str, path: str) -> Cut | None:
            if cuts and cuts[0][0] == method and path.endswith(cuts[0][1]):
                return cuts.pop(0)[2]
            return None

        proxy.decide = decide
        # The answers: no empty form is shown, which Save would make the person's word.
        cuts.append(("GET", "/intake", Cut.WITHIN))
        await page.locator("#parts-show").click()
        await expect(said).to_contain_text(NO_CONNECTION)
        await expect(page.locator("#parts")).to_be_hidden()
        await opened(page, "parts")
        await expect(page.locator("#signature")).to_have_value(before.signature)
        # What Save reads first is cut: it is not saved.
        cuts.append(("GET", "/intake", Cut.WITHIN))
        await page.locator("#contact").fill("new@example.org")
        await page.locator("#save-notice button").click()
        await expect(said).to_contain_text(NO_CONNECTION)
        assert await answers(world, seeded) == before
        # How the case stands: it stays as it was shown.
        cuts.append(("GET", f"/cases/{seeded.case.id}", Cut.WITHIN))
        await page.locator("#refresh").click()
        await expect(said).to_contain_text(NO_CONNECTION)
        await expect(page.locator("#state")).to_have_text(state)
        # One that stops in the middle is waited for no longer than one that never begins.
        await page.clock.install()
        cuts.append(("GET", f"/cases/{seeded.case.id}", Cut.STALLS))
        await page.locator("#refresh").click()
        while cuts:  # until it was asked for
            await page.wait_for_timeout(50)
        await page.wait_for_timeout(300)
        await page.clock.fast_forward(61_000)
        await expect(said).to_contain_text(NO_CONNECTION)
        await expect(page.locator("#state")).to_have_text(state)
        async with world.services.database.read() as session:
            assert (await session.get_one(Notice, notice)).state == NoticeState.PREPARED
        assert (await answers(world, seeded)).permission_to_send_at == before.permission_to_send_at


async def test_what_was_done_is_not_called_undone_by_a_fault_of_the_page(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, **EMPTY) as (world, page, seeded):
        await _entered(world, seeded)
        await page.locator("#refresh").click()
        await opened(page, "questions-body")
        # It is a fault all the same; here it is wanted.
        await page.evaluate("addEventListener('unhandledrejection', (event) => event.preventDefault())")
        await page.route("**/standing", lambda route: route.fulfill(json={}))
        await page.locator("#entered-list > li").first.get_by_role("button", name="Yes, this is right").click()
        await expect(page.locator("#said")).to_contain_text(DONE)
        assert await steps(world, seeded.case.id, EntryKind.ENTRY_CONFIRMED) == 1


async def test_no_to_what_the_person_said_themselves_since_is_refused_with_a_way_on(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, **EMPTY) as (world, page, seeded):
        await _entered(world, seeded)
        await page.locator("#refresh").click()
        await opened(page, "questions-body")
        await opened(page, "parts")
        cards = page.locator("#entered-list > li")
        await expect(cards).to_have_count(3)
        # Saved, and what cannot be shown anew is asked still.
        await unread_after(page, "PUT")
        await page.locator("#permission").check()
        await page.locator("#save-notice button").click()
        await expect(page.locator("#said")).to_contain_text(f"{DONE} Kept.")
        await expect(cards).to_have_count(3)
        await page.unroute_all(behavior="ignoreErrors")
        card = cards.filter(has_text="That notices may be sent")
        await card.get_by_role("button", name="No, this is wrong").click()
        await expect(page.locator("#said")).to_have_text(
            "You have said it yourself since. You can change it under your answers."
        )
        await expect(card).to_have_count(0)
        assert (await answers(world, seeded)).permission_to_send_at is not None


async def test_what_saving_did_to_notices_is_told_though_it_cannot_be_shown(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.QUEUED)
        await opened(page, "parts")
        await expect(page.locator("#signature")).not_to_have_value("")
        await unread_after(page, "PUT")
        await page.locator("#age-minor").check()
        await page.locator("#save-you").click()
        await expect(page.locator("#said")).to_contain_text("Notices that were stopped: 1")
        await expect(page.locator("#said")).to_contain_text(DONE)
        assert (await answers(world, seeded)).age_group == AgeGroup.MINOR
        assert await page.evaluate("document.getElementById('you').dataset.typed") is None, "nothing waits there"


async def test_what_a_place_taken_back_did_to_notices_is_told_though_it_cannot_be_shown(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.QUEUED)
        await opened(page, "watching-body")
        await unread_after(page, "DELETE")
        await page.get_by_role("button", name="Withdraw: ").filter(visible=True).first.click()
        await expect(page.locator("#said")).to_have_text(f"{DONE} Withdrawn. Notices that had not left were stopped: 1")


async def test_photo_whose_answer_was_lost_is_out_when_it_is_left_out(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        await opened(page, "parts")
        await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        first, second, third = await chosen(page)
        rows, keep, said = page.locator("#pending-list > li"), page.locator("#keep-pictures"), page.locator("#said")
        out = page.get_by_role("button", name="Leave this one out")
        await lose_answer(page, "**/fingerprints")
        await keep.click()
        await expect(said).to_contain_text(NO_CONNECTION)
        await expect(rows).to_have_count(3)
        assert set(await kept(world, seeded)) == {first}
        # Where nothing gets through it is said, and the photo stands there still.
        await page.context.set_offline(True)
        await out.first.click()
        await expect(said).to_contain_text(NO_CONNECTION)
        await expect(rows).to_have_count(3)
        await page.context.set_offline(False)
        await out.first.click()
        await expect(said).to_have_text("Removed.")
        await expect(rows).to_have_count(2)
        assert await kept(world, seeded) == {}
        await keep.click()
        await expect(page.locator("#kept-pictures > li")).to_have_count(2)
        assert set(await kept(world, seeded)) == {second, third}
        # One that was kept before is not destroyed by leaving out its second choosing.
        assert (await chosen(page))[1] == second
        await out.first.click()
        await lose_answer(page, "**/fingerprints")
        await keep.click()
        await expect(said).to_contain_text(NO_CONNECTION)
        await out.first.click()
        await expect(rows).to_have_count(1)
        assert set(await kept(world, seeded)) == {second, third}


async def test_passphrase_leaves_the_screen_with_what_it_was_typed_for(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        cut = await without_reading(page)
        await page.get_by_role("button", name="Stop all watching").click()
        form = page.locator("#erasure .surely form").last
        await form.locator("input").fill("other words than those")
        await form.locator("button.danger").click()
        await expect(page.locator("#said")).to_contain_text("passphrase")
        await expect(form.locator("input")).to_have_value("other words than those")
        await form.locator("input").fill(seeded.passphrase)
        await form.locator("button.danger").click()
        await expect(page.locator("#said")).to_contain_text(DONE)
        await expect(form).to_be_hidden()
        assert await form.locator("input").input_value() == ""
        cut.clear()
        async with page.expect_response("**/resending"):
            await page.locator("#refresh").click()
        assert await page.locator("#erasure input").evaluate_all("all => all.map((one) => one.value)") == ["", ""]


async def test_way_in_that_was_given_up_can_be_tried_again_at_once(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        first, second = await seed_case(world), await seed_case(world)
        async with visitor(started, world) as (_, page):
            # On its way in, the log-in is late, or the case itself is.
            log_in = await Gate().before(page, "**/api/log-ins/person")
            case = await Held().on(page, f"**/api/cases/{first.case.id}")
            for late in ("log-in", "case"):
                await come_back(page, first)
                if late == "log-in":
                    await log_in.arrived.wait()
                    go = log_in.go
                else:
                    go = await case.next()
                await page.locator("#come-back [data-door]").click()
                await expect(page.locator("#said")).to_have_text("Stopped. Your case was not opened.")
                await page.locator("#return").click()
                await page.locator("#case-id").fill(second.case.id)
                await page.locator("#passphrase").fill(second.passphrase)
                await page.locator("#come-back form button").first.click()
                await expect(page.locator("#numbers")).to_be_visible()
                number = page.locator("#case-number")
                shown = await number.inner_text()
                # What comes late opens nothing, takes nothing off the screen, and leaves no log-in behind.
                async with page.expect_response("**/log-ins/current" if late == "log-in" else "**/cases/*"):
                    go.set()
                async with page.expect_response("**/resending"):
                    await page.locator("#refresh").click()
                await expect(number).to_have_text(shown)
                await expect(page.locator("#said")).to_be_empty()
                await expect(page.locator("#locked")).to_be_hidden()


async def test_other_language_is_reached_from_the_lock_and_shows_nothing(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        await page.locator("#lock-now").click()
        korean = page.locator(".languages a[lang=ko]")
        await korean.click()
        await expect(page.locator("#said")).to_contain_text("press the language once more")
        await unlock(page, seeded.passphrase)
        await expect(page.locator("#numbers")).to_be_visible()
        # What is typed and not saved is not lost without a word.
        await opened(page, "letters-body")
        await page.locator("#write textarea").fill("Half a sen")
        await page.locator("#lock-now").click()
        asked: list[str] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            await dialog.dismiss()

        page.on("dialog", stay)
        await korean.click()
        await expect(page.locator("#locked")).to_be_visible()
        assert asked == ["beforeunload"]
        page.remove_listener("dialog", stay)
        page.on("dialog", lambda dialog: dialog.accept())
        await korean.click()
        await page.wait_for_url("**/case?lang=ko")
        await expect(page.locator("#door")).to_be_visible()
        await expect(page.locator("#mine")).to_be_hidden()


async def test_look_again_that_worked_takes_the_failure_away(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, _):
        await page.context.set_offline(True)
        await page.locator("#refresh").click()
        await expect(page.locator("#said")).to_contain_text(NO_CONNECTION)
        await page.context.set_offline(False)
        await page.locator("#refresh").click()
        await expect(page.locator("#said")).to_be_empty()
        await expect(page.locator("#refresh")).to_be_focused()
