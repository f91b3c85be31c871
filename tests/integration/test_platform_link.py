"""The link in a notice's mail: what it shows, what it takes to answer, what an answer leads to, and how it ends."""

import json
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import PlatformAnswer, PlatformLink
from monitor.app.adapters import make_smtp
from monitor.core.errors import NotSent
from monitor.demo.mail.catcher import MailCatcher
from monitor.jobs.mail_code import CodeMailer
from monitor.jobs.send import Sender
from monitor.model.notice_states import NoticeState
from monitor.notices.platform_links import CODES_A_DAY, LASTS, MOST_TRIES
from tests.support.api_world import ApiWorld, api_world
from tests.support.domain_world import FakeDelivery
from tests.support.platform_world import BASE, PlatformWorld, body_of, platform_world, smtp_of

NOTHING = "This link leads nowhere"


@pytest.fixture
async def world(sqlite_world: ApiWorld) -> AsyncIterator[PlatformWorld]:
    async with platform_world(sqlite_world) as made:
        yield made


async def change(world: PlatformWorld, model: Any, row_id: str, **values: Any) -> None:
    async with world.world.services.database.begin() as session:
        await session.execute(update(model).where(model.id == row_id).values(**values))


async def test_mail_carries_the_link_and_neither_database_nor_ledger_does(world: PlatformWorld) -> None:
    sent = body_of(world.recipient.catcher.messages[0].message)
    secret = world.recipient.link()
    assert f"\n{BASE}/platform#{secret}\n" in sent and "ANSWER WITHOUT AN ACCOUNT" in sent
    tag = secret.split(".")[1]
    whole = await world.advocate.get(f"/notices/{world.notice_id}")
    assert tag not in str(whole) and tag not in str(await world.ledger())
    file = Path(world.world.services.database.url.partition("///")[2])
    written = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert len(written) > 100_000 and tag.encode() not in written


async def test_opening_shows_the_notice_and_changes_nothing(world: PlatformWorld) -> None:
    before = await world.ledger()
    page = await world.recipient.open()
    assert page.status_code == 200
    assert "https://t.me/examplechannel/17" in page.text and "A mirror picture in a blue room." in page.text
    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    # Nothing beyond the notice: not the case, not how it matched, not the sighting, no other notice.
    for beyond in (world.person.case_id, "bits differ", "whole picture"):
        assert beyond not in page.text
    data = (await world.recipient.ask("GET", f"{world.recipient.form()[0]}/notice.json")).json()
    place = data["locations"][0]
    assert (place["url"], place["post_id"]) == ("https://t.me/examplechannel/17", "17") and '"77"' in json.dumps(place)
    # The same as the mail's own part for programs, where it carried one.
    carried = [one.get_content() for one in world.recipient.catcher.messages[0].message.iter_attachments()]
    assert [json.loads(one) for one in carried[:1]] in ([], [data])
    assert await world.ledger() == before and (await world.notice()).look == 0
    assert await world.alerts() == []


async def test_link_that_was_passed_on_answers_nothing_without_the_code(world: PlatformWorld) -> None:
    await world.recipient.open()
    page = await world.recipient.answer("refused", code="1234 5678", reason="not-found", text="typed words")
    assert page.status_code == 403 and "wrong or too old" in page.text and "typed words" in page.text
    await world.recipient.ask_code()
    code = world.recipient.code()
    for _ in range(MOST_TRIES):
        wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"
        assert (await world.recipient.answer("acknowledged", code=wrong)).status_code == 403
    # After five wrong tries the right one is worth nothing either.
    assert (await world.recipient.answer("acknowledged", code=code)).status_code == 403
    assert [kind for kind, *_ in await world.ledger()].count("platform-answered") == 0
    assert (await world.link()).code_nonce is None


