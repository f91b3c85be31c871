"""A centre's Monday, written straight into the tables: cases with open copies of their pictures in many channels."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.models.sources import Consent, Source
from db.types import new_id
from monitor.app.bootstrap import Services
from monitor.context.context import DomainContext
from monitor.evidence.by import By
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION
from monitor.keys.store import case_key
from monitor.model.facts import AgeGroup, PictureKind
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.intake import IntakeRecord
from monitor.model.records.sighting import SightingRecord
from tests.support.notice_builders import make_intake

SOURCES = 60
COPIES = 2
"""Copies of one picture, on average."""


async def seed_desk(
    services: Services, advocate_id: str, organisation_id: str, *, cases: int, sightings: int, seed: int = 7
) -> list[str]:
    """Vouched cases with everything that notices need; returns their ids. `sightings`: in all of them together."""
    context, now, rng = services.context.acting(By.program("seed")), services.context.now(), random.Random(seed)
    async with services.database.begin() as session:
        sources = [
            Source(
                id=new_id(),
                platform="telegram" if number % 4 else "x",
                handle=f"{'channel' if number % 4 else 'account'}{number}",
                title=f"Example place {number}",
                remote_id=str(1000 + number),
                posts_seen=0,
                added_at=now,
            )
            for number in range(SOURCES)
        ]
        session.add_all(sources)
        made = [await _case(session, context, advocate_id, organisation_id, number, now) for number in range(cases)]
        await session.execute(insert(Consent), [row for case, *_ in made for row in _consents(case.id, sources, now)])
        context = context.holding([case.id for case, _ in made])
        left, turn, rows = sightings, 0, list[dict[str, Any]]()
        while left > 0:
            case, known = made[turn % cases]
            copies = min(left, rng.randint(1, 2 * COPIES - 1))
            rows += _copies(context, case.id, known, rng.sample(sources, copies), turn, rng, now)
            left, turn = left - copies, turn + 1
        await session.execute(insert(Sighting), rows)
    return [case.id for case, _ in made]


async def _case(
    session: AsyncSession, context: DomainContext, advocate_id: str, organisation_id: str, number: int, now: datetime
) -> tuple[Case, Fingerprint]:
    case = Case(
        id=new_id(),
        organisation_id=organisation_id,
        state="vouched",
        language="ko",
        passphrase_hash="x",
        opened_at=now - timedelta(days=20),
        vouch_due_at=now,
        vouched_at=now - timedelta(days=19),
        vouched_by=advocate_id,
        any_centre=False,
    )
    context.keys.create(case_key(case.id))
    age = AgeGroup.MINOR if number % 9 == 0 else AgeGroup.ADULT
    told = replace(make_intake(permission_to_send_at=now - timedelta(days=18)), age_group=age)
    case.intake = context.seal_record(case.id, case.id, IntakeRecord.of(told))
    session.add(case)
    await session.flush()
    await context.record(session, case.id, EntryKind.CASE_OPENED, language="ko")
    known = Fingerprint(
        id=new_id(),
        case_id=case.id,
        kind=PictureKind.INTIMATE,
        origin="registered",
        version=FINGERPRINT_VERSION,
        set_name="whole",
        payload=b"",
        added_at=now,
    )
    record = FingerprintRecord.of([(0.0, _code(number, 0))], quality=90, phash=None)
    known.payload = context.seal_record(case.id, known.id, record)
    session.add(known)
    return case, known


def _consents(case_id: str, sources: list[Source], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "case_id": case_id,
            "source_id": source.id,
            "purpose": purpose,
            "given_at": now - timedelta(days=19),
            "expires_at": now + timedelta(days=90),
        }
        for source in sources[:4]
        for purpose in ("watch", "follow")
    ]


def _copies(
    context: DomainContext,
    case_id: str,
    known: Fingerprint,
    places: list[Source],
    picture: int,
    rng: random.Random,
    now: datetime,
) -> list[dict[str, Any]]:
    """Copies of one picture: one item."""
    ids = [new_id() for _ in places]
    confident, distance = rng.random() < 0.8, rng.randint(2, 30)
    found = now - timedelta(minutes=rng.randint(10, 20_000))
    rows = []
    for number, (sighting_id, source) in enumerate(zip(ids, places, strict=True)):
        post_id = str(100_000 + picture * 10 + number)
        on_x = source.platform == "x"
        record = SightingRecord(
            url=f"https://x.com/{source.handle}/status/{post_id}"
            if on_x
            else f"https://t.me/{source.handle}/{post_id}",
            caption="words that stand under the picture " * 3,
            author_id="4711",
            group_id="9" if picture % 3 == 0 else None,
            edited_at=None,
            response_sha256="0" * 64,
            media_sha256=f"{picture:064x}",
            media_id=f"photo:{picture}-{number}",
            width=800,
            height=600,
            format="JPEG",
            pdq=_code(picture, 1),
            quality=90,
            phash=f"{picture % 65536:016x}",
            version=FINGERPRINT_VERSION,
            media_index=picture % 4,
            place_title=source.title,
        )
        rows.append(
            {
                "id": sighting_id,
                "case_id": case_id,
                "source_id": source.id,
                "post_id": post_id,
                "media_id": record.media_id,
                "fingerprint_id": known.id,
                "kind": "intimate",
                "verdict": "confident" if confident else "review",
                "distance": distance,
                "quality": 90,
                "identical": False,
                "how": f"whole picture: {distance} of 256 bits differ (limit 31), quality 90",
                "evidence": context.seal_record(case_id, sighting_id, record),
                "posted_at": found - timedelta(hours=2),
                "found_at": found + timedelta(minutes=number),
                "state": "open",
                "looks": 0,
                "gone_looks": 0,
                "follow_look": 0,
                "alike_id": ids[0],
                "named": picture % 11 == 0,
            }
        )
    return rows


def _code(picture: int, salt: int) -> str:
    return random.Random(picture * 31 + salt).randbytes(32).hex()
