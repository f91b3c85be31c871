"""The domain on a real database with a real key store and ledger, a clock that tests move, fakes of both ports."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.people import Advocate, Organisation
from db.models.sightings import Sighting
from db.models.sources import Source
from db.session import Database
from db.types import new_id
from monitor.actions.confirm import confirm
from monitor.cases.consents import give_consent
from monitor.cases.intake import fill_intake
from monitor.cases.opening import open_case, vouch
from monitor.context.context import DomainContext
from monitor.delivery.base import Outgoing, Receipt
from monitor.evidence.by import By
from monitor.evidence.ledger import Ledger
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.hashes.values import Hash, HashedMedium, PictureView
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.follow_up import FollowUp
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore
from monitor.model.facts import Basis, Intake, PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, Page, PlatformName, Post, PostStatus, Presence, SourceRef
from monitor.sightings.record import Unmatched, write_sighting
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from monitor.work.tasks import Task
from tests.support.notice_builders import make_intake
from tests.support.quick_hasher import QUICK

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
INSPECTION = HashedMedium(800, 600, "JPEG", "0" * 64, (PictureView("whole", 0, Hash(bytes(range(32)), 90)),), bytes(8))


class MovableClock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.time, self.speed = START, 1.0

    def now(self) -> datetime:
        """The time a test set."""
        return self.time

    def real_seconds(self, span: timedelta | float) -> float:
        """One domain second is one real second."""
        return max(0.0, span.total_seconds() if isinstance(span, timedelta) else span)

    def time_to_undo(self, span: timedelta) -> timedelta:
        """As on any clock that runs as people do."""
        return span

    def move(self, **span: float) -> None:
        """Let time pass: move(hours=2)."""
        self.time += timedelta(**span)


class FakePlatform:
    """A platform in memory: posts by id, what a check shows, errors to raise once."""

    name = PlatformName.TELEGRAM
    account = "telegram"
    connected = False
    """See Platform."""

    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.presence = Presence.LIVE
        self.errors: list[Exception] = []
        self.calls: list[str] = []

    def _called(self, method: str) -> None:
        self.calls.append(method)
        if self.errors:
            raise self.errors.pop(0)

    async def check(self) -> str:
        """See Platform."""
        return "fake"

    async def resolve(self, handle: str) -> SourceRef:
        """See Platform."""
        self._called("resolve")
        return SourceRef(self.name, handle, "77", "88")

    async def page(self, source: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        """See Platform."""
        self._called("page")
        new = [post for post in self.posts.values() if cursor is None or int(post.id) > int(cursor)]
        return Page(
            tuple(new), str(max((int(post.id) for post in new), default=cursor and int(cursor))) if new else cursor
        )

    async def read(self, media: Media, *, max_bytes: int) -> bytes:
        """See Platform."""
        self._called("read")
        assert isinstance(media.token, bytes)
        return media.token

    async def post(self, source: SourceRef, post_id: str) -> Post | None:
        """See Platform."""
        self._called("post")
        return self.posts.get(post_id)

    async def post_status(self, source: SourceRef, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
        """See Platform."""
        self._called("post_status")
        return PostStatus(self.presence, "fake")

    async def standing(self, source: SourceRef, post_ids: Sequence[str]) -> Mapping[str, tuple[str, ...] | None] | None:
        """See Platform."""
        self._called("standing")
        told: dict[str, tuple[str, ...] | None] = {}
        for post_id in post_ids:
            media = self.posts[post_id].media if post_id in self.posts else None
            if media is None or all(one.kind is not MediaKind.UNSUPPORTED for one in media):
                told[post_id] = None if media is None else tuple(one.id for one in media)
        return told

    async def close(self) -> None:
        """See Platform."""


class FakeDelivery:
    """Keeps what was sent; raises the errors it was given, one a send."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self.errors: list[Exception] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(outgoing)
        return Receipt("ref-1", {"option_path": "A > B"})


@dataclass
class DomainWorld:
    """Everything a test of the domain's database side needs."""

    database: Database
    context: DomainContext
    clock: MovableClock
    tasks: list[Task]
    platform: FakePlatform = field(default_factory=FakePlatform)

    @property
    def accounts(self) -> Accounts:
        """The fake platform behind a lease."""
        return Accounts({self.platform.name: self.platform}, self.database.url)


