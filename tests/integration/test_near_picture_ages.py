"""One picture may be registered twice, a few bits apart: what is told of either counts for every copy of it."""

import random
from dataclasses import replace

from sqlalchemy import select, update

from db.models.cases import Fingerprint
from db.models.sightings import Sighting
from db.models.sources import Alert
from monitor.fingerprints.hashes.values import FrameViews, Hash, HashedMedium, PictureView
from monitor.matching.turned import turned
from monitor.model.notice_states import NoticeState
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.platforms.base import Media, MediaKind, Post
from monitor.sightings.record import write_sighting
from tests.integration.test_picture_ages import MATCH, ages_of, confirm, force, found, register
from tests.support.api_world import ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.domain_world import START


def picture(seed: int) -> str:
    """The code of some picture: 128 of 256 bits."""
    bits = random.Random(seed).sample(range(256), 128)
    return sum(1 << bit for bit in bits).to_bytes(32).hex()


def resaved(pdq: str, bits: int = 2) -> str:
    """The same picture, saved again: so many bits differ, and as many are set as before."""
    code = int(pdq, 16)
    ones = [1 << at for at in range(256) if code >> at & 1][: bits // 2]
    zeros = [1 << at for at in range(256) if not code >> at & 1][: bits // 2]
    return (code ^ sum(ones) ^ sum(zeros)).to_bytes(32).hex()


A, ANOTHER = picture(1), picture(2)
B = resaved(A)


def test_pictures_here_are_what_they_are_taken_for() -> None:
    distance = (int(A, 16) ^ int(B, 16)).bit_count(), (int(A, 16) ^ int(resaved(A, 44), 16)).bit_count()
    assert distance == (2, 44)
    every = turned(bytes.fromhex(A))
    assert every[0].hex() == A and len(set(every)) == 8
    apart = [(int.from_bytes(one) ^ int(other, 16)).bit_count() for one in every for other in (ANOTHER, picture(3))]
    assert min(apart) > 80


async def tell(person: Caller, fingerprint: str, age: str | None, *, by: Caller | None = None) -> None:
    await (by or person).put(f"/cases/{person.case_id}/fingerprints/{fingerprint}/age", {"age_group": age})


async def state_of(advocate: Caller, notice: str) -> str:
    return str((await advocate.get(f"/notices/{notice}"))["state"])


async def queued(advocate: Caller, sighting: str) -> str:
    (notice,) = (await confirm(advocate, sighting, "us_tida"))["notices"]
    assert notice["state"] == "queued"
    return str(notice["notice_id"])


async def joined_from(world: ApiWorld, *sightings: str) -> set[str | None]:
    """Ages of what joined the watch from these copies."""
    async with world.services.database.read() as session:
        ages = select(Fingerprint.age_group).where(Fingerprint.sighting_id.in_(sightings))
        return set(await session.scalars(ages))


async def test_picture_saved_again_and_registered_as_a_minors_stops_what_the_first_led_to(world: ApiWorld) -> None:

    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await register(person, A)
    copy, left = await found(world, person, "1", first, A), await found(world, person, "2", first, A)
    apart = await found(world, person, "3", await register(person, ANOTHER), ANOTHER)
    stops, went, goes = [await queued(advocate, one) for one in (copy, left, apart)]
    await force(world, went, NoticeState.SENT)
    again = await register(person, B, age_group="minor")
    assert await ages_of(world, copy, left, apart) == ["minor", "minor", None]
    assert [await state_of(advocate, one) for one in (stops, goes)] == ["withdrawn", "queued"]
    async with world.services.database.read() as session:
        told = select(Alert.subject).where(Alert.kind == "sent-for-minor", Alert.resolved_at.is_(None))
        assert set(await session.scalars(told)) == {went}
    assert await joined_from(world, copy, left) == {"minor"} and await joined_from(world, apart) == {None}
    # And whatever the first finds from now on, of a part of it too.
    later, part = await found(world, person, "4", first, A), await found(world, person, "5", first, picture(3))
    assert await ages_of(world, later, part) == ["minor", "minor"]
    # The person's own word about the first stays what it was.
    shown = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    assert {one["fingerprint_id"]: one["age_group"] for one in shown if one["fingerprint_id"] in (first, again)} == {
        first: None,
        again: "minor",
    }


@on_sqlite
async def test_age_told_of_one_of_two_alike_reaches_the_copies_of_the_other_and_lets_them_go_again(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, second = await register(person, A), await register(person, B)
    copy = await found(world, person, "1", first, A)
    part = await found(world, person, "2", first, picture(3))  # by a box of it: its own code is another
    notice, left = await queued(advocate, copy), await queued(advocate, part)
    await force(world, left, NoticeState.SENT)
    await tell(person, second, "unsure", by=advocate)
    assert await ages_of(world, copy, part) == ["unsure", "unsure"]
    assert await state_of(advocate, notice) == "withdrawn"
    assert await joined_from(world, copy, part) == {"unsure"}
    # A mistake: what was told of the copies' own picture counts again, and nobody needs to put anything right.
    await tell(person, second, "adult")
    assert await ages_of(world, copy, part) == [None, None]
    assert await joined_from(world, copy, part) == {None}
    async with world.services.database.read() as session:
        open_ = select(Alert.id).where(Alert.kind == "sent-for-minor", Alert.resolved_at.is_(None))
        assert not (await session.scalars(open_)).all()


@on_sqlite
async def test_adult_told_of_one_picture_leaves_what_another_of_the_same_protects(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, second = await register(person, A, age_group="unsure"), await register(person, B, age_group="minor")
    copy = await found(world, person, "1", first, A)
    apart = await register(person, ANOTHER, age_group="minor")
    other = await found(world, person, "2", apart, ANOTHER)
    for age in ("adult", None):
        await tell(person, first, age)
        assert await ages_of(world, copy) == ["minor"]
        skipped = (await advocate.get(f"/sightings/{copy}/routes"))["offers"]
        assert {one["reason"] for one in skipped if one["route"] == "us_tida"} == {"minor-or-unsure"}
    await tell(person, apart, "adult")  # nothing else shows that one
    assert await ages_of(world, copy, other) == ["minor", "adult"]
    # The last one that protects it goes: then what was told of its own picture counts.
    await tell(person, first, "adult")
    await tell(person, second, "adult")
    assert await ages_of(world, copy) == ["adult"]
    assert (await confirm(advocate, copy, "us_tida"))["notices"][0]["state"] == "queued"


@on_sqlite
async def test_nothing_turns_an_adults_because_another_picture_that_looks_like_it_is_one(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "unsure"})
    first, second = await register(person, A), await register(person, B, age_group="adult")
    copy, own = await found(world, person, "1", first, A), await found(world, person, "2", second, ANOTHER)
    await tell(person, second, None)
    await tell(person, second, "adult")
    assert await ages_of(world, copy, own) == [None, "adult"]


@on_sqlite
async def test_copy_that_one_picture_led_to_and_that_shows_another_is_protected_by_that_one(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await register(person, ANOTHER)
    # Found by a part of another picture: as the advocate sees it, edited, and turned.
    edited, mirrored = resaved(A, 44), turned(bytes.fromhex(A))[1].hex()
    copies = [await found(world, person, str(at), first, pdq) for at, pdq in enumerate((B, edited, mirrored))]
    notices = [await queued(advocate, one) for one in copies]
    shown = await register(person, A, age_group="minor")
    assert await ages_of(world, *copies) == ["minor"] * 3
    assert [await state_of(advocate, one) for one in notices] == ["withdrawn"] * 3
    await tell(person, first, "adult")
    assert await ages_of(world, *copies) == ["minor"] * 3
    await tell(person, shown, None)
    assert await ages_of(world, *copies) == ["adult"] * 3


def video(*codes: str) -> HashedMedium:
    views = [PictureView("whole", 0, Hash(bytes.fromhex(code), 90)) for code in codes]
    frames = tuple(FrameViews(float(at), (view,)) for at, view in enumerate(views))
    return HashedMedium(640, 360, "MP4", "ab" * 32, (views[0],), bytes(8), kind="video", seconds=9.0, frames=frames)


async def found_video(world: ApiWorld, person: Caller, fingerprint: str, *codes: str) -> str:
    """A copy of a video, beside one of a picture that made its place known."""
    known = await found(world, person, "0", fingerprint, codes[0])
    async with world.services.database.begin() as session:
        source = (await session.get_one(Sighting, known)).source_id
        media = Media("video:7", MediaKind.VIDEO)
        post = Post("7", "https://t.me/examplechannel/7", START, (media,))
        match = replace(MATCH, fingerprint_id=fingerprint, case_id=person.case_id)
        await write_sighting(session, world.context, source, post, media, video(*codes), match)
        query = select(Sighting.id).where(Sighting.case_id == person.case_id, Sighting.post_id == "7")
        return (await session.scalars(query)).one()


@on_sqlite
async def test_video_saved_again_and_registered_as_a_minors_reaches_what_the_first_led_to(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    codes = [picture(seed) for seed in range(10, 19)]
    more = [{"at": float(at), "pdq": code} for at, code in enumerate(codes) if at]
    first = await register(person, codes[0], set="frames", frames=more)
    copy = await found_video(world, person, first, *codes)
    notice = await queued(advocate, copy)
    # One that shares only its beginning is another video.
    intro = [{"at": float(at), "pdq": picture(50 + at)} for at in range(1, 12)]
    begins = await register(person, codes[0], set="frames", frames=intro, age_group="minor")
    assert await state_of(advocate, notice) == "queued" and begins != first
    again = [{"at": float(at), "pdq": resaved(code)} for at, code in enumerate(codes) if at]
    await register(person, resaved(codes[0]), set="frames", frames=again, age_group="minor")
    assert await ages_of(world, copy) == ["minor"]
    assert await state_of(advocate, notice) == "withdrawn"


@on_sqlite
async def test_still_of_a_video_that_is_a_minors_makes_the_video_one(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    codes = [picture(seed) for seed in range(10, 14)]
    more = [{"at": float(at), "pdq": code} for at, code in enumerate(codes) if at]
    first = await register(person, codes[0], set="frames", frames=more)
    copy = await found_video(world, person, first, *codes)
    await register(person, resaved(codes[2]), age_group="unsure")
    assert await ages_of(world, copy) == ["unsure"]


@on_sqlite
async def test_copy_of_an_older_program_is_protected_by_the_other_picture_when_it_is_decided_and_sent(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await register(person, A)
    decided, waits = await found(world, person, "1", first, A), await found(world, person, "2", first, resaved(A, 60))
    notice = await queued(advocate, waits)
    await register(person, B, age_group="minor")
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).values(age_group=None))
        mine = Fingerprint.sighting_id.in_([decided, waits])
        await session.execute(update(Fingerprint).where(mine).values(age_group=None))
    skipped = (await confirm(advocate, decided, "us_tida"))["skipped"]
    assert [(one["route"], one["reason"]) for one in skipped] == [("us_tida", "minor-or-unsure")]
    # Saying it again, or of the other one that they were an adult, puts right what is stored.
    await force(world, notice, NoticeState.QUEUED)
    await tell(person, first, "adult")
    assert await ages_of(world, decided, waits) == ["minor", "minor"]
    assert await state_of(advocate, notice) == "withdrawn"


@on_sqlite
async def test_what_only_lay_beside_a_minors_picture_is_not_taken_for_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, young = await register(person, A), await register(person, ANOTHER)
    copy, other = await found(world, person, "1", first, A), await found(world, person, "2", young, ANOTHER)
    await confirm(advocate, other)
    async with world.services.database.begin() as session:
        joined = Fingerprint.sighting_id == other
        row = (await session.scalars(select(Fingerprint).where(joined, Fingerprint.origin == "confirmed"))).one()
        payload = (await session.get_one(Fingerprint, first)).payload
        shown = world.context.open_record(FingerprintRecord, row.case_id, first, payload)
        row.origin, row.payload = "beside", world.context.seal_record(row.case_id, row.id, shown)
    await tell(person, young, "minor")
    assert await ages_of(world, copy, other) == [None, "minor"]


@on_sqlite
async def test_adult_told_of_a_picture_is_shown_with_what_counts_for_its_copies_instead(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, second = await register(person, A), await register(person, ANOTHER)
    young = await register(person, B, age_group="minor")
    path = f"/cases/{person.case_id}/fingerprints"
    told = await person.put(f"{path}/{first}/age", {"age_group": "adult"})
    assert (told["age_group"], told["counts_as"]) == ("adult", "minor")
    shown = {one["fingerprint_id"]: one["counts_as"] for one in (await person.get(path))["fingerprints"]}
    assert shown == {first: "minor", second: None, young: None}
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}; jikimi_language=en"}
    page = f"/advocate/cases/{person.case_id}/watch?lang=en"
    words = "another picture here looks the same: its copies count as A minor"
    assert (await advocate.http.get(page, headers=cookie)).text.count(words) == 1
    await tell(person, young, "adult")
    assert words not in (await advocate.http.get(page, headers=cookie)).text
