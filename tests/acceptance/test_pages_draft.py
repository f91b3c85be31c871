"""What somebody enters on the page before the case is open is still there and can be corrected; in a browser."""

from pathlib import Path
from typing import Any

from playwright.async_api import Dialog, Page, expect
from sqlalchemy import delete, select

from db.models.cases import Case
from db.models.drafts import Draft, DraftItem
from monitor.cases.intake import read_intake
from monitor.demo.world.pictures import registered
from monitor.model.guardians import PRIVACY_VERSION
from tests.support.pages_pictures import agree, file, hashes, to_pictures
from tests.support.pages_world import PagesWorld, browser, pages_world, visiting, visitor

_PHOTOS = registered(3)


async def kept(page: Page) -> None:
    """Everything that was entered is on the server."""
    await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")


async def at(page: Page, step: str) -> None:
    """The page shows this step."""
    await expect(page.locator(f"#{step}")).to_be_visible()
    await kept(page)


async def add_link(page: Page, url: str) -> None:
    """Enter a link that is known."""
    await page.locator("#url").fill(url)
    await page.locator("#link-kind").select_option("faked")
    await page.locator("#link button").click()


async def test_links_are_taken_as_they_are_pasted_each_of_them_without_the_words_around(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await page.locator("[data-next=step-places]").click()
        await at(page, "step-places")
        pasted = (
            "이거 봐 https://t.me/examplechannel/14.",
            "https://t.me/examplechannel/15https://x.com/name/status/1",
        )
        for count, text in zip((1, 3, 4), (*pasted, "instagram.com/p/abc"), strict=True):
            await add_link(page, text)
            await expect(page.locator("#kept-links li")).to_have_count(count)
        shown = await page.locator("#kept-links li > code").all_text_contents()
        assert sorted(shown) == [
            "https://t.me/examplechannel/14",
            "https://t.me/examplechannel/15",
            "https://x.com/name/status/1",
            "instagram.com/p/abc",
        ]


async def test_reload_language_and_back_lose_nothing_and_every_answer_can_be_corrected(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        asked: list[Dialog] = []

        async def stay(dialog: Dialog) -> None:
            asked.append(dialog)
            await dialog.accept()

        page.on("dialog", stay)
        await page.goto("/case")
        assert await page.context.cookies() == [], "a visit leaves no mark"
        await to_pictures(page)
        (cookie,) = await page.context.cookies()
        assert (cookie["name"], cookie["httpOnly"], cookie["expires"]) == ("jikimi_draft", True, -1)

        # Several files: one answer for all, small views that only this page holds.
        await hashes(page, [file("one.jpg", _PHOTOS[0]), file("two.jpg", _PHOTOS[1]), file("three.jpg", _PHOTOS[2])])
        await expect(page.locator("#pending-list canvas.thumbnail")).to_have_count(3)
        await page.locator("#all-intimate").check()
        assert [await page.locator(f"#kind-{number}-intimate").is_checked() for number in range(3)] == [True] * 3
        await page.locator("#kind-2-faked").check()
        await page.locator("#all-age").select_option("unsure")
        await expect(page.locator("#pending-list canvas.thumbnail")).to_have_count(0)  # maybe a child's: not shown
        await page.locator("#all-age").select_option("")
        # What was hashed and not saved would be lost: leaving asks, once the person did something here.
        await page.reload()
        assert [dialog.type for dialog in asked] == ["beforeunload"]
        asked.clear()
        await at(page, "step-pictures")
        await hashes(page, [file("one.jpg", _PHOTOS[0]), file("two.jpg", _PHOTOS[1])])
        await page.locator("#all-intimate").check()
        await page.locator("#kind-1-faked").check()
        await page.locator("#keep-pictures").click()
        await expect(page.locator("#kept-pictures li")).to_have_count(2)
        await expect(page.locator("#kept-title")).to_be_focused()
        await expect(page.locator("#kept-pictures canvas.thumbnail")).to_have_count(2)
        await kept(page)

        await page.reload()
        await at(page, "step-pictures")
        await expect(page.locator("#kept-pictures li")).to_have_count(2)
        await expect(page.locator("#kept-pictures canvas")).to_have_count(0)  # held by the page alone
        await page.get_by_label("What is in it? Photo 2").select_option("ordinary")
        await page.locator("[data-next=step-places]").click()
        await page.locator("#source").fill("@ExampleChannel")
        await page.locator("#purpose-watch").check()
        await page.locator("#place button").click()
        await page.locator("#source").fill("https://t.me/examplechannel")
        await page.locator("#purpose-follow").check()
        await page.locator("#place button").click()
        await expect(page.locator("#kept-places > li")).to_have_count(1)  # one place, one row
        await expect(page.locator("#kept-places > li")).to_contain_text("look for copies, check whether")
        await page.locator("#source").fill("t.me/+AbCdEfGhIjK")
        await page.locator("#purpose-watch").check()
        await page.locator("#place button").click()
        await expect(page.locator("#said")).to_contain_text("A private room or an invitation cannot be read by us")
        await add_link(page, "https://t.me/examplechannel/12")
        await add_link(page, "https://www.instagram.com/p/abc/")
        await page.get_by_role("button", name="Remove: https://t.me/examplechannel/12").click()
        await expect(page.locator("#kept-links li")).to_have_count(1)
        await page.locator("[data-next=step-notice]").click()
        await page.locator("#signature").fill("Typed Signature")
        # A tap on the other language a moment later: what was typed is there too.
        await page.locator(".languages a[lang=ko]").click()
        await page.wait_for_url("**/case?lang=ko")
        await at(page, "step-notice")
        await expect(page.locator("html")).to_have_attribute("lang", "ko")
        await expect(page.locator("#signature")).to_have_value("Typed Signature")
        await expect(page.locator("#source")).to_have_value("t.me/+AbCdEfGhIjK")  # not taken, and not lost
        await expect(page.locator("#kept-until")).to_contain_text("암호화해서 보관해요")

        # Away and back, by the browser's own button.
        await page.goto("/")
        await page.go_back()
        await at(page, "step-notice")
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")
        await expect(page.locator("#review")).to_contain_text("모든 사진에서 성인이에요")
        await expect(page.locator("#review")).to_contain_text("instagram.com/p/abc")
        await expect(page.locator("#review")).to_contain_text("Typed Signature")

        # A wrong age is corrected before the case is open, from the review; of a child nothing is asked then.
        await page.locator("#review > div").nth(1).get_by_role("button").click()
        await at(page, "step-you")
        await page.locator("#age-unsure").check()
        await page.locator("#save-you").click()
        for step in ("step-places", "step-notice"):
            await page.locator(f"[data-next={step}]").click()
        for name in ("signature", "contact", "permission", "role-person"):
            await expect(page.locator(f"#{name}")).to_be_hidden()
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")
        await expect(page.locator("#review")).not_to_contain_text("Typed Signature")
        await page.locator("#step-open [data-back]").click()
        await at(page, "step-notice")
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")
        assert asked == [], "nothing would have been lost, so nobody was asked"
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert await page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        words = await page.locator("#new-passphrase").text_content()
        await page.reload()
        assert [dialog.type for dialog in asked] == ["beforeunload"], "the keys were not written down yet"
        await expect(page.locator("#new-passphrase")).to_have_text(str(words))
        async with world.services.database.read() as session:
            case = (await session.scalars(select(Case))).one()
        intake = read_intake(world.context, case)
        assert (intake.age_group, intake.signature, intake.permission_to_send_at) == ("unsure", "", None)
        assert case.language == "ko" and not str(words).isascii(), "the words are in the language of the page"


async def test_a_child_goes_with_an_adult_or_a_centre_before_anything_is_kept(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path, locale="ko-KR") as (world, page):
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or ""))
        await page.goto("/case")
        await page.locator("#start").click()
        agreeing = page.locator("#step-agree")
        await expect(agreeing).to_contain_text("만 14세 이상이에요")
        await expect(agreeing).to_contain_text("사진과 영상은 서버로 보내지 않아요")
        await expect(agreeing).to_contain_text(PRIVACY_VERSION)
        await page.locator("#now-older").check()
        await page.locator("#country").select_option("DE")
        await expect(agreeing).to_contain_text("만 16세 이상이에요")
        await expect(page.locator("#now-older")).not_to_be_checked()  # another question
        await page.locator("#country").select_option("KR")
        await page.locator("#now-younger").check()
        await page.locator("#agree-button").click()
        await expect(page.locator("#step-you")).to_be_hidden()
        await page.locator("#guardian-centre").check()
        await expect(page.locator("#guardian-korea")).to_contain_text("1388")
        await expect(page.locator("#guardian-contacts")).to_contain_text("1366")
        await page.locator("#guardian-code").fill("aaaa-bbbb-cccc")
        await page.locator("#agree-button").click()
        await expect(page.locator("#said")).to_contain_text("코드")
        await expect(page.locator("#step-you")).to_be_hidden()
        async with world.services.database.read() as session:
            assert (await session.scalars(select(Draft))).all() == []
        assert await page.context.cookies() == []
        await page.locator("#guardian-agreed").check()
        await page.locator("#guardian-says").check()
        await page.locator("#agree-button").click()
        await at(page, "step-you")
        await expect(page.locator("#age-minor")).to_be_checked()
        await page.reload()
        await at(page, "step-you")
        await page.locator("#step-you [data-back]").click()
        await expect(page.locator("#guardian-says")).to_be_checked()
        assert sum("agreement" in body for body in sent) >= 2
        await page.goto("/privacy")
        await expect(page.locator("main")).to_contain_text("24시간")


