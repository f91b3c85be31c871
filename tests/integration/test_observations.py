"""Preserve before notifying: a post is observed when a notice about it is about to leave; nothing waits for that."""

import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models.notices import Notice
from db.models.observations import Observation
from db.models.sightings import Sighting
from db.models.sources import Consent, Source
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.jobs.observe import Observer
from monitor.jobs.send import Sender
from monitor.model.facts import AgeGroup
from monitor.model.notice_states import NoticeState
from monitor.model.records.observation import ObservationRecord
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.base import Platform, PlatformName
from monitor.sightings.observations import forget_text
from monitor.sources.accounts import Accounts
from tests.support.domain_world import (
    DomainWorld,
    FakeDelivery,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
    make_sighting,
)
from tests.support.leaving import write_and_send
from tests.support.telegram_adapter import PICTURE, stage
from tests.support.x_parts import Parts, x_parts


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_sqlite_url, tmp_path) as made:
        yield made


@dataclass
class Copy:
    """A confirmed copy at a double, with a notice that waits to leave."""

    world: DomainWorld
    context: DomainContext
    observer: Observer
    notice: Notice

    async def send(self, delivery: FakeDelivery | None = None, notice: Notice | None = None) -> FakeDelivery:
        """The send job, once."""
        delivery = delivery or FakeDelivery()
        ways = {"smtp": delivery, "telegram_report": delivery}
        sender = Sender(self.world.database, self.context, ways, self.observer)
        await sender.send((notice or self.notice).id, 1)
        return delivery

    async def rows(self) -> list[tuple[str, ObservationRecord | None]]:
        """Every observation: what came of it, and what was seen."""
        async with self.world.database.read() as session:
            rows = (await session.scalars(select(Observation).order_by(Observation.at, Observation.id))).all()
            return [(row.outcome, self._opened(row)) for row in rows]

    def _opened(self, row: Observation) -> ObservationRecord | None:
        if row.content is None:
            return None
        return self.context.open_record(ObservationRecord, row.case_id, row.id, row.content)

    async def evidence(self) -> SightingRecord:
        async with self.world.database.read() as session:
            row = await session.get_one(Sighting, self.notice.sighting_id)
            return self.context.open_record(SightingRecord, row.case_id, row.id, row.evidence)

    async def told(self) -> list[tuple[str, Any]]:
        """The ledger of the case: kinds with their facts."""
        async with self.world.database.read() as session:
            return [(one.row.kind, one.facts) for one in await self.context.ledger.told(session, self.notice.case_id)]


async def copy_at(
    world: DomainWorld,
    platform: Platform,
    *,
    handle: str,
    remote_id: str,
    access: str | None,
    post_id: str,
    media_id: str,
    route: str = "us_tida",
    most_seconds: float = 20.0,
    max_bytes: int = 1_000_000,
) -> Copy:
    """A copy at a post of a double, confirmed, with a notice."""
    context = replace(world.context, accounts={platform.name: platform.account})
    async with world.database.begin() as session:
        advocate = await make_advocate(session, f"Centre {new_id()}")
        case = await make_case(session, context, advocate)
        kwargs: dict[str, Any] = {"source": handle, "post_id": post_id, "platform": platform.name}
        sighting = await make_sighting(session, context, case, confirmed_by=advocate, **kwargs)
        sighting.media_id = media_id
        source = await session.get_one(Source, sighting.source_id)
        source.remote_id, source.access, source.account = remote_id, access, platform.account
        (notice,), _ = await write_and_send(session, context, sighting, routes=(route,), by=advocate.id)
    accounts = Accounts({platform.name: platform}, world.database.url)
    observer = Observer(world.database, context, accounts, max_bytes=max_bytes, most_seconds=most_seconds)
    return Copy(world, context, observer, notice)


