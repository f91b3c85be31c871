"""What was told once of a mail that carried several copies: it ends with the last of them, not with one.

A failure or a doubt goes on about another notice that stands in it. What came in stays at the notice that carried the
mail, where it is read.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.copies import CopyClosing
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.model.notice_states import MAY_RETURN, OVER, NoticeState

_GOES_ON: Mapping[AlertKind, Collection[NoticeState]] = {
    AlertKind.NOTICE_IN_DOUBT: {NoticeState.IN_DOUBT},
    AlertKind.NOTICE_FAILED: {NoticeState.FAILED},
    AlertKind.NOTICE_WAITS: {NoticeState.QUEUED},
}
"""In which states another notice of the message is what these tell of."""
_STAYS: Mapping[AlertKind, Collection[NoticeState]] = {
    AlertKind.BOUNCE_CLAIMED: MAY_RETURN,
    **dict.fromkeys(
        (
            AlertKind.NOTICE_ANSWERED,
            AlertKind.PLATFORM_ANSWERED,
            AlertKind.PLATFORM_NEEDS_MORE,
            AlertKind.PLATFORM_REFUSED,
            AlertKind.REPLY_NOT_SENT,
        ),
        frozenset(NoticeState) - OVER,
    ),
}
"""The same of what came in, or went back, about the message."""


def carrier_id(notice: Notice) -> str:
    """The id of the notice whose message carries it, or carried it."""
    return notice.together_id or notice.id


async def end_alerts(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    kinds: Collection[AlertKind],
    *,
    lead_id: str | None = None,
) -> None:
    """These are over for a notice, which stands as it will. Call it with its message locked.

    `lead_id`: `carrier_id` from before, for one that is sent alone from now on.
    """
    lead_id = lead_id or carrier_id(notice)
    others = await _others(session, notice, lead_id)
    for kind in kinds:
        about = [one for one in others if one.state in {**_GOES_ON, **_STAYS}.get(kind, ())]
        if about and kind in _GOES_ON:
            await context.hand_on(session, kind, notice.id, about[0].id)
        elif not about and kind in _STAYS:
            await context.resolve_all(session, (kind,), sorted({notice.id, lead_id}))
        elif not about or notice.id != lead_id:
            await context.resolve(session, kind, notice.id)


async def _others(session: AsyncSession, notice: Notice, lead_id: str) -> Sequence[Notice]:
    """The rest of the message, as far as anybody still has something to do about the copy."""
    await session.flush()
    closed = exists().where(CopyClosing.sighting_id == Notice.sighting_id)
    query = select(Notice).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.where((Notice.id == lead_id) | (Notice.together_id == lead_id), Notice.id != notice.id)
    return (await session.scalars(query.where(Sighting.removed_at.is_(None), ~closed).order_by(Notice.id))).all()