def follow_up(world: DomainWorld, *, accounts: Accounts | None = None, decoders: DecoderPool | None = None) -> FollowUp:
    """The verify job; without `decoders` nothing is looked at that stands in a picture's place."""
    reader = MediaReader(decoders, 20_000_000)  # type: ignore[arg-type]  # see above
    return FollowUp(world.database, world.context, accounts or world.accounts, reader)


@asynccontextmanager
async def domain_world(url: str, folder: Path) -> AsyncIterator[DomainWorld]:
    """A database that holds every table and all that belongs to it, closed at the end."""
    keys = KeyStore(f"sqlite:///{folder / 'keys.sqlite'}", Key.generate())
    keys.prepare()
    tasks: list[Task] = []

    async def remember(_session: AsyncSession, task: Task) -> None:
        tasks.append(task)

    clock: Any = MovableClock()
    context = DomainContext(
        by=By.program("test"),
        keys=keys,
        ledger=Ledger(keys),
        clock=clock,
        enqueue=remember,
        accounts={"telegram": "telegram"},
        message_domain="example.org",
        mail_from="Jikimi <notices@example.org>",
        hasher=QUICK,
    )
    database = Database(url)
    try:
        yield DomainWorld(database, context, clock, tasks)
    finally:
        await database.close()
        keys.close()


def notice_tasks(tasks: Sequence[Task]) -> list[Task]:
    """Those about notices: whoever joins a watch has sources read and compared beside them."""
    return [task for task in tasks if task.workflow in ("send", "verify", "escalate")]


async def run_backfills(world: DomainWorld) -> None:
    """Run the backfills that were asked for and not run yet; everything else stays in the list."""
    waiting = [task for task in world.tasks if task.workflow == "look_back"]
    world.tasks[:] = [task for task in world.tasks if task.workflow != "look_back"]
    job = BackfillJob(
        world.database, world.context, world.accounts, first_look=timedelta(days=7), seen_for=timedelta(days=30)
    )
    for task in waiting:
        await job.backfill(*task.arguments)  # type: ignore[arg-type]  # ids and a number


async def make_advocate(session: AsyncSession, organisation: str = "Centre") -> Advocate:
    """An advocate of a new organisation."""
    centre = Organisation(id=new_id(), name=organisation)
    session.add(centre)
    await session.flush()
    advocate = Advocate(
        id=new_id(),
        organisation_id=centre.id,
        login=f"login-{new_id()[:6]}",
        name="Signing Advocate",
        password_hash="x",
        totp_secret=b"",
        created_at=START,
    )
    session.add(advocate)
    await session.flush()
    return advocate


async def make_case(session: AsyncSession, context: DomainContext, advocate: Advocate | None, **intake: Any) -> Case:
    """A case with a complete intake; vouched for when there is an advocate."""
    case, _ = await open_case(session, context, language="en")
    filled: Intake = make_intake(permission_to_send_at=START - timedelta(hours=1))
    await fill_intake(session, context, case, replace(filled, **intake))
    if advocate is not None:
        await vouch(session, context, case, advocate.id)
    return case


async def make_sighting(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    source: str = "examplechannel",
    post_id: str = "17",
    kind: PictureKind = PictureKind.INTIMATE,
    confirmed_by: Advocate | None = None,
    platform: PlatformName = PlatformName.TELEGRAM,
) -> Sighting:
    """An open or confirmed sighting at a source that the case consents to."""
    purposes = (Purpose.WATCH, Purpose.FOLLOW)
    consent, _ = await give_consent(session, context, case, platform=platform, source=source, purposes=purposes)
    row = await session.get_one(Source, consent.source_id)
    row.remote_id, row.access, row.account = "77", "88", "telegram"
    media = Media("photo:1", MediaKind.PHOTO)
    post = Post(post_id, f"https://t.me/{source}/{post_id}", START - timedelta(days=1), (media,))
    match = Unmatched(case.id, kind, "confident", "whole picture: 4 of 256 bits differ")
    await write_sighting(session, context, row.id, post, media, INSPECTION, match)
    from sqlalchemy import select

    query = select(Sighting).where(Sighting.case_id == case.id, Sighting.post_id == post_id)
    sighting = (await session.scalars(query)).one()
    if confirmed_by is not None:
        await confirm(session, context, sighting, by=confirmed_by.id, basis=Basis.PERSON_VIEWED)
    return sighting