@pytest.fixture
async def telegram(world: DomainWorld) -> AsyncIterator[tuple[Any, Copy]]:
    async with stage() as play:
        channel = play.world.channel("channel_one", "Its title")
        made = play.world.post(channel, "what it says", play.picture())
        adapter = play.telegram()
        post = await adapter.post(await adapter.resolve("channel_one"), str(made.id))
        assert post is not None
        play.made = made  # type: ignore[attr-defined]  # what the tests change
        yield (
            play,
            await copy_at(
                world,
                adapter,
                handle="channel_one",
                remote_id=str(channel.id),
                access=str(channel.access_hash),
                post_id=str(made.id),
                media_id=post.media[0].id,
            ),
        )


async def on_x(world: DomainWorld, parts: Parts, **options: Any) -> tuple[Any, Copy]:
    account = parts.world.account("someone_there", name="Displayed Name")
    made = parts.world.post(account, "what it says", [b"upload" * 100])
    parts.world.calls.clear()
    copy = await copy_at(
        world,
        parts.x,
        handle="someone_there",
        remote_id=account.id,
        access=None,
        post_id=made.id,
        media_id=made.media[0].key,
        route="x_tida",
        **options,
    )
    return made, copy


async def test_post_is_observed_and_its_largest_form_hashed_before_the_notice_leaves(
    telegram: tuple[Any, Copy],
) -> None:
    _, copy = telegram
    delivery = await copy.send()
    assert len(delivery.sent) == 1
    ((outcome, record),) = await copy.rows()
    assert outcome == "observed" and record is not None
    seen = record.observed
    assert (record.caption, seen.author_handle, seen.author_name) == ("what it says", "channel_one", "Its title")
    assert seen.response is not None and hashlib.sha256(seen.response.encode()).hexdigest() == record.response_sha256
    assert seen.largest is not None and seen.largest.model_dump() == {
        "variant": "photo size y, 1280x960",
        "size": len(PICTURE),
        "sha256": hashlib.sha256(PICTURE).hexdigest(),
        "reason": None,
    }
    assert seen.clock_offset is not None and seen.tool.startswith("jikimi ") and seen.collector.startswith("telegram:")
    told = await copy.told()
    kinds = [kind for kind, _ in told]
    assert kinds.index("post-observed") < kinds.index("notice-sent")
    facts = dict(told)["post-observed"]
    assert (facts["notice"], facts["outcome"]) == (copy.notice.id, "observed")
    assert facts["evidence"]["observed"]["largest"]["sha256"] == seen.largest.sha256
    assert "response" not in facts["evidence"]["observed"]


async def test_another_notice_within_the_hour_is_served_by_the_same_observation(telegram: tuple[Any, Copy]) -> None:
    play, copy = telegram
    async with copy.world.database.begin() as session:
        sighting = await session.get_one(Sighting, copy.notice.sighting_id)
        (other,), _ = await write_and_send(
            session, copy.context, sighting, routes=("telegram_report",), by=copy.notice.created_by
        )
    await copy.send()
    asked = len(play.world.calls)
    delivery = await copy.send(notice=other)
    assert len(delivery.sent) == 1 and len(play.world.calls) == asked and len(await copy.rows()) == 1


async def test_platform_that_is_down_costs_its_record_and_delays_no_notice(telegram: tuple[Any, Copy]) -> None:
    play, copy = telegram
    await play.double.__aexit__(None, None, None)
    for adapter in play._adapters:
        await adapter.close()
    began = time.monotonic()
    delivery = await copy.send()
    assert len(delivery.sent) == 1 and time.monotonic() - began < 15
    assert [outcome for outcome, _ in await copy.rows()] == ["PlatformFault"]
    assert "PlatformFault" in [facts["outcome"] for kind, facts in await copy.told() if kind == "post-observed"]
    # Those that follow do not wait for it either, and it is not asked once more.
    async with copy.world.database.begin() as session:
        sighting = await session.get_one(Sighting, copy.notice.sighting_id)
        (other,), _ = await write_and_send(
            session, copy.context, sighting, routes=("telegram_report",), by=copy.notice.created_by
        )
    assert len((await copy.send(notice=other)).sent) == 1
    assert sorted(outcome for outcome, _ in await copy.rows()) == ["PlatformFault", "no-answer-lately"]