async def test_code_goes_to_the_notices_own_recipient_alone_and_is_good_once(world: PlatformWorld) -> None:
    await world.recipient.open()
    assert (await world.recipient.ask_code()).status_code == 303
    mail = world.recipient.catcher.messages[-1]
    # The operator's copy of every notice is none of a code: whoever reads it must not answer for the recipient.
    assert mail.rcpt == ("abuse@telegram.org",)
    text = body_of(mail.message)
    assert "t.me" not in text and "Typed Signature" not in text and "examplechannel" not in text
    first = world.recipient.catcher.messages[0].message
    assert mail.message["In-Reply-To"] == first["Message-ID"] != mail.message["Message-ID"]
    assert (await world.recipient.answer("acknowledged")).status_code == 303
    assert (await world.recipient.answer("acknowledged")).status_code == 403


async def test_codes_are_few_in_time_and_number_and_old_ones_are_worth_nothing(world: PlatformWorld) -> None:
    await world.recipient.open()
    link = await world.link()
    await world.recipient.ask_code()
    code = world.recipient.code()
    soon = await world.recipient.ask_code()
    assert "problem=code-too-soon" in soon.headers["location"]
    # Asked again while it is good, the same one is mailed: whoever has the link cannot take it from the mailbox.
    await change(world, PlatformLink, link.id, code_at=datetime.now(UTC) - timedelta(minutes=3))
    await world.recipient.ask_code()
    assert world.recipient.code() == code
    for _ in range(CODES_A_DAY - 2):
        await change(world, PlatformLink, link.id, code_at=datetime.now(UTC) - timedelta(minutes=31))
        assert (await world.recipient.answer("acknowledged")).status_code == 403
        await world.recipient.ask_code()
        assert world.recipient.code() != code
    await change(world, PlatformLink, link.id, code_at=datetime.now(UTC) - timedelta(minutes=31))
    used_up = await world.recipient.ask_code()
    assert "problem=codes-used-up" in used_up.headers["location"]
    mailed = [one for one in world.recipient.catcher.messages if "Code" in one.message["Subject"]]
    assert len(mailed) == CODES_A_DAY


async def test_code_is_mailed_again_while_the_mail_server_is_down_and_it_is_good(world: PlatformWorld) -> None:
    await world.recipient.open()
    path, values = world.recipient.form()
    await world.recipient.ask("POST", f"{path}/code", values)
    broken, services = FakeDelivery(), world.world.services
    broken.errors = [NotSent("no-connection")]
    link = await world.link()
    assert link.code_at is not None
    asked_at = int(link.code_at.timestamp() * 1000)
    await CodeMailer(services.database, world.world.context, broken).send(link.id, asked_at, 1)
    async with services.database.read() as session:
        waiting = (await session.scalars(text("select workflow_uuid from workflow_status"))).all()
    assert f"code-{link.id}-{asked_at}-2" in waiting and broken.sent == []
    await CodeMailer(services.database, world.world.context, broken).send(link.id, asked_at, 2)
    assert len(broken.sent) == 1 and broken.sent[0].recipient == "abuse@telegram.org"
    # One that is too old by then is mailed to nobody.
    await change(world, PlatformLink, link.id, code_at=datetime.now(UTC) - timedelta(minutes=31))
    await CodeMailer(services.database, world.world.context, broken).send(link.id, asked_at, 3)
    assert len(broken.sent) == 1


