"""Before a case is opened and while it waits: who confirms it, how they are reached, a code, what can be done now."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from db.locking import lock_one
from db.models.cases import Case
from db.queries.actors import AdvocateActor
from monitor.actions.centre_list import add_places
from monitor.actions.centre_profile import set_profile
from monitor.cases.code_words import words_of
from monitor.cases.codes import make_codes
from monitor.evidence.by import By, Door
from monitor.model.records.centre_profile import CentreProfile
from monitor.platforms.base import PlatformName
from tests.support.centre_profiles import PROFILE
from tests.support.pages_world import PagesWorld, browser, log_in, pages_world, visitor


async def profile_kept(world: PagesWorld, **changed: Any) -> None:
    """A lead of the test's centre wrote it."""
    row = await world.advocate()
    actor = AdvocateActor(row.id, row.organisation_id, row.name, lead=True)
    profile = CentreProfile.model_validate({**PROFILE, "hours": tuple(PROFILE["hours"]), **changed})
    async with world.services.database.begin() as session:
        context = world.services.context.acting(By.advocate(row.id, Door.PAGE))
        await set_profile(session, context, actor, profile)


async def a_code(world: PagesWorld) -> str:
    row = await world.advocate()
    async with world.services.database.begin() as session:
        by, now = By.advocate(row.id, Door.PAGE), world.context.now()
        home = row.organisation_id
        ledger = world.context.ledger
        made = await make_codes(session, ledger, organisation_id=home, by=by, count=1, days=14, now=now)
    return made[0]


async def to_the_last_step(page: Page, address: str = "/case") -> None:
    """The shortest way: nothing is entered."""
    if address:
        await page.goto(address)
    await page.locator("#start").click()
    await page.locator("#now-older").check()
    await page.locator("#agree-button").click()
    await page.locator("#age-adult").check()
    await page.locator("#save-you").click()
    await page.locator("[data-next=step-places]").click()
    await page.locator("[data-next=step-notice]").click()
    await page.locator("#notice button[data-next]").click()
    await expect(page.locator("#step-open")).to_be_visible()


async def opened(page: Page) -> str:
    """Open it, and type the words back; the case's number."""
    if await page.locator("#open-empty").is_visible():
        await page.locator("#open-empty").check()
    await page.locator("#open button").first.click()
    await expect(page.locator("#wrote-down")).to_be_visible()
    passphrase = str(await page.locator("#new-passphrase").text_content())
    number = "".join(str(await page.locator("#new-case-id").text_content()).split()).replace("-", "")
    await page.locator("#wrote-down").click()
    await page.locator("#typed-number").fill(number)
    await page.locator("#typed").fill(passphrase)
    await page.locator("#type-back button").first.click()
    await expect(page.locator("#mine")).to_be_visible()
    return number


