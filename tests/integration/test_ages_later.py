"""What the person says of a picture later reaches what was found before: behind a link, by a part, by one removed."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models.cases import Case, Fingerprint
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from monitor.actions.older_ages import OlderAges
from monitor.actions.place_reports import posts_to_report
from monitor.history.recording import HistoryWriter
from monitor.model.notice_states import NoticeState
from monitor.platforms.base import Media, MediaKind, Post
from monitor.sightings.record import Unmatched, write_sighting
from tests.integration.test_near_picture_ages import (
    ANOTHER,
    A,
    B,
    found_video,
    joined_from,
    picture,
    queued,
    resaved,
    state_of,
    tell,
    video,
)
from tests.integration.test_picture_ages import MATCH, ages_of, confirm, force, found, linked, register, shown
from tests.support.api_world import PDQ, ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.domain_world import START
from tests.support.slow_while_writing import slow_while_writing


async def remove(person: Caller, fingerprint: str, *, by: Caller | None = None) -> None:
    await (by or person).delete(f"/cases/{person.case_id}/fingerprints/{fingerprint}")


async def counts_as(caller: Caller, person: Caller, fingerprint: str) -> Any:
    rows = (await caller.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    return next(one["counts_as"] for one in rows if one["fingerprint_id"] == fingerprint)


async def test_picture_removed_after_a_wrong_minor_and_registered_again_as_an_adults_counts_as_one(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    wrong = await register(person, A, age_group="minor")
    copy, part = await found(world, person, "1", wrong, A), await found(world, person, "2", wrong, picture(3))
    async with world.services.database.begin() as session:  # by a box of it
        await session.execute(update(Sighting).where(Sighting.id == part).values(verdict="review"))
    skipped = (await confirm(advocate, copy, "us_tida"))["skipped"]
    assert [one["reason"] for one in skipped] == ["minor-or-unsure"]
    await remove(person, wrong)
    # Whatever else is registered: what was said of it goes on protecting.
    other = await register(person, ANOTHER, age_group="adult")
    silent = await register(person, A)
    await tell(person, other, None)
    await tell(person, silent, None)
    assert await ages_of(world, copy, part) == ["minor", "minor"]
    assert await counts_as(advocate, person, silent) == "minor"
    # Their word about the same picture takes the place of the one before.
    again = await register(person, resaved(A, 4), age_group="adult")
    assert await ages_of(world, copy, part) == ["adult", "adult"]
    assert await joined_from(world, copy) == {"adult"}
    assert await counts_as(advocate, person, again) is None
    new = await found(world, person, "3", again, A)
    assert await ages_of(world, new) == ["adult"]
    async with world.services.database.read() as session:
        written = select(Notice.state).where(Notice.sighting_id == copy)
        assert set(await session.scalars(written)) == {NoticeState.PREPARED}


@on_sqlite
async def test_removed_minors_picture_is_protected_where_another_in_use_says_so_as_well(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    wrong, unsure = await register(person, A, age_group="minor"), await register(person, B, age_group="unsure")
    copy = await found(world, person, "1", wrong, A)
    await remove(person, wrong)
    again = await register(person, resaved(A, 4), age_group="adult")
    assert await ages_of(world, copy) == ["unsure"] and await counts_as(person, person, again) == "unsure"
    await tell(person, unsure, "adult")
    assert await ages_of(world, copy) == ["adult"]


async def test_wrong_minors_picture_that_is_removed_leaves_its_copies_to_the_same_one_in_use(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    wrong, right = await register(person, A, age_group="minor"), await register(person, B, age_group="adult")
    apart = await register(person, ANOTHER, age_group="minor")
    copy, part = await found(world, person, "1", wrong, A), await found(world, person, "2", wrong, picture(3))
    other = await found(world, person, "3", apart, ANOTHER)
    await confirm(advocate, copy)
    # What an advocate removes lets nothing go.
    await remove(person, apart, by=advocate)
    assert await ages_of(world, copy, part, other) == ["minor"] * 3
    assert await counts_as(person, person, right) == "minor"
    await remove(person, wrong)
    assert await ages_of(world, copy, part, other) == ["adult", "adult", "minor"]
    assert await joined_from(world, copy) == {"adult"} and await counts_as(advocate, person, right) is None


async def linked_video(world: ApiWorld, person: Caller, *codes: str) -> str:
    """What stands behind a link that the person entered: a video."""
    await found(world, person, "0", await register(person, picture(99)), picture(99))  # the place is known
    async with world.services.database.begin() as session:
        known = (await session.scalars(select(Sighting).where(Sighting.post_id == "0"))).one()
        media = Media("video:7", MediaKind.VIDEO)
        post = Post("70", "https://t.me/examplechannel/70", START, (media,))
        match = Unmatched(person.case_id, "intimate")
        await write_sighting(session, world.context, known.source_id, post, media, video(*codes), match)
        return (await session.scalars(select(Sighting.id).where(Sighting.post_id == "70"))).one()


@on_sqlite
async def test_adult_reaches_the_same_video_behind_a_link(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "unsure"})
    codes = [picture(seed) for seed in range(10, 19)]
    by_link = await linked_video(world, person, *codes)
    intro = [{"at": float(at), "pdq": picture(50 + at)} for at in range(1, 12)]
    await register(person, codes[0], set="frames", frames=intro, age_group="adult")  # another with its beginning
    assert await ages_of(world, by_link) == [None]
    again = [{"at": float(at), "pdq": resaved(code)} for at, code in enumerate(codes) if at]
    same = await register(person, resaved(codes[0]), set="frames", frames=again)
    await tell(person, same, "adult")
    assert await ages_of(world, by_link) == ["adult"]


async def test_picture_registered_as_an_adults_reaches_what_a_link_led_to_before(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "unsure"})
    by_link = await linked(world, person, "8")
    skipped = (await confirm(advocate, by_link, "us_tida"))["skipped"]
    assert [one["reason"] for one in skipped] == ["minor-or-unsure"]
    await register(person, PDQ, age_group="adult")
    assert await ages_of(world, by_link) == ["adult"] and await joined_from(world, by_link) == {"adult"}


async def bordered(world: ApiWorld, person: Caller, post_id: str, fingerprint: str, inside: str, *, kept: bool) -> str:
    """A copy with a border: its whole picture is like none, and what is inside is another registered one's. `kept`:
    what its source showed still is."""
    await found(world, person, f"{post_id}0", fingerprint, picture(int(post_id) + 70))  # the place is known
    whole = shown(picture(int(post_id) + 40))
    view = replace(whole.views[0], name="trimmed", hash=replace(whole.views[0].hash, code=bytes.fromhex(inside)))
    hashed = replace(whole, views=(*whole.views, view))
    async with world.services.database.begin() as session:
        source_id = (
            await session.scalars(select(Sighting.source_id).where(Sighting.case_id == person.case_id))
        ).first()
        source = await session.get_one(Source, source_id)
        media = Media(f"photo:{post_id}", MediaKind.PHOTO)
        post = Post(post_id, f"https://t.me/examplechannel/{post_id}", START, (media,))
        match = replace(MATCH, fingerprint_id=fingerprint, case_id=person.case_id)
        await write_sighting(session, world.context, source.id, post, media, hashed, match)
        if kept:
            await HistoryWriter(session, world.context, source).keep(post_id, media.id, hashed)
        query = select(Sighting.id).where(Sighting.case_id == person.case_id, Sighting.post_id == post_id)
        return (await session.scalars(query)).one()


@on_sqlite
async def test_copy_protected_by_a_part_of_a_picture_is_let_go_with_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, second = await register(person, A), await register(person, ANOTHER, age_group="minor")
    copy = await bordered(world, person, "1", first, ANOTHER, kept=False)
    await confirm(advocate, copy)
    assert await ages_of(world, copy) == ["minor"] and await joined_from(world, copy) == {"minor"}
    await tell(person, second, "adult")
    assert await ages_of(world, copy) == [None] and await joined_from(world, copy) == {None}
    await tell(person, first, "adult")
    assert await ages_of(world, copy) == ["adult"]


@on_sqlite
async def test_copy_protected_by_a_part_stays_so_where_another_picture_protects_it_or_may(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await register(person, A)
    wrong, right = [await register(person, picture(seed), age_group="minor") for seed in (21, 22)]
    of_wrong = await bordered(world, person, "1", first, picture(21), kept=True)
    of_right = await bordered(world, person, "2", first, picture(22), kept=True)
    nobody_knows = await bordered(world, person, "3", first, picture(21), kept=False)
    both = await bordered(world, person, "4", wrong, picture(22), kept=True)
    assert await ages_of(world, of_wrong, of_right, nobody_knows, both) == ["minor"] * 4
    await tell(person, wrong, "adult")
    assert await ages_of(world, of_wrong, of_right, nobody_knows, both) == [None, "minor", "minor", "minor"]
    # Of one that was removed nothing can be compared.
    await remove(person, right)
    await tell(person, first, "adult")
    assert await ages_of(world, of_wrong, of_right, nobody_knows) == ["adult", "minor", "minor"]


async def test_copy_confirmed_before_ages_were_joined_is_brought_up_once(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, apart = await world.vouched(advocate), await world.vouched(advocate)
    first = await register(person, A)
    copy, left = await found(world, person, "1", first, A), await found(world, person, "2", first, A)
    notice, sent = await queued(advocate, copy), await queued(advocate, left)
    grown = await found(world, apart, "3", await register(apart, A), A)
    goes = await queued(advocate, grown)
    await register(person, B, age_group="minor")
    async with world.services.database.begin() as session:  # as an older program left them
        await session.execute(update(Sighting).values(age_group=None))
        mine = Fingerprint.sighting_id.in_([copy, left])
        await session.execute(update(Fingerprint).where(mine).values(age_group=None))
        await session.execute(update(Alert).values(resolved_at=world.clock.now()))
    await force(world, notice, NoticeState.QUEUED)
    await force(world, sent, NoticeState.SENT)

    async def counted() -> int:
        place = (await world.row(copy)).source_id
        async with world.services.database.read() as session:
            centre = (await session.get_one(Case, person.case_id)).organisation_id
            return await posts_to_report(session, world.context, place, organisation_id=centre or "")

    before = await counted()
    ages = OlderAges()
    for _ in range(3):
        await ages.go_on(world.services.database, world.context)
    assert await ages_of(world, copy, left, grown) == ["minor", "minor", None]
    assert await joined_from(world, copy, left) == {"minor"}
    assert [await state_of(advocate, one) for one in (notice, goes)] == ["withdrawn", "queued"]
    async with world.services.database.read() as session:
        told = select(Alert.subject).where(Alert.kind == "sent-for-minor", Alert.resolved_at.is_(None))
        assert set(await session.scalars(told)) == {sent}
    assert await counted() == before - 2
    # Once: whatever is told meanwhile is not undone.
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id == copy).values(age_group=None))
    await ages.go_on(world.services.database, world.context)
    assert await ages_of(world, copy) == [None]


@on_sqlite
async def test_nobody_waits_while_the_pictures_of_a_case_are_compared(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    codes = [picture(seed) for seed in range(10, 19)]
    more = [{"at": float(at), "pdq": code} for at, code in enumerate(codes) if at]
    first = await register(person, codes[0], set="frames", frames=more)
    copy = await found_video(world, person, first, *codes)
    await confirm(advocate, copy)
    again = [{"at": float(at), "pdq": resaved(code)} for at, code in enumerate(codes) if at]
    with slow_while_writing(world.context.keys, monkeypatch) as watcher:
        await register(person, resaved(codes[0]), set="frames", frames=again, age_group="minor")
        assert await ages_of(world, copy) == ["minor"]
        await tell(person, first, "adult")
        await found(world, person, "9", first, picture(3))
        await OlderAges().go_on(world.services.database, world.context)
        assert watcher.looked_alike > 3
        assert not [one for one in watcher.found if "alike" in one or "compared on the event loop" in one]