async def test_asking_for_codes_is_counted_by_where_it_comes_from(world: PlatformWorld) -> None:
    await world.recipient.open()
    path, values = world.recipient.form()
    for _ in range(60):
        answer = await world.recipient.ask("POST", f"{path}/answer", {**values, "kind": "acknowledged", "code": "1"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429 and "data-challenge" in answer.text


async def test_refusal_reaches_the_advocate_with_its_reason_and_stands_in_the_ledger(world: PlatformWorld) -> None:
    await world.recipient.open()
    await world.recipient.ask_code()
    done = await world.recipient.answer("refused", reason="court-order", text="Send us an order.")
    assert done.status_code == 303 and "done=answer-sent" in done.headers["location"]
    assert ("platform-refused", "platform-court-order") in await world.alerts()
    whole = await world.advocate.get(f"/notices/{world.notice_id}")
    (told,) = whole["answers"]
    assert (told["kind"], told["reason"], told["text"], told["by"]) == (
        "refused",
        "court-order",
        "Send us an order.",
        "link",
    )
    kind, by, facts = (await world.ledger())[-2]  # the last is the advocate's own reading
    assert (kind, by) == ("platform-answered", {"who": "platform", "door": "link", "id": "telegram"})
    assert (facts["kind"], facts["reason"], facts["text"]) == ("refused", "court-order", "Send us an order.")
    # It is for the rules of what becomes of the copy to see, and moves nothing by itself.
    async with world.world.services.database.read() as session:
        (row,) = (await session.scalars(select(PlatformAnswer))).all()
    assert (row.notice_id, row.kind, row.reason, row.by) == (world.notice_id, "refused", "court-order", "link")
    assert (await world.notice()).state == NoticeState.SENT
    # What a stranger wrote does not lie open, and the person reads none of it.
    assert row.content is not None and b"order" not in row.content
    assert (await world.person.get(f"/notices/{world.notice_id}"))["answers"] == []
    await world.advocate.post(f"/notices/{world.notice_id}/mails-read")
    assert await world.alerts() == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "refused"}, "choose the reason"),
        ({"kind": "refused", "reason": "other"}, "write what is needed, or why"),
        ({"kind": "need-more"}, "write what is needed, or why"),
        ({"kind": "nonsense"}, "choose an answer"),
    ],
)
async def test_answer_that_is_not_whole_says_what_is_missing_and_costs_no_code(
    world: PlatformWorld, values: dict[str, str], words: str
) -> None:
    await world.recipient.open()
    await world.recipient.ask_code()
    page = await world.recipient.answer(**values)
    assert page.status_code >= 400 and words in page.text
    assert (await world.recipient.answer("acknowledged")).status_code == 303


async def test_removed_has_the_place_looked_at_once_an_hour_and_removes_nothing(world: PlatformWorld) -> None:
    async def said(kind: str) -> None:
        await change(world, PlatformLink, (await world.link()).id, code_at=None, codes_today=0)
        await world.recipient.ask_code()
        assert (await world.recipient.answer(kind)).status_code == 303

    await world.recipient.open()
    before = (await world.notice()).due_at
    await said("acknowledged")
    assert (await world.notice()).due_at == before
    await said("removed")
    notice = await world.notice()
    assert notice.due_at == world.world.clock.now() and notice.state == NoticeState.SENT
    assert f"verify-{notice.id}-{notice.look + 1}" in await world.world.enqueued()
    # Said again, the next look waits until an hour has passed since the last one that was asked for.
    first = notice.due_at
    await change(world, Notice, notice.id, due_at=before)
    await said("removed")
    assert first is not None and (await world.notice()).due_at == first + timedelta(hours=1)
    look = (await world.notice()).look
    await said("removed")
    assert (await world.notice()).look == look


ENDS: dict[str, Any] = {
    "revoked": lambda world: world.advocate.post(f"/notices/{world.notice_id}/link/revoke"),
    "expired": lambda world: _later(world),
    "removed": lambda world: change(world, Notice, world.notice_id, state=NoticeState.REMOVED),
    "withdrawn": lambda world: change(world, Notice, world.notice_id, state=NoticeState.WITHDRAWN),
    "failed": lambda world: change(world, Notice, world.notice_id, state=NoticeState.FAILED),
    "being erased": lambda world: world.person.post(
        f"/cases/{world.person.case_id}/erasure", {"passphrase": world.person.passphrase}
    ),
    "erased": lambda world: change(world, Case, world.person.case_id, state="erased"),
    "on hold": lambda world: world.advocate.put(
        f"/cases/{world.person.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"}
    ),
    "all work stopped": lambda world: world.advocate.post("/stops", {"advocate_id": None}),
}


async def _later(world: PlatformWorld) -> None:
    world.world.clock.move(days=LASTS.days)