async def fits(page: Page) -> bool:
    """Nothing is wider than the screen."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


async def test_who_opens_a_case_reads_who_confirms_it_and_who_waits_is_told_honestly_and_hands_in_a_code(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        await profile_kept(world)
        phone = {"locale": "ko-KR", "viewport": {"width": 390, "height": 844}}
        async with visitor(started, world, **phone) as (_, page):
            await to_the_last_step(page)
            centre = page.locator("#step-open .centre")
            await expect(centre).to_contain_text("서울 상담센터")
            for said in ("어떻게 부르면 되는지", "공휴일에는 쉬어요", "한국어, 영어, 베트남어"):
                await expect(centre).to_contain_text(said)
            await expect(page.locator("#step-open .vouching")).to_contain_text("신분증도 실명도 필요 없어요")
            assert await centre.locator("a[href='tel:020000000']").count() == 1
            assert await centre.locator("a[href='sms:01000000000']").count() == 1
            assert await centre.locator("a[href='https://pf.kakao.example/seoul']").count() == 1
            assert "본인 확인" not in await page.content()
            assert await fits(page)
            number = await opened(page)
            await expect(page.locator("#help .centre")).to_contain_text("02-000-0000")
            await expect(page.locator("#vouch-overdue")).to_be_hidden()

            # When it is late it says so, with another way.
            async with world.services.database.begin() as session:
                case = await lock_one(session, Case, number)
                case.vouch_due_at = world.context.now() - timedelta(days=8)
            await page.locator("#parts-show").click()
            await page.locator("#url").fill("https://t.me/examplechannel/12")
            await page.locator("#link-kind").select_option("faked")
            await page.locator("#link button").click()
            await page.locator("#refresh").click()
            await expect(page.locator("#vouch-overdue")).to_contain_text("아직 하지 못했어요")
            await expect(page.locator("#vouch-overdue")).to_contain_text("어느 센터든 나를 도와줘도 괜찮아요")
            await page.locator("#self-notices-body-show").click()
            text = page.locator("#self-notice-list textarea").first
            assert "https://t.me/examplechannel/12" in await text.input_value()
            await expect(page.locator("#self-notice-list")).to_contain_text("abuse@telegram.org")
            assert await fits(page)

            await page.locator("#late-code-text").fill("no such words")
            await page.locator("#late-code button").click()
            await expect(page.locator("#said")).to_contain_text("코드")
            await page.locator("#late-code-text").fill(words_of(await a_code(world), "ko"))
            await page.locator("#late-code button").click()
            await expect(page.locator("#said")).to_contain_text("상담원 확인이 끝났어요")
            await expect(page.locator("#help")).to_be_hidden()

        # From paper: the square leads to the page with the code in it, and it leaves the address.
        async with visitor(started, world) as (_, page):
            code = await a_code(world)
            await page.goto(f"/case#code={code}")
            await expect(page.locator("#said")).to_contain_text("code from your paper is filled in")
            assert "#" not in page.url and await page.evaluate("history.length") <= 2
            await to_the_last_step(page, "")
            assert await page.locator("#code").input_value() == code
            await expect(page.locator("#step-open .centre")).to_contain_text("Seoul Centre")
            await opened(page)
            await expect(page.locator("#state")).to_contain_text("An advocate has vouched for you")

        async with visitor(started, world, java_script_enabled=False) as (_, page):
            await page.goto("/case")
            shown = await page.content()
            assert "Seoul Centre" in shown and "tel:02-000-0000" in shown and PROFILE["asks_en"] in shown

        async with visitor(started, world) as (_, page):
            await log_in(page, world)
            await page.goto("/advocate/centre")
            await page.locator("#hours-tue").fill("whenever")
            await page.get_by_role("button", name="Keep").click()
            await expect(page.get_by_role("alert")).to_contain_text("The hours could not be read")
            assert await page.locator("#hours-tue").input_value() == "whenever"
            await page.locator("#hours-tue").fill("9～18")
            await page.get_by_role("button", name="Keep").click()
            await expect(page.get_by_role("status")).to_contain_text("Persons see it from now on")
            assert await page.locator("#hours-tue").input_value() == "09:00-18:00"
            await page.locator("#count").fill("2")
            await page.get_by_role("button", name="Make a sheet to print").click()
            await expect(page.locator(".code-card svg")).to_have_count(2)


async def test_list_own_pages_and_names_are_said_yes_to_and_taken_back_on_the_page(
    tmp_path: Path, chromium_path: str
) -> None:
    more = "\n[matching]\nnames = true\n"
    async with pages_world(tmp_path, more=more) as world, browser(chromium_path) as started:
        row = await world.advocate()
        actor = AdvocateActor(row.id, row.organisation_id, row.name, lead=True)
        context = world.services.context.acting(By.advocate(row.id, Door.PAGE))
        async with world.services.database.begin() as session:
            names = ["hiddenone", "hiddentwo"]
            await add_places(session, context, actor, platform=PlatformName.TELEGRAM, sources=names)
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await page.goto(f"/case#code={await a_code(world)}")
            await to_the_last_step(page, "")
            await opened(page)
            await page.locator("#parts-show").click()
            await page.locator("#list-watch").check()
            await expect(page.locator("#list-watch-label")).to_contain_text("all places on the list: 2")
            await page.locator("#list-agree").click()
            await expect(page.locator("#said")).to_contain_text("All places on the list are watched")
            await expect(page.locator("#list-state")).to_contain_text(
                "Places that you said yes to: 2. Watched of them now: 2."
            )
            async with world.services.database.begin() as session:
                await add_places(session, context, actor, platform=PlatformName.TELEGRAM, sources=["hiddenthree"])
            await page.locator("#refresh").click()
            await expect(page.locator("#list-changes")).to_contain_text("joined the list since: 1")
            shown = await page.content()
            assert not any(name in shown for name in (*names, "hiddenthree"))
            await page.locator("#list-back button").click()
            await expect(page.locator("#list-state")).to_be_hidden()

            await page.locator("#own-source").fill("https://t.me/my_own_page")
            await page.locator("#own-page button").click()
            await expect(page.locator("#said")).to_contain_text("No platform is told")
            await expect(page.locator("#own-page-list")).to_contain_text("@my_own_page")
            await page.get_by_role("button", name="It is not mine").click()
            await expect(page.locator("#own-page-list li")).to_have_count(0)

            await page.locator("#names-on").check()
            await page.locator("#term-text").fill("김하늘")
            await page.locator("#name-term button").click()
            await expect(page.locator("#name-terms")).to_contain_text("waits for an advocate")
            assert await fits(page)
            await page.locator("#names-on").click()
            await page.get_by_role("button", name="Yes, destroy my words").click()
            await expect(page.locator("#said")).to_contain_text("Your words were destroyed")
            await expect(page.locator("#name-terms li")).to_have_count(0)
            # Closed, nothing of it stands on the page any more.
            await page.locator("#parts-show").click()
            assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        async with visitor(started, world) as (_, page):
            await log_in(page, world)
            await page.goto("/advocate/centre/places")
            await page.locator("#sources").fill("@one_more\nnot/a/name")
            await page.get_by_role("button", name="Add to the list").click()
            await expect(page.get_by_role("alert")).to_contain_text("public channel or account")
            assert "not/a/name" in await page.locator("#sources").input_value()
            await page.locator("#sources").fill("@one_more_place")
            await page.get_by_role("button", name="Add to the list").click()
            await expect(page.locator("h1 .count")).to_have_text("4")
