"""Which centre a written notice speaks for: after its case moved, none leaves in the name of the one before."""

from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Organisation
from db.queries.people import who_answers
from monitor.context.context import DomainContext
from monitor.model.records.notice import NoticeRecord
from monitor.notices.fields import clean
from monitor.notices.mail_after import is_of_centre_before


async def speaks_for_centre_before(session: AsyncSession, context: DomainContext, notice: Notice) -> bool:
    """Whether another centre has the case now than the one for which this notice was written.

    By whoever answers for it. A mail's text is asked too: an older program let the new centre send the old one's again.
    """
    if await is_of_centre_before(session, notice, by=notice.created_by):
        return True
    record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    shown = parseaddr(record.sender)[0]
    if not shown:
        return False
    now_at = await session.scalar(select(Case.organisation_id).where(Case.id == notice.case_id))
    centres = (await session.execute(select(Organisation.id, Organisation.name))).all()
    named = {centre_id for centre_id, name in centres if _is_named(shown, name)}
    # What names no centre that is known here tells nothing.
    return bool(named) and now_at not in named


async def in_charge_after(session: AsyncSession, notice: Notice, *, by: str) -> str:
    """Who watches what left: `by`, or where the case moved since, whoever answers at its new centre. Empty: nobody."""
    if not await is_of_centre_before(session, notice, by=by):
        return by
    now_at = await session.scalar(select(Case.organisation_id).where(Case.id == notice.case_id))
    found = await who_answers(session, now_at)
    return "" if found is None else found.id


def _is_named(shown: str, centre: str) -> bool:
    """Is this the From of the centre, see `leaving.shown_sender`?"""
    name = clean(centre).replace('"', "").replace("\\", "")
    return bool(name) and (shown == name or shown.startswith(f"{name} ("))
