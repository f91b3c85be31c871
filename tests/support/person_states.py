"""Every state of the person's pages, reached as a person reaches it: for pictures of them, and for what holds in each.

`see(name)` is called in each state, on the page as it stands. Two walks: of somebody who comes for the first time, to a
case that waits for an advocate, and of somebody whose case was worked on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from monitor.actions.ask_person import ask_person
from monitor.actions.centre_list import add_places
from monitor.actions.centre_profile import set_profile
from monitor.actions.change_intake import change_intake
from monitor.actions.entered import record_mandate
from monitor.actions.freeze import freeze, unfreeze
from monitor.actions.messages import write_message
from monitor.cases.intake import read_intake
from monitor.cases.stops import EVERYTHING, resume, stop
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.demo.world.pictures import registered
from monitor.evidence.by import By, Door
from monitor.jobs.checked_copy import write_receipt
from monitor.model.entered import MandateKind, Matter
from monitor.model.facts import AgeGroup
from monitor.model.notice_states import NoticeState
from monitor.model.records.centre_profile import CentreProfile
from monitor.notices.address import ask_for_address
from monitor.platforms.base import PlatformName
from tests.support.centre_asks import ask_twice
from tests.support.centre_profiles import PROFILE
from tests.support.pages_pictures import file, hashes
from tests.support.pages_seed import Seeded, seed_case, seed_notice
from tests.support.pages_world import PagesWorld

See = Callable[[str], Awaitable[None]]

MORE = (
    '[smtp]\nhost = "127.0.0.1"\nstarttls = false\nfrom = "n@example.org"\n[news]\nfrom = "info@letters.example"\n'
    "[matching]\nnames = true\n"
)
"""Of the configuration, so that everything is switched on that a person can see."""
PAGES = ("/", "/safe", "/elsewhere", "/privacy", "/report", "/helpers?country=US&age=minor", "/mistyped")
"""Beside the case's own."""
NOT_WALKED = {
    **dict.fromkeys(("fallback", "fallback-title"), "of a page that does not start: test_pages_safety.py breaks it"),
    **dict.fromkeys(("hashing", "stop"), "while fingerprints are made: test_pages_hashing.py"),
    **dict.fromkeys(("joint", "joint-list", "joint-title"), "takes the cases of two persons: test_joint_reports.py"),
    **dict.fromkeys(("list-back", "list-changes", "list-state"), "test_pages_vouching.py says yes to it"),
    **dict.fromkeys(("news-off", "news-stopped"), "by configuration, and after a mail came back: test_news_mail.py"),
    **dict.fromkeys(("empty-case", "open-empty", "unsent"), "offline and empty: test_pages_draft.py"),
    **dict.fromkeys(("no-self-notices", "nobody-reads"), "sentences that stand where other sentences are walked"),
    "country-hint": "of a browser that knows no names of countries: test_pages_said.py",
    "not-sent": "where no answer came: test_pages_windows.py",
    "settings": "data for the script",
}
"""Parts that no state here shows, each with the reason."""


async def seed_everything(world: PagesWorld) -> Seeded:
    """A case that was worked on: copies, a notice, a receipt, questions of each kind, a message."""
    await seed_centre(world)
    seeded = await seed_case(world, copies=4)
    now = world.context.now()
    await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
    held = await seed_notice(world, seeded.sightings[2], "us_tida", NoticeState.PREPARED)
    actor, context = await acting_lead(world)
    async with world.services.database.begin() as session:
        row = await lock_one(session, Sighting, seeded.sightings[0].id)
        row.presence, row.gone_since, row.looked_at, row.removed_at = "deleted", now - timedelta(hours=6), now, now
        await write_receipt(session, context, row, sent_at=now, notice_id=None)
    async with world.services.database.begin() as session:
        await ask_person(session, context, await lock_one(session, Sighting, seeded.sightings[1].id), by=actor.id)
    async with world.services.database.begin() as session:
        case, notice = await lock_one(session, Case, seeded.case.id), await lock_one(session, Notice, held)
        notice.state, notice.reason = NoticeState.HELD, Refusal.ADDRESS_NOT_AGREED
        await ask_for_address(session, context, case, notice, "abuse@telegram.org")
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        covers, dated = (Matter.PERMISSION,), now.date()
        await record_mandate(session, context, case, actor, kind=MandateKind.COURT, dated=dated, covers=covers)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        told = replace(read_intake(context, case), signature="Typed For Me", contact="new@example.org")
        await change_intake(session, context, case, actor, told, permitted=True)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        await write_message(session, context, case, actor, "We found two places, and asked for one to be removed.")
    await ask_twice(world, seeded)
    return seeded


