"""Regions from the API into the database and out again into what is compared; malformed ones are refused in words."""

import base64
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.queries.consents import fingerprints_to_compare, fingerprints_with
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint, fingerprints_of
from monitor.core.errors import RuleBroken
from monitor.demo.world.pictures import registered
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.boxes import SetName
from monitor.fingerprints.regions.codes import Regions
from monitor.model.facts import PictureKind
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.states import Purpose
from monitor.platforms.base import PlatformName
from monitor.watch.benign import add_benign
from monitor.watch.opening import watched
from tests.support.api_world import PDQ, ApiWorld, problem
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, domain_world, make_advocate, make_case


def _regions(set_name: SetName) -> Regions:
    found = hash_picture(registered(4)[0], set_name).regions
    assert found is not None
    return found


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def test_regions_come_back_as_they_were_and_a_richer_set_replaces(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        (consent,) = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="@place", purposes=[Purpose.WATCH]
        )

        async def add(set_name: str, regions: Regions | None, label: str = "") -> str:
            row = await add_fingerprint(
                session,
                world.context,
                case,
                pdq=PDQ,
                quality=90,
                kind=PictureKind.INTIMATE,
                set_name=set_name,
                regions=regions,
                label=label,
            )
            return row.id

        whole = await add("whole", None, "beach")
        world.tasks.clear()
        slim = await add("slim", _regions("slim"))
        assert any(task.id.startswith("look_back") or "look" in task.id for task in world.tasks)
        full = await add("full", _regions("full"))
        assert len({whole, slim, full}) == 3
        assert await add("slim", _regions("slim")) == await add("whole", None) == full
        (row,) = await fingerprints_of(session, case.id)
        assert world.context.open_record(FingerprintRecord, case.id, row.id, row.payload).label == "beach"
        listed = await fingerprints_to_compare(session, consent.source_id, world.context.now())
        rows = await fingerprints_with(session, [one for one, _ in listed])
        (one,) = watched(world.context, rows)
        assert (one.fingerprint_id, one.set_name, one.regions) == (full, "full", _regions("full"))


async def test_older_rows_open_and_damaged_ones_harm_nobody_else(
    world: DomainWorld, caplog: pytest.LogCaptureFixture
) -> None:
    payload: dict[str, Any] = {"pdq": PDQ, "quality": 90, "phash": None, "label": ""}
    other = {**_regions("slim").as_json(), "version": "regions-0"}
    kept = [payload, payload | {"regions": other}]
    damaged = [payload | {"regions": 5}, payload | {"pdq": "zz"}, payload | {"regions": {"version": "regions-1"}}, {}]
    async with world.database.begin() as session:
        case = await make_case(session, world.context, None)
        for number in range(len(kept) + len(damaged)):
            await add_fingerprint(
                session, world.context, case, pdq=f"{number:02}" * 32, quality=90, kind=PictureKind.FAKED
            )
        for row, each in zip(await fingerprints_of(session, case.id), [*kept, *damaged], strict=True):
            row.payload = world.context.key(case.id).seal_json(each, f"fingerprint:{row.id}|{case.id}")
        rows = await fingerprints_of(session, case.id)
        with caplog.at_level(logging.ERROR):
            opened = watched(world.context, rows)
    assert len(opened) == len(kept) and all(one.regions is None for one in opened)
    assert len(caplog.records) == len(damaged) and PDQ not in caplog.text


@pytest.mark.parametrize(("set_name", "given"), [("slim", None), ("full", "slim"), ("whole", "slim"), ("huge", None)])
@on_sqlite
async def test_a_set_needs_its_own_regions(world: DomainWorld, set_name: str, given: SetName | None) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, None)
        with pytest.raises(RuleBroken, match="fingerprint-set"):
            await add_fingerprint(
                session,
                world.context,
                case,
                pdq=PDQ,
                quality=90,
                kind=PictureKind.INTIMATE,
                set_name=set_name,
                regions=_regions(given) if given else None,
            )


