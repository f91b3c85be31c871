"""Asking a platform about a whole channel: a person sends it, an unknown outcome is in doubt, the ledger has it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from db.models.linking import PlaceReport
from db.models.sightings import Sighting
from monitor.core.errors import DeliveryRefused, InDoubt, NotSent, RateLimited, WorkStopped
from monitor.core.leave import ask_leave
from monitor.delivery.base import WORK_STOPPED, Outgoing, Receipt
from monitor.delivery.telegram_peer import TelegramPeerReport
from monitor.demo.telegram.world import PeerReport
from monitor.jobs.report_place import PlaceSender
from monitor.jobs.setbacks import TELL_AFTER
from monitor.platforms.base import PlatformName, SourceRef
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_visits import page, send
from tests.support.telegram_adapter import Stage, ref, stage
from tests.support.telegram_troubles import Trouble

PEER = {"route": "telegram_peer", "language": "en"}


async def confirmed(world: ApiWorld, advocate: Caller, **options: Any) -> tuple[Caller, str]:
    """A person with a confirmed copy in the channel; its source's id."""
    person = await world.vouched(advocate)
    sighting = await world.sighting(person, **options)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    return person, (await world.row(sighting)).source_id


async def prepared(world: ApiWorld, advocate: Caller, body: Mapping[str, str] = PEER, **options: Any) -> str:
    _, source_id = await confirmed(world, advocate, **options)
    report: str = (await advocate.post(f"/linking/{source_id}/reports", dict(body)))["report_id"]
    return report


async def state(advocate: Caller, report: str) -> tuple[str, str | None]:
    told = await advocate.get(f"/place-reports/{report}")
    return told["state"], told["reason"]


async def run(world: ApiWorld, delivery: FakeDelivery | None, report: str, attempt: int) -> None:
    deliveries = {} if delivery is None else {"telegram_peer": delivery}
    await PlaceSender(world.services.database, world.context, deliveries).send(report, attempt)


async def kinds(world: ApiWorld) -> list[str]:
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, "installation")
    return [entry.row.kind for entry in told if entry.row.kind.startswith("place-report")]


async def test_what_is_sent_is_read_first_and_a_person_sends_it(world: ApiWorld) -> None:
    advocate, delivery = await world.advocate(), FakeDelivery()
    report = await prepared(world, advocate)
    told = await advocate.get(f"/place-reports/{report}")
    assert told["state"] == "prepared" and "@examplechannel" in told["text"] and "Centre A" in told["text"]
    assert "t.me/" not in told["text"]  # no link, and so nothing of any person
    await run(world, delivery, report, 1)
    assert delivery.sent == []  # nothing leaves by itself
    await advocate.post(f"/place-reports/{report}/send")
    assert await state(advocate, report) == ("queued", None)
    await run(world, delivery, report, 1)  # a task of before
    assert delivery.sent == []
    await run(world, delivery, report, 2)
    await run(world, delivery, report, 2)
    (sent,) = delivery.sent
    assert (sent.body, sent.post_ids, sent.source.remote_id) == (told["text"], (), "77")
    assert await state(advocate, report) == ("sent", None)
    assert await kinds(world) == ["place-report-written", "place-report-queued", "place-report-sent"]
    assert await advocate.refused("POST", f"/place-reports/{report}/send") == (409, "place-report-state")


