"""A centre of 300 cases and 2,000 sightings, written in bulk: what is sealed in it opens, and nothing was clicked.

One of its cases was lived through HTTP, with something of every kind; the others are rows like its own.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.models.case_reading import CaseSource
from db.models.cases import Case, Fingerprint
from db.models.messages import Message
from db.models.notices import Notice, NoticeClock
from db.models.sightings import Sighting
from db.models.sources import Alert, Consent, Source
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.keys.store import case_key
from monitor.model.facts import AgeGroup
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.intake import IntakeRecord
from monitor.model.records.message import MessageRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.sighting import SightingRecord
from monitor.sightings.marks import mark_sightings
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import make_sighting
from tests.support.notice_builders import make_intake

CASES, SIGHTINGS, SOURCES = 300, 2000, 40
HEAVY = 60
"""Sightings of the case that was lived."""


@dataclass
class CrowdedCentre:
    """What a test walks through."""

    world: ApiWorld
    advocate: Caller
    person: Caller
    ids: dict[str, str] = field(default_factory=dict)
    """Of the case that was lived: `case`, `sighting`, `copy`, `notice`, `source` ..."""
    cases: list[str] = field(default_factory=list)


async def crowd(world: ApiWorld, advocate: Caller, person: Caller, copied: str) -> CrowdedCentre:
    """Fill the centre of `advocate` up. `person`: the case that was lived; `copied`: a sighting of it that was
    confirmed, with its notice."""
    centre, context = CrowdedCentre(world, advocate, person), world.context
    async with world.services.database.begin() as session:
        lived = await lock_one(session, Case, person.case_id)
        model = await lock_one(session, Sighting, copied)
        notices = select(Notice).where(Notice.sighting_id == copied).order_by(Notice.created_at, Notice.id)
        notice = (await session.scalars(notices)).first()
        assert notice is not None
        evidence = context.open_record(SightingRecord, lived.id, model.id, model.evidence)
        letter = context.open_record(NoticeRecord, lived.id, notice.id, notice.content)
    others = [new_id() for _ in range(CASES - 1)]
    store = context.keys
    # One transaction: a key at a time waits for the disk 300 times.
    made = [(name, store._master.seal(secrets.token_bytes(32), f"key:{name}")) for name in map(case_key, others)]
    with store._engine.connect() as keys:
        keys.execute(store._insert_unless_there(*((name, wrapped, context.now()) for name, wrapped in made)))
    held = context.holding([lived.id, *others])
    rows = _Rows(held, lived, model, notice, evidence, letter)
    rows.write(others)
    async with world.services.database.engine.begin() as connection:
        await connection.run_sync(rows.insert)
    while await mark_sightings(world.services.database, context):
        pass
    centre.cases = [lived.id, *others]
    return centre


@dataclass
class _Rows:
    """The rows of everybody else, as mappings."""

    context: DomainContext
    lived: Case
    model: Sighting
    notice: Notice
    evidence: SightingRecord
    letter: NoticeRecord
    tables: dict[type[Any], list[dict[str, Any]]] = field(default_factory=dict)

    def insert(self, connection: Connection) -> None:
        """Parents before children."""
        for table in (Source, Case, Fingerprint, Consent, CaseSource, Sighting, Notice, NoticeClock, Message, Alert):
            connection.execute(insert(table), self.tables.get(table, []))

    def add(self, table: type[Any], **values: Any) -> None:
        self.tables.setdefault(table, []).append(values)

    def write(self, others: Sequence[str]) -> None:
        """Every kind of row, in a fixed order."""
        now = self.context.now()
        sources = [new_id() for _ in range(SOURCES)]
        for at, source_id in enumerate(sources):
            platform = "x" if at % 4 == 3 else "telegram"
            self.add(
                Source,
                id=source_id,
                platform=platform,
                handle=f"crowded{at:02}channel",
                added_at=now,
                remote_id=f"9{at}",
            )
        for at, case_id in enumerate(others):
            self._case(case_id, at, sources, now)
        whose = [self.lived.id] * (HEAVY - 3) + [others[at % len(others)] for at in range(SIGHTINGS - HEAVY)]
        for at, case_id in enumerate(whose):
            self._sighting(case_id, at, sources[at * 7 % SOURCES], now)

    def _case(self, case_id: str, at: int, sources: Sequence[str], now: datetime) -> None:
        intake = make_intake(age_group=AgeGroup.MINOR) if at % 5 == 0 else make_intake()
        opened = now - timedelta(days=60, minutes=at)
        state = "erasing" if at % 60 == 59 else "open" if at % 20 == 19 else "vouched"
        self.add(
            Case,
            id=case_id,
            organisation_id=self.lived.organisation_id,
            state=state,
            language="ko" if at % 2 else "en",
            passphrase_hash=self.lived.passphrase_hash,
            intake=self.context.seal_record(case_id, case_id, IntakeRecord.of(intake)),
            opened_at=opened,
            vouch_due_at=opened + timedelta(days=3),
            vouched_at=None if state == "open" else opened + timedelta(hours=1),
            in_hand_since=now if state == "open" else None,
            in_hand_until=now + timedelta(days=9) if state == "open" else None,
            erase_at=now + timedelta(days=5) if state == "erasing" else None,
            any_centre=False,
        )
        print_id, source_id = new_id(), sources[at % SOURCES]
        record = FingerprintRecord(pdq="f0" * 32, quality=90, phash=None, label="")
        self.add(
            Fingerprint,
            id=print_id,
            case_id=case_id,
            kind="intimate",
            origin="registered",
            version="1",
            set_name="whole",
            payload=self.context.seal_record(case_id, print_id, record),
            added_at=opened,
        )
        for purpose in ("watch", "follow"):
            self.add(
                Consent,
                id=new_id(),
                case_id=case_id,
                source_id=source_id,
                purpose=purpose,
                given_at=opened,
                expires_at=now + timedelta(days=200),
            )
        self.add(
            CaseSource,
            case_id=case_id,
            source_id=source_id,
            since=opened,
            noted_at=now,
            read_at=now - timedelta(hours=1),
            unavailable="PrivateSource" if at % SOURCES < 3 else None,
        )
        if at % 5 == 1 and state == "vouched":
            message_id = new_id()
            self.add(
                Message,
                id=message_id,
                case_id=case_id,
                number=1,
                organisation_id=self.lived.organisation_id,
                content=self.context.seal_record(case_id, message_id, MessageRecord(text="Is there news?")),
                written_at=now - timedelta(hours=at),
            )

    def _sighting(self, case_id: str, at: int, source_id: str, now: datetime) -> None:
        sighting_id, found = new_id(), now - timedelta(hours=at % 700, minutes=at % 60)
        confirmed = at % 3 == 1
        decided = found + timedelta(minutes=30)
        url = f"https://t.me/crowded/{at}"
        record = self.evidence.model_copy(
            update={"url": url, "author_id": str(at % 50), "media_sha256": f"{at % 300:064x}"}
        )
        self.add(
            Sighting,
            id=sighting_id,
            case_id=case_id,
            source_id=source_id,
            post_id=str(1000 + at),
            media_id=f"photo:{at}",
            kind="intimate",
            age_group=None,
            posted_with="",
            verdict="confident" if at % 2 else "review",
            distance=4,
            quality=87,
            identical=False,
            how="whole picture: 4 of 256 bits differ (limit 31), quality 87",
            evidence=self.context.seal_record(case_id, sighting_id, record),
            posted_at=found - timedelta(days=1),
            found_at=found,
            state="confirmed" if confirmed else "dismissed" if at % 9 == 2 else "open",
            decided_at=decided if at % 3 == 1 or at % 9 == 2 else None,
            decided_by=self.model.decided_by if confirmed else None,
            basis="person-viewed" if confirmed else None,
            dismissal="harmless" if at % 9 == 2 else None,
            released_at=decided if confirmed else None,
            item_id=sighting_id if confirmed else None,
            looks=0,
            gone_looks=0,
            follow_look=0,
            removed_at=now if confirmed and at % 15 == 13 else None,
        )
        if confirmed:
            self._notice(case_id, sighting_id, at, decided, now)

    def _notice(self, case_id: str, sighting_id: str, at: int, written: datetime, now: datetime) -> None:
        notice_id, state = new_id(), ("sent", "prepared", "lapsed", "in_doubt", "removed")[at // 3 % 5]
        left = state != "prepared"
        self.add(
            Notice,
            id=notice_id,
            case_id=case_id,
            sighting_id=sighting_id,
            platform="telegram",
            route=self.notice.route,
            language="en",
            state=state,
            attempt=1,
            message_id=f"<{notice_id}@example.org>",
            content=self.context.seal_record(case_id, notice_id, self.letter),
            created_by=self.notice.created_by,
            one_hand=False,
            created_at=written,
            dated_at=written if left else None,
            sent_at=written if left else None,
            deadline_at=now + timedelta(hours=at % 96 + 1) if left else None,
            look=0,
        )
        if state == "sent":
            self.add(
                NoticeClock,
                notice_id=notice_id,
                case_id=case_id,
                kind="answer",
                ends_at=now + timedelta(hours=at % 96 + 1),
                remind_at=now,
                advocate_id=self.notice.created_by,
            )
        if at % 6 == 1:
            self.add(
                Alert,
                id=new_id(),
                kind=AlertKind.DEADLINE_LAPSED,
                subject=notice_id,
                organisation_id=self.lived.organisation_id,
                raised_at=written,
                reason="no-answer",
                advocate_id=self.notice.created_by,
            )


async def lived_sighting(world: ApiWorld, person: Caller, number: int) -> str:
    """One more open sighting of the case that was lived, as the crawler writes it."""
    session: AsyncSession
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, person.case_id)
        row = await make_sighting(session, world.context, case, source="livedchannel", post_id=str(number))
        return row.id
