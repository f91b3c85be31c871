"""What the pages about notices show: cards with their clocks, and everything about one notice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.pages.reading import own_notices
from db.locking import lock_rows
from db.models.notices import Escalation, Notice, RemovalReceipt
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.model.notice_states import FOLLOWED, NoticeState
from monitor.model.records.escalation import EscalationRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.receipts import DeliveryRecord, RemovalRecord
from monitor.notices.deadlines import standing
from monitor.notices.routes import ROUTES, Channel
from monitor.notices.texts import FIELD_WORDS, in_language

PAGE_SIZE = 30
GROUPS: dict[str, tuple[NoticeState, ...]] = {
    "attention": (NoticeState.IN_DOUBT, NoticeState.FAILED, NoticeState.PREPARED, NoticeState.LAPSED),
    "running": (NoticeState.QUEUED, NoticeState.SENDING, NoticeState.SENT, NoticeState.HELD),
    "done": (NoticeState.REMOVED, NoticeState.WITHDRAWN),
}
"""The tabs: what needs a person, what goes its way, what is over."""


@dataclass(frozen=True, slots=True)
class NoticeCard:
    """One notice with its clock."""

    row: Notice
    sighting: Sighting
    source: Source
    now: datetime

    @property
    def standing(self) -> str:
        """How its clock stands; empty while it does not run."""
        return standing(self.row.deadline_at, self.now).value if self.row.state in FOLLOWED else ""

    @property
    def left(self) -> timedelta | None:
        """Time until the deadline, negative once it passed; None while no clock runs."""
        at = self.row.deadline_at
        return at - self.now if at is not None and self.row.state in FOLLOWED else None

    @property
    def next_check(self) -> datetime | None:
        """When the copy is looked at again."""
        return self.row.due_at if self.row.state in FOLLOWED else None

    @property
    def is_form(self) -> bool:
        """Submitted by a person through a web form."""
        return ROUTES[self.row.route].channel is Channel.FORM


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step that was prepared because the deadline passed."""

    step: str
    prepared_at: datetime
    content: EscalationRecord = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoticeDetail:
    """Everything about one notice."""

    card: NoticeCard
    content: NoticeRecord = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    """Label and value: for a form in its order with the form's own labels."""
    receipt: dict[str, Any] | None = field(repr=False)
    steps: tuple[NextStep, ...] = field(repr=False)
    removal: RemovalRecord | None = field(repr=False)


async def count_groups(session: AsyncSession, advocate: Advocate) -> dict[str, int]:
    """How many notices are under each tab."""
    query = own_notices(advocate).with_only_columns(Notice.state, func.count()).group_by(Notice.state)
    by_state = {str(row[0]): int(row[1]) for row in await session.execute(query)}
    return {name: sum(by_state.get(state, 0) for state in states) for name, states in GROUPS.items()}


async def notice_cards(
    session: AsyncSession, context: DomainContext, advocate: Advocate, *, group: str, offset: int
) -> list[NoticeCard]:
    """One page of a tab: the nearest deadline first."""
    query = (
        own_notices(advocate)
        .where(Notice.state.in_(GROUPS[group]))
        .order_by(Notice.deadline_at.is_(None), Notice.deadline_at, Notice.created_at, Notice.id)
    )
    rows: Sequence[Any] = (await session.execute(query.offset(offset).limit(PAGE_SIZE))).all()
    return [NoticeCard(notice, sighting, source, context.now()) for notice, sighting, source, _case in rows]


async def find_notice(session: AsyncSession, advocate: Advocate, notice_id: str, *, lock: bool = False) -> Notice:
    """One notice. Raises RuleBroken("not-found") when it is another organisation's."""
    query = own_notices(advocate).with_only_columns(Notice).where(Notice.id == notice_id)
    notice = next(iter(await lock_rows(session, query) if lock else await session.scalars(query)), None)
    if notice is None:
        raise RuleBroken("not-found")
    return notice


async def notice_detail(
    session: AsyncSession, context: DomainContext, advocate: Advocate, notice_id: str, language: str
) -> NoticeDetail:
    """Everything about one notice, opened with the case's key."""
    found = (await session.execute(own_notices(advocate).where(Notice.id == notice_id))).one_or_none()
    if found is None:
        raise RuleBroken("not-found")
    notice, sighting, source, case = found
    content = context.open_record(NoticeRecord, case.id, notice.id, notice.content)
    steps = await session.scalars(
        select(Escalation).where(Escalation.notice_id == notice.id).order_by(Escalation.prepared_at, Escalation.id)
    )
    removal = await session.get(RemovalReceipt, sighting.id)
    return NoticeDetail(
        card=NoticeCard(notice, sighting, source, context.now()),
        content=content,
        fields=labelled(notice.route, content.fields, language),
        receipt=None
        if notice.receipt is None
        else context.open_record(DeliveryRecord, case.id, notice.id, notice.receipt).content(),
        steps=tuple(
            NextStep(step.step, step.prepared_at, context.open_record(EscalationRecord, case.id, step.id, step.content))
            for step in steps
        ),
        removal=None if removal is None else context.open_record(RemovalRecord, case.id, sighting.id, removal.content),
    )


def labelled(route: str, fields: Mapping[str, str], language: str) -> tuple[tuple[str, str], ...]:
    """Labels and values: those of the form as the form calls them, else every field in the reader's words."""
    form = ROUTES[route].form
    if form:
        return tuple((label, fields[name]) for name, label in form if name in fields)
    return tuple((in_language(FIELD_WORDS.get(name, {"en": name}), language), value) for name, value in fields.items())