async def test_an_unknown_outcome_is_in_doubt_and_only_a_person_leads_out_of_it(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, delivery = await prepared(world, advocate), FakeDelivery()
    delivery.errors = [InDoubt("account.reportPeer: no answer")]
    await advocate.post(f"/place-reports/{report}/send")
    await run(world, delivery, report, 2)
    assert await state(advocate, report) == ("in_doubt", "account.reportPeer: no answer")
    assert [one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]] == ["place-report-waits"]
    await run(world, delivery, report, 2)
    assert delivery.sent == []  # nothing resends itself
    await advocate.post(f"/place-reports/{report}/settle", {"arrived": False})
    assert await state(advocate, report) == ("prepared", None)
    assert (await advocate.get("/operations/alerts"))["alerts"] == []
    await advocate.post(f"/place-reports/{report}/send")
    await run(world, delivery, report, 3)
    assert (await state(advocate, report))[0] == "sent" and len(delivery.sent) == 1
    assert await advocate.refused("POST", f"/place-reports/{report}/settle", {"arrived": True}) == (
        409,
        "place-report-state",
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotSent("ConnectionError"), ("queued", "ConnectionError")),
        (RateLimited(60.0), ("queued", "rate-limited")),
        (DeliveryRefused("channel-gone"), ("failed", "channel-gone")),
    ],
)
async def test_what_did_not_leave_is_tried_again_or_told(
    sqlite_world: ApiWorld, error: Exception, told: tuple[str, str]
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, delivery = await prepared(world, advocate), FakeDelivery()
    delivery.errors = [error]
    await advocate.post(f"/place-reports/{report}/send")
    await run(world, delivery, report, 2)
    assert await state(advocate, report) == told
    if told[0] == "failed":
        assert "Telegram does not find the channel" in await page(world, advocate, f"/advocate/place-reports/{report}")
        await advocate.post(f"/place-reports/{report}/send")
    await run(world, delivery, report, 3)
    assert (await state(advocate, report))[0] == "sent"


async def test_a_platform_that_asks_to_wait_never_makes_it_fail_and_is_told(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, delivery = await prepared(world, advocate), FakeDelivery()
    await advocate.post(f"/place-reports/{report}/send")
    for attempt in range(2, 32):
        delivery.errors = [RateLimited(60.0)]
        await run(world, delivery, report, attempt)
        assert await state(advocate, report) == ("queued", "rate-limited")
        waits = [one["reason"] for one in (await advocate.get("/operations/alerts"))["alerts"]]
        assert waits == (["rate-limited"] if attempt >= TELL_AFTER else [])
    await run(world, delivery, report, 32)
    assert await state(advocate, report) == ("sent", None)
    assert (await advocate.get("/operations/alerts"))["alerts"] == []


async def test_a_death_between_intent_and_result_is_seen(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, delivery = await prepared(world, advocate), FakeDelivery()
    await advocate.post(f"/place-reports/{report}/send")
    async with world.services.database.begin() as session:
        (await session.get_one(PlaceReport, report)).state = "sending"  # as a process leaves it that is killed
    await run(world, delivery, report, 2)
    assert await state(advocate, report) == ("in_doubt", "cut-off-while-sending") and delivery.sent == []


async def test_stopped_work_keeps_it_here(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    report, delivery = await prepared(world, lead), FakeDelivery()
    await lead.post(f"/place-reports/{report}/send")
    await lead.post("/stops", {"advocate_id": None, "reason": "a doubt"})
    await run(world, delivery, report, 2)
    assert delivery.sent == [] and await state(lead, report) == ("prepared", "work-stopped")
    assert await waits(lead) == ["work-stopped"]
    assert await lead.refused("POST", f"/place-reports/{report}/send") == (409, "work-stopped")


async def withdraw_all(person: Caller) -> None:
    await person.post(f"/cases/{person.case_id}/consents/withdrawal", {"passphrase": person.passphrase})


async def gone(world: ApiWorld, person: Caller) -> None:
    async with world.services.database.begin() as session:
        for row in await session.scalars(select(Sighting).where(Sighting.case_id == person.case_id)):
            row.removed_at = world.clock.now()


async def waits(advocate: Caller) -> list[str]:
    """Why reports about whole channels need somebody."""
    told = (await advocate.get("/operations/alerts"))["alerts"]
    return [one["reason"] for one in told if one["kind"] == "place-report-waits"]


async def test_copies_of_who_took_their_consent_back_are_not_counted(world: ApiWorld) -> None:
    advocate, delivery = await world.advocate(), FakeDelivery()
    one, place = await confirmed(world, advocate, post_id="1")
    two, _ = await confirmed(world, advocate, post_id="2")
    report = (await advocate.post(f"/linking/{place}/reports", PEER))["report_id"]
    path = f"/place-reports/{report}"
    read = await advocate.get(path)
    assert "in posts of it that stand now: 2." in read["text"]
    await withdraw_all(one)
    told = await advocate.get(path)
    assert "in posts of it that stand now: 1." in told["text"]
    # What was looked at is not what would leave: look again.
    assert await advocate.refused("POST", f"{path}/send", {"digest": read["digest"]}) == (409, "place-report-changed")
    for digest in (read["digest"], ""):
        where = await send(world, advocate, f"/advocate{path}/send", digest=digest)
        assert "problem=place-report-changed" in where
    assert f'name="digest" value="{told["digest"]}"' in await page(world, advocate, f"/advocate{path}")
    where = await send(world, advocate, f"/advocate{path}/send", digest=told["digest"])
    assert "done=place-report-queued" in where
    await run(world, delivery, report, 2)
    assert [sent.body for sent in delivery.sent] == [told["text"]]
    assert (await advocate.get(path))["text"] == told["text"]
    # The other took it back, too: nothing is written.
    await withdraw_all(two)
    assert await advocate.refused("POST", f"/linking/{place}/reports", PEER) == (409, "consent-withdrawn")


async def test_a_number_that_is_not_so_any_more_does_not_leave(world: ApiWorld) -> None:
    advocate, delivery = await world.advocate(), FakeDelivery()
    one, place = await confirmed(world, advocate, post_id="1")
    await confirmed(world, advocate, post_id="2")
    report = (await advocate.post(f"/linking/{place}/reports", PEER))["report_id"]
    path = f"/place-reports/{report}"
    await advocate.post(f"{path}/send")  # a program that does not say what it looked at
    await gone(world, one)
    await run(world, delivery, report, 2)
    assert await state(advocate, report) == ("prepared", "place-report-changed") and delivery.sent == []
    assert await waits(advocate) == ["place-report-changed"]
    for language, words in (("en", "read it again before you send it"), ("ko", "다시 읽고")):
        assert words in await page(world, advocate, f"/advocate{path}", language=language)
    await advocate.post(f"{path}/send")  # it is written anew
    assert await waits(advocate) == []
    await run(world, delivery, report, 3)
    (sent,) = delivery.sent
    assert "in posts of it that stand now: 1." in sent.body


async def test_the_page_says_why_nothing_may_leave_instead_of_a_text(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, place = await confirmed(world, advocate)
    report = (await advocate.post(f"/linking/{place}/reports", PEER))["report_id"]
    path = f"/place-reports/{report}"
    assert "Send it now" in await page(world, advocate, f"/advocate{path}")
    await withdraw_all(person)
    told = await advocate.get(path)
    assert (told["text"], told["kept_back"]) == ("", "consent-withdrawn")
    shown = await page(world, advocate, f"/advocate{path}")
    assert "Nothing of it may leave now." in shown and "Send it now" not in shown and "that stand now" not in shown
    assert await advocate.refused("POST", f"{path}/send") == (409, "consent-withdrawn")


async def test_a_form_that_was_filled_in_before_is_noted_as_it_read_then(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    one, place = await confirmed(world, advocate, platform=PlatformName.X, source="someaccount", post_id="1")
    two, _ = await confirmed(world, advocate, platform=PlatformName.X, source="someaccount", post_id="2")
    report = (await advocate.post(f"/linking/{place}/reports", {"route": "x_account"}))["report_id"]
    path = f"/place-reports/{report}"
    before = await advocate.get(path)
    await gone(world, one)
    now = await advocate.get(path)
    assert "now: 2." in before["text"] and "now: 1." in now["text"]
    wrong = {"digest": "0" * 64}
    assert await advocate.refused("POST", f"{path}/submission", wrong) == (409, "place-report-changed")
    await withdraw_all(two)
    shown = await page(world, advocate, f"/advocate{path}")
    assert "Only if you had sent it already" in shown and before["digest"] in shown
    await advocate.post(f"{path}/submission", {"digest": before["digest"]})
    told = await advocate.get(path)
    assert (told["state"], told["text"]) == ("sent", before["text"])


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_one_that_the_last_check_puts_back_is_told(sqlite_world: ApiWorld, language: str) -> None:
    world, advocate, delivery = sqlite_world, await sqlite_world.advocate(), FakeDelivery()
    person, place = await confirmed(world, advocate)
    report = (await advocate.post(f"/linking/{place}/reports", PEER))["report_id"]
    await advocate.post(f"/place-reports/{report}/send")
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "timing": "wait-for-police"})
    await run(world, delivery, report, 2)
    assert await state(advocate, report) == ("prepared", "waiting-for-police") and delivery.sent == []
    assert await waits(advocate) == ["waiting-for-police"]
    shown = await page(world, advocate, "/advocate/alerts", language=language)
    assert "waiting-for-police" not in shown
    assert ("The person waits for the police" if language == "en" else "경찰") in shown
    await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    await advocate.post(f"/place-reports/{report}/send")
    assert await waits(advocate) == []
    await run(world, delivery, report, 3)
    assert (await state(advocate, report))[0] == "sent" and len(delivery.sent) == 1


async def test_what_changes_while_it_waits_for_its_turn_keeps_it_here(sqlite_world: ApiWorld) -> None:
    """The last question is asked right before the call."""
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, place = await confirmed(world, advocate)
    report = (await advocate.post(f"/linking/{place}/reports", PEER))["report_id"]

    class Slow(FakeDelivery):
        async def send(self, outgoing: Outgoing) -> Receipt:
            await withdraw_all(person)
            try:
                await ask_leave()
            except WorkStopped:
                raise NotSent(WORK_STOPPED) from None  # as the real way out does
            return await super().send(outgoing)

    delivery = Slow()
    await advocate.post(f"/place-reports/{report}/send")
    await run(world, delivery, report, 2)
    await run(world, delivery, report, 3)
    assert await state(advocate, report) == ("prepared", "consent-withdrawn") and delivery.sent == []
    assert await waits(advocate) == ["consent-withdrawn"]


async def test_only_where_something_is_confirmed_and_one_at_a_time(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    other = await world.advocate("second", "Centre B")
    sighting = await world.sighting(await world.vouched(advocate), post_id="5", source="openchannel")
    place = (await world.row(sighting)).source_id
    assert await advocate.refused("POST", f"/linking/{place}/reports", PEER) == (409, "nothing-confirmed-there")
    assert await other.refused("POST", f"/linking/{place}/reports", PEER) == (404, "not-found")
    _, place = await confirmed(world, advocate)
    account = {"route": "x_account", "language": "en"}
    assert await advocate.refused("POST", f"/linking/{place}/reports", account) == (409, "platform-mismatch")
    report = (await advocate.post(f"/linking/{place}/reports", PEER))["report_id"]
    assert await advocate.refused("POST", f"/linking/{place}/reports", PEER) == (409, "place-report-open")
    assert await other.refused("GET", f"/place-reports/{report}") == (404, "not-found")
    await advocate.post(f"/place-reports/{report}/withdraw")
    await advocate.post(f"/linking/{place}/reports", PEER)
    assert [one["state"] for one in (await advocate.get("/place-reports"))["reports"]].count("withdrawn") == 1
    assert (await other.get("/place-reports"))["reports"] == []


async def test_x_form_about_an_account_is_prepared_for_a_person_who_notes_it(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    _, place = await confirmed(world, advocate, platform=PlatformName.X, source="someaccount")
    where = await send(world, advocate, f"/advocate/linking/{place}/report", route="x_account", language="en")
    report = where.partition("?")[0].rpartition("/")[2]
    shown = await page(world, advocate, where)
    assert "account (@someaccount)" in shown and "https://help.x.com/" in shown
    assert await advocate.refused("POST", f"/place-reports/{report}/send") == (409, "place-report-state")
    path = f"/advocate/place-reports/{report}"
    noted = {"reference": "X-1", "digest": (await advocate.get(f"/place-reports/{report}"))["digest"]}
    assert f'name="digest" value="{noted["digest"]}"' in shown
    assert "done=place-report-sent" in await send(world, advocate, f"{path}/submission", **noted)
    assert await state(advocate, report) == ("sent", None)
    assert "problem=place-report-state" in await send(world, advocate, f"{path}/submission", **noted)
    assert "Sent" in await page(world, advocate, f"/advocate/linking/{place}")
    assert await kinds(world) == ["place-report-written", "place-report-sent"]


# Through Telegram's protocol.


@pytest.fixture
async def play() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


def outgoing(source: SourceRef, text: str = "This channel posts pictures without consent.") -> Outgoing:
    return Outgoing("r1", "telegram_peer", "source_one", "", text, source, ())


async def test_the_channel_is_reported_through_the_protocol_once(play: Stage) -> None:
    channel = play.world.channel("source_one")
    receipt = await TelegramPeerReport(play.telegram(call_seconds=2)).send(outgoing(ref(channel)))
    (told,) = play.world.peer_reports
    assert isinstance(told, PeerReport) and told.reason == "InputReportReasonPornography"
    assert (told.channel_id, told.message) == (channel.id, "This channel posts pictures without consent.")
    assert dict(receipt.facts) == {"reason": "pornography"} and receipt.reference is None


async def test_a_channel_that_is_gone_is_refused_and_a_closed_one_told(play: Stage) -> None:
    channel = play.world.channel("source_one")
    delivery = TelegramPeerReport(play.telegram(call_seconds=2))
    known = ref(channel)
    play.world.private.add(channel.id)
    with pytest.raises(DeliveryRefused, match="source-private"):
        await delivery.send(outgoing(known))
    del play.world.channels[channel.id]
    with pytest.raises(DeliveryRefused, match="source-unknown-to-account"):
        await delivery.send(outgoing(known))
    assert play.world.peer_reports == []


@pytest.mark.parametrize("trouble", [Trouble.CUT_BEFORE, Trouble.CUT_AFTER, Trouble.SILENT])
async def test_a_call_without_a_clear_answer_is_in_doubt_and_not_repeated(play: Stage, trouble: Trouble) -> None:
    channel = play.world.channel("source_one")
    telegram = play.telegram(call_seconds=2)
    await telegram.resolve("source_one")
    play.world.trouble("account.reportPeer", trouble)
    with pytest.raises(InDoubt, match=r"account\.reportPeer"):
        await TelegramPeerReport(telegram).send(outgoing(ref(channel)))
    assert play.world.count("account.reportPeer") == 1
