"""Cases that wait for somebody to vouch: anybody can open them, so they are few to look at, and they end.

What strangers write into a queue that people work through must not hide the honest: cases that came from one place on
one day stand together, one alert tells of all that wait too long, and what nobody vouched for is gone after a month.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.sources import Alert
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed
from monitor.model.states import CaseState

_ORIGINS = "origins:"
"""How the names of the daily keys begin."""
_KEEP_KEYS = timedelta(days=1)
"""A day's key outlives its day by this: another process may still be in it."""
_AT_A_TIME = 100
"""Cases that end in one transaction; the others with the next tick."""
POOL = "pool"
"""Subject of the alert: all that wait stand in one pool, which the advocates of every organisation work through."""


def origin_tag(context: DomainContext, origin: str) -> str | None:
    """A keyed hash that tells which cases of a day came from one place, not from where. The key goes with its day."""
    if not origin:
        return None
    try:
        key = context.keys.create(f"{_ORIGINS}{context.now().date().isoformat()}")
    except KeyDestroyed:  # a clock was set back
        return None
    return key.tag(origin, "origin")[:32]


def forget_origins(context: DomainContext) -> None:
    """Destroy the keys of days that are over: nobody can tell any more whether an address belongs to a tag."""
    first = f"{_ORIGINS}{(context.now() - _KEEP_KEYS).date().isoformat()}"
    context.keys.destroy_all([name for name in context.keys.names(_ORIGINS) if name < first])


async def due_endings(session: AsyncSession, context: DomainContext) -> Sequence[Case]:
    """Cases that nobody vouched for in time, unless a centre has them in hand.

    Those of before there was an end get theirs from now on.
    """
    open_ones = Case.state == CaseState.OPEN
    unset = await lock_rows(session, select(Case).where(open_ones, Case.ends_at.is_(None)))
    for case in unset:
        case.ends_at = context.now() + context.unvouched_for
    await session.flush()
    due = select(Case).where(open_ones, Case.organisation_id.is_(None), Case.ends_at <= context.now()).limit(_AT_A_TIME)
    return await lock_rows(session, due)


async def tell_overdue(session: AsyncSession, context: DomainContext) -> None:
    """One alert for everybody while somebody waits too long; those of older versions, of others, go."""
    raised = select(Alert.subject).where(Alert.kind == AlertKind.VOUCH_OVERDUE, Alert.resolved_at.is_(None))
    for subject in (await session.scalars(raised.where(Alert.subject != POOL))).all():
        await context.resolve(session, AlertKind.VOUCH_OVERDUE, subject)
    if await _somebody_waits(session, context.now()):
        await context.alert(session, AlertKind.VOUCH_OVERDUE, POOL, "nobody-vouched-yet")
    else:
        await context.resolve(session, AlertKind.VOUCH_OVERDUE, POOL)


async def resolve_overdue(session: AsyncSession, context: DomainContext) -> None:
    """A case was taken from the pool: the alert goes when it was the last one that waited too long."""
    if not await _somebody_waits(session, context.now()):
        await context.resolve(session, AlertKind.VOUCH_OVERDUE, POOL)


async def _somebody_waits(session: AsyncSession, now: datetime) -> bool:
    overdue = (Case.state == CaseState.OPEN) & Case.organisation_id.is_(None) & (Case.vouch_due_at < now)
    return await session.scalar(select(Case.id).where(overdue).limit(1)) is not None
