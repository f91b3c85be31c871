"""A video that was confirmed, and one behind a link that the person gave: a clip of it in another post is found."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from telethon.tl import types as t

from db.locking import lock_one, lock_rows
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.seen import SeenMedium
from db.models.sightings import Sighting
from db.models.sources import Consent
from db.queries.tenants import CaseTenant, sources_of
from monitor.actions.confirm import confirm
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.links import enter_link
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.image import hash_picture
from monitor.history.reading import HistoryReader
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.crawl import Crawler
from monitor.jobs.read_link import LinkReader
from monitor.matching.watch_set import Watched
from monitor.model.facts import Basis, PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Platform, PlatformName
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from monitor.watch.benign import add_benign
from monitor.watch.opening import watched
from tests.support.clips import gif, on_canvas, scenes, video
from tests.support.domain_world import DomainWorld, domain_world, make_advocate, make_case
from tests.support.telegram_adapter import Stage, stage
from tests.support.waves import encoded, photo
from tests.support.x_parts import Parts, x_parts

MINE = (41, 42, 43)
"""Photos over which the person's video pans, two seconds each; only the first is registered as a picture."""
MOST_BYTES = 20_000_000


@cache
def whole_video() -> bytes:
    return video(scenes(*MINE))


@cache
def clip() -> bytes:
    """The last three seconds and a bit, smaller and coded anew: nothing of the first photo is in it."""
    frames = [frame.resize((256, 192)) for frame in scenes(*MINE)[27:]]
    return video(frames, gop=12, options={"crf": "30"})


@cache
def other_video() -> bytes:
    return video(scenes(51, 52))


def first_picture() -> Image.Image:
    return scenes(*MINE)[0]


@dataclass
class Watching:
    """A case that watches one Telegram channel and one X account, with real adapters against both doubles."""

    world: DomainWorld
    telegram: Stage
    x: Parts
    accounts: Accounts
    decoders: DecoderPool
    case_id: str = ""

    @property
    def channel(self) -> Any:
        """The channel that is watched."""
        return self.telegram.world.named("watched_channel")

    def show(self, name: PlatformName, data: bytes, *, photo: bool = False) -> str:
        """A new post of the watched channel or account; its id."""
        if name is PlatformName.X:
            account = self.x.world.by_username("watched_account")
            assert account is not None
            return self.x.world.post(account, "", [data], kind="photo" if photo else "video").id
        world = self.telegram.world
        media = world.photo({"y": (320, 240, data)}) if photo else world.video(data)
        return str(world.post(self.channel, "", media).id)

    async def watch(self, *names: PlatformName, picture: Image.Image | None = None) -> None:
        """A vouched case with these sources, and perhaps a registered picture."""
        world = self.world
        async with world.database.begin() as session:
            case = await make_case(session, world.context, await make_advocate(session))
            self.case_id = case.id
            if picture is not None:
                whole = hash_picture(encoded(picture)).whole
                await add_fingerprint(
                    session, world.context, case, pdq=whole.hex, quality=whole.quality, kind=PictureKind.INTIMATE
                )
            for name in names:
                handle = "watched_channel" if name is PlatformName.TELEGRAM else "watched_account"
                await give_consent(session, world.context, case, platform=name, source=handle, purposes=[Purpose.WATCH])

    async def crawl(self) -> None:
        """Read every source that is watched."""
        world = self.world
        works = Crawler(
            world.database,
            world.context,
            self.accounts,
            self.decoders,
            first_look=timedelta(days=7),
            max_media_bytes=MOST_BYTES,
        )
        async with world.database.read() as session:
            sources = (await session.scalars(select(Consent.source_id).distinct())).all()
        for source_id in sources:
            await works.crawl(source_id)

    async def run_backfills(self) -> None:
        """Run the backfills that were asked for."""
        world = self.world
        job = BackfillJob(
            world.database, world.context, self.accounts, first_look=timedelta(days=7), seen_for=timedelta(days=30)
        )
        for task in [task for task in world.tasks if task.workflow == "look_back"]:
            await job.backfill(*task.arguments)  # type: ignore[arg-type]  # ids and a number
        world.tasks.clear()

    async def read_link(self, url: str) -> KnownLink:
        """Enter a link and read it."""
        world, links = self.world, MediaReader(self.decoders, MOST_BYTES)
        async with world.database.begin() as session:
            case = await lock_one(session, Case, self.case_id)
            link = await enter_link(session, world.context, case, url=url, kind=PictureKind.FAKED)
        await LinkReader(world.database, world.context, self.accounts, links).read_link(link.id)
        async with world.database.read() as session:
            return await session.get_one(KnownLink, link.id)

    async def confirm(self, post_id: str) -> None:
        """The advocate confirms the sighting of a post."""
        async with self.world.database.begin() as session:
            advocate = await make_advocate(session, "Deciding")
            (sighting,) = await lock_rows(session, select(Sighting).where(Sighting.post_id == post_id))
            await confirm(session, self.world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)

    async def found(self) -> dict[str, Sighting]:
        """Sightings by the id of their post."""
        async with self.world.database.read() as session:
            return {one.post_id: one for one in await session.scalars(select(Sighting))}

    async def kept(self) -> list[HashedMedium]:
        """What is kept of everything that was seen."""
        async with self.world.database.read() as session:
            rows = (await session.scalars(select(SeenMedium))).all()
        return [hashed for _, hashed in HistoryReader(self.world.context).open(rows)]

    async def watched(self, origin: str) -> list[Watched]:
        """What is compared with, of one origin."""
        async with self.world.database.read() as session:
            query = select(Fingerprint).where(Fingerprint.case_id == self.case_id, Fingerprint.origin == origin)
            return watched(self.world.context, (await session.scalars(query)).all())


