"""Two persons of one centre with copies in a channel and on X, what was done about them, and hands to break a package.

Nothing of the second person, of a dismissed copy or of an open one may be in the first one's package.
"""

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.platform_side import PlatformAnswer
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import AdvocateActor
from db.types import new_id
from monitor.actions.access import get_sighting
from monitor.actions.confirm import confirm
from monitor.cases.consents import give_consent
from monitor.cases.links import enter_link
from monitor.context.context import DomainContext
from monitor.delivery.base import Receipt
from monitor.evidence.by import By, Door
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.seals import seal_heads
from monitor.exports.package import VERIFIER, Order, Package, Place, make_package, record_export
from monitor.mailbox.report import ReportKind
from monitor.model.facts import AgeGroup, Basis, PictureKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.platform_answers import AnswerKind
from monitor.model.records.answer import AnswerRecord
from monitor.model.states import Dismissal, Purpose
from monitor.notices.outcomes import mark_sent
from monitor.notices.route_table import ROUTES
from monitor.platforms.base import Media, MediaKind, PlatformName, Post, Presence
from monitor.sightings.record import Unmatched, write_sighting
from monitor.sightings.review import dismiss
from tests.support.domain_world import INSPECTION, START, DomainWorld, domain_world, make_advocate, make_case

WHOLE = "whole picture, mirrored: 12 of 256 bits differ (limit 31), quality 88; second hash: 6 of 64 (limit 8)"
REGION = (
    "region: registered square (25-75 % across, 10-60 % down) in a rectangle in the post (40-90 % across, 0-100 % down)"
    ": 41 of 256 bits differ (limit 46), detail 33 (least 12); 7 more boxes fit"
)
SECRETS = ("anothersplace", "secret caption of another", "dismissedchannel", "openchannel", "x" * 40)
"""What stands in the database and belongs into no package of the first case."""
RESPONSE = '{"id":17,"text":"이 사진 좀 보세요"}'.encode()
"""The platform's answer, the same for all: nothing of it is read."""
ANSWER = "We have removed the content. 삭제했습니다."


@dataclass
class EvidenceScene:
    """A world with two cases, and the packages that are made of them."""

    world: DomainWorld
    heads_file: Path
    advocate: Advocate
    case_id: str = ""
    other_id: str = ""
    authority_file: Path | None = None
    recipient: str = "서울경찰청 사이버수사과"
    orders: list[Order] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where this installation's things are."""
        return Place(self.heads_file, "https://jikimi.example.org/evidence", self.authority_file)

    async def package(
        self, *case_ids: str, source: str | None = None, language: str = "ko", recorded: bool = True
    ) -> Package:
        """The package of the first case, or of these; `source`: the handle of a source."""
        async with self.world.database.begin() as session:
            query = select(Case).where(Case.id.in_(case_ids or (self.case_id,))).order_by(Case.id)
            cases = list(await lock_rows(session, query))
            row = None if source is None else await session.scalar(select(Source).where(Source.handle == source))
            order = Order(
                export_id=new_id(),
                case_ids=tuple(case.id for case in cases),
                source_id=None if row is None else row.id,
                language=language,
                recipient=self.recipient,
                made_by=self.advocate.name,
                made_at=self.world.clock.now(),
            )
            if recorded:
                await record_export(session, self.context, order, cases, encrypted="no", agreed=True)
        self.orders.append(order)
        return await make_package(self.world.database, self.context, order, self.place)

    @property
    def actor(self) -> AdvocateActor:
        """Who is logged in."""
        return AdvocateActor(self.advocate.id, self.advocate.organisation_id, self.advocate.name, lead=False)

    @property
    def context(self) -> DomainContext:
        """The domain's context of the advocate."""
        return self.world.context.acting(By.advocate(self.advocate.id, Door.PAGE))

    async def seal(self) -> None:
        """Sign the heads, as a worker does every two seconds."""
        async with self.world.database.begin() as session:
            await seal_heads(session, self.world.context.keys, self.heads_file, now=self.world.clock.now())

    @property
    def public_key(self) -> str:
        """As the centre's page shows it."""
        return self.world.context.keys.signing_key().public_key().public_bytes_raw().hex()


