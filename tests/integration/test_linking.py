"""What cases have in common is counted without showing one case to another; over several centres only rounded."""

from typing import Any

import pytest
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.cases import Case
from db.models.linking import SightingMark
from db.models.sightings import Sighting
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.link_marks import LinkMarks
from monitor.keys.envelope import Key
from monitor.model.linking import Across, MarkKind, across
from monitor.model.records.observed import ObservedPart
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.base import ForwardOrigin, Media, MediaKind, PlatformName, Post
from monitor.sightings.marks import mark_sightings, marks_of
from monitor.sightings.record import Unmatched, write_sighting
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import INSPECTION, START
from tests.support.page_visits import page, send
from tests.support.statements import statements_of


async def mark(world: ApiWorld) -> int:
    return await mark_sightings(world.services.database, world.context)


async def posted_by(
    world: ApiWorld, person: Caller, author: str, *, post_id: str, source: str = "examplechannel"
) -> str:
    """A sighting whose post somebody else than the channel wrote."""
    first = await world.row(await world.sighting(person, post_id=f"first-{post_id}", source=source))
    async with world.services.database.begin() as session:
        await lock_one(session, Case, person.case_id)
        media = Media("photo:9", MediaKind.PHOTO)
        post = Post(post_id, f"https://t.me/{source}/{post_id}", START, (media,), author_id=author)
        match = Unmatched(person.case_id, "intimate")
        await write_sighting(session, world.context, first.source_id, post, media, INSPECTION, match)
        query = select(Sighting.id).where(Sighting.case_id == person.case_id, Sighting.post_id == post_id)
        return str(await session.scalar(query))


async def test_an_advocate_sees_how_many_cases_and_posts_of_their_own_centre_share_a_channel(world: ApiWorld) -> None:
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    one, two, foreign = await world.vouched(advocate), await world.vouched(advocate), await world.vouched(other)
    sighting = await world.sighting(one, post_id="1")
    await world.sighting(one, post_id="2")
    await world.sighting(two, post_id="2")  # the same post shows two persons
    await world.sighting(two, post_id="3", source="elsewhere")
    for number in range(6):
        await world.sighting(foreign, post_id=f"9{number}")
    found = await advocate.get("/linking")
    told = [(one["source"], one["counted"]["cases"], one["counted"]["posts"]) for one in found["places"]]
    assert told == [("examplechannel", 2, 2), ("elsewhere", 1, 1)] and found["total"] == 2
    assert all(one["counted"]["first_seen"] and one["across"] is None for one in found["places"])
    assert (await advocate.get("/linking?limit=1&offset=1"))["places"][0]["source"] == "elsewhere"
    assert (await advocate.get(f"/sightings/{sighting}/linked"))["channel"]["cases"] == 2
    assert await other.refused("GET", f"/sightings/{sighting}/linked") == (404, "not-found")
    assert await one.refused("GET", "/linking") == (403, "advocates-only")
    shown = await page(world, advocate, "/advocate/linking")
    assert "2 cases, 2 posts, first seen" in shown and "1 case, 1 post, first seen" in shown
    assert "2 cases, 2 posts, first seen" in await page(world, advocate, f"/advocate/sightings/{sighting}")
    assert not any(case.case_id in shown for case in (one, two, foreign))