async def test_regions_are_taken_and_never_shown(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    path, body = f"/cases/{person.case_id}/fingerprints", {"pdq": PDQ, "quality": 80, "kind": "intimate"}
    whole = await person.post(path, body)
    regions = _regions("full").as_json()
    made = await person.call("POST", path, {**body, "set": "full", "regions": regions})
    assert made.status_code == 201 and made.json()["set"] == "full"
    assert made.json()["fingerprint_id"] != whole["fingerprint_id"]
    shown = await person.call("GET", path)
    assert [one["set"] for one in shown.json()["fingerprints"]] == ["full"]
    assert regions["codes"][:40] not in made.text + shown.text and "boxes" not in made.text + shown.text


_SMALL = Regions("slim", 40, 30, (0, 3), bytes(64)).as_json()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "regions-9"}, "regions-2"),
        ({"set": "huge"}, "a set is one of slim, full"),
        ({"size": [40]}, "regions.size"),
        ({"size": [0, 30]}, "greater than or equal to 1"),
        ({"size": [40, 70_000]}, "65535"),
        ({"boxes": [3, 0]}, "box numbers ascend"),
        ({"boxes": [0, "3"]}, "regions.boxes.1"),
        ({"boxes": [0, 400]}, "less than 400"),
        ({"boxes": [0, 70]}, "box numbers ascend, from 0 to"),
        ({"boxes": list(range(401))}, "at most 400"),
        ({"codes": base64.b64encode(bytes(63)).decode()}, "32 bytes"),
        ({"codes": "@@@@"}, "regions.codes"),
        ({"codes": "A"}, "regions have a size, boxes and codes"),
        ({"codes": "A" * 20_441}, "never sent here"),
        ({"more": 1}, "unknown field"),
    ],
)
async def test_malformed_regions_are_refused_in_words(
    sqlite_world: ApiWorld, change: dict[str, Any], said: str
) -> None:
    person = await sqlite_world.person()
    body = {"pdq": PDQ, "quality": 80, "kind": "intimate", "set": "slim", "regions": _SMALL | change}
    answer = await person.call("POST", f"/cases/{person.case_id}/fingerprints", body)
    assert problem(answer)[0] == 422
    assert said in answer.json()["detail"], answer.text
    assert _SMALL["codes"] not in answer.text