async def seed_centre(world: PagesWorld) -> None:
    """A centre with a profile and a list."""
    actor, context = await acting_lead(world)
    profile = CentreProfile.model_validate({**PROFILE, "hours": tuple(PROFILE["hours"])})
    async with world.services.database.begin() as session:
        await set_profile(session, context, actor, profile)
    async with world.services.database.begin() as session:
        await add_places(session, context, actor, platform=PlatformName.TELEGRAM, sources=["@listone", "@listtwo"])


async def acting_lead(world: PagesWorld) -> tuple[AdvocateActor, DomainContext]:
    """The centre's lead, and the context in which they act."""
    row = await world.advocate()
    context = world.services.context.acting(By.advocate(row.id, Door.PAGE))
    return AdvocateActor(row.id, row.organisation_id, row.name, lead=True), context


async def first_time(page: Page, world: PagesWorld, language: str, see: See) -> None:
    """From the first page to a case that waits, and its lock."""
    for address in PAGES:
        await page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        await open_all(page)
        await see(f"page {address.partition('?')[0].strip('/') or 'start'}")
    await page.goto(f"/case?lang={language}")
    await expect(page.locator("#door")).to_be_visible()
    await see("door")
    await page.locator("#return").click()
    await page.locator("#case-id").fill("abcd efgh")
    await page.locator("#passphrase").fill("one two three four five six seven")
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#said")).not_to_be_empty()
    await see("come back, refused")
    await page.locator("#come-back [data-door]").click()
    await page.locator("#start").click()
    await _agree(page, see)
    await page.locator("#age-minor").check()
    await see("step you, a child")
    await page.locator("#age-adult").check()
    await see("step you, an adult")
    await page.locator("#save-you").click()
    await _pictures(page, see)
    await page.locator("[data-next=step-places]").click()
    await _places(page, see)
    await page.locator("[data-next=step-notice]").click()
    await page.locator("#role-agent").check()
    await page.locator("#timing-police").check()
    await see("step notice")
    await page.locator("#role-person").check()
    await page.locator("#notice button[data-next]").click()
    await expect(page.locator("#step-open")).to_be_visible()
    await open_all(page)
    await see("review")
    await page.locator("#open button").first.click()
    await expect(page.locator("#wrote-down")).to_be_visible()
    await see("keys")
    number = str(await page.locator("#new-case-id").text_content())
    passphrase = str(await page.locator("#new-passphrase").text_content())
    await page.locator("#wrote-down").click()
    await page.locator("#typed-number").fill("abc")
    await page.locator("#typed").fill("abc")
    await page.locator("#type-back button").first.click()
    await expect(page.locator("#said")).not_to_be_empty()
    await see("typing back, refused")
    await page.locator("#typed-number").fill(number)
    await page.locator("#typed").fill(passphrase)
    await page.locator("#type-back button").first.click()
    await expect(page.locator("#mine")).to_be_visible()
    await see("waiting")
    await open_all(page, "#help")
    await page.locator("#self-notices-body-show").click()
    await expect(page.locator("#self-notice-list")).to_be_visible()
    await see("waiting, help opened")
    await _late(world, number)
    await page.locator("#refresh").click()
    await expect(page.locator("#vouch-overdue")).to_be_visible()
    await see("waiting, overdue")
    await _in_hand(world, number)
    await page.locator("#refresh").click()
    await expect(page.locator("#in-hand")).to_be_visible()
    await see("waiting, in hand")
    await page.locator("#lock-now").click()
    await expect(page.locator("#locked")).to_be_visible()
    await see("locked")
    await _forgotten(page, language, see)


async def _forgotten(page: Page, language: str, see: See) -> None:
    """What was begun is thrown away in another window; kept anew, a photo of which nothing is held is named."""
    await page.goto(f"/case?lang={language}")
    await page.locator("#start").click()
    await page.locator("#now-older").check()
    await page.locator("#agree-button").click()
    await page.locator("#age-adult").check()
    await page.locator("#save-you").click()
    await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
    await hashes(page, [file("photo.jpg", registered(3)[2])])
    await page.locator("#kind-0-faked").check()
    await page.locator("#keep-pictures").click()
    await expect(page.locator("#kept-pictures > li")).to_have_count(1)
    await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
    await page.reload()
    await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
    other = await page.context.new_page()
    await other.goto(page.url)
    await other.locator("#throw-away").click()
    await other.locator("#throw-yes").click()
    await expect(other.locator("#door")).to_be_visible()
    await other.close()
    await page.locator("[data-next=step-places]").click()
    await expect(page.locator("#forgotten")).to_be_visible()
    await see("forgotten in another window")
    await page.locator("#keep-anew").click()
    await expect(page.locator("#lost")).to_be_visible()
    await see("kept anew, a photo is missing")