async def test_account_that_is_busy_holds_a_notice_for_some_seconds_only(world: DomainWorld) -> None:
    async with x_parts() as parts:
        _, copy = await on_x(world, parts, most_seconds=0.3)
        copy.notice = await made_queued(copy)
        async with copy.observer._accounts.use(PlatformName.X):
            assert len((await copy.send()).sent) == 1
        assert [outcome for outcome, _ in await copy.rows()] == ["no-answer"]


async def test_what_was_seen_stays_when_its_largest_form_does_not_come(world: DomainWorld) -> None:
    async with x_parts() as parts:
        _, copy = await on_x(world, parts, max_bytes=100)
        await copy.observer.observe(copy.notice.sighting_id, copy.notice.id)
        ((outcome, record),) = await copy.rows()
        assert outcome == "observed" and record is not None and record.observed.largest is not None
        assert (record.observed.largest.sha256, record.observed.largest.reason) == (None, "too-large")


async def test_fault_that_nobody_foresaw_never_holds_a_notice(telegram: tuple[Any, Copy], caplog: Any) -> None:
    _, copy = telegram
    copy.observer._accounts = None  # type: ignore[assignment]  # as a mistake of ours would be
    assert len((await copy.send()).sent) == 1
    assert "post not observed" in caplog.text and await copy.rows() == []


async def test_nothing_is_read_without_a_live_consent_and_that_is_recorded(telegram: tuple[Any, Copy]) -> None:
    play, copy = telegram
    async with copy.world.database.begin() as session:
        row = await session.get_one(Sighting, copy.notice.sighting_id)
        row.fingerprint_id = new_id()  # not from a link that the person entered
    copy.world.clock.move(days=400)
    asked = len(play.world.calls)
    await copy.observer.observe(copy.notice.sighting_id, copy.notice.id)
    assert [outcome for outcome, _ in await copy.rows()] == ["no-consent"] and len(play.world.calls) == asked


async def test_notice_that_a_withdrawal_stopped_is_not_observed(telegram: tuple[Any, Copy]) -> None:
    play, copy = telegram
    async with copy.world.database.begin() as session:
        for consent in await session.scalars(select(Consent).where(Consent.case_id == copy.notice.case_id)):
            consent.withdrawn_at = copy.world.clock.now()
    copy.world.clock.move(minutes=1)
    asked = len(play.world.calls)
    assert (await copy.send()).sent == []
    assert await copy.rows() == [] and len(play.world.calls) == asked


async def made_queued(copy: Copy) -> Notice:
    """X's routes are forms; for the send job one is made to leave by mail."""
    async with copy.world.database.begin() as session:
        row = await session.get_one(Notice, copy.notice.id)
        row.state, row.route = NoticeState.QUEUED, "us_tida"
        return row


async def test_form_that_a_person_submits_is_preserved_when_it_is_ready(world: DomainWorld) -> None:
    async with x_parts() as parts:
        made, copy = await on_x(world, parts)
        (task,) = [one for one in world.tasks if one.workflow == "observe"]
        assert task.arguments == (copy.notice.sighting_id, copy.notice.id)
        await copy.observer.observe(*task.arguments)
        ((outcome, record),) = await copy.rows()
        assert outcome == "observed" and record is not None and record.observed.largest is not None
        assert record.observed.largest.sha256 == hashlib.sha256(made.media[0].body).hexdigest()
        assert (record.observed.author_handle, record.observed.author_name) == ("someone_there", "Displayed Name")