@pytest.fixture
async def watching(prepared_sqlite_url: str, tmp_path: Path, decoders: DecoderPool) -> AsyncIterator[Watching]:
    async with (
        domain_world(prepared_sqlite_url, tmp_path) as world,
        stage() as telegram,
        x_parts() as x,
    ):
        world.clock.time = datetime.now(UTC)
        adapters: dict[PlatformName, Platform] = {PlatformName.TELEGRAM: telegram.telegram(), PlatformName.X: x.x}
        accounts = Accounts(adapters, world.database.url)
        world.context = replace(world.context, accounts=accounts.names)
        telegram.world.channel("watched_channel")
        x.world.account("watched_account")
        yield Watching(world, telegram, x, accounts, decoders)


def seconds_of(frames: Sequence[tuple[float, bytes]]) -> list[float]:
    return [at for at, _ in frames]


@pytest.mark.parametrize("name", list(PlatformName))
async def test_clip_of_a_confirmed_video_is_found_in_another_post(watching: Watching, name: PlatformName) -> None:
    await watching.watch(name, picture=first_picture())
    early, post = watching.show(name, clip()), watching.show(name, whole_video())
    watching.show(name, other_video())
    await watching.crawl()
    assert set(await watching.found()) == {post}, "the registered picture is in no frame of the clip"

    await watching.confirm(post)
    (joined,) = await watching.watched("confirmed")
    assert seconds_of(joined.frames) == [1.0, 2.0, 3.0, 4.0, 5.0]
    await watching.run_backfills()
    late = watching.show(name, clip())
    watching.show(name, other_video())
    await watching.crawl()

    found = await watching.found()
    assert set(found) == {early, post, late}
    for one in (found[early], found[late]):
        assert one.fingerprint_id == joined.fingerprint_id
        assert "known video, second" in one.how
        assert (one.identical, one.kind) == (False, "intimate")


async def test_still_of_a_confirmed_video_is_found_for_review(watching: Watching) -> None:
    await watching.watch(PlatformName.TELEGRAM, picture=first_picture())
    post = watching.show(PlatformName.TELEGRAM, whole_video())
    await watching.crawl()
    await watching.confirm(post)
    still = watching.show(PlatformName.TELEGRAM, encoded(scenes(*MINE)[50]), photo=True)
    await watching.crawl()
    found = (await watching.found())[still]
    assert (found.verdict, found.identical) == ("review", False), found.how


