"""Several organisations that have the very same sources read, through the real application and the real jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.consents import sources_to_read
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.crawl import Crawler
from monitor.jobs.sync_deletions import DeletionSync
from monitor.platforms.base import Media, MediaKind, Page, Post, SourceRef
from monitor.sources.accounts import Accounts
from monitor.work.tasks import Task
from tests.support.api_world import ApiWorld, Caller, api_world
from tests.support.domain_world import START, FakePlatform
from tests.support.seen_world import InProcess, inspected

FIRST_LOOK, SEEN_FOR = timedelta(days=7), timedelta(days=30)


class Channel(FakePlatform):
    """A platform that goes no further back than it is asked to, as the real ones do. @quiet shows nothing."""

    async def page(self, source: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        """See Platform."""
        page = await super().page(source, cursor, since=since, limit=limit)
        if source.handle == "quiet":
            return Page((), cursor)
        if cursor is not None:
            return page
        return Page(tuple(post for post in page.posts if post.posted_at >= since), page.cursor)


def shown(number: int, *pictures: bytes, at: datetime = START - timedelta(hours=1), unreadable: int = 0) -> Post:
    """A post with these pictures, and with so many media that nobody can read."""
    media = [Media(f"photo:{number}{i}", MediaKind.PHOTO, token=data) for i, data in enumerate(pictures)]
    media += [Media(f"story:{number}{i}", MediaKind.UNSUPPORTED) for i in range(unreadable)]
    return Post(str(number), f"https://t.me/channel/{number}", at, tuple(media))


@dataclass
class Stage:
    """The application, a platform in memory, and the jobs run by hand."""

    world: ApiWorld
    platform: Channel
    tasks: list[Task]

    def __post_init__(self) -> None:
        services = self.world.services
        self.accounts = Accounts({self.platform.name: self.platform}, services.database.url)
        self.crawler = Crawler(
            services.database,
            self.world.context,
            self.accounts,
            InProcess(),  # type: ignore[arg-type]  # hashes where it stands
            first_look=FIRST_LOOK,
            max_media_bytes=20_000_000,
            seen_for=SEEN_FOR,
        )
        self.backfills = BackfillJob(
            services.database, self.world.context, self.accounts, first_look=FIRST_LOOK, seen_for=SEEN_FOR
        )

    def post(self, *posts: Post) -> None:
        """Let the platform show them."""
        self.platform.posts.update((one.id, one) for one in posts)

    def move(self, **span: float) -> None:
        """Let time pass."""
        self.world.clock.move(**span)

    async def run(self) -> None:
        """Run what was asked for, and what follows from it."""
        while self.tasks:
            task = self.tasks.pop(0)
            arguments: Any = task.arguments
            if task.workflow == "crawl":
                await self.crawler.crawl(*arguments)
            elif task.workflow == "look_back":
                await self.backfills.backfill(*arguments)

    async def turn(self) -> None:
        """Every source that somebody consents to is read in its turn."""
        services = self.world.services
        async with services.database.read() as session:
            sources = await sources_to_read(session, self.world.context.now())
        for source in sorted(sources, key=lambda one: one.handle):
            await self.crawler.crawl(source.id)
        await self.run()

    async def sync(self) -> None:
        """The deletions of every source are mirrored in its turn."""
        services = self.world.services
        job = DeletionSync(services.database, self.world.context, self.accounts)
        async with services.database.read() as session:
            sources = await sources_to_read(session, self.world.context.now())
        for source in sources:
            await job.sync(source.id)

    async def watch(self, person: Caller, *sources: str, picture: bytes | None = None) -> list[str]:
        """A person registers a picture and says yes to sources; ids of the consents to watch."""
        if picture is not None:
            whole = inspected(picture).whole
            body = {"pdq": whole.hex, "quality": whole.quality, "kind": "intimate"}
            await person.post(f"/cases/{person.case_id}/fingerprints", body)
        given = []
        for source in sources:
            body = {"platform": "telegram", "source": source, "purposes": ["watch", "follow"], "days": 300.0}
            made = await person.post(f"/cases/{person.case_id}/consents", body)
            given.append(made["consents"][0]["consent_id"])
        return given


@asynccontextmanager
async def shared_sources(url: str, folder: Path) -> AsyncIterator[Stage]:
    """The application with one account that reads, at a time that stands."""
    tasks: list[Task] = []

    async def remember(_session: AsyncSession, task: Task) -> None:
        tasks.append(task)

    async with api_world(url, folder, accounts={"telegram": "telegram"}, enqueue=remember) as world:
        world.clock.time = START
        yield Stage(world, Channel(), tasks)
