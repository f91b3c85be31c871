"""Confirmed copies with what belongs to them, a fixed number of questions however many there are. Nothing sealed of a
copy or a notice is read: what is shown of one is opened when it is shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.notices import Notice
from db.models.people import Advocate, Organisation
from db.models.platform_side import PlatformAnswer
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from db.models.stops import Stop
from db.queries.stops import stops_upon
from db.queries.tenants import SOURCE_NAME, SourceName


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose copies: one organisation's, and of those one case's or one copy."""

    organisation_id: str
    case_id: str | None = None
    sighting_id: str | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """Of a confirmed sighting joined with its case."""
        # Of an erased case there is nothing left to tell.
        mine = and_(Case.organisation_id == self.organisation_id, Case.state != "erased", Sighting.state == "confirmed")
        if self.case_id is not None:
            mine &= Case.id == self.case_id
        if self.sighting_id is not None:
            mine &= Sighting.id == self.sighting_id
        return mine


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A confirmed copy, its place by name, and how its case stands."""

    id: str
    case_id: str
    post_id: str
    kind: str
    presence: str | None
    fingerprint_id: str | None
    source: SourceName
    decided_at: datetime
    decided_by: str
    looked_at: datetime | None
    removed_at: datetime | None
    case_state: str
    frozen_at: datetime | None
    age_group: str | None
    """Of this picture; None: the case's answer for all counts."""
    posted_with: str
    closed_at: datetime | None
    closed_for: str | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice, without what it says."""

    id: str
    sighting_id: str
    route: str
    state: str
    reason: str | None
    created_at: datetime
    sent_at: datetime | None
    deadline_at: datetime | None
    dated_at: datetime | None
    together_id: str | None
    """The notice whose message carries it."""


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A filing, without what it says."""

    id: str
    sighting_id: str
    notice_id: str | None
    step: str
    number: int
    filed_at: datetime
    deadline_at: datetime | None
    answer: str | None
    answered_at: datetime | None


_COPY = (
    *(Sighting.id, Sighting.case_id, Sighting.post_id, Sighting.kind, Sighting.presence, Sighting.fingerprint_id),
    *(SOURCE_NAME, Sighting.decided_at, Sighting.decided_by, Sighting.looked_at, Sighting.removed_at),
    *(Case.state, Case.frozen_at, Sighting.age_group, Sighting.posted_with),
    *(CopyClosing.closed_at, CopyClosing.reason),
)


def _copies(scope: Scope) -> Select[*tuple[Any, ...]]:
    query = select(*_COPY).select_from(Sighting).join(Case, Case.id == Sighting.case_id)
    query = query.join(Source, Source.id == Sighting.source_id)
    return query.outerjoin(CopyClosing, CopyClosing.sighting_id == Sighting.id).where(scope.condition)


def _standing() -> ColumnElement[bool]:
    """Not removed, or hidden since: what is removed needs nobody, and is counted apart."""
    return Sighting.removed_at.is_(None) | (Case.state != "vouched") | Case.frozen_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Untold:
    """Of which copies somebody may still have to be told, though they are gone or closed."""

    met_by: Collection[str]
    """Steps: filing one of them meets the duty."""
    since: datetime
    """Confirmed since then, or before and told of by an alert that is open. Of one copy alone that does not matter."""

    def condition(self, scope: Scope | None = None) -> ColumnElement[bool]:
        """Of a confirmed sighting: may be a minor's, by its own age or by what its case says, and no such step was
        filed."""
        filed = exists().where(Filing.sighting_id == Sighting.id, Filing.step.in_(self.met_by)).correlate(Sighting)
        young = Sighting.age_group.is_(None) | (Sighting.age_group != "adult")
        found = and_(young, ~filed)
        if scope is not None and scope.sighting_id is not None:
            return found
        told = exists().where(Alert.kind == "duty-over", Alert.subject == Sighting.id, Alert.resolved_at.is_(None))
        return and_(found, (Sighting.decided_at >= self.since) | told.correlate(Sighting))


async def standing_copies(
    session: AsyncSession, scope: Scope, untold: Untold | None = None
) -> tuple[Sequence[CopyRow], Sequence[Case]]:
    """Every confirmed copy that was not seen gone, and the vouched cases of those, as far as they are not on hold.

    `untold`: those that are gone as well, where it says so.
    """
    wanted = _standing() if untold is None else _standing() | untold.condition(scope)
    rows = await session.execute(_copies(scope).add_columns(Case).where(wanted).order_by(Sighting.id))
    found, cases = [], {}
    for *values, case in rows:
        row = CopyRow(*values)
        found.append(row)
        if (row.removed_at is None or untold is not None) and case.state == "vouched" and case.frozen_at is None:
            cases[case.id] = case
    return found, list(cases.values())