@asynccontextmanager
async def evidence_scene(url: str, folder: Path) -> AsyncIterator[EvidenceScene]:
    """The scene on an empty database with every table."""
    async with domain_world(url, folder) as world:
        async with world.database.begin() as session:
            advocate = await make_advocate(session, "한빛 지원센터")
        scene = EvidenceScene(world, folder / "heads.jsonl", advocate)
        await _first_case(scene)
        await scene.seal()
        await _other_case(scene)
        world.clock.move(hours=3)
        await scene.seal()
        yield scene


async def add_copy(
    scene: EvidenceScene,
    case_id: str,
    *,
    source: str,
    post_id: str,
    how: str,
    platform: PlatformName = PlatformName.TELEGRAM,
    caption: str = "이 사진 좀 보세요",
    confirmed: bool = True,
) -> Sighting:
    """A sighting at a source that the case consents to, as the steps of the program make it."""
    database, context = scene.world.database, scene.context
    async with database.begin() as session:
        case, purposes = await lock_one(session, Case, case_id), (Purpose.WATCH, Purpose.FOLLOW)
        consent, _ = await give_consent(session, context, case, platform=platform, source=source, purposes=purposes)
    async with database.begin() as session:
        row = await lock_one(session, Source, consent.source_id)
        row.remote_id = "1701234567"
        media = Media(f"photo:{post_id}", MediaKind.PHOTO)
        telegram = platform is PlatformName.TELEGRAM
        url = f"https://t.me/{source}/{post_id}" if telegram else f"https://x.com/{source}/status/{post_id}"
        post = Post(
            post_id,
            url,
            START - timedelta(days=1),
            (media,),
            caption=caption,
            author_id="5550001",
            response_sha256=hashlib.sha256(RESPONSE).hexdigest(),
            response=RESPONSE,
            author_handle="uploader_x",
            author_name="업로더",
            clock_offset=timedelta(seconds=-0.4),
        )
        match = Unmatched(case_id, PictureKind.INTIMATE, "confident", how)
        await write_sighting(session, context, row.id, post, media, INSPECTION, match)
        query = select(Sighting).where(Sighting.case_id == case_id, Sighting.post_id == post_id)
        sighting = (await session.scalars(query)).one()
    if confirmed:
        async with database.begin() as session:
            found = await get_sighting(session, scene.actor, sighting.id, lock=True)
            basis, by = Basis.PERSON_VIEWED, scene.advocate.id
            await confirm(session, context, found[0], by=by, basis=basis, routes=None)
    return sighting


async def _first_case(scene: EvidenceScene) -> None:
    world, context = scene.world, scene.context
    async with world.database.begin() as session:
        case = await make_case(session, context, scene.advocate)
        scene.case_id = case.id
        await enter_link(session, context, case, url="https://t.me/+abcdefghijk", kind=PictureKind.INTIMATE)
    one = await add_copy(scene, scene.case_id, source="leakchannel", post_id="17", how=WHOLE)
    two = await add_copy(scene, scene.case_id, source="leakchannel", post_id="23", how=REGION)
    on_x = {"platform": PlatformName.X, "how": "the person entered this link"}
    await add_copy(scene, scene.case_id, source="leakaccount", post_id="1900170000000000000", **on_x)  # type: ignore[arg-type]
    away = {"caption": "secret caption of another", "how": WHOLE, "confirmed": False}
    gone = await add_copy(scene, scene.case_id, source="dismissedchannel", post_id="5", **away)  # type: ignore[arg-type]
    async with world.database.begin() as session:
        row = await lock_one(session, Sighting, gone.id)
        await dismiss(session, context, row, by=scene.advocate.id, reason=Dismissal.NOT_THE_PICTURE)
    await add_copy(scene, scene.case_id, source="openchannel", post_id="6", **away)  # type: ignore[arg-type]
    world.clock.move(minutes=5)
    async with world.database.read() as session:
        waiting = [(notice.id, notice.sighting_id) for notice in await session.scalars(select(Notice))]
    for notice_id, sighting_id in waiting:
        async with world.database.begin() as session:
            notice = await lock_one(session, Notice, notice_id)
            await _send(session, context, notice, answered=sighting_id == one.id)
    world.clock.move(hours=5)
    async with world.database.begin() as session:
        copy = await lock_one(session, Sighting, two.id)
        copy.presence, copy.looked_at, copy.looks = Presence.DELETED, world.clock.now(), 4
        copy.removed_at = world.clock.now()
        facts = {"sighting": two.id, "presence": Presence.DELETED}
        await context.record(session, scene.case_id, EntryKind.LOOKED, **facts)