async def _agree(page: Page, see: See) -> None:
    await expect(page.locator("#step-agree")).to_be_visible()
    await page.locator("#country").select_option("other")
    await page.locator("#now-younger").check()
    await page.locator("#guardian-agreed").check()
    await see("agree, a guardian is there")
    await page.locator("#country").select_option("KR")
    await page.locator("#guardian-centre").check()
    await open_all(page, "#step-agree")
    await see("agree, a guardian is not safe")
    await page.locator("#country").select_option("US")
    await page.locator("#now-older").check()
    await see("agree")
    await page.locator("#agree-button").click()
    await expect(page.locator("#step-you")).to_be_visible()


async def _pictures(page: Page, see: See) -> None:
    await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
    await see("step pictures, empty")
    photos = [file(f"photo-{number}.jpg", registered(number)[2]) for number in (3, 5)]
    await hashes(page, [*photos, file("note.txt", b"no picture", "text/plain")])
    await open_all(page, "#pending")
    await see("step pictures, chosen")
    await page.locator("#all-intimate").check()
    await page.locator("#keep-pictures").click()
    await expect(page.locator("#kept-pictures > li")).to_have_count(2)
    await page.locator("[id^=rename-]").first.click()
    await page.locator("#throw-away").click()
    await see("step pictures, kept, a name, a question")
    await page.locator("#throw-no").click()


async def _places(page: Page, see: See) -> None:
    await see("step places, empty")
    await page.locator("#source").fill("@ExampleChannel")
    await page.locator("#purpose-watch").check()
    await page.locator("#place button").click()
    await expect(page.locator("#kept-places > li")).to_have_count(1)
    for url in ("https://t.me/examplechannel/12", "https://www.instagram.com/p/abc/", "https://cafe.naver.com/a/1"):
        await page.locator("#url").fill(url)
        await page.locator("#link-kind").select_option("faked")
        await page.locator("#link button").click()
        await expect(page.locator("#kept-links")).to_contain_text(url)
    await see("step places")


async def _late(world: PagesWorld, number: str) -> None:
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, plain(number))
        case.vouch_due_at = world.context.now() - timedelta(days=8)


async def _in_hand(world: PagesWorld, number: str) -> None:
    actor, context = await acting_lead(world)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, plain(number))
        case.organisation_id = actor.organisation_id
        case.in_hand_since, case.in_hand_until = context.now(), context.now() + timedelta(days=2)


def plain(number: str) -> str:
    """A case number as it is stored."""
    return "".join(number.split()).replace("-", "")


async def come_back(page: Page, seeded: Seeded, language: str) -> None:
    """Into a case with number and passphrase."""
    await page.goto(f"/case?lang={language}")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(seeded.passphrase)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#mine")).to_be_visible()


PARTS = ("questions", "letters", "copies", "notices", "receipts", "watching", "news", "new-words")


async def came_back_to_nothing(page: Page, world: PagesWorld, language: str, see: See) -> None:
    """An open case of somebody who may have been under age, in which nothing happened yet."""
    await come_back(page, await seed_case(world, age_group=AgeGroup.UNSURE), language)
    for part in (*PARTS, "parts"):
        await page.locator(f"#{part}-show" if part == "parts" else f"#{part}-body-show").click()
    await expect(page.locator("#parts #minor-notices")).to_be_visible()
    await expect(page.locator("#no-receipts")).to_be_visible()
    await see("open case, nothing in it")


