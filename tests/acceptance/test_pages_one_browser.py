"""What one browser holds of a person: a code from paper, what ran out, refused cookies, other windows, Back, a printed
card, an engine of 2019."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import func, select, update

from db.models.drafts import Draft
from monitor.cases.codes import make_codes
from monitor.demo.world.pictures import registered
from monitor.evidence.by import By
from tests.acceptance.test_pages_draft import add_link, at, kept
from tests.acceptance.test_pages_safety import _LONG_LIVE, ELSEWHERE
from tests.support.pages_pictures import agree, file, hashes, to_pictures
from tests.support.pages_seed import seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visiting, visitor

PAPER = "abcd-efgh-jkmn"
STEPS = ("step-agree", "step-you", "step-pictures", "step-places", "step-notice", "step-open")


async def drafts(world: PagesWorld) -> int:
    async with world.services.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Draft)) or 0


async def its_day_is_over(world: PagesWorld) -> None:
    async with world.services.database.begin() as session:
        await session.execute(update(Draft).values(expires_at=datetime.now(UTC) - timedelta(hours=1)))


async def scan(page: Page, code: str) -> None:
    """Come with the code of a sheet of paper, from another page: its address alone would not load the page anew."""
    await page.goto("/safe")
    await page.goto(f"/case#code={code}")
    await expect(page.locator("#app")).to_be_visible()


async def good_code(world: PagesWorld) -> str:
    advocate = await world.advocate()
    async with world.services.database.begin() as session:
        context = world.context
        (code,) = await make_codes(
            session,
            context.ledger,
            organisation_id=advocate.organisation_id,
            by=By.operator("test"),
            count=1,
            days=14,
            now=context.now(),
        )
    return code


async def test_a_code_from_paper_stands_wherever_one_is_asked_for(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        async with visitor(started, world) as (_, page):
            await agree(page)
            await kept(page)
            await scan(page, PAPER)
            await at(page, "step-you")
            await expect(page.locator("#said")).to_contain_text("The code from your paper is filled in")
            await expect(page.locator("#code")).to_have_value(PAPER)
            await page.reload()  # it is kept with the rest
            await at(page, "step-you")
            await expect(page.locator("#code")).to_have_value(PAPER)
            # Scanned while the page stands here: nothing is loaded anew then.
            await page.evaluate("location.hash = 'code=mnkj-hgfe-dcba'")
            await expect(page.locator("#code")).to_have_value("mnkj-hgfe-dcba")
            await kept(page)
            await page.reload()
            await at(page, "step-you")
            await expect(page.locator("#code")).to_have_value("mnkj-hgfe-dcba")
        good = await good_code(world)
        async with visitor(started, world) as (_, page):
            await scan(page, good)
            await page.locator("#start").click()
            await page.locator("#now-younger").check()
            await page.locator("#guardian-centre").check()
            await expect(page.locator("#guardian-code")).to_have_value(good)
            await page.locator("#agree-button").click()
            await at(page, "step-you")
            # What a child goes on with stays, where the code that is scanned afterwards is no good.
            await scan(page, PAPER)
            await at(page, "step-you")
            await expect(page.locator("#said")).to_contain_text("wrong, used or too old")
            for field in ("code", "guardian-code"):
                await expect(page.locator(f"#{field}")).to_have_value(good)


async def test_photos_whose_day_is_over_leave_the_list_and_are_named(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        await to_pictures(page)
        one, two = registered(3)[:2]
        for number, photo in enumerate((one, two)):
            await hashes(page, [file("photo.jpg", photo)])
            await page.locator("#kind-0-faked").check()
            await page.locator("#keep-pictures").click()
            await expect(page.locator("#kept-pictures > li")).to_have_count(number + 1)
            await kept(page)
            if number == 0:
                await page.reload()  # of the first one this page holds nothing but its name
                await at(page, "step-pictures")
                await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        await its_day_is_over(world)
        await page.locator("[data-next=step-places]").click()
        await at(page, "step-places")
        await expect(page.locator("#lost-what")).to_have_text("Photo 1")
        await expect(page.locator("#heard")).to_have_text("Something must be chosen or entered again.")
        await page.locator("#step-places [data-back]").click()
        await expect(page.locator("#kept-pictures > li")).to_have_count(1)
        await expect(page.locator("#lost")).to_be_visible()
        for step in ("step-places", "step-notice"):
            await page.locator(f"[data-next={step}]").click()
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")
        await expect(page.locator("#summary")).to_contain_text("Photos and videos: 1.")
        await page.locator("#lost-read").click()
        await expect(page.locator("#lost")).to_be_hidden()


@pytest.mark.parametrize("how", ["stripped", "told"])
async def test_where_cookies_are_refused_it_is_said_at_once(tmp_path: Path, chromium_path: str, how: str) -> None:
    async with visiting(tmp_path, chromium_path, locale="ko-KR") as (world, page):
        written: list[str] = []

        async def strip(route: Route) -> None:
            if route.request.method == "PUT":
                written.append(route.request.url)
            answer = await route.fetch()
            await page.context.clear_cookies()
            told = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
            await route.fulfill(response=answer, headers=told)

        if how == "told":
            await page.add_init_script("Object.defineProperty(Navigator.prototype, 'cookieEnabled', { value: false })")
        await page.route("**/case/draft**", strip)
        await page.goto("/case")
        await page.locator("#start").click()
        await page.locator("#now-older").check()
        for _ in range(2):
            await page.locator("#agree-button").click()
            await expect(page.locator("#said")).to_contain_text("쿠키를 허용하지 않아서")
            await expect(page.locator("#step-you")).to_be_hidden()
            await expect(page.locator("#kept-so-far")).to_be_hidden()
        assert len(written) == await drafts(world) == (0 if how == "told" else 1)


async def test_a_form_and_the_other_language_leave_no_page_in_back(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        await page.context.route(ELSEWHERE, lambda route: route.fulfill(status=200, body="elsewhere"))
        before = f"{world.address}/healthz?before"
        await page.goto(before)
        await page.goto("/?lang=en")
        await page.locator("footer a[href*='/report']").first.click()
        await page.locator("#contact").fill("me@example.org & 010")
        # A form that comes back is shown as it would be without a script, and its page works.
        await page.locator("main form button").click()
        await expect(page.locator("[role=alert]")).to_be_visible()
        await expect(page.locator("#contact")).to_have_value("me@example.org & 010")
        assert await page.evaluate("history.length") == 3  # the empty tab, the one before, and one of ours
        await page.locator("#text").fill("a = b\n가 나 + 100 %")
        await page.locator("main form button").click()
        await expect(page.locator(".message.good")).to_be_visible()
        await expect(page).to_have_url(re.compile("done=reported"))
        await page.locator("#leave").click()
        await expect(page).to_have_url("https://www.google.com/")
        await page.go_back()
        await expect(page).to_have_url(before)
        # What was typed a moment ago is kept on the way to the other language.
        await agree(page)
        long = await page.evaluate("history.length")
        await page.locator("#age-adult").check()
        await page.locator("#save-you").click()
        await page.locator("[data-next=step-places]").click()
        await page.locator("#source").fill("@half")
        await page.locator(".languages a[lang=ko]").click()
        await page.wait_for_url("**/case?lang=ko")
        await at(page, "step-places")
        await expect(page.locator("#source")).to_have_value("@half")
        assert await page.evaluate("history.length") == long


async def come_back(page: Page, number: str, passphrase: str) -> None:
    await page.locator("#case-id").fill(number)
    await page.locator("#passphrase").fill(passphrase)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#mine")).to_be_visible()


async def test_the_way_back_to_a_case_is_beside_every_step_and_a_centres_wish_is_heard_short(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        seeded = await seed_case(world, copies=1)

        async def asked(route: Route) -> None:
            answer = await route.fetch()
            due = (datetime.now(UTC) + timedelta(days=7)).isoformat()
            await route.fulfill(json={**await answer.json(), "reissue_due_at": due})

        await page.route("**/standing", asked)
        await page.goto("/case")
        await page.locator("#start").click()
        for step in STEPS:
            await expect(page.locator(f"#{step}")).to_be_visible()
            await expect(page.locator("#return-too")).to_be_visible()
            if step == "step-agree":
                await page.locator("#now-older").check()
            if step == "step-you":
                await page.locator("#age-adult").check()
            if step != "step-open":
                await page.locator(f"#{step} :is(#agree-button, #save-you, [data-next])").first.click()
        await kept(page)
        await page.goto("/?lang=en")
        await page.get_by_role("link", name="Begin, or come back").click()
        await at(page, "step-open")
        await page.locator("#return-too").click()
        await come_back(page, seeded.case.id, seeded.passphrase)
        await expect(page.locator("#reissue")).to_contain_text("If you did not ask for that, call it off.")
        await expect(page.locator("#heard")).to_have_text("Your centre asked for a new passphrase for this case.")
        assert await page.evaluate(_LONG_LIVE) == []


@pytest.mark.parametrize(("locale", "clock"), [("en-GB", r"\d:\d\d [AP]M"), ("ko-KR", r"(오[전후]|[AP]M) \d+:\d\d")])
async def test_an_engine_of_2019_tells_the_hour_too(
    tmp_path: Path, chromium_path: str, locale: str, clock: str
) -> None:
    async with visiting(tmp_path, chromium_path, locale=locale) as (_, page):
        await page.add_init_script(
            """const Format = Intl.DateTimeFormat;
               Intl.DateTimeFormat = function (language, { dateStyle, timeStyle, ...known } = {}) {
                 return new Format(language, known);
               };"""
        )
        await agree(page)
        await expect(page.locator("#kept-until")).to_have_text(re.compile(clock))


async def test_what_one_window_threw_away_no_other_writes_anew_by_itself(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        async with visitor(started, world) as (context, page):

            async def throw_away_in_another() -> Page:
                other = await context.new_page()
                await other.goto("/case")
                await other.locator("#throw-away").click()
                await other.locator("#throw-yes").click()
                await expect(other.locator("#door")).to_be_visible()
                return other

            await agree(page)
            await page.locator("#age-adult").check()
            await page.locator("#save-you").click()
            await page.locator("[data-next=step-places]").click()
            await add_link(page, "https://example.org/one")
            await kept(page)
            await throw_away_in_another()
            await page.locator("[data-next=step-notice]").click()
            await expect(page.get_by_role("heading", name="Not kept here any more")).to_be_visible()
            await expect(page.locator("#begin")).to_be_hidden()
            assert await drafts(world) == 0 and await context.cookies() == []
            # Only when it is asked for, and then whole.
            await page.locator("#keep-anew").click()
            await at(page, "step-notice")
            await page.reload()
            await at(page, "step-notice")
            await expect(page.locator("#kept-links li")).to_have_count(1)
            # Somebody else begins here: the window that is still open adds nothing to that.
            other = await throw_away_in_another()
            await agree(other)
            await kept(other)
            await page.locator("#step-notice [data-back]").click()
            await expect(page.locator("#forgotten")).to_be_visible()
            await page.locator("#forget-too").click()
            await at(page, "step-you")  # what stands here now is the other's
            await expect(page.locator("#age-adult")).not_to_be_checked()
            await expect(page.locator("#kept-links li")).to_have_count(0)
            assert await drafts(world) == 1
        async with visitor(started, world) as (context, page):
            await context.route(ELSEWHERE, lambda route: route.fulfill(status=200, body="elsewhere"))
            await to_pictures(page)
            await page.locator("[data-next=step-places]").click()
            await kept(page)
            offline = "Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })"
            online = "delete navigator.onLine, dispatchEvent(new Event('online'))"
            # What is refused only once there is a network is named: nobody waits for an answer by then.
            await page.evaluate(offline)
            await page.locator("#source").fill("t.me/+AbCdEfGhIjK")
            await page.locator("#source").blur()
            await expect(page.locator("#unsent")).to_be_visible()
            await page.locator("#purpose-watch").check()
            await page.locator("#place button").click()
            await expect(page.locator("#kept-places > li")).to_have_count(1)
            await page.evaluate(online)
            await expect(page.locator("#lost-what")).to_have_text("t.me/+AbCdEfGhIjK")
            await expect(page.locator("#kept-places > li")).to_have_count(0)
            # Left quickly in another window, while something waits here for the network.
            await page.evaluate(offline)
            await add_link(page, "https://example.org/late")
            await expect(page.locator("#unsent")).to_be_visible()
            other = await context.new_page()
            await other.goto("/case")
            await other.locator("#leave").click()
            for one in (other, page):  # this window goes with it, whatever waited there
                await expect(one).to_have_url("https://www.google.com/")
            while await context.cookies():  # they are taken away while the other page loads already
                await other.wait_for_timeout(50)


async def test_a_card_is_printed_alone_where_printing_does_not_wait(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await page.add_init_script("window.print = () => {}")
        await agree(page)
        await page.locator("#age-adult").check()
        await page.locator("#save-you").click()
        for step in ("step-places", "step-notice"):
            await page.locator(f"[data-next={step}]").click()
        await page.locator("#notice button[data-next]").click()
        await page.locator("#open-empty").check()
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        await page.emulate_media(media="print")
        card, rest = page.locator("#new-passphrase"), page.locator("#keys-title")
        for over in ("dispatchEvent(new Event('afterprint'))", "document.body.click()"):
            await page.locator("#print-keys").dispatch_event("click")
            await page.evaluate("new Promise((go) => setTimeout(go, 50))")  # print came back long ago
            # The page may be out of sight meanwhile.
            for hidden in ("true", "false"):
                await page.evaluate(
                    f"Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}), "
                    "document.dispatchEvent(new Event('visibilitychange'))"
                )
                assert await seen(card) and not await seen(rest)
            await page.evaluate(over)
            assert await seen(card) and await seen(rest)


async def seen(place: Any) -> bool:
    return bool(await place.evaluate("one => getComputedStyle(one).visibility === 'visible'"))