async def enter_offline(page: Page) -> None:
    """What is entered without a connection stands on the page, and is kept when it is back."""
    await page.context.set_offline(True)
    await add_link(page, "https://example.org/offline")
    await expect(page.locator("#kept-links li")).to_have_count(1)
    await expect(page.locator("#unsent")).to_be_visible()
    await page.locator("[data-next=step-notice]").click()
    await page.locator("#notice button[data-next]").click()
    await expect(page.locator("#said")).to_contain_text("There is no connection")
    await expect(page.locator("#step-notice")).to_be_visible()
    await page.context.set_offline(False)
    await kept(page)
    await expect(page.locator("#unsent")).to_be_hidden()


async def rows(world: PagesWorld, model: Any) -> int:
    async with world.services.database.read() as session:
        return len((await session.scalars(select(model))).all())


async def test_offline_expired_empty_and_thrown_away(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        await to_pictures(page)
        await page.locator("[data-next=step-places]").click()
        await enter_offline(page)
        # Its day is over while somebody still types: what stands on the page is kept anew.
        async with world.services.database.begin() as session:
            await session.execute(delete(DraftItem))
            await session.execute(delete(Draft))
        await page.locator("#step-notice [data-back]").click()
        await add_link(page, "https://example.org/late")
        await kept(page)
        await page.reload()
        await at(page, "step-places")
        await expect(page.locator("#kept-links li")).to_have_count(2)
        # Another browser sees nothing of it.
        async with visitor(started, world) as (_, other):
            await other.goto("/case")
            await expect(other.locator("#door")).to_be_visible()
        for number in (1, 0):
            await page.locator("#kept-links button").first.click()
            await expect(page.locator("#kept-links li")).to_have_count(number)
        await page.locator("[data-next=step-notice]").click()
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")
        await page.locator("#open button").first.click()
        await expect(page.locator("#said")).to_contain_text("nothing in it yet")
        await expect(page.locator("#open-empty")).to_be_focused()
        assert await rows(world, Case) == 0
        await page.locator("#throw-away").click()
        await page.locator("#throw-yes").click()
        await expect(page.locator("#door")).to_be_visible()
        assert await rows(world, Draft) == 0 and await page.context.cookies() == []
        await agree(page)
        await expect(page.locator("#age-adult")).not_to_be_checked()
