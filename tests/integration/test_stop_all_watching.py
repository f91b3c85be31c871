"""A person stops all watching: nothing is read any more, links neither, and no notice leaves; they can undo it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from db.models.cases import Case
from db.models.sightings import Sighting
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import PictureKind
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sightings.record import Unmatched, write_sighting
from monitor.sources.sources import source_named
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import INSPECTION, START


async def copy_by_link(world: ApiWorld, person: Caller) -> str:
    """A copy at a place to which the person said no yes: it was found by a link of theirs."""
    async with world.services.database.begin() as session:
        case = await session.get_one(Case, person.case_id)
        source = await source_named(session, PlatformName.TELEGRAM, "linkedplace", world.clock.now())
        source.remote_id, source.access, source.account = "77", "88", "telegram"
        media = Media("photo:5", MediaKind.PHOTO)
        post = Post("5", "https://t.me/linkedplace/5", START, (media,))
        entered = Unmatched(case.id, PictureKind.INTIMATE)
        await write_sighting(session, world.context, source.id, post, media, INSPECTION, entered)
        found: str = (await session.scalars(select(Sighting.id).where(Sighting.case_id == case.id))).one()
        return found


async def test_links_rest_and_notices_about_what_they_showed_are_stopped(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}"
    context: Any = replace(world.context, accounts={"telegram": "telegram"})
    reader = LinkReader(world.services.database, context, None, None)  # type: ignore[arg-type]
    link = (await person.post(f"{path}/links", {"url": "https://t.me/linkedplace/5", "kind": "intimate"}))["link_id"]
    sighting = await copy_by_link(world, person)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    (written,) = (await advocate.post(f"/sightings/{sighting}/confirm", body))["notices"]
    assert await reader._wanted_link(link) is not None
    typed = {"passphrase": person.passphrase}
    told = await person.post(f"{path}/consents/withdrawal", typed)
    assert told == {"withdrawn": 0, "listed": False, "stopped_notices": 1}

    notice = await advocate.get(f"/notices/{written['notice_id']}")
    assert (notice["state"], notice["reason"]) == ("withdrawn", "consent-withdrawn")
    assert await reader._wanted_link(link) is None
    # The person sees that it rests, and for how long: until they let it go on.
    assert (await person.get(f"{path}/standing"))["paused_at"] is not None
    await person.post(f"{path}/consents/withdrawal", typed)
    async with world.services.database.read() as session:
        kinds = [one.row.kind for one in await world.context.ledger.told(session, person.case_id)]
    assert kinds.count(EntryKind.WATCHING_PAUSED) == 1, "said again, it changes nothing"
    await person.put(f"{path}/watching", {"paused": False})
    assert await reader._wanted_link(link) is not None
    assert (await advocate.get(f"/notices/{written['notice_id']}"))["state"] == "withdrawn"


async def test_links_of_somebody_who_waits_are_not_read_after_it(world: ApiWorld) -> None:
    person = await world.person()
    path = f"/cases/{person.case_id}"
    link = (await person.post(f"{path}/links", {"url": "https://t.me/linkedplace/5", "kind": "intimate"}))["link_id"]
    await person.post(f"{path}/consents/withdrawal", {"passphrase": person.passphrase})
    await (await world.advocate()).post(f"{path}/vouch")
    reader = LinkReader(world.services.database, world.context, None, None)  # type: ignore[arg-type]
    assert await reader._wanted_link(link) is None