async def test_set_without_regions_is_refused(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    body = {"pdq": PDQ, "quality": 80, "kind": "intimate", "set": "slim"}
    refused = await person.refused("POST", f"/cases/{person.case_id}/fingerprints", body)
    assert refused == (422, "fingerprint-set")


@pytest.mark.parametrize("size", [(1, 65_535), (65_535, 1)])
def test_a_ribbon_of_a_picture_costs_no_more_than_another(size: tuple[int, int]) -> None:
    Regions("full", *size, (0,), bytes(32))


async def add_video(
    session: AsyncSession, world: DomainWorld, case: Case, frames: list[tuple[float, str]]
) -> Fingerprint:
    """A registered video that begins with PDQ."""
    return await add_fingerprint(
        session,
        world.context,
        case,
        pdq=PDQ,
        quality=90,
        kind=PictureKind.INTIMATE,
        set_name="frames",
        frames=frames,
    )


@on_sqlite
async def test_frames_of_a_video_come_back_as_they_were(world: DomainWorld) -> None:
    frames = [(1.0, "ab" * 32), (2.5, "cd" * 32)]
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        row = await add_video(session, world, case, frames)
        (one,) = watched(world.context, [row])
    assert one.frames == tuple((at, bytes.fromhex(code)) for at, code in frames)


async def test_frames_are_taken_by_the_api_and_belong_to_their_set(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    path = f"/cases/{person.case_id}/fingerprints"
    body = {"pdq": PDQ, "quality": 80, "kind": "intimate", "frames": [{"at": 1.0, "pdq": "ab" * 32}]}
    taken = await person.call("POST", path, body | {"set": "frames"})
    assert taken.status_code == 201 and (taken.json()["set"], taken.json()["frames"]) == ("frames", 2)
    assert "ab" * 32 not in taken.text
    refused = await person.call("POST", path, body | {"set": "slim", "pdq": "ef" * 32})
    assert 400 <= refused.status_code < 500
    most = [{"at": 599.995 - number, "pdq": "ab" * 32} for number in range(300)]
    assert (await person.call("POST", path, body | {"set": "frames", "frames": most})).status_code == 201
    # As much as a device sends at most: it must fit into one request.
    points = base64.b64encode(b"".join(bytes([1, 0] * 4) + bytes.fromhex(PDQ) for _ in range(24))).decode()
    clip = {
        "version": "clip-1",
        "size": [4096, 2304],
        "frames": [{"at": 599.995 - number, "points": points} for number in reversed(range(276, 300))],
    }
    largest = body | {"set": "frames", "frames": most[::-1], "clip": clip, "label": "x" * 60}
    assert (await person.call("POST", path, largest)).status_code == 201
    twice = [{"at": 1.0, "points": points}] * 2
    for wrong in ({**clip, "version": "clip-2"}, {**clip, "frames": twice}, {**clip, "size": [0, 1]}):
        refused = await person.call("POST", path, largest | {"clip": wrong})
        assert refused.status_code == 422 and points[:20] not in refused.text
    assert (
        await person.call("POST", path, {"pdq": PDQ, "quality": 80, "kind": "intimate", "clip": clip})
    ).status_code == 422
    many = [{"at": 1.0, "pdq": "ab" * 32}] * 301
    assert (await person.call("POST", path, body | {"set": "frames", "frames": many})).status_code == 422


async def test_points_of_a_video_join_what_is_registered_and_go_with_their_frames(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    path = f"/cases/{person.case_id}/fingerprints"
    async with sqlite_world.services.database.begin() as session:
        await add_benign(
            session, bytes.fromhex("cd" * 32), note="title card", by="operator", now=sqlite_world.context.now()
        )
    frames = [{"at": 1.0, "pdq": "ab" * 32}, {"at": 2.0, "pdq": "cd" * 32}]
    body = {"pdq": PDQ, "quality": 80, "kind": "intimate", "set": "frames", "frames": frames, "label": "mine"}
    point = base64.b64encode(bytes([1, 0] * 4) + bytes.fromhex(PDQ)).decode()
    clip = {"version": "clip-1", "size": [640, 480], "frames": [{"at": at, "points": point} for at in (0, 2.0)]}
    made = [
        await person.post(path, body),
        await person.post(path, body | {"clip": clip}),
        await person.post(path, body),
    ]
    ids = [one["fingerprint_id"] for one in made]
    assert ids[0] != ids[1] == ids[2], "what finds more takes its place, and is not taken back by what finds less"
    await (await sqlite_world.advocate()).post(f"/cases/{person.case_id}/vouch")
    async with sqlite_world.services.database.read() as session:
        rows = [row for row in await session.scalars(select(Fingerprint)) if row.removed_at is None]
        (opened,) = watched(sqlite_world.context, rows)
    assert opened.clip is not None and len(opened.frames) == 1
    assert [at for at, _ in opened.clip.frames] == [0.0], "the harmless frame's points are left out with it"


async def test_videos_that_begin_alike_are_kept_apart_and_one_frame_is_enough(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    path = f"/cases/{person.case_id}/fingerprints"
    body = {"pdq": PDQ, "quality": 80, "kind": "intimate"}
    second, third = {"at": 1.0, "pdq": "ab" * 32}, {"at": 2.0, "pdq": "cd" * 32}
    asked: list[tuple[str, list[dict[str, object]]]] = [
        ("whole", []),
        ("frames", []),
        ("frames", [second]),
        ("frames", [second, third]),
        ("frames", [second]),
    ]
    ids = []
    for set_name, frames in asked:
        taken = await person.call("POST", path, body | {"set": set_name, "frames": frames})
        assert taken.status_code == 201
        ids.append(taken.json()["fingerprint_id"])
    assert ids[4] == ids[2]
    kept = (await person.call("GET", path)).json()["fingerprints"]
    assert {one["fingerprint_id"]: one["frames"] for one in kept} == dict(zip(ids, [0, 1, 2, 3], strict=False))


@on_sqlite
async def test_harmless_frames_of_a_video_are_left_out(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        await add_benign(session, bytes.fromhex(PDQ), note="title card", by="test", now=world.context.now())
        case = await make_case(session, world.context, await make_advocate(session))
        (one,) = watched(
            world.context, [await add_video(session, world, case, [(1.0, "ab" * 32), (2.0, PDQ), (2.5, "cd" * 32)])]
        )
        with pytest.raises(RuleBroken, match="picture-too-plain"):
            await add_video(session, world, case, [(1.0, PDQ)])
    assert (one.code, one.frames) == (bytes.fromhex("ab" * 32), ((2.5, bytes.fromhex("cd" * 32)),))
