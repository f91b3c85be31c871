"""A source with people who watch it, crawled in process: real pictures and hashes, no decoder processes."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.seen import SeenMedium
from db.models.sightings import Sighting
from db.models.sources import Consent
from db.types import new_id
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.demo.world.pictures import feed, registered
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.image import hash_picture
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.crawl import Crawler
from monitor.keys.store import SEEN
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from tests.support.domain_world import START, DomainWorld, make_advocate, make_case

PICTURES = registered(1)
OTHERS = [sample.data for sample in feed(1) if sample.copy_of is None]
inspected = cache(hash_picture)


class InProcess:
    """Hashes where it stands, as a decoder would."""

    async def inspect(self, data: bytes, *, max_bytes: int, closely: bool = False, **_: object) -> HashedMedium:
        return inspected(data)


def post(number: int, *pictures: bytes) -> Post:
    media = tuple(Media(f"photo:{number}{i}", MediaKind.PHOTO, token=data) for i, data in enumerate(pictures))
    return Post(str(number), f"https://t.me/channel/{number}", START - timedelta(hours=1), media)


def show(world: DomainWorld, *posts: Post) -> None:
    world.platform.posts.update((one.id, one) for one in posts)


async def new_case(world: DomainWorld, *, picture: bytes | None = None, source: str | None = "channel") -> str:
    """A vouched case; it watches `source` for `picture`, where there are such."""
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session, f"Centre {new_id()}"))
        if picture is not None:
            await register(world, session, case, picture)
        if source is not None:
            await watch(world, session, case, source)
    return case.id


async def register(world: DomainWorld, session: Any, case: Case, picture: bytes) -> None:
    whole = inspected(picture).whole
    await add_fingerprint(session, world.context, case, pdq=whole.hex, quality=whole.quality, kind=PictureKind.INTIMATE)


async def watch(world: DomainWorld, session: Any, case: Case, source: str = "channel", **days: float) -> str:
    (consent,) = await give_consent(
        session, world.context, case, platform=PlatformName.TELEGRAM, source=source, purposes=[Purpose.WATCH], **days
    )
    return consent.source_id


async def withdraw(world: DomainWorld, case_id: str) -> None:
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        for consent_id in await session.scalars(select(Consent.id).where(Consent.case_id == case_id)):
            await withdraw_consent(session, world.context, case, consent_id)


def crawler(world: DomainWorld, *, seen_days: int = 30) -> Crawler:
    return Crawler(
        world.database,
        world.context,
        world.accounts,
        InProcess(),  # type: ignore[arg-type]
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
        seen_for=timedelta(days=seen_days),
    )


def backfills(world: DomainWorld) -> BackfillJob:
    return BackfillJob(
        world.database, world.context, world.accounts, first_look=timedelta(days=7), seen_for=timedelta(days=30)
    )


async def crawl(world: DomainWorld, *, seen_days: int = 30) -> None:
    await crawler(world, seen_days=seen_days).crawl(await source_of(world))
    world.platform.calls.clear()
    world.tasks.clear()


async def source_of(world: DomainWorld) -> str:
    async with world.database.read() as session:
        first = select(Consent.source_id).order_by(Consent.given_at).limit(1)
        return (await session.scalars(first)).one()


async def rows(world: DomainWorld) -> Sequence[SeenMedium]:
    async with world.database.read() as session:
        return (await session.scalars(select(SeenMedium).order_by(SeenMedium.post_id, SeenMedium.media_id))).all()


async def found(world: DomainWorld, case_id: str) -> list[str]:
    """Ids of the posts that are sightings of a case."""
    async with world.database.read() as session:
        query = select(Sighting.post_id).where(Sighting.case_id == case_id).order_by(Sighting.post_id)
        return list((await session.scalars(query)).all())


def live_keys(world: DomainWorld) -> list[str]:
    return world.context.keys.names(SEEN)


async def two_posts_were_seen(world: DomainWorld) -> str:
    """Somebody watches a channel for the first picture; post 1 shows the second, post 2 another. Id of the case."""
    first = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[1]), post(2, OTHERS[0]))
    await crawl(world)
    return first


async def late_person(world: DomainWorld) -> str:
    """A case whose picture post 1 showed, with its backfill asked for and not run."""
    case_id = await new_case(world, picture=PICTURES[1])
    world.platform.calls.clear()
    return case_id


async def bare_case(world: DomainWorld) -> str:
    """A vouched case that watches nothing."""
    return await new_case(world, source=None)
