"""The watch of a source is opened once; every change is seen by the next call."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint, remove_fingerprint
from monitor.cases.quarantine import release
from monitor.context.context import DomainContext
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName
from monitor.watch.benign import add_benign
from monitor.watch.cache import WatchCache, Watching
from tests.support.domain_world import DomainWorld, domain_world, make_advocate, make_case

CODES = [f"{digit}0" * 32 for digit in "789abcdef"]


class CountingKeys:
    """The world's key store, which counts who asks for a key."""

    def __init__(self, keys: Any) -> None:
        self._keys, self.gets = keys, 0

    def get(self, name: str) -> Any:
        """See KeyStore."""
        self.gets += 1
        return self._keys.get(name)

    def holding(self, names: Any) -> Any:
        """See KeyStore."""
        wanted = list(names)
        self.gets += len(wanted)
        return self._keys.holding(wanted)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)


class Party:
    """Cases in a world, and a cache whose key uses are counted."""

    def __init__(self, world: DomainWorld) -> None:
        self.world = world
        self.keys = CountingKeys(world.context.keys)
        self.cache = WatchCache(replace(world.context, keys=self.keys), most_sources=2)  # type: ignore[arg-type]

    @property
    def context(self) -> DomainContext:
        """The context that nothing counts."""
        return self.world.context

    async def join(self, *codes: str, channel: str = "channel") -> tuple[str, str, str]:
        """A vouched case with these fingerprints that watches a channel: ids of case, source, consent."""
        async with self.world.database.begin() as session:
            case = await make_case(session, self.context, await make_advocate(session, organisation=f"O{id(codes)}"))
            for code in codes:
                await add_fingerprint(session, self.context, case, pdq=code, quality=90, kind=PictureKind.INTIMATE)
            (consent,) = await give_consent(
                session, self.context, case, platform=PlatformName.TELEGRAM, source=channel, purposes=[Purpose.WATCH]
            )
        return case.id, consent.source_id, consent.id

    async def watch(self, source_id: str) -> Watching:
        """What the source is compared with, in a transaction of its own."""
        async with self.world.database.begin() as session:
            return await self.cache.watch(session, source_id, self.world.clock.now())

    async def change(self, case_id: str, act: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """One change of a case, committed."""
        async with self.world.database.begin() as session:
            case = await lock_one(session, Case, case_id)
            return await act(session, self.context, case, *arguments, **more)


@pytest.fixture
async def party(prepared_url: str, tmp_path: Path) -> AsyncIterator[Party]:
    async with domain_world(prepared_url, tmp_path) as world:
        yield Party(world)


def ids(watching: Watching) -> set[str]:
    return {one.fingerprint_id for one in watching.watch.watched}


async def test_nothing_is_opened_again_when_nothing_changed(party: Party) -> None:
    _, source_id, _ = await party.join(*CODES[:3])
    first = await party.watch(source_id)
    used = party.keys.gets
    assert used == 1  # the case's, whatever it registered
    for _ in range(3):
        again = await party.watch(source_id)
        assert again.watch is first.watch
    assert party.keys.gets == used


async def test_added_fingerprint_is_seen_and_only_it_is_opened(party: Party) -> None:
    case_id, source_id, _ = await party.join(*CODES[:3])
    before = ids(await party.watch(source_id))
    used = party.keys.gets
    row = await party.change(case_id, add_fingerprint, pdq=CODES[4], quality=90, kind=PictureKind.FAKED)
    assert ids(await party.watch(source_id)) == before | {row.id}
    assert party.keys.gets == used + 1


async def test_removed_fingerprint_is_gone_at_once_and_nothing_is_opened(party: Party) -> None:
    case_id, source_id, _ = await party.join(*CODES[:3])
    before = ids(await party.watch(source_id))
    used, gone = party.keys.gets, min(before)
    await party.change(case_id, remove_fingerprint, gone)
    assert ids(await party.watch(source_id)) == before - {gone}
    assert party.keys.gets == used


async def test_quarantined_fingerprint_is_gone_and_comes_back_with_its_release(party: Party) -> None:
    case_id, source_id, _ = await party.join(*CODES[:2])
    before = ids(await party.watch(source_id))
    paused = min(before)
    async with party.world.database.begin() as session:
        (await lock_one(session, Fingerprint, paused)).quarantined_at = party.world.clock.now()
    assert ids(await party.watch(source_id)) == before - {paused}
    await party.change(case_id, release, paused, by="somebody")
    assert ids(await party.watch(source_id)) == before


async def test_withdrawn_consent_takes_the_case_out_at_once(party: Party) -> None:
    case_id, source_id, consent_id = await party.join(CODES[0])
    await party.join(CODES[4])
    before = ids(await party.watch(source_id))
    assert len(before) == 2
    used = party.keys.gets
    await party.change(case_id, withdraw_consent, consent_id)
    assert len(ids(await party.watch(source_id))) == 1
    assert party.keys.gets == used


async def test_change_is_seen_inside_the_transaction_and_undone_with_it(party: Party) -> None:
    case_id, source_id, consent_id = await party.join(CODES[0])
    before = ids(await party.watch(source_id))
    with pytest.raises(ZeroDivisionError):
        async with party.world.database.begin() as session:
            await withdraw_consent(session, party.context, await lock_one(session, Case, case_id), consent_id)
            assert ids(await party.cache.watch(session, source_id, party.world.clock.now())) == set()
            raise ZeroDivisionError
    assert ids(await party.watch(source_id)) == before


async def test_nothing_stays_opened_for_a_source_without_a_live_consent(party: Party) -> None:
    case_id, source_id, consent_id = await party.join(CODES[0])
    _, other, _ = await party.join(CODES[4], channel="other")
    await party.watch(source_id)
    await party.watch(other)
    assert len(party.cache) == 2
    await party.change(case_id, withdraw_consent, consent_id)
    await party.watch(other)
    assert len(party.cache) == 1
    party.world.clock.move(days=400)
    async with party.world.database.read() as session:
        await party.cache.prune(session, party.world.clock.now())
    assert len(party.cache) == 0


async def test_only_so_many_sources_are_held(party: Party) -> None:
    sources = [(await party.join(code, channel=f"channel{n}"))[1] for n, code in enumerate(CODES[:3])]
    for source_id in sources:
        await party.watch(source_id)
    assert len(party.cache) == 2
    used = party.keys.gets
    await party.watch(sources[2])
    assert party.keys.gets == used
    await party.watch(sources[0])
    assert party.keys.gets == used + 1


async def test_damaged_fingerprint_is_counted_and_tried_again(party: Party) -> None:
    _, source_id, _ = await party.join(*CODES[:2])
    async with party.world.database.begin() as session:
        listed = ids(await party.cache.watch(session, source_id, party.world.clock.now()))
        row = await session.get_one(Fingerprint, min(listed))
        party.cache.forget(source_id)
        whole, row.payload = row.payload, b"damaged"
    found = await party.watch(source_id)
    assert (found.unreadable, len(found.watch)) == (1, 1)
    async with party.world.database.begin() as session:
        (await lock_one(session, Fingerprint, row.id)).payload = whole
    assert (await party.watch(source_id)).unreadable == 0


async def test_change_of_the_benign_list_is_seen_without_opening_anything(party: Party) -> None:
    _, source_id, _ = await party.join(CODES[0])
    assert (await party.watch(source_id)).watch.benign is None
    used = party.keys.gets
    async with party.world.database.begin() as session:
        await add_benign(session, bytes(32), note="x", by="operator", now=party.world.clock.now())
    assert len((await party.watch(source_id)).watch.benign or ()) == 1
    assert party.keys.gets == used
