"""What the police ask platforms to keep, as it is shown."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.i18n import LANGUAGES
from api.schemas.custody import CustodyEventView, DraftView, PreservationsView, PreservationView
from db.models.cases import Case
from db.queries.people import names_seen_in
from monitor.context.context import DomainContext
from monitor.exports.custody.events import custody_events
from monitor.exports.custody.recording import drafts_for_police, preservations_of
from monitor.platforms.base import PlatformName


async def preservations_view(session: AsyncSession, context: DomainContext, case: Case) -> PreservationsView:
    """Drafts and records of a case."""
    known = await preservations_of(session, context, case)
    drafts = [
        DraftView(
            platform=draft.platform,
            language=language,
            address=draft.address,
            subject=draft.subject,
            body=draft.body,
        )
        for language, draft in await drafts_for_police(session, context, case, languages=LANGUAGES, recorded=known)
    ]
    recorded = [
        PreservationView(
            preservation_id=one.row.id,
            platform=PlatformName(one.row.platform),
            reference=one.reference,
            sent_at=one.row.sent_at,
            renew_at=one.row.renew_at,
            ends_at=one.row.ends_at,
            latest=one.latest,
            needed=one.needed,
            dropped=one.dropped,
            corrected=one.corrected,
        )
        for one in known
    ]
    return PreservationsView(drafts=drafts, recorded=recorded, custody=await _custody(session, context, case))


async def _custody(session: AsyncSession, context: DomainContext, case: Case) -> list[CustodyEventView]:
    events = custody_events(await context.ledger.told(session, case.id), case_id=case.id)
    advocates = [one.by.advocate_id for one in events if one.by is not None and one.by.advocate_id]
    names = await names_seen_in(session, advocates, case.organisation_id)
    return [
        CustodyEventView(
            seq=one.seq,
            at=one.at,
            act=one.act,
            kind=one.kind,
            who="" if one.by is None else one.by.who,
            name=names.get((one.by and one.by.advocate_id) or "", ("", ""))[0],
            about=dict(one.about),
        )
        for one in events
    ]
