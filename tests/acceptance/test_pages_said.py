"""What stands on a person's page fits what can be done there: nothing is asked in vain, named twice, or left out."""

import asyncio
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Page, Route, expect

from db.locking import lock_one
from db.models.cases import Case
from monitor.actions.centre_profile import set_profile
from monitor.actions.freeze import freeze
from monitor.cases.in_hand import take_in_hand
from monitor.model.facts import AgeGroup
from monitor.model.records.centre_profile import CentreProfile
from monitor.notices.contacts import opening_words
from tests.acceptance.test_pages_after_login import WIDTHS, come_back
from tests.support.centre_profiles import PROFILE
from tests.support.pages_pictures import file, hashes
from tests.support.pages_seed import seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor
from tests.support.person_states import MORE, acting_lead, seed_everything

LINKS = ("https://t.me/examplechannel/12", "https://www.instagram.com/p/abc/")
SEOUL = ZoneInfo("Asia/Seoul")
_RATIO = """
  (field) => {
    const part = (text) => text.match(/\\d+/g).slice(0, 3).map((one) => {
      const share = one / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    const light = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    const [own, behind] = [getComputedStyle(field, "::placeholder"), getComputedStyle(field)];
    const both = [light(part(own.color)), light(part(behind.backgroundColor))].sort((one, other) => other - one);
    return own.opacity * (both[0] + 0.05) / (both[1] + 0.05);
  }
"""
"""How a field's placeholder stands out: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
_LEVELS = """
  () => [...document.querySelectorAll("#mine h1, #mine h2, #mine h3, #mine h4")]
    .filter((one) => one.offsetParent !== null)
    .map((one) => [one.id, Number(one.getAttribute("aria-level") ?? one.tagName[1])])
"""
_UNDER = """
  () => {
    const way = document.getElementById("leave");
    const found = [];
    for (const one of document.querySelectorAll("#mine input, #mine select, #mine textarea, #mine button")) {
      if (one.offsetParent === null) continue;
      one.focus();
      const [own, out] = [one.getBoundingClientRect(), way.getBoundingClientRect()];
      const under = own.right > out.left && own.top < out.bottom && own.bottom - out.top > own.height / 2;
      if (under) found.push(one.id || one.textContent);
    }
    return found;
  }
"""
"""Of what the fixed way out hides more than half while it has the focus."""
_BROKEN = """
  (code) => {
    const range = document.createRange();
    range.selectNodeContents(code);
    return new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size;
  }
