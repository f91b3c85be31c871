"""Cut-outs from the API into the crawl and out again: off by default, the person's own, a child's with a guardian."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from db.models.cases import Case, Fingerprint
from db.models.ledger import LedgerEntry
from db.models.seen import SeenMedium
from db.models.sightings import Sighting
from monitor.cases.consents import give_consent
from monitor.cases.cut_outs import remove_cut_out
from monitor.cases.fingerprints import add_fingerprint
from monitor.fingerprints.cut_outs.codes import CutOut, register_cut_out
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.history.reading import HistoryReader
from monitor.jobs.crawl import Crawler
from monitor.model.facts import PictureKind
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from tests.integration.test_entered_for_person import MANDATE
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world
from tests.support.databases import on_sqlite
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_case
from tests.support.drawn_faces import portrait

ON = frozenset({PlatformName.TELEGRAM.value})


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _cut_out(seed: int = 2) -> CutOut:
    made = register_cut_out(portrait(seed), "auto")
    assert made is not None
    return made


def _body(seed: int = 2, **more: Any) -> dict[str, Any]:
    whole = hash_picture(_jpeg(portrait(seed))).whole
    return {"pdq": whole.hex, "quality": whole.quality, "kind": "ordinary", **more}


@pytest.fixture
async def api(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """Where the operator recorded a legal basis."""
    async with api_world(prepared_sqlite_url, tmp_path, cut_outs=ON) as made:
        yield made


def _path(person: Caller, rest: str = "") -> str:
    return f"/cases/{person.case_id}/fingerprints{rest}"


async def _record(world: ApiWorld, fingerprint_id: str) -> FingerprintRecord:
    async with world.services.database.read() as session:
        row = await session.get_one(Fingerprint, fingerprint_id)
        return world.context.open_record(FingerprintRecord, row.case_id, row.id, row.payload)


async def _kinds(world: ApiWorld, case_id: str) -> list[str]:
    async with world.services.database.read() as session:
        query = select(LedgerEntry.kind).where(LedgerEntry.case_id == case_id).order_by(LedgerEntry.seq)
        return list(await session.scalars(query))


async def test_without_a_legal_basis_none_is_taken(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    body = _body(cut_out=_cut_out().as_json())
    assert await person.refused("POST", _path(person), body) == (422, "cut-outs-off")
    assert (await person.post(_path(person), _body()))["cut_out"] is False


async def test_box_joins_a_photo_that_is_there_and_is_taken_back_alone(api: ApiWorld) -> None:
    person = await api.person()
    bare = await person.post(_path(person), _body(label="beach"))
    boxed = await person.post(_path(person), _body(cut_out=_cut_out().as_json()))
    assert (boxed["cut_out"], boxed["label"]) == (True, "beach")
    assert boxed["fingerprint_id"] != bare["fingerprint_id"]
    kept_now = await _record(api, boxed["fingerprint_id"])
    assert kept_now.cut_out is not None and kept_now.cut_out.read() == _cut_out()
    # The same photo again without a box changes nothing; nobody is shown codes.
    assert await person.post(_path(person), _body()) == boxed
    listed = await person.call("GET", _path(person))
    assert _cut_out().as_json()["codes"] not in listed.text
    await person.delete(_path(person, f"/{boxed['fingerprint_id']}/cut-out"))
    (left,) = (await person.get(_path(person)))["fingerprints"]
    assert (left["cut_out"], left["fingerprint_id"]) == (False, boxed["fingerprint_id"])
    record = await _record(api, boxed["fingerprint_id"])
    assert record.cut_out is None and record.pdq == _body()["pdq"]
    assert "cut-out-removed" in await _kinds(api, person.case_id)
    refused = await person.refused("DELETE", _path(person, f"/{boxed['fingerprint_id']}/cut-out"))
    assert refused == (404, "not-found")


async def test_only_the_person_draws_a_box(api: ApiWorld) -> None:
    advocate = await api.advocate()
    person = await api.vouched(advocate)
    body = _body(cut_out=_cut_out().as_json())
    assert (await advocate.refused("POST", _path(person), body))[1] == "only-the-person"


async def test_childs_box_needs_a_guardian_and_goes_without_one(api: ApiWorld) -> None:
    advocate = await api.advocate()
    person = await api.vouched(advocate)
    body = _body(cut_out=_cut_out().as_json(), age_group="unsure")
    assert await person.refused("POST", _path(person), body) == (422, "guardian-needed")
    mandates = f"/cases/{person.case_id}/mandates"
    await advocate.post(mandates, MANDATE)
    assert await person.refused("POST", _path(person), body) == (422, "guardian-needed")
    recorded = await advocate.post(mandates, {**MANDATE, "kind": "guardian"})
    assert (await person.post(_path(person), body))["cut_out"] is True
    (guardian,) = [one["mandate_id"] for one in recorded["mandates"] if one["kind"] == "guardian"]
    await person.delete(f"{mandates}/{guardian}")
    (left,) = (await person.get(_path(person)))["fingerprints"]
    assert left["cut_out"] is False
    assert (await _record(api, left["fingerprint_id"])).cut_out is None


@pytest.mark.parametrize("door", ["picture", "answer for all"])
async def test_box_goes_when_it_turns_out_to_be_a_childs(api: ApiWorld, door: str) -> None:
    person = await api.person(intake=INTAKE)
    made = await person.post(_path(person), _body(cut_out=_cut_out().as_json()))
    if door == "picture":
        await person.put(_path(person, f"/{made['fingerprint_id']}/age"), {"age_group": "minor"})
    else:
        await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": "minor"})
    (left,) = (await person.get(_path(person)))["fingerprints"]
    assert left["cut_out"] is False
    assert "cut-out-removed" in await _kinds(api, person.case_id)


@pytest.mark.parametrize("change", [{"box": [0, 0, 2, 1]}, {"boxes": [1]}, {"codes": "AAAA"}, {"version": "x"}])
async def test_box_that_is_none_is_refused(api: ApiWorld, change: dict[str, Any]) -> None:
    person = await api.person()
    body = _body(cut_out=_cut_out().as_json() | change)
    assert await person.refused("POST", _path(person), body) == (422, "invalid")


async def test_other_codes_come_off_with_the_photo(api: ApiWorld) -> None:
    person = await api.person()
    made = await person.post(_path(person), _body(cut_out=_cut_out().as_json()))
    await person.delete(_path(person, f"/{made['fingerprint_id']}"))
    async with api.services.database.read() as session:
        row = await session.get_one(Fingerprint, made["fingerprint_id"])
    assert (row.payload, row.cut_out) == (b"", None)


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        made.context = replace(made.context, cut_outs=ON)
        yield made


async def _watching(world: DomainWorld) -> tuple[str, str, str]:
    """Case, source and fingerprint of a person who drew a box."""
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        (consent,) = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="@place", purposes=[Purpose.WATCH]
        )
        body = _body()
        row = await add_fingerprint(
            session,
            world.context,
            case,
            pdq=body["pdq"],
            quality=90,
            kind=PictureKind.ORDINARY,
            cut_out=_cut_out(),
        )
        return case.id, consent.source_id, row.id


def _show(world: DomainWorld, number: int, data: bytes) -> None:
    media = (Media(f"photo:{number}", MediaKind.PHOTO, token=data),)
    world.platform.posts[str(number)] = Post(str(number), f"https://t.me/place/{number}", START, media)


async def _found(world: DomainWorld) -> list[tuple[str, str]]:
    async with world.database.read() as session:
        return [
            (one.post_id, one.verdict) for one in await session.scalars(select(Sighting).order_by(Sighting.post_id))
        ]


@on_sqlite
async def test_crawl_finds_the_face_on_another_body_and_keeps_no_box_of_it(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    case_id, source_id, fingerprint_id = await _watching(world)
    fake = _jpeg(portrait(2, ground=40, share=0.3))
    _show(world, 1, fake)
    _show(world, 2, _jpeg(portrait(8, ground=41, share=0.3)))
    _show(world, 3, fake)  # the same bytes once more: nothing of the first was remembered, and it is found too
    accounts = (world.database, world.context, world.accounts, decoders)

    def crawler() -> Crawler:
        return Crawler(*accounts, first_look=timedelta(days=7), max_media_bytes=20_000_000)

    await crawler().crawl(source_id)
    assert await _found(world) == [("1", "review"), ("3", "review")]
    async with world.database.read() as session:
        rows = (await session.scalars(select(SeenMedium).where(SeenMedium.source_id == source_id))).all()
        opened = HistoryReader(world.context).open(rows)
    assert len(opened) == 3
    assert all(not still.faces for _, hashed in opened for still in hashed.stills)
    # Taken back, it finds nothing more, in the very next crawl of the same process.
    same = crawler()
    await same.crawl(source_id)
    async with world.database.begin() as session:
        await remove_cut_out(session, world.context, await session.get_one(Case, case_id), fingerprint_id)
    _show(world, 4, _jpeg(portrait(2, ground=42, share=0.3)))
    await same.crawl(source_id)
    assert len(await _found(world)) == 2


@on_sqlite
async def test_where_a_platform_does_not_allow_it_nothing_is_compared(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    _, source_id, _ = await _watching(world)
    world.context = replace(world.context, cut_outs=frozenset({PlatformName.X.value}))
    _show(world, 1, _jpeg(portrait(2, ground=40, share=0.3)))
    accounts = (world.database, world.context, world.accounts, decoders)
    await Crawler(*accounts, first_look=timedelta(days=7), max_media_bytes=20_000_000).crawl(source_id)
    assert await _found(world) == []
