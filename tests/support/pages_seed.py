"""Cases, sightings and notices in every state, for tests of the pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from monitor.actions.confirm import confirm
from monitor.actions.take_routes import take_routes
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.intake import fill_intake
from monitor.cases.opening import open_case, vouch
from monitor.delivery.base import Receipt
from monitor.fingerprints.hashes.values import Hash, HashedMedium, PictureView
from monitor.matching.verdict import Match, Verdict
from monitor.model.facts import Basis, PictureKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.states import Purpose
from monitor.notices.outcomes import doubt, mark_sent
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sightings.record import write_sighting
from tests.support.leaving import look_and_send
from tests.support.notice_builders import make_intake
from tests.support.pages_world import PagesWorld

_SEEN = HashedMedium(800, 600, "JPEG", "0" * 64, (PictureView("whole", 0, Hash(bytes(range(32)), 90)),), bytes(8))


@dataclass
class Seeded:
    """What a test finds in the world."""

    case: Case
    passphrase: str
    sightings: list[Sighting]


async def seed_case(world: PagesWorld, *, vouched: bool = True, copies: int = 0, **intake: Any) -> Seeded:
    """A case with a complete intake and `copies` open sightings, the second on X."""
    context, now = world.context, world.context.now()
    advocate = await world.advocate()
    async with world.services.database.begin() as session:
        case, passphrase = await open_case(session, context, language="en")
        given = {"permission_to_send_at": now - timedelta(hours=1), **intake}
        await fill_intake(session, context, case, make_intake(**given))
        if vouched:
            await vouch(session, context, case, advocate.id)
        found = [await seed_sighting(session, world, case, number=number, now=now) for number in range(copies)]
    return Seeded(case, passphrase, found)


async def seed_sighting(
    session: AsyncSession, world: PagesWorld, case: Case, *, number: int, now: datetime
) -> Sighting:
    """An open sighting with a real match behind it."""
    context, on_x = world.context, number % 2 == 1
    platform = PlatformName.X if on_x else PlatformName.TELEGRAM
    handle = "exampleaccount" if on_x else "examplechannel"
    url = f"https://x.com/{handle}/status/19{number}" if on_x else f"https://t.me/{handle}/{number + 17}"
    both = (Purpose.WATCH, Purpose.FOLLOW)
    consent, _ = await give_consent(session, context, case, platform=platform, source=handle, purposes=both)
    code = bytes([number + 1]) * 32
    known = await add_fingerprint(session, context, case, pdq=code.hex(), quality=90, kind=PictureKind.INTIMATE)
    close = number % 3 != 2
    distance, limit = (4, 31) if close else (44, 60)
    match = Match(
        fingerprint_id=known.id,
        case_id=case.id,
        kind=known.kind,
        verdict=Verdict.CONFIDENT if close else Verdict.REVIEW,
        distance=distance,
        view="whole",
        orientation=1,
        quality=87,
        identical=False,
        how=f"whole picture, mirrored: {distance} of 256 bits differ (limit {limit}), quality 87",
    )
    post = Post(
        str(number + 17),
        url,
        now - timedelta(days=1),
        (media := Media(f"photo:{number}", MediaKind.PHOTO),),
        caption="words under the picture",
    )
    await write_sighting(session, context, consent.source_id, post, media, _SEEN, match)
    query = select(Sighting).where(Sighting.case_id == case.id, Sighting.post_id == post.id)
    return (await session.scalars(query)).one()


async def seed_notice(world: PagesWorld, sighting: Sighting, route: str, state: NoticeState) -> str:
    """A notice by `route` about an open sighting, brought to `state` by the steps that lead there; returns its id."""
    context, database = world.context, world.services.database
    advocate: Advocate = await world.advocate()
    async with database.begin() as session:
        row = await lock_one(session, Sighting, sighting.id)
        if row.state == "open":
            await confirm(session, context, row, by=advocate.id, basis=Basis.PERSON_VIEWED)
        written = await take_routes(session, context, row, [route], by=advocate.id)
        notice = await lock_one(session, Notice, written.notices[0].id)
        if state is not NoticeState.PREPARED:
            await look_and_send(session, context, notice, by=advocate.id)
        if state in (NoticeState.SENT, NoticeState.IN_DOUBT, NoticeState.FAILED) and notice.state == NoticeState.QUEUED:
            notice.state = move(notice.state, NoticeState.SENDING)
        if state is NoticeState.SENT:
            await mark_sent(session, context, notice, Receipt("reference-1", {"option_path": "A > B"}))
        elif state is NoticeState.IN_DOUBT:
            await doubt(session, context, notice, "cut-off-while-sending")
        elif state is NoticeState.FAILED:
            notice.state, notice.reason = move(notice.state, NoticeState.FAILED), "mailbox-unknown"
    return notice.id