async def test_what_was_dismissed_is_not_counted_nor_what_is_frozen_or_erased(world: ApiWorld) -> None:
    advocate = await world.advocate()
    kept, dismissed, frozen, erased = [await world.vouched(advocate) for _ in range(4)]
    ids = {who.case_id: await world.sighting(who, post_id=str(n)) for n, who in enumerate((kept, dismissed, frozen))}
    sighting = await world.sighting(erased, post_id="7")
    await mark(world)
    counted = (await advocate.get(f"/sightings/{ids[kept.case_id]}/linked"))["file"]
    assert (counted["cases"], counted["posts"]) == (4, 4)
    await advocate.post(f"/sightings/{ids[dismissed.case_id]}/dismiss", {"reason": "not-the-picture"})
    await advocate.put(f"/cases/{frozen.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    async with world.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id == erased.case_id).values(state="erased"))
    told = await advocate.get(f"/sightings/{ids[kept.case_id]}/linked")
    assert (told["channel"]["cases"], told["file"]["cases"]) == (1, 1)
    # And the marks of whoever is erased go.
    await mark(world)
    async with world.services.database.read() as session:
        assert await session.scalar(select(SightingMark).where(SightingMark.sighting_id == sighting)) is None


async def test_accounts_and_files_link_cases_by_keyed_hashes_alone(world: ApiWorld) -> None:
    advocate = await world.advocate()
    one, two = await world.vouched(advocate), await world.vouched(advocate)
    first = await posted_by(world, one, "4711", post_id="1")
    await posted_by(world, two, "4711", post_id="2", source="elsewhere")
    await posted_by(world, two, "99", post_id="3")
    # The channel itself as author is no account of its own.
    await posted_by(world, two, "77", post_id="4")
    told = await advocate.get(f"/sightings/{first}/linked")
    assert (told["account"], told["file"], told["channel"]["cases"]) == (None, None, 2)  # not marked yet
    assert "within a minute" in await page(world, advocate, f"/advocate/sightings/{first}")
    assert await mark(world) == 8 and await mark(world) == 0
    told = await advocate.get(f"/sightings/{first}/linked")
    assert (told["account"]["cases"], told["account"]["posts"]) == (2, 2)
    assert (told["file"]["cases"], told["file"]["posts"]) == (2, 8)
    assert told["origin"] is None
    async with world.services.database.read() as session:
        marks = (await session.scalars(select(SightingMark))).all()
    assert {row.kind for row in marks} == {"file", "account"}
    assert all(len(row.mark) == 64 and INSPECTION.sha256 not in row.mark for row in marks)
    assert len({row.mark for row in marks if row.kind == "account"}) == 2


def test_what_was_forwarded_from_one_place_has_one_mark() -> None:
    media, key = Media("photo:1", MediaKind.PHOTO), Key.generate()
    told = []
    for origin in (ForwardOrigin(channel_id="5"), ForwardOrigin(channel_id="5", post_id="9"), None):
        post = Post("1", "https://t.me/a/1", START, (media,), author_id="1", forwarded=origin)
        observed = ObservedPart.of(post, at=START, collector="c")
        record = SightingRecord.of(post, media, INSPECTION, observed)
        told.append(marks_of(record, remote_id="1", platform="telegram", key=key).get(MarkKind.ORIGIN))
    assert told[0] == told[1] is not None and told[2] is None


async def test_a_sighting_that_does_not_open_is_marked_once_and_links_to_nothing(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    sightings = [await sqlite_world.sighting(await sqlite_world.vouched(advocate)) for _ in range(2)]
    async with sqlite_world.services.database.begin() as session:
        await session.execute(update(Sighting).values(evidence=b"\x01damaged"))
    await LinkMarks(sqlite_world.services.database, sqlite_world.context).tick()
    assert await mark(sqlite_world) == 0
    assert (await advocate.get(f"/sightings/{sightings[0]}/linked"))["file"] is None


async def test_counts_of_many_places_take_as_many_statements_as_of_one(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, counts = await world.vouched(advocate), list[int]()
    for many in (1, 12):
        for number in range(many):
            await world.sighting(person, post_id=str(number), source=f"channel{number}")
        with statements_of(world.services.database) as statements:
            assert len((await advocate.get("/linking"))["places"]) == many
        counts.append(len(statements))
    assert counts[0] == counts[1] > 3


# Over several centres.


@pytest.mark.parametrize(
    ("cases", "posts", "centres", "told"),
    [
        (5, 5, 3, Across(5, 5)),
        (61, 140, 4, Across(60, 140)),
        (9, 13, 3, Across(5, 10)),
        (4, 90, 3, None),
        (90, 90, 2, None),
        (0, 0, 0, None),
    ],
)
def test_over_several_centres_only_enough_is_told_and_rounded_down(
    cases: int, posts: int, centres: int, told: Across | None
) -> None:
    assert across(cases=cases, posts=posts, centres=centres) == told


async def three_centres(world: ApiWorld) -> tuple[list[Caller], list[str]]:
    """Each with two cases in one channel; six cases, seven posts. Their leads, and a sighting of each."""
    leads, sightings = [], []
    for number, name in enumerate(("Centre A", "Centre B", "Centre C")):
        leads.append(await world.advocate(f"lead-{number}", name))
        for turn in range(2):
            person = await world.vouched(leads[-1])
            sightings.append(await world.sighting(person, post_id=f"{number}{turn}"))
    await world.sighting(person, post_id="999")
    await mark(world)
    return leads, sightings[::2]


async def test_leads_of_centres_that_share_see_rounded_counts_and_nobody_else_does(world: ApiWorld) -> None:
    leads, sightings = await three_centres(world)
    second = await world.advocate("second", "Centre A")

    async def seen(who: Caller) -> Any:
        return (await who.get("/linking"))["places"][0]["across"]

    assert [await seen(lead) for lead in leads] == [None] * 3
    for lead in leads[:2]:
        await lead.put("/linking/sharing", {"share": True})
    assert [await seen(lead) for lead in leads] == [None] * 3  # of two centres nothing is told
    await leads[2].put("/linking/sharing", {"share": True})
    assert [await seen(lead) for lead in leads] == [{"cases": 5, "posts": 5}] * 3
    told = await leads[0].get(f"/sightings/{sightings[0]}/linked")
    assert told["channel_across"] == told["file_across"] == {"cases": 5, "posts": 5}
    assert told["channel"]["cases"] == 2
    assert "at least 5 cases and 5 posts" in await page(world, leads[0], "/advocate/linking")
    assert "at least 5 cases and 5 posts" in await page(world, leads[0], f"/advocate/sightings/{sightings[0]}")
    # No lead: nothing of others.
    assert await seen(second) is None
    assert (await second.get(f"/sightings/{sightings[0]}/linked"))["file_across"] is None
    # Whoever stops sharing neither sees nor is counted: two centres are left.
    await leads[1].put("/linking/sharing", {"share": False})
    assert [await seen(lead) for lead in leads] == [None] * 3


async def test_a_centre_that_does_not_share_sees_nothing_of_those_that_do(world: ApiWorld) -> None:
    leads, _ = await three_centres(world)
    for lead in leads:
        await lead.put("/linking/sharing", {"share": True})
    fourth = await world.advocate("fourth", "Centre D")
    sighting = await world.sighting(await world.vouched(fourth), post_id="00")
    assert (await fourth.get("/linking"))["places"][0]["across"] is None
    assert (await fourth.get(f"/sightings/{sighting}/linked"))["channel_across"] is None
    # And its case adds nothing to what they see.
    assert (await leads[0].get("/linking"))["places"][0]["across"] == {"cases": 5, "posts": 5}


async def test_only_a_lead_changes_sharing_and_the_installations_ledger_says_who(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, second = await world.advocate(), await world.advocate("second")
    assert await second.refused("PUT", "/linking/sharing", {"share": True}) == (403, "leads-only")
    assert "problem=leads-only" in await send(world, second, "/advocate/linking/sharing", share="yes")
    assert "A lead of your organisation can change this" in await page(world, second, "/advocate/linking")
    assert "done=sharing-on" in await send(world, lead, "/advocate/linking/sharing", share="yes")
    assert (await second.get("/linking"))["shares"] is True
    await lead.put("/linking/sharing", {"share": True})  # said twice, it changes nothing
    assert "done=sharing-off" in await send(world, lead, "/advocate/linking/sharing", share="no")
    async with world.services.database.read() as session:
        entries = await world.context.ledger.told(session, "installation")
        told = [entry for entry in entries if entry.row.kind == EntryKind.ORGANISATION_CHANGED]
        facts = [dict(found) for row, found in await world.context.ledger.read(session, "installation") if found]
    assert [entry.by.id for entry in told if entry.by] == [(await world.advocate_row()).id] * 2
    assert [one["shares_links"] for one in facts if "shares_links" in one] == [True, False]


def test_platform_names_are_part_of_a_mark() -> None:
    """The number 4711 on one platform is somebody else than 4711 on the other."""
    media = Media("photo:1", MediaKind.PHOTO)
    record = SightingRecord.of(Post("1", "https://t.me/a/1", START, (media,), author_id="4711"), media, INSPECTION)
    key = Key.generate()
    told = [marks_of(record, remote_id="1", platform=name, key=key) for name in PlatformName]
    assert told[0]["account"] != told[1]["account"] and told[0]["file"] == told[1]["file"]  # type: ignore[index]
