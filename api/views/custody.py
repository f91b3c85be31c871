"""What the police ask platforms to keep, as it is shown."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.i18n import LANGUAGES
from api.schemas.custody import DraftView, PreservationsView, PreservationView
from db.models.cases import Case
from monitor.context.context import DomainContext
from monitor.custody.recording import drafts_for_police, preservations_of
from monitor.platforms.base import PlatformName


async def preservations_view(session: AsyncSession, context: DomainContext, case: Case) -> PreservationsView:
    """Drafts and records of a case."""
    drafts = [
        DraftView(
            platform=draft.platform,
            language=language,
            address=draft.address,
            subject=draft.subject,
            body=draft.body,
        )
        for language in LANGUAGES
        for draft in await drafts_for_police(session, context, case, language=language)
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
        )
        for one in await preservations_of(session, context, case)
    ]
    return PreservationsView(drafts=drafts, recorded=recorded)
