"""A case on hold on the person's own page: what they must know, and take back all the same; and nothing else."""

from pathlib import Path

from playwright.async_api import expect

from db.locking import lock_one
from db.models.cases import Case
from db.models.news import NewsMailbox
from db.queries.actors import PersonActor
from db.queries.lists import list_consents_of
from monitor.actions.agree_list import agree_list
from monitor.actions.freeze import freeze, unfreeze
from monitor.actions.resend import switch_resending
from monitor.cases.in_hand import take_in_hand
from monitor.cases.news import set_news_mail
from monitor.cases.reissue import ask_reissue, standing_reissue
from monitor.evidence.by import By, Door
from monitor.model.states import Purpose
from tests.acceptance.test_pages_paused import DESK, come_back
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor
from tests.support.person_states import MORE, acting_lead, seed_centre

KOREAN = {
    "off": "취소",
    "pause": "모두 쉬기",
    "list": "센터 목록에 대한 동의 거두기",
    "mail": "메일 그만 받고 주소 지우기",
}


async def with_everything_on(world: PagesWorld) -> Seeded:
    """A person who said yes to all that can be taken back, and whose lead asks for a new passphrase and freezes."""
    seeded = await seed_case(world, copies=1)
    await seed_centre(world)
    lead, by_lead = await acting_lead(world)
    context, person = world.services.context.acting(By.person(Door.PAGE)), PersonActor(seeded.case.id)
    async with world.services.database.begin() as session:
        await agree_list(session, context, person, seeded.case.id, places=2, purposes=(Purpose.WATCH,))
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        await switch_resending(session, context, case, person, on=True)
        words = {"sender": "Newsletter", "subject": "This week", "language": "en"}
        await set_news_mail(session, context, case, address="her@mail.example", **words)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        await ask_reissue(session, by_lead, lead, case)
        await freeze(session, by_lead, case, lead, reason="a doubt that stays here", speak_to=DESK)
    return seeded


async def test_a_new_passphrase_is_told_and_called_off_on_hold(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MORE) as world, browser(chromium_path) as started:
        seeded = await with_everything_on(world)
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#reissue-why")).to_contain_text("While your case is on hold it cannot be drawn")
            await page.locator("#reissue-off button").click()
            await expect(page.locator("#said")).to_contain_text("Called off. Your passphrase stays as it is.")
            await expect(page.locator("#reissue")).to_be_hidden()
        async with world.services.database.read() as session:
            case = await session.get_one(Case, seeded.case.id)
            assert await standing_reissue(session, world.context, case) is None


async def test_what_can_be_taken_back_is_there_on_hold_and_nothing_of_the_case_is(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path, more=MORE) as world, browser(chromium_path) as started:
        seeded = await with_everything_on(world)
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#on-hold-title")).to_have_text("What you can stop or take back meanwhile")
            for words, told in (
                ("Pause everything", "Paused. Nothing is read there"),
                ("Take back my yes to the centre's list", "Your yes to your centre's list is taken back."),
                ("No more mails, forget the address", "No more mail comes, and the address is forgotten."),
                ("Report nothing again without asking me", "Your centre decides about each copy again."),
            ):
                # Twice, as where the first answer was lost.
                for _ in range(2):
                    await page.locator("#on-hold").get_by_role("button", name=words).click()
                    await expect(page.locator("#said")).to_contain_text(told)
            shown = await page.content()
            for hidden in ("examplechannel", "her@mail.example", "listone", "a doubt that stays here"):
                assert hidden not in shown
            async with world.services.database.read() as session:
                case = await session.get_one(Case, seeded.case.id)
                assert case.watching_paused_at is not None and case.resend_person_at is None
                assert await session.get(NewsMailbox, case.id) is None
                assert all(one.withdrawn_at for one in await list_consents_of(session, case.id))
            await page.locator("#refresh").click()
            await expect(page.locator("#on-hold")).to_be_visible()
            lead, by_lead = await acting_lead(world)
            async with world.services.database.begin() as session:
                await unfreeze(session, by_lead, await lock_one(session, Case, seeded.case.id), lead)
            await page.locator("#refresh").click()
            await expect(page.locator("#on-hold")).to_have_count(0)
            await expect(page.locator("#reissue-why")).to_contain_text("on it can be drawn; then")
            await expect(page.locator("#all-paused")).to_contain_text("Everything has been paused since")


