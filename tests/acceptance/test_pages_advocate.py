"""The advocate's pages in a real browser, without scripts unless a test says so."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import PersonActor
from monitor.actions.change_intake import change_intake
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.model.facts import AgeGroup, PictureKind, Timing
from monitor.model.notice_states import NoticeState
from tests.support import axe
from tests.support.domain_world import notice_tasks
from tests.support.pages_seed import seed_case, seed_notice
from tests.support.pages_world import PASSWORD, PagesWorld, log_in, visiting
from tests.support.spoken_names import unlike_what_is_seen

_REGION = (
    "region: registered square (25-75 % across, 10-48 % down) in a rectangle in the post "
    "(40-95 % across, 5-61 % down), mirrored: 41 of 256 bits differ (limit 46), detail 33 (least 12); 7 more boxes fit"
)
PATHS = ("/advocate", "/advocate?state=dismissed", "/advocate/cases", "/advocate/notices", "/advocate/alerts")
MORE_PATHS = (
    *("/advocate?state=confirmed", "/advocate/cases/waiting", "/advocate/copies", "/advocate/clocks"),
    *("/advocate/places", "/advocate/account", "/advocate/account/app", "/advocate/account/prove"),
    *("/advocate/colleagues", "/advocate/rest", "/advocate/overview", "/advocate/audit"),
    *("/advocate/transfers", "/advocate/passphrases", "/advocate/evidence", "/advocate/centre"),
    *("/advocate/centre/places", "/advocate/linking", "/advocate/gathered", "/advocate/figures"),
    *("/advocate/reports", "/advocate/resent", "/advocate/stop", "/advocate/help"),
)


@asynccontextmanager
async def _logged_in(folder: Path, chromium_path: str, **options: object) -> AsyncIterator[tuple[PagesWorld, Page]]:
    """A world, and an advocate in it whose browser runs no scripts."""
    async with visiting(folder, chromium_path, **{"java_script_enabled": False, **options}) as (world, page):
        await log_in(page, world)
        await expect(page).to_have_url(re.compile("/advocate$"))
        yield world, page


async def _notices(world: PagesWorld) -> list[Notice]:
    async with world.services.database.read() as session:
        return list(await session.scalars(select(Notice).order_by(Notice.created_at)))


async def test_wrong_log_in_is_refused_with_the_same_words_and_then_throttled(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path, java_script_enabled=False) as (world, page):
        await page.goto("/advocate")
        await expect(page).to_have_url(re.compile("/advocate/login$"))
        said = set()
        for login, password in ((world.login, "wrong"), ("nobody", PASSWORD)):
            await page.locator("#login").fill(login)
            await page.locator("#password").fill(password)
            await page.locator("#code").fill("000000")
            await page.locator("main form button").click()
            said.add(await page.get_by_role("alert").text_content())
            await expect(page.locator("#login")).to_have_value(login)
        assert len(said) == 1
        for _ in range(5):
            await page.locator("#login").fill(world.login)
            await page.locator("#password").fill("wrong")
            await page.locator("#code").fill("000000")
            await page.locator("main form button").click()
        await expect(page.get_by_role("alert")).to_contain_text("seconds")


async def test_log_in_cookie_is_closed_to_scripts_and_other_sites(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (_world, page):
        cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
        assert cookies["jikimi_login"]["httpOnly"] and cookies["jikimi_login"]["sameSite"] == "Strict"
        assert "jikimi_visit" not in cookies
        await page.get_by_role("button", name="Log out").click()
        await expect(page).to_have_url(re.compile("/advocate/login"))
        await page.context.add_cookies([cookies["jikimi_login"]])  # type: ignore[list-item]  # what it reads, it takes
        await page.goto("/advocate")
        await expect(page).to_have_url(re.compile("/advocate/login"))


async def test_form_without_its_token_changes_nothing(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        sighting = (await seed_case(world, copies=1)).sightings[0]
        cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
        async with httpx.AsyncClient(base_url=world.address, cookies=cookies) as client:
            path = f"/advocate/sightings/{sighting.id}/dismiss"
            for token in ({}, {"token": "0" * 64}):
                answer = await client.post(path, data={"reason": "harmless", **token})
                assert answer.status_code == 303 and "problem=form-expired" in answer.headers["location"]
        assert [row.state for row in await world.sightings()] == ["open"]


async def test_copy_is_confirmed_and_its_notice_shown_sent_and_undone_without_scripts(
    tmp_path: Path, chromium_path: str
) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        await page.goto("/advocate")
        await expect(page.locator(".detail")).to_contain_text("4 of 256 points differ (limit 31)")
        await page.goto(f"/advocate/sightings/{found.id}")
        await page.get_by_label("The caption and the context").check()
        await page.get_by_label("What is the picture in the post?").select_option("faked")
        # Ticked beforehand for an adult in Korea.
        await expect(page.get_by_label("Report inside Telegram")).to_be_checked()
        await expect(page.get_by_label("Request to Telegram under Korea's Act")).to_be_checked()
        await page.get_by_label("Request to Telegram under Korea's Act").uncheck()
        await page.get_by_label("E-mail to Telegram under the US").check()
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("status")).to_contain_text("Report inside Telegram: Ready: a person sends it")
        (sighting,) = await world.sightings()
        assert (sighting.state, sighting.basis, sighting.kind) == ("confirmed", "caption-context", "faked")
        assert sighting.released_at is not None
        notices = await _notices(world)
        assert {notice.route for notice in notices} == {"telegram_report", "us_tida"}
        assert notice_tasks(world.tasks) == []  # confirming sends nothing
        by_mail = next(notice for notice in notices if notice.route == "us_tida")
        await page.locator(f'.message a[href="/advocate/notices/{by_mail.id}#content"]').click()
        section = page.locator("section", has=page.locator("#content"))
        await expect(section).to_contain_text("abuse@telegram.org")
        await expect(section).to_contain_text("notice.json")
        await page.get_by_role("button", name="Send it").click()
        await expect(page.get_by_role("status")).to_contain_text("It leaves in a minute")
        assert {task.id for task in notice_tasks(world.tasks)} == {f"send-{by_mail.id}-1"}
        await page.get_by_role("button", name="Undo: do not send").click()
        await expect(page.get_by_role("status")).to_contain_text("Undone: nothing left")
        await expect(page.get_by_role("button", name="Send it")).to_be_visible()


async def test_region_is_sketched_and_told_in_words_beside_it(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        async with world.services.database.begin() as session:
            (await session.get_one(Sighting, found.id)).how = _REGION
        await page.goto(f"/advocate/sightings/{found.id}")
        first, second = await page.locator(".fit figure").all()
        await expect(first).to_contain_text("Registered photo a square part (25 to 75 % across, 10 to 48 % down)")
        await expect(second).to_contain_text("Picture in the post a rectangle within it (40 to 95 % across")
        await expect(page.locator(".why strong")).to_have_text("41 of 256 points differ (limit 46)")
        outline = await second.locator(".outline").bounding_box()
        shaded = await second.locator(".part").bounding_box()
        assert outline is not None and shaded is not None
        assert (shaded["x"] - outline["x"]) / outline["width"] == pytest.approx(0.4, abs=0.04)
        await expect(second.locator(".flag")).to_have_attribute("transform", re.compile(r"^matrix\(-1 0 0 1 "))
        await expect(page.locator("svg:not([aria-hidden=true])")).to_have_count(0)  # the words say all of it


async def test_what_one_fingerprint_fitted_is_worked_through_in_a_list_of_its_own(
    tmp_path: Path, chromium_path: str
) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        await seed_case(world, copies=3)
        only = (await world.sightings())[1]
        await seed_case(world, copies=1)
        await page.goto(f"/advocate?fingerprint={only.fingerprint_id}")
        await expect(page.locator(".items li")).to_have_count(1)
        await page.locator("button[name=reason][value=not-the-picture]").click()
        await expect(page.get_by_text("Only what one fingerprint fitted.")).to_be_visible()
        await expect(page.locator(".items li")).to_have_count(0)
        # The three showed one picture, so that one decision was for all of them; another person's is left.
        assert sorted(row.state for row in await world.sightings()) == ["dismissed"] * 3 + ["open"]
        await page.locator("main").get_by_role("link", name="Show everything").first.click()
        await expect(page.locator(".items li")).to_have_count(1)


async def test_dismissal_can_be_undone(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        await seed_case(world, copies=1)
        await page.goto("/advocate")
        await page.locator("button[name=reason][value=own-post]").click()
        assert [row.dismissal for row in await world.sightings()] == ["own-post"]
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("status")).to_contain_text("open again")
        assert [row.state for row in await world.sightings()] == ["open"]
        assert await _notices(world) == []


async def test_minor_gets_no_adult_route_and_an_explanation(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1, age_group=AgeGroup.UNSURE)).sightings[0]
        await page.goto(f"/advocate/sightings/{found.id}")
        await expect(page.locator("input[name=route]")).to_have_count(0)
        await expect(page.locator(".reasons")).to_contain_text(
            "No notice for adults is sent; the routes for minors are shown"
        )
        await expect(page.locator(".reasons")).to_contain_text("stopCA@telegram.org")
        await page.get_by_label("The caption and the context").check()
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("status")).to_contain_text("No notice was written")
        assert await _notices(world) == []


async def test_ordinary_photo_alone_makes_no_notice(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        await page.goto(f"/advocate/sightings/{found.id}")
        await page.get_by_label("The caption and the context").check()
        await page.get_by_label("What is the picture in the post?").select_option(PictureKind.ORDINARY)
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("status")).to_contain_text("No notice was written")
        await page.get_by_role("link", name="See why").click()
        await expect(page.locator(".reasons")).to_contain_text("This is an ordinary photo")


async def test_wait_for_the_police_holds_the_notice(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1, timing=Timing.WAIT_FOR_POLICE)).sightings[0]
        await page.goto(f"/advocate/sightings/{found.id}")
        await page.get_by_label("The caption and the context").check()
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("status")).to_contain_text("Waiting for the police")
        assert notice_tasks(world.tasks) == []


async def test_waiting_case_shows_only_its_clock_until_vouched(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        seeded = await seed_case(world, vouched=False, copies=1)
        await page.goto("/advocate")
        await expect(page.locator("article")).to_have_count(0)
        assert (await page.goto(f"/advocate/sightings/{seeded.sightings[0].id}")).status == 404  # type: ignore[union-attr]
        await page.goto("/advocate/cases/waiting")
        assert seeded.case.id not in await page.content()
        waiting = page.locator("article", has_text=f"…{seeded.case.id[-4:]}")
        await expect(waiting).to_contain_text("waiting for")
        await expect(waiting.get_by_role("button")).to_have_count(0)
        # The person tells the number, in groups and capitals.
        await page.get_by_label("Find a case by its number").fill(
            f"{seeded.case.id[:13].upper()} {seeded.case.id[13:]}"
        )
        await page.get_by_role("button", name="Find").click()
        card = page.locator("article", has_text=seeded.case.id)
        await expect(card).not_to_contain_text("examplechannel")
        await card.get_by_role("button", name="We are in touch").click()
        await expect(page.get_by_role("status")).to_contain_text("in hand for 14 days")
        await card.get_by_role("button", name="Hand it back").click()
        await expect(page.get_by_role("status")).to_contain_text("handed back")
        await page.goto(f"/advocate/cases/waiting?number={seeded.case.id}")
        await card.get_by_label("I know who this person is").check()
        await card.get_by_role("button", name="Vouch").click()
        await expect(page.locator(".message[role=status]")).to_contain_text("Vouched for")
        async with world.services.database.read() as session:
            assert (await session.get_one(Case, seeded.case.id)).state == "vouched"


async def test_notice_in_doubt_is_settled_by_a_person(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        first, second = (await seed_case(world, copies=3)).sightings[::2]
        arrived = await seed_notice(world, first, "us_tida", NoticeState.IN_DOUBT)
        lost = await seed_notice(world, second, "us_tida", NoticeState.IN_DOUBT)
        world.tasks.clear()
        await page.goto("/advocate/alerts")
        await expect(page.locator("article")).to_have_count(2)
        await page.goto(f"/advocate/notices/{arrived}")
        await page.get_by_role("button", name="It arrived").click()
        await expect(page.locator(".facts").first).to_contain_text("1 d 23 h")
        await page.goto(f"/advocate/notices/{lost}")
        await page.get_by_role("button", name="send again").click()
        assert [task.id for task in world.tasks] == [f"verify-{arrived}-1", f"send-{lost}-2"]
        await page.goto("/advocate/alerts")
        await expect(page.locator("article")).to_have_count(0)


async def test_failed_notice_is_sent_again(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        notice = await seed_notice(world, found, "us_tida", NoticeState.FAILED)
        await page.goto("/advocate/notices")
        await expect(page.locator("article")).to_contain_text("Reason")
        await expect(page.locator("article")).not_to_contain_text("mailbox-unknown")
        await page.get_by_role("button", name="Send again").click()
        await expect(page.get_by_role("status")).to_contain_text("sent again")
        assert world.tasks[-1].id == f"send-{notice}-2"


async def test_nothing_is_sent_again_while_the_person_waits_for_the_police(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=3)).sightings
        failed = await seed_notice(world, found[0], "us_tida", NoticeState.FAILED)
        doubtful = await seed_notice(world, found[2], "us_tida", NoticeState.IN_DOUBT)
        await page.goto(f"/advocate/notices/{failed}")
        context = world.context
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, found[0].case_id)
            waiting = replace(read_intake(context, case), timing=Timing.WAIT_FOR_POLICE)
            await change_intake(session, context, case, PersonActor(case.id), waiting, permitted=True)
        world.tasks.clear()
        await page.get_by_role("button", name="Send again").click()  # of a page that was open before
        await expect(page.get_by_role("alert")).to_contain_text("The person waits for the police")
        await expect(page.get_by_role("button", name="Send again")).to_have_count(0)
        await page.goto(f"/advocate/notices/{doubtful}?lang=ko")
        await expect(page.get_by_text("경찰을 먼저 기다리기로")).to_be_visible()
        await expect(page.locator("button[value=no]")).to_have_count(0)
        assert world.tasks == []


@pytest.mark.parametrize("state", [NoticeState.QUEUED, NoticeState.FAILED, NoticeState.IN_DOUBT])
async def test_notice_that_has_not_left_is_taken_back(tmp_path: Path, chromium_path: str, state: NoticeState) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        notice = await seed_notice(world, found, "us_tida", state)
        await page.goto(f"/advocate/notices/{notice}")
        await page.get_by_text("Take this notice back").click()
        form = page.locator("form").filter(has=page.get_by_role("button", name="Take the notice back"))
        await form.get_by_label("I am sure").check()
        await form.get_by_role("button", name="Take the notice back").click()
        await expect(page.get_by_role("status")).to_contain_text("The notice is withdrawn")
        await expect(page.get_by_text("Take this notice back")).to_have_count(0)
        assert [(row.state, row.reason) for row in await _notices(world)] == [("withdrawn", "withdrawn-by-advocate")]
        await page.goto("/advocate/alerts")
        await expect(page.locator("article")).to_have_count(0)


async def test_notice_that_left_cannot_be_taken_back(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        notice = await seed_notice(world, found, "us_tida", NoticeState.SENT)
        await page.goto(f"/advocate/notices/{notice}")
        await expect(page.get_by_role("heading", name="What was sent")).to_be_visible()
        await expect(page.get_by_text("Take this notice back")).to_have_count(0)


async def test_prepared_form_shows_every_field_and_takes_its_reference(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=2)).sightings[1]
        notice = await seed_notice(world, found, "x_tida", NoticeState.PREPARED)
        await page.goto("/advocate/notices")
        await page.get_by_role("link", name="Open the sheet").click()
        await expect(page.locator(".steps")).to_contain_text("https://help.x.com/forms")
        await expect(page.locator(".steps")).to_contain_text("Electronic signature")
        await expect(page.locator(".steps")).to_contain_text("Typed Signature")
        await expect(page.locator("main a[href^=http]")).to_have_count(0)
        for reference, state in (("https://x.com/a", "prepared"), ("CASE-2026-77", "sent")):
            await page.get_by_label("Reference number").fill(reference)
            await page.get_by_label("When did you submit it?").fill(f"{datetime.now(UTC):%Y-%m-%dT%H:%M}")
            await page.get_by_role("button", name="It is submitted").click()
            assert [(row.id, row.state) for row in await _notices(world)] == [(notice, state)]
        await expect(page.get_by_text("CASE-2026-77")).to_be_visible()


async def test_other_organisations_see_nothing(tmp_path: Path, chromium_path: str) -> None:
    async with _logged_in(tmp_path, chromium_path) as (world, page):
        found = (await seed_case(world, copies=1)).sightings[0]
        notice = await seed_notice(world, found, "us_tida", NoticeState.SENT)
        await world.move_advocate("Another Centre")
        for path in (f"/advocate/sightings/{found.id}", f"/advocate/notices/{notice}"):
            assert (await page.goto(path)).status == 404  # type: ignore[union-attr]
        for path in PATHS:
            await page.goto(path)
            await expect(page.locator("article")).to_have_count(0)


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_pages_fit_a_narrow_screen_and_show_no_picture(tmp_path: Path, chromium_path: str, language: str) -> None:
    small = {"java_script_enabled": True, "viewport": {"width": 320, "height": 700}}
    async with _logged_in(tmp_path, chromium_path, **small) as (world, page):
        found = (await seed_case(world, copies=4)).sightings
        await seed_case(world, vouched=False)
        async with world.services.database.begin() as session:
            first = await session.scalar(select(Fingerprint.id).order_by(Fingerprint.id).limit(1))
            assert first is not None
            paused = await lock_one(session, Fingerprint, first)
            (await lock_one(session, Sighting, found[2].id)).how = _REGION
            paused.quarantined_at, organisation = datetime.now(UTC), (await world.advocate()).organisation_id
            raised = (AlertKind.FINGERPRINT_QUARANTINED, paused.id, "more-than-30-an-hour")
            await world.context.alert(session, *raised, organisation_id=organisation)
        sent = await seed_notice(world, found[0], "us_tida", NoticeState.SENT)
        form = await seed_notice(world, found[1], "x_tida", NoticeState.PREPARED)
        case = f"/advocate/cases/{found[0].case_id}"
        details = [f"/advocate/notices/{sent}", f"/advocate/notices/{form}", f"/advocate/sightings/{found[2].id}"]
        details += [case, *(f"{case}/{part}" for part in ("person", "watch", "copies", "messages", "notes", "record"))]
        details += [f"{case}/entered", f"{case}/names", f"{case}/police", f"/advocate/items/{found[2].id}"]
        if (script := axe.script()) is not None:
            await page.context.add_init_script(script)
        faults = list[str]()
        for path in (*PATHS, *MORE_PATHS, *details):
            await page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            width = await page.locator("html").evaluate("html => html.scrollWidth")
            assert width <= 320, path
            await expect(page.locator("img, video, picture, canvas")).to_have_count(0)
            low = await page.locator(
                "button:visible, .button:visible, summary:visible, nav a:visible, .plain a:visible, .alone a:visible"
            ).evaluate_all(
                "all => all.filter(one => one.getBoundingClientRect().height < 43.9).map(one => one.textContent.trim())"
            )
            assert low == [], path
            # Every field has a name that a screen reader says.
            unnamed = await page.locator("input:not([type=hidden]), select, textarea").evaluate_all(
                "all => all.filter(one => !one.labels.length && !one.getAttribute('aria-label')).length"
            )
            assert unnamed == 0, path
            assert await unlike_what_is_seen(page) == [], path
            if script is not None:
                faults += [f"{path}: {one}" for one in await axe.violations(page)]
        assert faults == []
