"""What a person sees after logging in: numbers, and nothing that names a place or a post before they ask for it."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, Request, Route, expect
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.case_reading import CaseSource
from db.models.cases import Case
from db.models.notices import Letter
from db.models.sightings import Sighting
from db.models.sources import Consent
from db.queries.actors import AdvocateActor
from monitor.actions.ask_person import ask_person
from monitor.actions.messages import write_message
from monitor.demo.world.pictures import registered
from monitor.evidence.by import By, Door
from monitor.model.notice_states import NoticeState
from tests.support.pages_pictures import file
from tests.support.pages_seed import Seeded, seed_case, seed_notice
from tests.support.pages_world import browser, pages_world, visitor

NAMED = ("examplechannel", "t.me", "words under the picture", "Typed", "person@")
"""Of the seeded case: place, link, caption, signature, contact."""
KO = {
    "asked": "물어본 것",
    "off": "화면에서 지우기",
    "yes": "네, 내 것이에요",
    "said": "라고 답했어요",
    "unread": "아직 읽지 않음",
}
EN = {
    "asked": "asks you",
    "off": "Take it off",
    "yes": "Yes, this is mine",
    "said": "You said",
    "unread": "not read yet",
}
MAIL = '[smtp]\nhost = "127.0.0.1"\nstarttls = false\nfrom = "n@example.org"\n[news]\nfrom = "info@letters.example"\n'
KO["name"], EN["name"] = "우리 이름 없이", "without our name"
WIDTHS = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


async def come_back(page: Page, seeded: Seeded, language: str) -> None:
    await page.goto(f"/case?lang={language}")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(seeded.passphrase)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#numbers")).to_be_visible()


def _note_bodies(page: Page, bodies: list[str | None]) -> None:
    def note(request: Request) -> None:
        bodies.append(request.post_data)

    page.on("request", note)


async def test_quiet_until_asked_and_empty_again_when_closed(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            asked: list[str] = []

            def note(request: Request) -> None:
                asked.append(request.url.partition(seeded.case.id)[2])

            await come_back(page, seeded, "en")
            page.on("request", note)
            async with page.expect_response("**/resending"):
                await page.locator("#refresh").click()
            await expect(page.locator("#sentence")).to_have_text("Removing is under way. You need to do nothing.")
            numbers = [
                await page.locator(f"#number-{name}").inner_text() for name in ("removed", "waiting", "followed")
            ]
            assert numbers == ["0", "0", "1"]
            await expect(page.locator("#news")).to_contain_text("New since")
            await expect(page.locator("#news")).not_to_contain_text("cannot be read")  # new is not missed
            await expect(page.locator("#next-check")).to_contain_text("next look")
            await expect(page.locator("#resending")).to_be_visible()
            quiet = await page.content()
            assert [word for word in NAMED if word in quiet] == []
            assert sorted(set(asked)) == ["", "/resending", "/standing"]

            # Asked for, it is fetched; closed, it is gone; asked for again, it is fetched again.
            for body, call, word in (
                ("copies-body", "/sightings", "https://t.me/examplechannel/17"),
                ("notices-body", "/notices", ""),
                ("receipts-body", "/receipts", ""),
                ("watching-body", "/places", "@examplechannel"),
                ("parts", "/intake", ""),
            ):
                for _ in range(2):
                    asked.clear()
                    await page.locator(f"#{body}-show").click()
                    await expect(page.locator(f"#{body}")).to_be_visible()
                    assert call in [path.partition("?")[0] for path in asked], body
                    assert word in await page.content()
                    await page.locator(f"#{body}-show").click()
                    await expect(page.locator(f"#{body}")).to_be_hidden()
                    assert [found for found in NAMED if found in await page.content()] == [], body
                assert await page.locator(f"#{body}-show").get_attribute("aria-expanded") == "false"
            assert await page.locator("#contact").input_value() == "" == await page.locator("#signature").input_value()


async def test_places_rest_and_go_on_one_or_all(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        for viewport, language in zip(WIDTHS, ("ko", "en"), strict=True):
            async with visitor(started, world, viewport=viewport) as (_, page):
                await come_back(page, seeded, language)
                await page.locator("#watching-body-show").click()
                rows = page.locator("#watched > li")
                await expect(rows).to_have_count(2)
                await rows.first.get_by_role("button", name="쉬기" if language == "ko" else "Pause").click()
                await expect(rows.first.locator(".badges")).to_contain_text(
                    "쉬는 중" if language == "ko" else "paused since"
                )
                await expect(page.locator("#news")).to_contain_text("2곳 중 1곳" if language == "ko" else "1 of 2")
                reads = "살펴보고 있어요" if language == "ko" else "are being read"
                await expect(page.locator("#state")).to_contain_text(reads)
                await page.locator("#pause-all").click()
                await expect(page.locator("#state")).not_to_contain_text(reads)
                await expect(page.locator("#state")).to_contain_text(
                    "상담원 확인이 끝났어요." if language == "ko" else "vouched"
                )
                await expect(page.locator("#all-paused")).to_be_visible()
                await expect(page.locator("#sentence")).to_contain_text("쉬고 있어요" if language == "ko" else "paused")
                await expect(rows.last.locator(".badges")).to_contain_text(
                    "쉬는 중" if language == "ko" else "paused since"
                )
                # What is added now rests too, and stands in the one list of places.
                await page.locator("#parts-show").click()
                await page.locator("#source").fill(f"@later{language}")
                await page.locator("#purpose-watch").check()
                await page.locator("#place button").click()
                added = rows.filter(has_text=f"later{language}")
                await expect(added.locator(".badges")).to_contain_text(
                    "쉬는 중" if language == "ko" else "paused since"
                )
                await page.locator("#resume-all").click()
                await expect(page.locator("#pause-all")).to_be_visible()
                rests = "쉬는 중" if language == "ko" else "paused since"
                await expect(page.locator("#watched .badge.warn").filter(has_text=rests)).to_have_count(0)
                goes_on = "다시 찾아볼게요" if language == "ko" else "It goes on"
                await expect(page.locator("#said")).to_contain_text(goes_on)
                assert await page.locator("html").evaluate("html => html.scrollWidth") <= viewport["width"]
                await added.locator("li button").click()
                await expect(added).to_have_count(0)


async def test_late_answer_brings_back_nothing_that_was_taken_away(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, seeded, "en")
            await page.locator("#watching-body-show").click()
            granted = page.locator("#watched li li button")
            await expect(granted).to_have_count(4)
            first, let_go, asked = asyncio.Event(), asyncio.Event(), 0

            async def slow_at_first(route: Route) -> None:
                nonlocal asked
                asked += 1
                answer = await route.fetch()
                if asked == 1:
                    first.set()
                    await let_go.wait()
                await route.fulfill(response=answer)

            await page.route("**/places", slow_at_first)
            await page.locator("#refresh").click()
            await asyncio.wait_for(first.wait(), 20)  # the server answered: four
            await granted.first.click()
            await expect(granted).to_have_count(3)
            async with page.expect_event("requestfinished", lambda request: request.url.endswith("/places")):
                let_go.set()
            await page.wait_for_timeout(500)
            await expect(granted).to_have_count(3)


async def test_what_is_not_read_is_never_said_to_be(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        empty, gone = await seed_case(world), await seed_case(world, copies=1)
        await seed_notice(world, gone.sightings[0], "us_tida", NoticeState.SENT)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, empty, "en")
            await expect(page.locator("#state")).to_have_text("An advocate has vouched for you.")
            await expect(page.locator("#sentence")).to_contain_text("No place is being watched")
            await expect(page.locator("#next-check")).to_have_text("No look is planned now.")

            async with world.services.database.begin() as session:
                await session.execute(update(Sighting).values(removed_at=world.context.now()))
            await page.goto("/")
            await come_back(page, gone, "en")
            await expect(page.locator("#sentence")).to_have_text("Everything that was found is gone. We go on looking.")
            await expect(page.locator("#state")).to_contain_text("are being read")

            # One place, and the last try failed.
            now = world.context.now()
            async with world.services.database.begin() as session:
                place = select(Consent.source_id).where(Consent.case_id == gone.case.id, Consent.purpose == "watch")
                source = (await session.scalars(place)).one()
                row = await session.get(CaseSource, (gone.case.id, source))
                row = row or CaseSource(case_id=gone.case.id, source_id=source, since=now, noted_at=now)
                row.unavailable = "no-access"
                session.add(row)
            await page.locator("#refresh").click()
            await expect(page.locator("#news")).to_contain_text(
                "cannot be read at the moment: 1 of 1. We go on trying."
            )
            await expect(page.locator("#state")).to_have_text("An advocate has vouched for you.")

            # Everything taken back: nothing is looked for, however much is gone.
            async with world.services.database.begin() as session:
                await session.execute(update(Consent).values(withdrawn_at=now))
            await page.locator("#refresh").click()
            await expect(page.locator("#sentence")).to_contain_text("found is gone. No place is being watched.")


async def test_is_this_yours_and_messages_in_both_languages(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        row = await world.advocate()
        actor = AdvocateActor(row.id, row.organisation_id, row.name)
        by_advocate = world.services.context.acting(By.advocate(row.id, Door.PAGE))
        for one in seeded.sightings:
            async with world.services.database.begin() as session:
                sighting = await lock_one(session, Sighting, one.id)
                await ask_person(session, by_advocate, sighting, by=row.id)
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, seeded.case.id)
            await write_message(session, by_advocate, case, actor, "We found <b>two</b> places.")
        for viewport, language, words in zip(WIDTHS, ("ko", "en"), (KO, EN), strict=True):
            async with visitor(started, world, viewport=viewport) as (_, page):
                await come_back(page, seeded, language)
                bodies: list[str | None] = []
                _note_bodies(page, bodies)
                await expect(page.locator("#sentence")).to_contain_text(words["asked"])
                assert "two" not in await page.locator("#mine").inner_text()
                await page.locator("#questions-body-show").click()
                cards = page.locator("#yours-list > li")
                await expect(cards).to_have_count(2)
                assert "t.me" not in await page.content() and "words under" not in await page.content()
                # The photo is picked again: the part is drawn over it here, and nothing leaves the device.
                await cards.first.locator("summary").click()
                await cards.first.locator("input[type=file]").set_input_files([file("photo.jpg", registered(3)[2])])
                look = cards.first.locator("canvas")
                await expect(look).to_be_visible()
                assert "0" in str(await look.get_attribute("aria-label"))
                assert [body for body in bodies if body] == []
                await cards.first.get_by_role("button", name=words["off"]).click()
                await expect(look).to_have_count(0)
                await cards.first.get_by_role("button", name=words["yes"]).click()
                await expect(cards.first).to_contain_text(words["said"])
                await page.locator("#questions-body-show").click()
                await expect(cards).to_have_count(0)

                await page.locator("#letters-body-show").click()
                await expect(page.locator("#talk .other .said").first).to_have_text("We found <b>two</b> places.")
                await expect(page.locator("#unread")).to_be_hidden()
                await page.locator("#letter").fill(f"Warm greetings {language}")
                await page.locator("#write button").click()
                await expect(page.locator("#talk .own .said").last).to_have_text(f"Warm greetings {language}")
                await expect(page.locator("#talk .own").last).to_contain_text(words["unread"])
                await expect(page.locator("#letter")).to_have_value("")
                assert await page.locator("html").evaluate("html => html.scrollWidth") <= viewport["width"]
                await page.locator("#letters-body-show").click()
                assert "Warm greetings" not in await page.content()


async def test_papers_become_files_and_a_mailbox_is_named(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MAIL) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        for viewport, language, words in zip(WIDTHS, ("ko", "en"), (KO, EN), strict=True):
            async with visitor(started, world, viewport=viewport, accept_downloads=True) as (_, page):
                await come_back(page, seeded, language)
                await page.locator("#notices-body-show").click()
                sent = page.locator("#notices > li").first
                await sent.get_by_role("button").first.click()
                await expect(sent.locator("pre")).to_contain_text("https://t.me/examplechannel/17")
                await expect(sent.locator("pre")).not_to_contain_text("Signing Advocate")
                async with page.expect_download() as kept:
                    await page.locator("#everything").click()
                assert (await kept.value).suggested_filename == "data.zip"
                await page.locator("#papers-title ~ details summary").click()
                await expect(page.locator("#letter-centre-name")).to_have_text("(Test Centre)")
                await page.locator("#letter-centre").check()
                async with page.expect_download() as kept:
                    await page.locator("#letter-form button").click()
                assert (await kept.value).suggested_filename == "letter.pdf"
                # The mailbox: off, with what others may see, its address in no page before it is asked for.
                assert "home.example" not in await page.content() and "letters.example" not in await page.content()
                await page.locator("#news-body-show").click()
                await expect(page.locator("#news-from")).to_have_text("info@letters.example")
                await expect(page.locator("#news-end")).to_be_hidden()
                await page.locator("#news-address").fill(f"{language}@home.example")
                await page.locator("#news-sender").fill("Jikimi")
                await page.locator("#news-subject").fill("This week")
                await page.locator("#news-form button").first.click()
                await expect(page.locator("#said")).to_contain_text(words["name"])
                await expect(page.locator("#news-address")).to_have_value(f"{language}@home.example")
                await page.locator("#news-sender").fill("Library")
                await page.locator("#news-form button").first.click()
                await expect(page.locator("#news-end")).to_be_visible()
                await page.locator("#news-end").click()
                await expect(page.locator("#news-address")).to_have_value("")
                await expect(page.locator("#news-end")).to_be_hidden()
                assert await page.locator("html").evaluate("html => html.scrollWidth") <= viewport["width"]


async def test_what_was_sent_in_another_language_says_so(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, seeded, "ko")
            await page.locator("#notices-body-show").click()
            await page.locator("#notices").get_by_role("button", name="보낸 내용 보기").click()
            await expect(page.locator("#notices pre")).to_have_attribute("lang", "en")


async def test_what_followed_a_notice_and_did_not_leave_is_told_with_its_reason(
    tmp_path: Path, chromium_path: str
) -> None:
    stopped = (
        ("ko", "case-moved", "접수가 다른 센터로 옮겨져서 나가지 않았어요."),
        ("en", "consent-withdrawn", "A reminder to the recipient: It did not leave, because you took back your yes"),
    )
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        notice, case = await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT), seeded.case.id
        row = Letter(case_id=case, notice_id=notice, number=2, purpose="reminder", state="withdrawn", attempt=1)
        row.message_id, row.content, row.created_by = "", b"-", (await world.advocate()).id
        row.created_at = world.context.now()
        async with world.services.database.begin() as session:
            session.add(row)
        for language, reason, words in stopped:
            async with world.services.database.begin() as session:
                await session.execute(update(Letter).values(reason=reason))
            async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
                await come_back(page, seeded, language)
                await page.locator("#notices-body-show").click()
                await expect(page.locator("#notices > li").first).to_contain_text(words)