async def test_a_case_on_hold_that_is_being_erased_shows_the_way_back_alone(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MORE) as world, browser(chromium_path) as started:
        seeded = await with_everything_on(world)
        async with visitor(started, world, locale="ko-KR", viewport={"width": 320, "height": 700}) as (_, page):
            await come_back(page, seeded)
            for words in KOREAN.values():
                await expect(page.locator("#reissue, #on-hold").get_by_role("button", name=words)).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320
            await page.locator("#erasure button").first.click()
            await page.locator("#erasure form input").first.fill(seeded.passphrase)
            await page.locator("#erasure form button.danger").first.click()
            await expect(page.locator("#on-hold")).to_have_count(0)
            await expect(page.locator("#reissue")).to_be_hidden()


async def test_a_waiting_case_on_hold_opens_and_says_whom_to_speak_to(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MORE) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, vouched=False)
        await seed_centre(world)
        lead, by_lead = await acting_lead(world)
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, seeded.case.id)
            await take_in_hand(session, by_lead, case, lead.organisation_id)
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#in-hand")).to_be_visible()
            async with world.services.database.begin() as session:
                case = await lock_one(session, Case, seeded.case.id)
                await freeze(session, by_lead, case, lead, reason="a doubt that stays here", speak_to=DESK)
            await page.locator("#refresh").click()
            await expect(page.locator("#paused-ask")).to_contain_text(DESK)
            await expect(page.locator("#help")).to_be_hidden()
            await come_back(page, seeded)
            await expect(page.locator("#on-hold-title")).to_be_visible()
            await expect(page.locator("#paused-ask")).to_contain_text(DESK)
            await expect(page.locator("#help")).to_be_hidden()
            await expect(page.locator("#said")).to_be_empty()
            for words, told in (
                ("Pause everything", "Paused. Nothing is read there"),
                ("Take back my yes to the centre's list", "Your yes to your centre's list is taken back."),
                ("No more mails, forget the address", "No more mail comes, and the address is forgotten."),
            ):
                await page.locator("#on-hold").get_by_role("button", name=words).click()
                await expect(page.locator("#said")).to_contain_text(told)
            await expect(page.locator("#on-hold button")).to_have_count(3)
            assert "a doubt that stays here" not in await page.content()
            async with world.services.database.begin() as session:
                await unfreeze(session, by_lead, await lock_one(session, Case, seeded.case.id), lead)
            await page.locator("#refresh").click()
            await expect(page.locator("#in-hand")).to_be_visible()
            await expect(page.locator("#on-hold")).to_have_count(0)


async def test_a_case_on_hold_that_is_being_erased_says_one_thing(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MORE) as world, browser(chromium_path) as started:
        seeded = await with_everything_on(world)
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#paused-why")).to_contain_text("Nothing of it is lost")
            await page.locator("#erasure button").first.click()
            await page.locator("#erasure form input").first.fill(seeded.passphrase)
            await page.locator("#erasure form button.danger").first.click()
            await expect(page.locator("#erasure")).to_contain_text("Everything is destroyed for good on")
            await expect(page.locator("#paused-why")).to_contain_text("If you keep your case, it is on hold as before.")
            await expect(page.locator("#paused-why")).not_to_contain_text("lost")
            await expect(page.locator("#paused-ask")).to_contain_text(DESK)
            await page.get_by_role("button", name="Keep my case").click()
            await expect(page.locator("#paused-why")).to_contain_text("Nothing of it is lost")
            await expect(page.locator("#on-hold-title")).to_be_visible()