"""
"""On how many lines it stands."""


async def _opens_in_two_days(world: PagesWorld) -> str:
    """The centre is closed now; when it opens, as its contacts are told it."""
    actor, context = await acting_lead(world)
    at = (context.now().astimezone(SEOUL) + timedelta(days=2)).replace(hour=10, minute=0)
    hours = ({"day": at.weekday(), "opens": 600, "closes": 1020},)
    async with world.services.database.begin() as session:
        await set_profile(session, context, actor, CentreProfile.model_validate({**PROFILE, "hours": hours}))
    return f"closed now, opens {opening_words(at, context.now(), 'en')} in Seoul"


async def _first_steps(page: Page) -> None:
    """A new case of somebody in the Netherlands, with two links, as far as what a notice needs."""
    await page.goto("/case")
    await page.locator("#start").click()
    await page.locator("#country").select_option("other")
    await page.locator("select#country-code").select_option(label="Netherlands")
    await expect(page.locator("#country-hint")).to_be_hidden()
    await page.locator("#now-older").check()
    await page.locator("#agree-button").click()
    await page.locator("#age-adult").check()
    await page.locator("#save-you").click()
    await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
    await hashes(page, [file("film.mov", b"no film", "video/quicktime")])
    await expect(page.locator("#refused")).to_contain_text("MP4, MOV and WebM work")
    await page.locator("[data-next=step-places]").click()
    for field in ("#source", "#url"):
        assert float(await page.locator(field).evaluate(_RATIO)) >= 4.5, field
    for url in LINKS:
        await page.locator("#url").fill(url)
        await page.locator("#link-kind").select_option("faked")
        await page.locator("#link button").click()
        await expect(page.locator("#kept-links")).to_contain_text(url)
    await page.locator("[data-next=step-notice]").click()


async def test_whoever_begins_and_waits_is_told_what_fits(tmp_path: Path, chromium_path: str) -> None:
    options: dict[str, Any] = {"viewport": WIDTHS[0], "timezone_id": "Europe/London", "color_scheme": "dark"}
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        opens = await _opens_in_two_days(world)
        async with visitor(started, world, **options) as (_, page):
            await _first_steps(page)
            await expect(page.locator("#signature")).to_be_visible()
            await page.locator("#role-agent").check()
            await expect(page.locator("#signature")).to_be_hidden()  # it would leave with nothing
            await page.locator("#notice button[data-next]").click()
            await expect(page.locator("#review")).to_contain_text("Netherlands")
            badge = page.locator("#step-open .centre .badge")
            await expect(badge).to_have_text(re.compile(rf"^{opens} \(\w+ \d+, \d{{4}}, [12]:00 AM your time\)$"))
            await expect(page.locator("#step-open .centre summary")).to_have_text("When they are there (Seoul time)")
            await page.locator("#open button").first.click()
            await expect(page.locator("#wrote-down")).to_be_visible()
            number = str(await page.locator("#new-case-id").text_content())
            passphrase = str(await page.locator("#new-passphrase").text_content())
            await page.locator("#wrote-down").click()
            await page.locator("#typed-number").fill(number)
            await page.locator("#typed").fill(passphrase)
            await page.locator("#type-back button").first.click()
            # For each link a text or what can be done instead; and what is open says what it is.
            await page.locator("#self-notices-body-show").click()
            await expect(page.locator("#self-notices-body h4")).to_have_text("Ask for removal of a link yourself")
            for url in LINKS:
                await expect(page.locator("#self-notice-list > li", has_text=url).first).to_be_visible()
            instead = page.locator("#self-notice-list > li", has_text=LINKS[1])
            await expect(instead).to_contain_text("There is no text for this link")
            assert str(await instead.locator("a").get_attribute("href")).endswith("#instagram")
            # While one centre is in touch, no other can help: the tick waits, unless it can be taken back.
            await page.locator("#any-centre-later").check()
            case_id = number.replace(" ", "")
            async with world.services.database.begin() as session:
                home = (await world.advocate()).organisation_id
                await take_in_hand(session, world.context, await lock_one(session, Case, case_id), home)
            await page.locator("#refresh").click()
            await expect(page.locator("#in-hand")).to_contain_text(re.compile(r"you\. Until .* no other centre can"))
            await expect(page.locator("#any-centre-later")).to_be_checked()
            answering = asyncio.Event()  # a slow line: what is asked anew meanwhile shows the tick as it was just set

            async def slow(route: Route) -> None:
                await answering.wait()
                await route.continue_()

            await page.route("**/any-centre", slow)
            await page.locator("#any-centre-later").uncheck()
            await page.locator("#refresh").click()
            await page.wait_for_timeout(500)
            answering.set()
            for part in ("#any-centre-later", "#any-centre-later-hint"):
                await expect(page.locator(part)).to_be_hidden()
        waits = await seed_case(world, vouched=False)
        async with visitor(started, world, timezone_id="Asia/Seoul") as (_, page):
            await come_back(page, waits, "en")
            await expect(page.locator("#help .centre .badge")).to_have_text(opens)  # the same clocks, told once
            await page.add_init_script("delete Intl.DisplayNames")
            await page.goto("/case")
            await page.locator("#start").click()
            await page.locator("#country").select_option("other")
            await expect(page.locator("#country-hint")).to_be_visible()  # an older engine knows no names
            await page.locator("input#country-code").fill("NL")


async def test_an_open_case_says_each_thing_once_and_as_it_is(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MORE) as world, browser(chromium_path) as started:
        child = await seed_case(world, age_group=AgeGroup.MINOR)
        seeded = await seed_everything(world)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, child, "en")
            await page.locator("#parts-show").click()
            await expect(page.locator("#minor-notices")).to_be_visible()
            await expect(page.locator("#save-notice")).to_be_hidden()  # nothing is asked, so nothing is kept
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, seeded, "en")
            await page.locator("#questions-body-show").click()
            asked = page.locator("#yours-list > li").first
            await expect(asked.locator(".why")).to_contain_text("almost identical")
            await expect(asked.locator(".why")).to_contain_text("mirrored")
            assert not re.search("256|limit", await asked.inner_text())
            await expect(asked).to_contain_text("A flag shows how the picture is turned or mirrored.")
            # Two notices by one route: each says which post, and one that is over has no clock.
            await page.locator("#notices-body-show").click()
            posted = page.locator("#notices dl > div", has=page.get_by_text("Posted", exact=True))
            await expect(posted).to_have_count(2)
            over = page.locator("#notices > li", has_text="gone since")
            await expect(over).to_have_count(1)
            for word in ("Deadline", "Next look"):
                await expect(over).not_to_contain_text(word)
            await page.locator("#news-body-show").click()
            save = page.locator("#news-form button").first
            await expect(save).to_have_text("Send me such mails")
            assert await page.locator("#news-from").evaluate(_BROKEN) == 1
            for field, text in (("address", "me@home.example"), ("sender", "Library"), ("subject", "This week")):
                await page.locator(f"#news-{field}").fill(text)
            await save.click()
            await expect(page.locator("#news-state")).to_contain_text("It has been on since")
            await expect(save).to_have_text("Save")
            whole = page.locator("section", has=page.locator("#news-title")).last
            await expect(whole).not_to_contain_text("It is off")
            # Each part below its own heading, and none with nothing under it.
            await page.locator("#parts-show").click()
            await expect(page.locator("#save-notice")).to_be_visible()
            await expect(page.locator("#kept-places-title")).to_be_hidden()
            await expect(page.locator("#step-places")).to_contain_text('stand above, under "Where we look"')
            levels = {name: level for name, level in await page.evaluate(_LEVELS) if name}
            parts = ("pictures-title", "places-title", "you-title", "notice-title")
            assert {levels[part] for part in parts} == {levels["change-title"] + 1} == {levels["mandates-title"]}
            assert levels["kept-title"] == levels["pictures-title"] + 1
            order = [level for _, level in await page.evaluate(_LEVELS)]
            assert [pair for pair in pairwise(order) if pair[1] > pair[0] + 1] == []
            dated = page.locator("#mandate-list dd").nth(1)
            today = world.context.now()
            assert await dated.inner_text() == f"{today:%b} {today.day}, {today.year}"
            assert await page.evaluate(_UNDER) == []
            async with world.services.database.begin() as session:
                actor, context = await acting_lead(world)
                case = await lock_one(session, Case, seeded.case.id)
                await freeze(session, context, case, actor, reason="a doubt", speak_to="The desk, 02-000-0000")
            await page.locator("#refresh").click()
            await expect(page.locator("#paused-ask a")).to_have_attribute("href", "tel:020000000")
