"""The end of an erasure: the case is marked, then its key is destroyed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.desk import CaseDesk, CaseNote
from db.models.messages import Message, SightingQuestion
from db.models.news import NewsMailbox
from db.models.notices import Notice
from db.models.oversight import CaseTransfer, PassphraseReissue
from db.models.own import NameTerm, OwnPage
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.queries.case_reading import forget_told
from monitor.cases.entered import forget_entered
from monitor.context.alerts import COPY_KINDS, NOTICE_KINDS, AlertKind
from monitor.context.context import DomainContext
from monitor.keys.store import case_key
from monitor.model.states import CaseState, move_case


async def due_erasures(session: AsyncSession, now: datetime) -> Sequence[Case]:
    """Cases whose delay is over."""
    return await lock_rows(session, select(Case).where(Case.state == CaseState.ERASING, Case.erase_at <= now))


async def erase(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """Mark the case erased; `destroy_key` must follow once this is committed."""
    await context.ledger.destroy_payloads(session, case.id, by=context.by, at=context.now())
    await forget_told(session, case.id)
    case.state, case.intake, case.passphrase_hash = move_case(case.state, CaseState.ERASED), None, ""
    case.frozen_at = case.freeze = None
    await forget_entered(session, case)
    case.names_at = None
    theirs = (Message, SightingQuestion, NewsMailbox, OwnPage, NameTerm, CaseDesk, CaseNote)
    for model in (*theirs, CaseTransfer, PassphraseReissue):
        await session.execute(delete(model).where(model.case_id == case.id))
    for kind in (AlertKind.CASE_ARRIVED, AlertKind.SAME_PICTURE):
        await context.resolve(session, kind, case.id)
    for kind in (AlertKind.CASE_ERASING, AlertKind.FROZEN_ERASING, AlertKind.PRESERVATION_ENDS):
        await context.resolve(session, kind, case.id)
    paused = select(Fingerprint.id).where(Fingerprint.case_id == case.id, Fingerprint.quarantined_at.is_not(None))
    for fingerprint_id in (await session.scalars(paused)).all():
        await context.resolve(session, AlertKind.FINGERPRINT_QUARANTINED, fingerprint_id)
    about = {
        NOTICE_KINDS: select(Notice.id).where(Notice.case_id == case.id),
        COPY_KINDS: select(Sighting.id).where(Sighting.case_id == case.id),
    }
    for kinds, subjects in about.items():
        told = (Alert.kind.in_(kinds), Alert.resolved_at.is_(None), Alert.subject.in_(subjects))
        for kind_told, subject in (await session.execute(select(Alert.kind, Alert.subject).where(*told))).all():
            await context.resolve(session, AlertKind(kind_told), subject)


def destroy_key(context: DomainContext, case_id: str) -> None:
    """From here on nobody can open anything of the case, in the database or in any backup of it."""
    context.keys.destroy(case_key(case_id))