async def removed_copies(
    session: AsyncSession, scope: Scope, *, limit: int, offset: int, but: Collection[str] = ()
) -> Sequence[CopyRow]:
    """A page of those that were seen gone, the latest first. `but`: without these."""
    order = (Sighting.removed_at.desc(), Sighting.id)
    gone = _copies(scope).where(~_standing(), Sighting.id.not_in(but))
    rows = await session.execute(gone.order_by(*order).limit(limit).offset(offset))
    return [CopyRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Around:
    """What is the same for every copy of a scope."""

    home: Organisation | None
    stopped: bool
    """All work, or the organisation's, is stopped."""
    removed: int
    """Copies that were seen gone."""
    alerted: frozenset[str] = frozenset()
    """What open alerts of the organisation are about, of the kinds that were asked for."""


async def around(session: AsyncSession, scope: Scope, alerts: Collection[str]) -> Around:
    """By one statement. `alerts`: kinds of alerts."""
    stopped = exists().where(stops_upon(scope.organisation_id), Stop.scope != "advocate")
    gone = select(func.count()).select_from(Sighting).join(Case, Case.id == Sighting.case_id)
    gone = gone.where(scope.condition, ~_standing())
    mine = (Alert.organisation_id == Organisation.id) & Alert.kind.in_(alerts) & Alert.resolved_at.is_(None)
    query = select(Organisation, stopped, gone.scalar_subquery(), Alert.subject).outerjoin(Alert, mine)
    rows = (await session.execute(query.where(Organisation.id == scope.organisation_id))).all()
    if not rows:
        return Around(None, False, 0)
    home, is_stopped, removed, _ = rows[0]
    return Around(home, bool(is_stopped), removed, frozenset(subject for *_, subject in rows if subject is not None))


Answers = dict[str, tuple[str, datetime]]
"""What the recipient of a notice answered last, and when, by the notice's id."""


async def notices_about(session: AsyncSession, scope: Scope) -> tuple[Sequence[NoticeRow], Answers]:
    """Every notice about these copies, as far as they stand, and what recipients answered. One statement."""
    columns = (
        *(Notice.id, Notice.sighting_id, Notice.route, Notice.state, Notice.reason),
        *(Notice.created_at, Notice.sent_at, Notice.deadline_at, Notice.dated_at, Notice.together_id),
    )
    query: Select[*tuple[Any, ...]] = select(*columns).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.join(Case, Case.id == Sighting.case_id).where(scope.condition, Sighting.removed_at.is_(None))
    query = query.outerjoin(PlatformAnswer, answers_it()).add_columns(PlatformAnswer.kind, PlatformAnswer.at)
    order = (Notice.created_at, Notice.id, PlatformAnswer.at, PlatformAnswer.id)
    notices: dict[str, NoticeRow] = {}
    answers: Answers = {}
    for *told, answer, at in await session.execute(query.order_by(*order)):
        notice = NoticeRow(*told)
        notices[notice.id] = notice
        if answer is not None:
            answers[notice.id] = (answer, at)
    return list(notices.values()), answers


def answers_it(answer: type[PlatformAnswer] = PlatformAnswer) -> ColumnElement[bool]:
    """The condition that an answer is about a notice: its own, or to the mail that carried it as well."""
    # By its token a program answers each notice; whoever opens the link of a mail answers the whole mail.
    carried = (Notice.together_id == answer.notice_id) & (answer.by == "link")
    return (Notice.id == answer.notice_id) | carried


_FILING = tuple(one.name for one in fields(FilingRow))


def closed(but: Collection[str] = ()) -> ColumnElement[bool]:
    """The condition that an advocate closed a sighting, for another reason than `but`: values of
    monitor.model.copies.Closing."""
    closing = exists().where(CopyClosing.sighting_id == Sighting.id)
    return closing.where(CopyClosing.reason.not_in(but)) if but else closing


def to_report(but: Collection[str] = ()) -> ColumnElement[bool]:
    """The condition that a sighting still stands to be reported: confirmed, not seen gone, and not closed.

    Every paper that hands copies on asks it. `but`: see `closed`.
    """
    return (Sighting.state == "confirmed") & Sighting.removed_at.is_(None) & ~closed(but)


def filing_row(row: Filing) -> FilingRow:
    """A filing without what it says."""
    return FilingRow(*(getattr(row, name) for name in _FILING))


async def filings_about(session: AsyncSession, scope: Scope) -> Sequence[FilingRow]:
    """Every filing about these copies, as far as they stand."""
    query = select(*(getattr(Filing, name) for name in _FILING)).join(Sighting, Sighting.id == Filing.sighting_id)
    query = query.join(Case, Case.id == Sighting.case_id).where(scope.condition, Sighting.removed_at.is_(None))
    return [FilingRow(*row) for row in await session.execute(query.order_by(Filing.filed_at, Filing.number, Filing.id))]


async def filings_of(session: AsyncSession, sighting_id: str) -> Sequence[tuple[Filing, str]]:
    """The filings about one copy, in order, each with the name of the advocate who recorded it."""
    query = select(Filing, Advocate.name).outerjoin(Advocate, Advocate.id == Filing.filed_by)
    query = query.where(Filing.sighting_id == sighting_id).order_by(Filing.filed_at, Filing.number, Filing.id)
    return [(row, name or "") for row, name in await session.execute(query)]


async def subjects_alerted(session: AsyncSession, organisation_id: str, kinds: Sequence[str]) -> set[str]:
    """What open alerts of these kinds are about."""
    mine = (Alert.organisation_id == organisation_id, Alert.kind.in_(kinds), Alert.resolved_at.is_(None))
    return set((await session.scalars(select(Alert.subject).where(*mine))).all())
