"""A post's own page on t.me is read beside the account's answer: both must agree on "gone" where both can see."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.actions.confirm import confirm
from monitor.demo.telegram.web import TelegramWebDouble
from monitor.demo.telegram.world import TelegramWorld
from monitor.jobs.follow_up import FollowUp
from monitor.jobs.send import Sender
from monitor.model.facts import Basis
from monitor.model.notice_states import NoticeState
from monitor.platforms.base import Presence
from monitor.platforms.second_view import Sight
from monitor.platforms.telegram.web_page import MAX_PAGE_BYTES, PublicOnly, TelegramWebPage
from monitor.sources.media_reader import MediaReader
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, FakeDelivery, domain_world, make_advocate, make_case, make_sighting
from tests.support.leaving import write_and_send


@pytest.fixture
async def double() -> AsyncIterator[TelegramWebDouble]:
    async with TelegramWebDouble(TelegramWorld()) as made:
        yield made


async def test_page_tells_a_post_with_a_picture_one_without_and_one_that_is_gone(double: TelegramWebDouble) -> None:
    world, page = double.world, TelegramWebPage(double.base)
    channel = world.channel("source_one")
    world.post(channel, '<div class="tgme_widget_message_error">Post not found</div>', object())
    world.post(channel, "a text")
    seen = [await page.look("Source_One", number) for number in ("1", "2", "3")]
    assert [one.sight for one in seen] == [Sight.POST, Sight.NO_PICTURE, Sight.GONE]
    assert all(len(one.response_sha256) == 64 for one in seen)
    assert [path.partition("?")[0] for path in double.paths] == ["/Source_One/1", "/Source_One/2", "/Source_One/3"]


async def test_redirect_no_preview_and_a_dead_host_cannot_see(double: TelegramWebDouble) -> None:
    world, page = double.world, TelegramWebPage(double.base)
    channel = world.channel("source_one")
    world.post(channel, "", object())
    double.no_preview.add(channel.id)
    told = [await page.look("source_one", "1"), await page.look("nobody_here", "1")]
    told.append(await TelegramWebPage("http://127.0.0.1:9").look("source_one", "1"))
    assert [(one.sight, one.reason) for one in told] == [
        (Sight.CANNOT_SEE, "no-preview"),
        (Sight.CANNOT_SEE, "redirect"),
        (Sight.CANNOT_SEE, "no-answer"),
    ]


@asynccontextmanager
async def answering(head: bytes, body: bytes, *, hang: bool = False) -> AsyncIterator[str]:
    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n" + body)
        await writer.drain()
        if hang:
            await reader.read()  # until the other side gives up
        writer.close()
        done.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.wait_for(done.wait(), 10)


HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close"


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        (HTML, b"<p>" + bytes(MAX_PAGE_BYTES), "too-large"),
        (HTML, b"<p>Log in</p>", "no-preview"),
        (HTML, b'<div class="tgme_widget_message" data-post="other/1"></div>', "another-post"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close", b"\xff\xd8", "not-html"),
        (b"HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nConnection: close", b"Post not found", "http-503"),
        (b"no http", b"", "no-answer"),
    ],
)
async def test_what_is_no_page_of_that_post_cannot_see(head: bytes, body: bytes, reason: str) -> None:
    async with answering(head, body) as base:
        told = await TelegramWebPage(base).look("source_one", "1")
    assert (told.sight, told.reason) == (Sight.CANNOT_SEE, reason)


async def test_slow_page_is_given_up() -> None:
    head = HTML + b"\r\nContent-Length: 100"
    async with answering(head, b"<p>", hang=True) as base:
        told = await TelegramWebPage(base, timeout=0.3).look("source_one", "1")
    assert (told.sight, told.reason) == (Sight.CANNOT_SEE, "no-answer")


async def test_name_that_leads_into_a_private_network_is_not_followed() -> None:
    with pytest.raises(OSError, match="no public address"):
        await PublicOnly().resolve("localhost", 80)


async def reported(world: DomainWorld) -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, source="source_one", post_id="1")

        await confirm(session, world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, notice.attempt)
    return notice


async def checks(
    world: DomainWorld, double: TelegramWebDouble, notice: Notice, presence: Presence, *numbers: int
) -> tuple[str, Sighting]:
    reader = MediaReader(None, 1)  # type: ignore[arg-type]  # nothing stands in the picture's place here
    job = FollowUp(world.database, world.context, world.accounts, reader, TelegramWebPage(double.base))
    world.platform.presence = presence
    for number in numbers:
        world.clock.move(hours=1.5)
        await job.verify(notice.id, number)
    async with world.database.read() as session:
        row = await session.get_one(Notice, notice.id)
        return row.state, await session.get_one(Sighting, row.sighting_id)


async def looked(world: DomainWorld) -> list[dict[str, Any]]:
    async with world.database.read() as session:
        case_id = (await session.scalars(select(Case.id))).one()
        entries = await world.context.ledger.read(session, case_id)
    return [dict(facts or {}) for entry, facts in entries if entry.kind == "looked"]


@on_sqlite
async def test_what_the_page_still_shows_is_not_removed_whatever_the_account_says(
    prepared_url: str, tmp_path: Any, double: TelegramWebDouble
) -> None:
    double.world.post(double.world.channel("source_one"), "", object())
    async with domain_world(prepared_url, tmp_path) as world:
        notice = await reported(world)
        state, copy = await checks(world, double, notice, Presence.DELETED, 1, 2, 3)
        assert (state, copy.presence, copy.gone_since, copy.second_view) == ("sent", "unknown", None, "post")
        (first, *_) = await looked(world)
        assert (first["presence"], first["reason"], first["second_view"]) == ("unknown", "views-disagree", "post")
        assert first["second_sha256"]
        double.still["source_one/1"] = False
        state, copy = await checks(world, double, notice, Presence.DELETED, 4, 5)
        assert (state, copy.second_view) == (NoticeState.REMOVED, "gone")


@on_sqlite
async def test_page_that_cannot_see_leaves_it_to_the_account(
    prepared_url: str, tmp_path: Any, double: TelegramWebDouble
) -> None:
    channel = double.world.channel("source_one")
    double.no_preview.add(channel.id)
    async with domain_world(prepared_url, tmp_path) as world:
        notice = await reported(world)
        state, copy = await checks(world, double, notice, Presence.DELETED, 1, 2)
        assert (state, copy.second_view) == (NoticeState.REMOVED, "cannot-see")


@on_sqlite
async def test_what_only_the_page_misses_still_stands(
    prepared_url: str, tmp_path: Any, double: TelegramWebDouble
) -> None:
    double.world.channel("source_one")
    async with domain_world(prepared_url, tmp_path) as world:
        notice = await reported(world)
        state, copy = await checks(world, double, notice, Presence.LIVE, 1, 2, 3)
        assert (state, copy.presence, copy.second_view) == ("sent", "live", "gone")
