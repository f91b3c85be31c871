"""The person's page in a real browser, over the real API: from the door to erasure, and back."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.sightings import Sighting
from db.models.sources import Consent
from monitor.cases.in_hand import take_in_hand
from monitor.cases.intake import read_intake
from monitor.cases.opening import vouch
from monitor.demo.world.pictures import registered
from monitor.fingerprints.image import hash_picture
from monitor.model.notice_states import NoticeState
from monitor.model.records.fingerprint import FingerprintRecord
from tests.support.pages_pictures import agree, distance, file, hashes, to_pictures
from tests.support.pages_seed import Seeded, seed_case, seed_notice
from tests.support.pages_world import PagesWorld, browser, pages_world, visiting, visitor

_PHOTO = registered(3)[2]


async def _fill_in(page: Page) -> None:
    """Everything from the photos to the last step before opening."""
    await to_pictures(page)
    await hashes(page, [file("photo.jpg", _PHOTO)])
    await page.locator("#kind-0-faked").check()
    await page.locator("#age-0").select_option("minor")
    await page.locator("#keep-pictures").click()
    # Corrected before the case is open.
    await page.get_by_label("How old were you in this one? Photo 1").select_option("unsure")
    await page.locator("[data-next=step-places]").click()
    await page.locator("#source").fill("@ExampleChannel")
    await page.locator("#purpose-watch").check()
    await page.locator("#days").select_option("30")
    await page.locator("#place button").click()
    await page.locator("#url").fill("https://t.me/examplechannel/12")
    await page.locator("#link-kind").select_option("faked")
    await page.locator("#link button").click()
    await page.locator("[data-next=step-notice]").click()
    await page.locator("#signature").fill("Typed Signature")
    await page.locator("#contact").fill("person@example.org")
    await page.locator("#timing-police").check()
    await page.locator("#permission").check()
    await page.locator("#notice button[data-next]").click()
    await expect(page.locator("#summary")).to_have_text("Photos and videos: 1. Places: 1. Links: 1.")


async def _come_back(page: Page, seeded: Seeded, address: str = "/case") -> None:
    await page.goto(address)
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(f"  {seeded.passphrase.upper()} ")
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#mine")).to_be_visible()


async def _case(world: PagesWorld, case_id: str) -> Case:
    async with world.services.database.read() as session:
        return await session.get_one(Case, case_id)


async def test_case_is_opened_and_its_words_typed_back(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        bodies: list[tuple[str, str]] = []
        page.on("request", lambda request: bodies.append((request.url, request.post_data or "")))
        await _fill_in(page)
        sent = [(url, body) for url, body in bodies if body]
        assert sent and all("/case/draft" in url for url, _ in sent), "before the case is open only its draft is kept"
        assert "agreement" in sent[0][1], "and nothing before it was agreed to"
        assert max(len(body) for _, body in sent) < len(_PHOTO) / 4, "fingerprints, and no photo"
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        case_id = str(await page.locator("#new-case-id").text_content())
        passphrase = str(await page.locator("#new-passphrase").text_content())
        assert len(passphrase.split()) == 7
        await page.locator("#wrote-down").click()
        await expect(page.locator("#new-passphrase")).to_be_hidden()
        await page.locator("#typed-number").fill(case_id[1:])
        await page.locator("#typed").fill(" ".join(reversed(passphrase.split())))
        await page.locator("#type-back button").first.click()
        await expect(page.locator("#said")).to_contain_text("not the case number yet")
        await page.locator("#typed-number").fill(f" {case_id[:9].upper()} - {case_id[9:]}")
        await page.locator("#type-back button").first.click()
        await expect(page.locator("#said")).to_contain_text("not the passphrase yet")
        await expect(page.locator("#mine")).to_be_hidden()
        await page.locator("#typed").fill(f" {passphrase.upper().replace(' ', '-')} ")
        await page.locator("#type-back button").first.click()
        await expect(page.locator("#mine")).to_be_visible()
        await expect(page.locator("#state")).to_contain_text("waiting for an advocate to vouch")
        assert passphrase not in await page.content()
        assert await page.context.cookies() == []
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        await _holds_everything(world, case_id)
        await page.locator("#parts-show").click()
        await page.get_by_label("How old were you in this one? Photo 1").select_option("")
        await expect(page.locator("#said")).to_contain_text("Copies of this picture follow it")
        async with world.services.database.read() as session:
            assert (await session.scalars(select(Fingerprint.age_group))).all() == [None]


async def _holds_everything(world: PagesWorld, case_id: str) -> None:
    context = world.context
    async with world.services.database.read() as session:
        case = await session.get_one(Case, case_id)
        (print_,) = (await session.scalars(select(Fingerprint))).all()
        (consent,) = (await session.scalars(select(Consent))).all()
        (link,) = (await session.scalars(select(KnownLink))).all()
    record = context.open_record(FingerprintRecord, case_id, print_.id, print_.payload)
    assert (print_.kind, print_.age_group) == ("faked", "unsure")
    assert print_.kind == "faked" and distance(record.pdq, hash_picture(_PHOTO).whole.hex) <= 2
    assert (consent.purpose, (consent.expires_at - consent.given_at).days) == ("watch", 30)
    assert (link.kind, link.state) == ("faked", "entered")
    intake = read_intake(context, case)
    assert (intake.age_group, intake.country, intake.timing) == ("adult", "KR", "wait-for-police")
    assert (intake.signature, intake.contact) == ("Typed Signature", "person@example.org")
    assert intake.permission_to_send_at is not None


async def test_wrong_passphrase_is_refused_in_words(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world)
        async with visitor(started, world) as (_, page):
            await page.goto("/case")
            await page.locator("#return").click()
            await page.locator("#case-id").fill(seeded.case.id)
            await page.locator("#passphrase").fill("one two three four five six seven")
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#said")).to_contain_text("do not fit")
            await expect(page.locator("#mine")).to_be_hidden()


async def test_person_sees_only_copies_that_were_confirmed_and_released(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=5)
        for number in (0, 2):
            await seed_notice(world, seeded.sightings[number], "us_tida", NoticeState.SENT)
        async with world.services.database.begin() as session:
            (await session.get_one(Sighting, seeded.sightings[2].id)).released_at = None
        async with visitor(started, world) as (_, page):
            await _come_back(page, seeded)
            await page.locator("#copies-body-show").click()
            await expect(page.locator("#copies li")).to_have_count(1)
            await expect(page.locator("#copies")).to_contain_text("https://t.me/examplechannel/17")
            await expect(page.locator("#copies a")).to_have_count(0)
            await page.locator("#notices-body-show").click()
            await expect(page.locator("#notices li").first).to_contain_text("in time")


async def test_withdrawn_consent_and_changed_answers_are_kept(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        async with visitor(started, world) as (_, page):
            await _come_back(page, seeded)
            await page.locator("#watching-body-show").click()
            places = page.locator("#watched > li")
            await expect(places).to_have_count(1)
            await expect(places.locator("li")).to_have_count(2)
            await places.get_by_role("button", name="Withdraw: Telegram · @examplechannel, look for copies").click()
            await expect(places.locator("li")).to_have_count(1)
            await expect(page.locator("#said")).to_contain_text("Withdrawn")
            await page.locator("#parts-show").click()
            await page.locator("#contact").fill("other@example.org")
            await page.locator("#permission").uncheck()
            await page.locator("#save-notice button").click()
            await expect(page.locator("#said")).to_contain_text("Kept")
        intake = read_intake(world.context, await _case(world, seeded.case.id))
        assert (intake.contact, intake.permission_to_send_at) == ("other@example.org", None)
        async with world.services.database.read() as session:
            withdrawn = {one.purpose: one.withdrawn_at is not None for one in await session.scalars(select(Consent))}
        assert withdrawn == {"watch": True, "follow": False}


async def test_erasing_asks_twice_and_can_be_taken_back(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        async with visitor(started, world) as (_, page):
            await _come_back(page, seeded)
            await page.get_by_role("button", name="Erase everything", exact=True).click()
            assert (await _case(world, seeded.case.id)).state == "vouched"
            sure = page.get_by_role("button", name="Yes, erase everything")
            await (
                page.locator("#erasure")
                .get_by_label("Your passphrase, to be sure that it is you")
                .first.fill("somebody guesses")
            )
            await sure.click()
            await expect(page.locator("#said")).to_contain_text("That is not the passphrase")
            assert (await _case(world, seeded.case.id)).state == "vouched"
            await (
                page.locator("#erasure")
                .get_by_label("Your passphrase, to be sure that it is you")
                .first.fill(seeded.passphrase)
            )
            await sure.click()
            await expect(page.locator("#state")).to_contain_text("being erased")
            await expect(page.locator("#change-title")).to_be_hidden()
            assert (await _case(world, seeded.case.id)).state == "erasing"
            await page.get_by_role("button", name="Keep my case").click()
            await expect(page.locator("#change-title")).to_be_visible()
            assert (await _case(world, seeded.case.id)).state == "vouched"


async def test_minor_or_unsure_sees_contacts_and_minors_routes_first(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await agree(page)
        for age in ("minor", "unsure"):
            await page.locator(f"#age-{age}").check()
            helpers = page.locator("[data-helpers=KR-minor]")
            await expect(helpers).to_contain_text("1366")
            await expect(helpers).to_contain_text("stopCA@telegram.org")
            await expect(helpers).to_contain_text("must tell the police at once")
            await expect(page.locator("#files")).to_be_hidden()
            # What is true: nothing is sent from here, by nobody.
            await expect(page.locator("#minor-notice")).to_contain_text("no notice is sent from here")
            await expect(page.locator("#minor-notice")).not_to_contain_text("an advocate uses")
        await page.locator("#age-adult").check()
        await expect(page.locator("[data-helpers=KR-minor]")).to_be_hidden()
        await expect(page.locator("#minor-notice")).to_be_hidden()


async def test_without_scripts_the_page_says_why_and_whom_to_ask(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path, java_script_enabled=False, locale="ko-KR") as (_, page):
        await page.goto("/case")
        await expect(page.get_by_role("heading", level=1)).to_have_text("이 페이지에는 자바스크립트가 필요해요")
        await expect(page.locator("main")).to_contain_text("1366")
        await expect(page.locator("#app")).to_be_hidden()
        await page.goto("/")
        await expect(page.locator("main")).to_contain_text("02-735-8994")
        await expect(page.locator("#leave")).to_have_attribute("href", re.compile("^https://"))


@pytest.mark.parametrize("way", ["button", "keys"])
async def test_leaving_quickly_blanks_the_page_and_replaces_it(tmp_path: Path, chromium_path: str, way: str) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        elsewhere = f"{world.address}/healthz?elsewhere"

        async def stand_in(route: object) -> None:
            await route.fulfill(status=200, body="elsewhere")  # type: ignore[attr-defined]

        await page.context.route("https://www.google.com/**", stand_in)
        await page.goto(elsewhere)
        await page.goto("/case")
        await page.locator("#start").click()
        if way == "button":
            await page.locator("#leave").click()
        else:
            for _ in range(3):
                await page.keyboard.press("Shift")
        await expect(page).to_have_url("https://www.google.com/")
        await page.go_back()
        await expect(page).to_have_url(elsewhere)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_pages_fit_a_narrow_screen_in_both_languages(tmp_path: Path, chromium_path: str, language: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        async with visitor(started, world, viewport={"width": 320, "height": 700}) as (_, page):
            await page.goto(f"/?lang={language}")
            await _fits(page)
            await _come_back(page, replace(seeded), f"/case?lang={language}")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            for part in await page.locator("[data-reveal]").all():
                if await part.is_visible():
                    await part.click()
            await expect(page.locator("#parts")).to_be_visible()
            await _fits(page)
            unnamed = await page.locator("input:not([type=hidden]), select, textarea").evaluate_all(
                "all => all.filter(one => !one.labels.length && !one.getAttribute('aria-label')).map(one => one.id)"
            )
            assert unnamed == []


async def _fits(page: Page) -> None:
    assert await page.locator("html").evaluate("html => html.scrollWidth") <= 320
    low = await page.locator("button:visible, .button:visible, summary:visible, header a:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 43.9).map(one => one.textContent.trim())"
    )
    assert low == []


async def test_person_who_waits_sees_whom_to_call_who_is_in_touch_and_can_change_the_tick(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        await _fill_in(page)
        await expect(page.locator("#any-centre")).not_to_be_checked()
        await page.locator("#any-centre").check()
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        case_id = str(await page.locator("#new-case-id").text_content())
        passphrase = str(await page.locator("#new-passphrase").text_content())
        assert (await _case(world, case_id)).any_centre
        await page.locator("#wrote-down").click()
        await page.locator("#typed-number").fill(case_id)
        await page.locator("#typed").fill(passphrase)
        await page.locator("#type-back button").first.click()
        await expect(page.locator("#help")).to_contain_text("Test Centre")
        await expect(page.locator("#state")).not_to_contain_text("longer than")
        await expect(page.locator("#any-centre-later")).to_be_checked()
        await page.locator("#any-centre-later").uncheck()
        await expect(page.locator("#said")).to_contain_text("Only a centre that you tell your number")
        assert not (await _case(world, case_id)).any_centre

        async with world.services.database.begin() as session:
            home = (await world.advocate()).organisation_id
            await take_in_hand(session, world.context, await lock_one(session, Case, case_id), home)
        await page.locator("#refresh").click()
        await expect(page.locator("#in-hand")).to_contain_text("Test Centre has said that it is in touch with you")
        await expect(page.locator("#to-call")).to_be_hidden()
        await page.locator("#not-in-touch").click()
        await expect(page.locator("#to-call")).to_be_visible()
        assert (await _case(world, case_id)).organisation_id is None

        async with world.services.database.begin() as session:
            advocate = await world.advocate()
            await vouch(session, world.context, await lock_one(session, Case, case_id), advocate.id)
        await page.locator("#any-centre-later").click()  # a refusal takes the tick back at once
        await expect(page.locator("#said")).to_contain_text("moved on")
        await expect(page.locator("#any-centre-later")).not_to_be_checked()
        await page.locator("#refresh").click()
        await expect(page.locator("#help")).to_be_hidden()
