"""Cases that wait for somebody to vouch: anybody can open them, so they are few to look at, and they end.

What strangers write into a queue that people work through must not hide the honest: cases that came from one place on
one day stand together, one alert tells of all that wait too long, and what nobody vouched for is gone after a month.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
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
_NO_ORGANISATION = "none"
"""Subject of the alert while there is no organisation yet."""


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
    """Cases that nobody vouched for in time. Those of before there was an end get theirs from now on."""
    open_ones = Case.state == CaseState.OPEN
    unset = await lock_rows(session, select(Case).where(open_ones, Case.ends_at.is_(None)))
    for case in unset:
        case.ends_at = context.now() + context.unvouched_for
    await session.flush()
    due = select(Case).where(open_ones, Case.ends_at <= context.now()).limit(_AT_A_TIME)
    return await lock_rows(session, due)


async def tell_overdue(session: AsyncSession, context: DomainContext) -> None:
    """One alert for each organisation in which somebody waits too long; none where nobody does any more."""
    query = select(Case.organisation_id).where(_overdue(context.now())).distinct()
    waiting = {each or _NO_ORGANISATION: each for each in await session.scalars(query)}
    raised = select(Alert.subject).where(Alert.kind == AlertKind.VOUCH_OVERDUE, Alert.resolved_at.is_(None))
    for subject in (await session.scalars(raised)).all():
        if subject not in waiting:
            await context.resolve(session, AlertKind.VOUCH_OVERDUE, subject)
    for subject, organisation_id in waiting.items():
        await context.alert(
            session, AlertKind.VOUCH_OVERDUE, subject, "nobody-vouched-yet", organisation_id=organisation_id
        )


async def resolve_overdue(session: AsyncSession, context: DomainContext, organisation_id: str | None) -> None:
    """A case was vouched for: the alert goes when it was the last one that waited too long."""
    query = select(Case.id).where(_overdue(context.now()), Case.organisation_id == organisation_id).limit(1)
    if await session.scalar(query) is None:
        await context.resolve(session, AlertKind.VOUCH_OVERDUE, organisation_id or _NO_ORGANISATION)


def _overdue(now: datetime) -> ColumnElement[bool]:
    return (Case.state == CaseState.OPEN) & (Case.vouch_due_at < now)