@pytest.mark.parametrize("how", ENDS)
async def test_link_that_is_over_says_nothing_more_than_one_that_never_was(world: PlatformWorld, how: str) -> None:
    link = world.recipient.link()
    await world.recipient.open()
    await world.recipient.ask_code()
    await ENDS[how](world)
    never = await world.recipient.open("a" * 26 + "." + "0" * 40)
    assert never.status_code == 404 and NOTHING in never.text
    path, values = world.recipient.form(link)
    for answer in (
        await world.recipient.open(link),
        await world.recipient.ask("GET", path),
        await world.recipient.ask("GET", f"{path}/notice.json"),
        await world.recipient.answer("acknowledged", link=link),
        await world.recipient.ask("POST", f"{path}/code", values),
    ):
        told = re.sub(r'href="[^"]*lang=', 'href="', answer.text)
        assert (answer.status_code, told) == (404, re.sub(r'href="[^"]*lang=', 'href="', never.text))
    assert "platform-answered" not in [kind for kind, *_ in await world.ledger()] or how == "erased"


async def test_advocate_revokes_on_the_page_and_the_ledger_says_who(world: PlatformWorld) -> None:
    await world.advocate.post(f"/notices/{world.notice_id}/link/revoke")
    row = await world.world.advocate_row()
    kind, by, _ = (await world.ledger())[-1]
    assert (kind, by["who"], by["id"]) == ("platform-link-revoked", "advocate", row.id)
    assert (await world.advocate.get(f"/notices/{world.notice_id}"))["link"]["state"] == "revoked"
    other = await world.world.advocate("second", "Centre B")
    assert await other.refused("POST", f"/notices/{world.notice_id}/link/revoke") == (404, "not-found")


async def test_two_links_in_two_tabs_are_never_taken_for_each_other(world: PlatformWorld) -> None:
    mine = world.recipient.link()
    await world.recipient.open()
    strange = "b" * 26 + "." + mine.split(".")[1]
    assert (await world.recipient.open(strange)).status_code == 404
    # A tag that fits another link opens nothing, and a form of one link is refused at another.
    path, values = world.recipient.form()
    other = {**values, "token": "0" * 64}
    assert "problem=form-expired" in (await world.recipient.ask("POST", f"{path}/code", other)).headers["location"]
    assert (await world.recipient.ask("GET", "/platform")).status_code == 200


async def test_nothing_of_the_link_is_logged_or_handed_to_the_engine(
    world: PlatformWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tag = world.recipient.link().split(".")[1]
    await world.recipient.open()
    await world.recipient.ask_code()
    code = world.recipient.code()
    await world.recipient.answer("need-more", text="private words")
    ours = "\n".join(
        f"{one.getMessage()} {one.__dict__}" for one in caplog.records if one.name.startswith(("monitor", "api"))
    )
    for secret in (tag, code, code.replace(" ", ""), "private words", "t.me/"):
        assert secret not in ours
    async with world.world.services.database.read() as session:
        rows = (await session.execute(text("select workflow_uuid, inputs from workflow_status"))).all()
    assert any("code-" in str(row[0]) for row in rows)
    assert not any(secret in str(row) for row in rows for secret in (tag, code.replace(" ", ""), "private words"))


async def test_pages_speak_korean_too(world: PlatformWorld) -> None:
    await world.recipient.open()
    page = await world.recipient.ask("GET", world.recipient.form()[0], **{"Accept-Language": "ko"})
    assert "정확한 게시 위치" in page.text and "Exact location" not in page.text


async def test_without_links_a_mail_has_none_and_nothing_is_kept(prepared_sqlite_url: str, tmp_path: Path) -> None:
    async with api_world(prepared_sqlite_url, tmp_path, links_at="") as world, MailCatcher() as catcher:
        advocate = await world.advocate()
        sighting = await world.sighting(await world.vouched(advocate))
        body = {"basis": "caption-context", "routes": ["us_tida"]}
        notice_id = (await advocate.confirm(sighting, body))["notices"][0]["notice_id"]
        deliveries = {"smtp": make_smtp(smtp_of(catcher))}
        await Sender(world.services.database, world.context, deliveries).send(notice_id, 1)
        assert "/platform" not in body_of(catcher.messages[0].message)
        assert (await advocate.get(f"/notices/{notice_id}"))["link"] is None
        revoke = await advocate.refused("POST", f"/notices/{notice_id}/link/revoke")
        assert revoke == (409, "no-platform-link")