async def test_copy_of_a_minor_is_preserved_when_it_is_confirmed(telegram: tuple[Any, Copy]) -> None:
    """No notice of ours goes out: a person tells the police."""
    _, copy = telegram
    world = copy.world
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Another centre")
        case = await make_case(session, copy.context, advocate, age_group=AgeGroup.MINOR)
        sighting = await make_sighting(
            session, copy.context, case, source="channel_one", post_id="1", confirmed_by=advocate
        )
    (task,) = [one for one in world.tasks if one.workflow == "observe"]
    assert task.arguments == (sighting.id, "")
    async with world.database.begin() as session:
        source = await session.get_one(Source, sighting.source_id)
        theirs = await session.get_one(Source, (await session.get_one(Sighting, copy.notice.sighting_id)).source_id)
        assert source.id == theirs.id
        play, _ = telegram
        channel = play.world.named("channel_one")
        source.remote_id, source.access = str(channel.id), str(channel.access_hash)
        source.account = next(iter(copy.context.accounts.values()))
    await copy.observer.observe(*task.arguments)
    ((outcome, record),) = await copy.rows()
    assert outcome == "observed" and record is not None and record.caption == "what it says"


@pytest.mark.parametrize("kept", [False, True])
async def test_deleted_post_of_x_keeps_its_text_and_names_only_by_approval(world: DomainWorld, kept: bool) -> None:
    """Ids, times and hashes stay in any case; the ledger never held more, and verifies."""
    async with x_parts() as parts:
        made, copy = await on_x(world, parts)
        if kept:
            copy.context = replace(copy.context, keeps_deleted_text=frozenset({"x"}))
            copy.observer._context = copy.context
        await copy.observer.observe(copy.notice.sighting_id, copy.notice.id)
        parts.world.remove(made.id)
        world.clock.move(hours=2)
        await copy.observer.observe(copy.notice.sighting_id, copy.notice.id)
        (_, record), (outcome, nothing) = await copy.rows()
        assert (outcome, nothing) == ("gone", None) and record is not None
        evidence = await copy.evidence()
        stays = "what it says" in f"{record.as_json()}" and "Displayed Name" in f"{record.as_json()}"
        assert stays is kept
        assert ("someone_there" in f"{record.as_json()} {evidence.as_json()['observed']}") is kept
        assert record.response_sha256 and record.observed.largest and record.observed.largest.sha256
        assert (record.post_id, record.author_id) == (made.id, made.account.id)
        assert ("text-destroyed" in [kind for kind, _ in await copy.told()]) is not kept
        ledger = f"{[facts for kind, facts in await copy.told() if kind in ('post-observed', 'sighting-found')]}"
        assert "what it says" not in ledger and "Displayed Name" not in ledger and "someone_there" not in ledger


async def test_deleted_post_of_telegram_keeps_what_it_said(telegram: tuple[Any, Copy]) -> None:
    _, copy = telegram
    await copy.send()
    context = replace(copy.context, keeps_deleted_text=frozenset({"telegram"}))
    async with copy.world.database.begin() as session:
        await forget_text(session, context, await session.get_one(Sighting, copy.notice.sighting_id))
    ((_, record),) = await copy.rows()
    assert record is not None and record.caption == "what it says"


async def test_check_that_finds_a_post_of_x_deleted_ends_its_text(world: DomainWorld) -> None:
    async with x_parts() as parts:
        made, copy = await on_x(world, parts)
        await copy.observer.observe(copy.notice.sighting_id, copy.notice.id)
        await made_queued(copy)
        await copy.send()
        parts.world.remove(made.id)
        world.clock.move(hours=1)
        accounts = Accounts({PlatformName.X: parts.x}, world.database.url)
        await follow_up(world, accounts=accounts).verify(copy.notice.id, 1)
        ((_, record),) = await copy.rows()
        assert record is not None and record.caption is None and record.observed.response_left_out == "deleted"
        assert record.url == f"https://x.com/i/status/{made.id}"


async def test_sighting_records_every_field_when_it_is_found(telegram: tuple[Any, Copy]) -> None:
    _, copy = telegram
    seen = (await copy.evidence()).observed
    assert seen is not None and seen.status == "found" and seen.at == copy.world.clock.now()
    assert (seen.algorithm, seen.tool[:7]) == ("pdq, phash", "jikimi ")
