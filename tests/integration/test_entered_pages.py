"""What an advocate sees, and does, on their pages about what was entered for a person."""

import pytest

from monitor.platforms.base import PlatformName
from tests.integration.test_entered_for_person import EMPTY, confirmed, counting, helped, path
from tests.support.api_world import INTAKE, ApiWorld
from tests.support.browser import Browser

FORM = {"kind": "written", "dated": "2026-01-10", "reference": "file 12", "sure": "on"}


@pytest.mark.parametrize(
    ("language", "waits", "by"),
    [
        ("en", "waits for the person's confirmation", "entered by Signing Advocate, an advocate of Centre A"),
        ("ko", "본인의 답을 기다려요", "Centre A 상담원 Signing Advocate 님이 입력"),
    ],
)
async def test_page_says_what_waits_who_entered_it_and_how_to_get_the_persons_word(
    sqlite_world: ApiWorld, language: str, waits: str, by: str
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Zqx Private", "contact": "b@example.org"})
    browser = Browser(world, advocate)
    case_page = await browser.see(f"/advocate{path(person)}?lang={language}")
    assert {"en": "waits for their confirmation", "ko": "본인 확인을 기다려요"}[language] in case_page
    page = await browser.see(f"/advocate{path(person)}/entered?lang={language}")
    assert page.count(f'<span class="badge warn">{waits}</span>') == 3
    assert page.count(by) == 4  # three matters, and the contact
    assert "Zqx Private" not in page
    await advocate.post(path(person, "/links"), {"url": "https://t.me/zqxchannel/5", "kind": "intimate"})
    await person.post(path(person, "/links"), {"url": "https://t.me/zqxchannel/6", "kind": "intimate"})
    page = await browser.see(f"/advocate{path(person)}/entered?lang={language}")
    assert page.count(by) == 5 and "zqxchannel" not in page
    how = {"en": "answers at the top of the page", "ko": "맨 위에서 답할 수 있어요"}[language]
    assert how in page


async def test_queue_and_notice_say_that_they_wait_for_the_person(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    (notice,) = (await confirmed(world, advocate, person, platform=PlatformName.X))["notices"]
    browser = Browser(world, advocate)
    address = f"/advocate/notices/{notice['notice_id']}?lang=en"
    assert "It is submitted" in await browser.see(address)
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Another Name"})
    await world.sighting(person, post_id="18")
    for page in (await browser.see("/advocate?lang=en"), await browser.see(address)):
        assert "It waits for the person&#39;s confirmation" in page
        assert f"/advocate{path(person)}/entered" in page
        assert "It is submitted" not in page
    sent = await browser.send(f"/advocate/notices/{notice['notice_id']}/submission", reference="R-1")
    assert "problem=waits-for-the-person" in sent.headers["location"]


async def test_mandate_is_recorded_and_ended_on_the_page_as_through_the_api(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await helped(world, advocate)
    await person.put(path(person, "/intake"), {**EMPTY, "age_group": "adult"})
    await advocate.put(path(person, "/intake"), {**EMPTY, "age_group": "adult", "permission_to_send": True})
    browser, page = Browser(world, advocate), f"/advocate{path(person)}/entered"
    for missing, problem in (("sure", "not-sure"), ("kind", "choose-answer"), ("dated", "invalid")):
        form = {name: value for name, value in FORM.items() if name != missing}
        refused = await browser.send(f"{page}/mandate", covers="permission-to-send", **form)
        assert f"problem={problem}" in refused.headers["location"], missing
    refused = await browser.send(f"{page}/mandate", **FORM)
    assert "problem=choose-answer" in refused.headers["location"]
    late = await browser.send(f"{page}/mandate", covers="signature", **{**FORM, "dated": "2100-01-01"})
    assert "problem=mandate-date" in late.headers["location"]
    done = await browser.send(f"{page}/mandate", covers="permission-to-send", **FORM)
    assert "done=mandate-recorded" in done.headers["location"]
    assert (await counting(person))[1] is True
    (mandate,) = (await person.get(path(person, "/entries")))["mandates"]
    assert (mandate["reference"], mandate["covers"]) == ("file 12", ["permission-to-send"])
    ended = await browser.send(f"{page}/end", mandate=mandate["mandate_id"])
    assert "done=mandate-ended" in ended.headers["location"]
    assert (await counting(person))[1] is False
    back = await browser.send(f"{page}/back", matter="permission-to-send")
    assert "done=taken-back" in back.headers["location"]
    assert "problem=invalid" in (await browser.send(f"{page}/back", matter="a whim")).headers["location"]
    assert (await person.get(path(person)))["waiting"] == []


async def test_erasure_that_an_advocate_asks_for_on_the_page_waits(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    browser, page = Browser(world, advocate), f"/advocate{path(person)}/entered"
    assert "problem=not-sure" in (await browser.send(f"{page}/erasure")).headers["location"]
    asked = await browser.send(f"{page}/erasure", sure="on")
    assert asked.headers["location"] == f"{page}?done=erasure-waits"
    case = await person.get(path(person))
    assert (case["state"], case["waiting"]) == ("vouched", ["erasure"])
    await browser.send(f"{page}/mandate", covers="erasure", **FORM)
    assert (await person.get(path(person)))["state"] == "erasing"
    alerts = {language: await browser.see(f"/advocate/alerts?lang={language}") for language in ("en", "ko")}
    assert "under a mandate; the person has not confirmed it" in alerts["en"]
    assert "Follows from what an advocate did." in alerts["en"]
    assert "위임에 따라 요청했어요" in alerts["ko"] and "상담원이 한 일 때문에" in alerts["ko"]


async def test_alert_says_that_the_person_asked_where_it_was_the_person(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    await person.post(path(person, "/erasure"), {"passphrase": person.passphrase})
    page = await Browser(world, advocate).see("/advocate/alerts?lang=en")
    assert "The person asked for it." in page and "Follows from what the person did." in page
