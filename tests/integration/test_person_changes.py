"""What the person puts right in a case that is open: a link that should not be there, and names of their own."""

import numpy as np
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Fingerprint, KnownLink
from db.models.drafts import DraftItem
from db.types import new_id
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.points.features import POINT
from monitor.fingerprints.video.clip_points import ClipPoints
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.watch.joining import join_watch
from tests.support.api_world import PDQ, ApiWorld, Caller, good
from tests.support.draft_browser import COOKIE, PICTURE, DraftBrowser

OTHER = "3c" * 32


async def _read(world: ApiWorld, case_id: str, link_id: str, code: str) -> None:
    """As the job leaves it that read the post behind a link."""
    async with world.services.database.begin() as session:
        (await lock_one(session, KnownLink, link_id)).state = "read"
        hashes = MediumHashes(pdq=code, quality=90, phash="0" * 16, frames=())
        joined = await join_watch(
            session, world.context, hashes, case_id=case_id, kind="faked", origin="link", link_id=link_id
        )
        assert joined is None


async def test_a_link_is_taken_out_with_what_was_read_there(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    stranger = await sqlite_world.vouched(advocate)
    case, ids = f"/cases/{person.case_id}", list[str]()
    addresses = ("https://t.me/somechannel/5", "https://t.me/somechannel/6", "https://www.instagram.com/p/abc/")
    for url in addresses:
        ids.append((await person.post(f"{case}/links", {"url": url, "kind": "faked"}))["link_id"])
    await _read(sqlite_world, person.case_id, ids[0], PDQ)
    await _read(sqlite_world, person.case_id, ids[1], OTHER)
    assert await stranger.refused("DELETE", f"{case}/links/{ids[0]}") == (404, "not-found")
    assert await person.refused("DELETE", f"/cases/{stranger.case_id}/links/{ids[0]}") == (404, "not-found")

    for gone in (ids[0], ids[2]):
        assert await person.delete(f"{case}/links/{gone}") is None
        assert await person.refused("DELETE", f"{case}/links/{gone}") == (404, "not-found")
        assert await person.refused("PUT", f"{case}/links/{gone}/done", {"done": True}) == (404, "not-found")
    left = (await person.get(f"{case}/links"))["links"]
    assert [one["url"] for one in left] == [addresses[1]] and (await person.get(case))["links"] == 1
    assert addresses[0] not in str(await person.get(f"{case}/self-notices"))
    async with sqlite_world.services.database.read() as session:
        rows = {row.id: row for row in await session.scalars(select(KnownLink))}
        prints = {row.link_id: row for row in await session.scalars(select(Fingerprint))}
        told = await sqlite_world.context.ledger.told(session, person.case_id)
    assert {rows[one].state for one in (ids[0], ids[2])} == {"removed"} and rows[ids[0]].payload == b""
    assert prints[ids[0]].removed_at is not None and prints[ids[0]].payload == b"", "what was read there is forgotten"
    assert prints[ids[1]].removed_at is None, "and what another link led to is not"
    removed = [one for one in told if one.row.kind == EntryKind.LINK_REMOVED]
    assert [(one.facts or {})["fingerprints"] for one in removed] == [[prints[ids[0]].id], []]
    assert all(one.by is not None and one.by.who == "person" for one in removed)

    # The same place again is a new link: nothing remembers the old one.
    again = await person.post(f"{case}/links", {"url": addresses[0], "kind": "faked"})
    assert again["link_id"] not in ids and again["state"] == "entered"


async def test_a_picture_keeps_the_name_that_the_person_gave_it(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    item = new_id()
    await browser.put("pictures", {**PICTURE, "label": "Summer, the blue dress"}, item)
    assert (await browser.refused("PATCH", f"/pictures/{item}", {"label": None}))[0] == 422
    assert good(await browser.call("PATCH", f"/pictures/{item}", {"label": "Summer"}))["label"] == "Summer"
    assert (await browser.see())["pictures"][0]["label"] == "Summer"
    opened = await browser.open()
    login = {"case_id": opened["case_id"], "passphrase": opened["passphrase"]}
    token = (await sqlite_world.nobody().post("/log-ins/person", login))["token"]
    person, case = Caller(sqlite_world.http, token, opened["case_id"]), f"/cases/{opened['case_id']}"
    (print_,) = (await person.get(f"{case}/fingerprints"))["fingerprints"]
    assert print_["label"] == "Summer"

    place = f"{case}/fingerprints/{print_['fingerprint_id']}/label"
    assert (await person.put(place, {"label": "  Winter  "}))["label"] == "Winter"
    assert (await person.put(place, {"label": "Winter"}))["label"] == "Winter"
    assert (await person.get(f"{case}/fingerprints"))["fingerprints"][0]["label"] == "Winter"
    stranger = await sqlite_world.person()
    assert await stranger.refused("PUT", place, {"label": "x"}) == (404, "not-found")
    other = f"/cases/{stranger.case_id}/fingerprints/{print_['fingerprint_id']}/label"
    assert await stranger.refused("PUT", other, {"label": "x"}) == (404, "not-found")
    assert (await person.put(place, {"label": ""}))["label"] == "", "and it can be taken away"
    async with sqlite_world.services.database.read() as session:
        row = (await session.scalars(select(Fingerprint))).one()
        told = await sqlite_world.context.ledger.told(session, opened["case_id"])
    assert b"Winter" not in row.payload
    named = [one.facts for one in told if one.row.kind == EntryKind.FINGERPRINT_NAMED]
    assert named == [{"fingerprint": row.id, "named": True}, {"fingerprint": row.id, "named": False}], "never the name"


async def test_points_of_a_video_lie_sealed_in_draft_and_case_and_no_answer_tells_them(sqlite_world: ApiWorld) -> None:
    points = np.zeros(3, POINT)
    points["radius"], points["code"] = 9, 0xF0
    clip = ClipPoints(1280, 720, ((0.0, points.tobytes()),)).as_json()
    told, secret = clip["frames"][0]["points"], points.tobytes()
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    kept = await browser.put("pictures", {**PICTURE, "set": "frames", "clip": clip})
    assert kept["frames"] == 1 and told not in str(await browser.see())
    async with sqlite_world.services.database.read() as session:
        items = [item.content for item in await session.scalars(select(DraftItem))]
    assert items and not any(told.encode() in one or secret in one for one in items)
    opened = await browser.open()
    login = {"case_id": opened["case_id"], "passphrase": opened["passphrase"]}
    token = (await sqlite_world.nobody().post("/log-ins/person", login))["token"]
    person, case = Caller(sqlite_world.http, token, opened["case_id"]), f"/cases/{opened['case_id']}"
    answers = [await person.get(f"{case}{path}") for path in ("", "/fingerprints", "/standing")]
    assert told not in str([opened, *answers])
    async with sqlite_world.services.database.read() as session:
        row = (await session.scalars(select(Fingerprint))).one()
        entries = await sqlite_world.context.ledger.told(session, opened["case_id"])
        assert (await session.scalars(select(DraftItem))).all() == []
    assert told.encode() not in row.payload and secret not in row.payload
    assert told not in str([one.facts for one in entries])
    record = sqlite_world.context.open_record(FingerprintRecord, row.case_id, row.id, row.payload)
    assert record.clip is not None and record.clip.read().as_json() == clip
    await person.delete(f"{case}/fingerprints/{row.id}")
    async with sqlite_world.services.database.read() as session:
        assert (await session.get_one(Fingerprint, row.id)).payload == b"", "gone with the video's other numbers"


async def test_who_shares_a_device_is_told_who_else_sees_what_they_enter(sqlite_world: ApiWorld) -> None:
    for language, words in (("en", "Whoever opens this page in this browser"), ("ko", "이 페이지를 여는 누구나")):
        assert words in (await sqlite_world.http.get(f"/case?lang={language}")).text
    browser = DraftBrowser(sqlite_world)
    await browser.fill_in()
    left = await sqlite_world.http.post("/leave", headers={"Cookie": f"{COOKIE}={browser.cookie}"})
    assert f'{COOKIE}=""' in left.headers["set-cookie"], "leaving quickly takes the browser's half of the key away"


async def test_the_person_is_told_where_their_helpers_are_and_the_centre_is_not(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"country": "GB", "age_group": "unsure"})
    mine = await person.get(f"/cases/{person.case_id}")
    assert (mine["country"], mine["young"]) == ("GB", True)
    theirs = await advocate.get(f"/cases/{person.case_id}")
    assert (theirs["country"], theirs["young"]) == ("", False)
