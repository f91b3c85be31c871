"""What an advocate reads on the page of a notice that did not leave, or will not: why, in their language."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api.i18n import translations
from api.pages.alert_reasons import alert_reason
from db.models.notices import Notice
from monitor.core.errors import DeliveryRefused
from monitor.jobs.mailbox import MailboxReader
from monitor.jobs.send import Sender
from monitor.mailbox.trust import Trust
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.browser import Browser
from tests.support.domain_world import FakeDelivery
from tests.support.imap_server import imap_server
from tests.support.mails import Dsn, answer

_REASON = re.compile(r"<p>(Reason|이유): (.*?)</p>")

End = Callable[[ApiWorld, Caller, Caller, str], Awaitable[object]]
"""What ends a notice: the world, its advocate, its person, its id."""


async def advocate_takes_it_back(_world: ApiWorld, advocate: Caller, _person: Caller, notice_id: str) -> None:
    await advocate.post(f"/notices/{notice_id}/withdraw")


async def person_takes_consent_back(_world: ApiWorld, _advocate: Caller, person: Caller, _notice_id: str) -> None:
    path = f"/cases/{person.case_id}/consents"
    for consent in (await person.get(path))["consents"]:
        await person.delete(f"{path}/{consent['consent_id']}")


async def person_takes_permission_back(_world: ApiWorld, _advocate: Caller, person: Caller, _notice_id: str) -> None:
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "permission_to_send": False})


async def server_refuses_it(world: ApiWorld, _advocate: Caller, _person: Caller, notice_id: str) -> None:
    delivery = FakeDelivery()
    delivery.errors = [DeliveryRefused("recipient-refused-550")]
    await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice_id, 1)


@pytest.mark.parametrize(
    ("end", "state", "english", "korean"),
    [
        (
            advocate_takes_it_back,
            "withdrawn",
            "An advocate took this notice back.",
            "상담원이 이 요청을 거두었어요.",
        ),
        (
            person_takes_consent_back,
            "withdrawn",
            "The person took back their consent to this place. Please ask them first.",
            "본인이 이곳에 대한 동의를 취소했어요. 먼저 본인에게 물어봐 주세요.",
        ),
        (
            person_takes_permission_back,
            "withdrawn",
            "The person has not allowed sending. Please ask them.",
            "본인이 아직 신고를 보내도 된다고 하지 않았어요. 본인에게 물어봐 주세요.",
        ),
        (
            server_refuses_it,
            "failed",
            "Their mail server does not take it for this address.",
            "받는 곳의 메일 서버가 이 주소로는 받지 않아요.",
        ),
    ],
)
async def test_page_says_why_a_notice_ended(
    sqlite_world: ApiWorld, end: End, state: str, english: str, korean: str
) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await advocate.confirm(await world.sighting(person), body)
    notice_id = written["notices"][0]["notice_id"]
    page = f"/advocate/notices/{notice_id}"
    browser = Browser(world, advocate)
    assert _REASON.findall(await browser.see(f"{page}?lang=en")) == []  # nothing ended it yet
    await end(world, advocate, person, notice_id)
    assert (await advocate.get(f"/notices/{notice_id}"))["state"] == state
    assert _REASON.findall(await browser.see(f"{page}?lang=en")) == [("Reason", english)]
    assert _REASON.findall(await browser.see(f"{page}?lang=ko")) == [("이유", korean)]


async def test_page_shows_what_came_in_as_text_and_the_advocate_decides(sqlite_world: ApiWorld, tmp_path: Path) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await advocate.confirm(await world.sighting(person), body)
    notice_id = written["notices"][0]["notice_id"]
    await Sender(world.services.database, world.context, {"smtp": FakeDelivery()}).send(notice_id, 1)
    async with world.services.database.read() as session:
        message_id = (await session.get_one(Notice, notice_id)).message_id
    page, browser = f"/advocate/notices/{notice_id}", Browser(world, advocate)
    assert "What came in" not in await browser.see(f"{page}?lang=en")
    recipient = (await advocate.get(f"/notices/{notice_id}"))["content"]["recipient"]
    async with imap_server(tmp_path) as box:
        mail = answer(message_id, sender=recipient, text="<script>alert(1)</script>\nTicket 7")
        await box.deliver(mail.as_bytes(), bytes(Dsn(message_id, recipient, results=())))
        await MailboxReader(
            world.services.database,
            world.context,
            box.server(),
            Trust(),
            own_domains=frozenset(),
            copies=None,
            interval=timedelta(minutes=5),
        ).tick()
    seen = await browser.see(f"{page}?lang=en")
    assert "<script>alert(1)" not in seen and "&lt;script&gt;alert(1)&lt;/script&gt;\nTicket 7" in seen
    assert "nothing proves who" in seen and "SERVERS-OWN-WORDS" not in seen
    assert "A mail says that it did not arrive; nothing proves it" in seen
    assert "확인되지 않았어요" in await browser.see(f"{page}?lang=ko")
    alerts = await browser.see("/advocate/alerts?lang=en")
    assert "Somebody answered a notice" in alerts and "nothing proves it" in alerts and page in alerts
    told = (await advocate.get(f"/notices/{notice_id}"))["mails"]
    assert sorted((one["kind"], one["proven"]) for one in told) == [("claim", False), ("reply", False)]
    # The person reads what left in their name; what strangers wrote is the advocate's to read first.
    assert (await person.get(f"/notices/{notice_id}"))["mails"] == []
    await browser.send(f"{page}/mails-read")
    assert {one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]} == set()
    assert (await advocate.get(f"/notices/{notice_id}"))["state"] == "sent"
    # Now they know that it came back.
    await browser.send(f"{page}/returned", sure="on")
    assert _REASON.findall(await browser.see(f"{page}?lang=en"))[0] == (
        "Reason",
        "An advocate recorded that it did not arrive.",
    )
    assert [one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]] == ["notice-bounced"]
    await browser.send(f"{page}/retry")
    assert (await advocate.get(f"/notices/{notice_id}"))["state"] == "queued"
    assert (await advocate.get("/operations/alerts"))["alerts"] == []


@pytest.mark.parametrize(
    ("status", "english", "korean"),
    [
        ("5.1.1", "There is no such address (any more).", "그런 주소가 없거나 더는 쓰이지 않아요."),
        ("5.7.26", "Their mail system refuses it by its rules.", "상대 메일 시스템이 규칙에 따라 거절했어요."),
        ("5.0.0", "Their mail system is said to have refused it.", "상대 메일 시스템이 거절했다고 해요."),
    ],
)
def test_status_of_a_bounce_is_told_by_its_class(status: str, english: str, korean: str) -> None:
    for language, words in (("en", english), ("ko", korean)):
        gettext = translations(language).gettext
        assert alert_reason(f"bounced-{status}", gettext) == alert_reason(f"unproven-{status}", gettext) == words
    assert alert_reason("gave-up-4.4.7", translations("en").gettext) == "The mail server gave up after trying for days."