@pytest.mark.parametrize("name", list(PlatformName))
async def test_clip_of_the_video_behind_a_link_is_found(watching: Watching, name: PlatformName) -> None:
    await watching.watch(PlatformName.TELEGRAM, PlatformName.X)
    early = watching.show(PlatformName.TELEGRAM, clip())
    watching.show(PlatformName.TELEGRAM, other_video())
    await watching.crawl()
    assert await watching.found() == {}

    if name is PlatformName.TELEGRAM:
        elsewhere = watching.telegram.world.channel("elsewhere")
        known = str(watching.telegram.world.post(elsewhere, "", watching.telegram.world.video(whole_video())).id)
        url = f"https://t.me/elsewhere/{known}"
    else:
        known = watching.x.world.post(watching.x.world.account("elsewhere"), "", [whole_video()], kind="video").id
        url = f"https://x.com/elsewhere/status/{known}"
    assert (await watching.read_link(url)).state == "read"
    (joined,) = await watching.watched("link")
    # Looked at twice a second: others are compared with it.
    assert seconds_of(joined.frames) == [half / 2 for half in range(1, 12)]
    await watching.run_backfills()
    late = watching.show(PlatformName.X, clip())
    watching.show(PlatformName.X, other_video())
    await watching.crawl()

    async with watching.world.database.read() as session:
        rows = (await session.scalars(select(Sighting).where(Sighting.fingerprint_id == joined.fingerprint_id))).all()
    assert {one.post_id for one in rows} == {early, late}
    assert all("known video, second" in one.how and one.kind == "faked" for one in rows)


async def test_video_of_a_link_keeps_its_frames_when_it_is_confirmed(watching: Watching) -> None:
    await watching.watch(PlatformName.TELEGRAM)
    post = watching.show(PlatformName.TELEGRAM, whole_video())
    await watching.read_link(f"https://t.me/watched_channel/{post}")
    await watching.confirm(post)
    ((linked,), (confirmed,)) = [await watching.watched(origin) for origin in ("link", "confirmed")]
    assert linked.frames == confirmed.frames and len(confirmed.frames) == 11


async def test_video_beside_a_confirmed_picture_joins_but_for_its_harmless_frames(watching: Watching) -> None:
    await watching.watch(PlatformName.X, picture=photo(61, 320, 240))
    post = watching.show(PlatformName.X, encoded(photo(61, 320, 240)), photo=True)
    extra = watching.x.world.posts[watching.show(PlatformName.X, whole_video())]
    watching.x.world.posts[post].media.append(extra.media.pop())
    await watching.crawl()
    assert set(await watching.found()) == {post}
    (row,) = [one for one in await watching.kept() if one.kind == "video"]
    card = row.frames[2]
    async with watching.world.database.begin() as session:
        await add_benign(session, card.views[0].hash.code, note="card", by="operator", now=datetime.now(UTC))
    await watching.confirm(post)
    (beside,) = await watching.watched("beside")
    assert card.at == 2.0
    assert seconds_of(beside.frames) == [1.0, 3.0, 4.0, 5.0]


async def test_copy_is_found_wherever_a_message_shows_it(watching: Watching) -> None:
    world, picture = watching.telegram.world, encoded(first_picture(), "JPEG")
    await watching.watch(PlatformName.TELEGRAM, picture=first_picture())

    def page(**holds: Any) -> Any:
        return t.MessageMediaWebPage(t.WebPage(id=1, url="https://example.org/", display_url="", hash=0, **holds))

    def still() -> Any:
        return world.photo({"y": (320, 240, picture)}).photo

    kept = t.Page(url="https://example.org/", blocks=[], photos=[still()], documents=[], part=True)
    hidden = on_canvas(gif(scenes(*MINE)[:20:5]), 0, 0)
    posts = [
        world.post(watching.channel, "", page(document=world.video(whole_video()).document)),
        world.post(watching.channel, "", page(cached_page=kept)),
        world.post(watching.channel, "", world.document(hidden, "image/gif", "a.gif")),
        world.post(watching.channel, ""),
        world.service(watching.channel, t.MessageActionChatEditPhoto(photo=still())),
    ]
    posts[3].reply_to = t.MessageReplyHeader(reply_media=t.MessageMediaPhoto(photo=still()))
    await watching.crawl()
    assert set(await watching.found()) == {str(post.id) for post in posts}
    async with watching.world.database.read() as session:
        (told,) = await sources_of(session, CaseTenant(watching.case_id))
    assert told.not_inspected == 1, "the rest of the page that Telegram gave in part"