async def came_back(page: Page, world: PagesWorld, seeded: Seeded, language: str, see: See) -> None:
    """An open case, each part of it opened, paused, frozen, and being erased."""
    await come_back(page, seeded, language)
    await expect(page.locator("#numbers")).to_be_visible()
    await expect(page.locator("#reissue")).to_be_visible()
    await see("open case, a new passphrase was asked for")
    await page.locator("#reissue-off button").click()
    await expect(page.locator("#reissue")).to_be_hidden()
    await see("open case")
    for part in PARTS:
        await page.locator(f"#{part}-body-show").click()
        await expect(page.locator(f"#{part}-body")).to_be_visible()
        await open_all(page, f"#{part}-body")
        await see(f"open case, {part}")
        if part == "news":
            for field, text in (("address", "me@home.example"), ("sender", "Library"), ("subject", "This week")):
                await page.locator(f"#news-{field}").fill(text)
            await page.locator("#news-form button").first.click()
            await expect(page.locator("#news-end")).to_be_visible()
            await see("open case, news are mailed")
        if part == "new-words":
            await page.locator("#new-words-ask button").first.click()
            await page.locator("#new-words-ask input").fill(seeded.passphrase)
            await page.locator("#new-words-ask form button").first.click()
            await expect(page.locator("#new-words-text")).not_to_be_empty()
            words = await page.locator("#new-words-text").inner_text()
            await see("open case, new words drawn")
            await page.locator("#new-words-noted").click()
            await page.locator("#new-words-typed").fill(words)
            await see("open case, new words typed back")
            await page.locator("#new-words-back button").first.click()
            await expect(page.locator("#new-words-shown")).to_be_hidden()
            await expect(page.locator("#new-words-back button").first).to_be_enabled()  # it is over
            seeded.passphrase = words
            await see("open case, new words")
        await page.locator(f"#{part}-body-show").click()
    await open_all(page, "#mine")
    await see("open case, papers")
    await page.locator("#parts-show").click()
    await expect(page.locator("#parts #step-notice")).to_be_visible()
    await page.locator("#names-on").check()
    await expect(page.locator("#names-given")).to_be_visible()
    await page.locator("#url").fill("https://www.instagram.com/p/abc/")
    await page.locator("#link-kind").select_option("faked")
    await page.locator("#link button").click()
    await page.locator("#kept-links > li > span > button").first.click()
    await see("open case, change or add")
    await page.locator("#parts-show").click()
    await page.locator("#pause-all").click()
    await expect(page.locator("#all-paused")).to_be_visible()
    await see("open case, resting")
    await page.locator("#resume-all").click()
    await expect(page.locator("#pause-all")).to_be_visible()
    for one in await page.locator("#erasure .surely > button").all():
        await one.click()
    await see("open case, erase?")
    await _stopped(page, world, seeded, see)
    await page.locator("#lock-now").click()
    await expect(page.locator("#locked")).to_be_visible()
    await see("open case, locked")
    await page.locator("#unlock-passphrase").fill(seeded.passphrase)
    await page.locator("#unlock button").first.click()
    await expect(page.locator("#locked")).to_be_hidden()
    if await page.locator("#erasure .surely form:visible").count() == 0:
        await page.locator("#erasure .surely > button").first.click()
    await page.locator("#erasure .surely form").first.locator("input").fill(seeded.passphrase)
    await page.locator("#erasure .surely form").first.locator("button").first.click()
    await expect(page.locator("#state")).to_be_visible()
    await expect(page.locator("#said")).not_to_be_empty()
    await expect(page.locator(":focus")).not_to_have_count(0)  # somewhere, and not at the beginning of everything
    await see("being erased")


async def _stopped(page: Page, world: PagesWorld, seeded: Seeded, see: See) -> None:
    actor, context = await acting_lead(world)
    operator = world.services.context.acting(By.operator("stop"))
    async with world.services.database.begin() as session:
        await stop(session, operator, EVERYTHING, name="first operator")
    await page.locator("#refresh").click()
    await expect(page.locator("#paused")).to_be_visible()
    await open_all(page, "#paused")
    await see("open case, work is paused")
    for name in ("first operator", "second operator"):
        async with world.services.database.begin() as session:
            await resume(session, operator, EVERYTHING, name=name)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        await freeze(session, context, case, actor, reason="a doubt", speak_to="The desk, 02-000-0000")
    await page.locator("#refresh").click()
    await expect(page.locator("#copies-title")).to_be_hidden()
    await see("open case, on hold")
    async with world.services.database.begin() as session:
        await unfreeze(session, context, await lock_one(session, Case, seeded.case.id), actor)
    await page.locator("#refresh").click()
    await expect(page.locator("#copies-title")).to_be_visible()


async def open_all(page: Page, under: str = "main") -> None:
    """Open what can be opened there."""
    await page.evaluate(
        "under => document.querySelectorAll(`${under} details`).forEach((one) => (one.open = true))", under
    )


async def visible_ids(page: Page) -> set[str]:
    """What can be seen now, by id."""
    found: Any = await page.evaluate(
        "[...document.querySelectorAll('[id]')].filter((one) => one.getClientRects().length).map((one) => one.id)"
    )
    return set(found)