async def _send(session: AsyncSession, context: DomainContext, notice: Notice, *, answered: bool) -> None:
    if notice.state != NoticeState.PREPARED or ROUTES[notice.route].channel.by_hand:
        return
    notice.state = move(move(notice.state, NoticeState.QUEUED), NoticeState.SENDING)
    await mark_sent(session, context, notice, Receipt("ref-1", {"option_path": "A > B"}))
    if answered:
        row_id = new_id()
        answer = AnswerRecord(sender="abuse@telegram.example", text=ANSWER)
        session.add(
            NoticeMail(
                id=row_id,
                case_id=notice.case_id,
                notice_id=notice.id,
                digest="0" * 64,
                kind=ReportKind.REPLY,
                reason="reply",
                proven=False,
                content=context.seal_record(notice.case_id, row_id, answer),
                at=context.now(),
            )
        )
        session.add(
            PlatformAnswer(
                case_id=notice.case_id, notice_id=notice.id, kind=AnswerKind.ACKNOWLEDGED, by="link", at=context.now()
            )
        )
        facts = {"notice": notice.id, "reason": "reply", "answer": answer.content()}
        await context.record(session, notice.case_id, EntryKind.NOTICE_ANSWERED, **facts)


async def _other_case(scene: EvidenceScene) -> None:
    async with scene.world.database.begin() as session:
        case = await make_case(session, scene.context, scene.advocate, signature="x" * 40, age_group=AgeGroup.MINOR)
        scene.other_id = case.id
    told = {"caption": "secret caption of another", "how": WHOLE}
    await add_copy(scene, scene.other_id, source="leakchannel", post_id="99", **told)  # type: ignore[arg-type]
    await add_copy(scene, scene.other_id, source="anothersplace", post_id="100", **told)  # type: ignore[arg-type]


def verify(
    path: Path, *arguments: str, verifier: Path = VERIFIER, language: str = "en"
) -> subprocess.CompletedProcess[str]:
    """Run the verifier as an officer does: a bare Python, nothing of ours on its path, in an empty folder."""
    command = [sys.executable, "-I", "-S", str(verifier), str(path), "--language", language, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, env={"PATH": "/usr/bin:/bin"})


def unpacked(package: Package, folder: Path) -> Path:
    """The ZIP of a package, unpacked."""
    with zipfile.ZipFile(io.BytesIO(package.zip())) as archive:
        archive.extractall(folder)
    return folder / package.name


def changed(files: Mapping[str, bytes], name: str, at: int) -> dict[str, bytes]:
    """The files with one byte of one of them changed."""
    content = bytearray(files[name])
    content[at] ^= 1
    return {**files, name: bytes(content)}


def resealed(scene: EvidenceScene, package: Package, files: Mapping[str, bytes]) -> Package:
    """A package over other payload, with lists and signature made anew: what only the centre's own key could do."""
    from monitor.exports.bag import bag

    payload = {name.removeprefix("data/"): content for name, content in files.items() if name.startswith("data/")}
    made = bag(payload, keys=scene.world.context.keys, name=package.name, made_at=package.made_at)
    return replace(package, files=made)
