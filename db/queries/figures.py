"""Counts of notices by platform and route, and how long removals took. Bounded: groups come back, never notices.

`tenant` None counts everybody's: for what is published with small numbers left out, and for nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from db.models.cases import Case, Fingerprint
from db.models.copies import Filing
from db.models.figures import PublishedFile, PublishedHours
from db.models.mailboxes import NoticeMail
from db.models.notices import Notice
from db.models.platform_side import PlatformAnswer
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.copies import answers_it
from db.queries.notices import not_bounced
from db.queries.tenants import SOURCE_PLATFORM, OrganisationTenant, own_cases

MOST_HOURS = 24 * 400
"""What took longer counts as this long: a copy is followed for a year, and groups stay few."""


_Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RouteCounts:
    """How many notices of one route to one platform left, and what came of them."""

    platform: str
    route: str
    sent: int
    acknowledged: int
    removed: int
    refused: int
    bounced: int
    silent: int
    reuploaded: int
    retracted: int
    wrong: int
    cases: int


Hours = Mapping[tuple[str, str], Mapping[int, int]]
"""Platform and route -> whole hours -> how many."""


@dataclass(frozen=True, slots=True)
class RoutesCounted:
    """One row for each platform and route by which something left, by platform and route."""

    notices: Sequence[RouteCounts]
    removal_hours: Hours
    """From a notice's leaving until its copy was first found gone."""
    filings: Sequence[RouteCounts]
    """The same of what people filed themselves: minors' routes, and next steps."""
    filing_hours: Hours


async def count_routes(
    session: AsyncSession, tenant: OrganisationTenant | None, *, since: datetime | None, now: datetime
) -> RoutesCounted:
    """What left since then, or ever. One statement, whatever there is."""
    parts = (
        _notices(tenant, since, now).add_columns(literal(0)),
        _notice_hours(tenant, since),
        _filings(tenant, since, now).add_columns(literal(0)),
        _filing_hours(tenant, since),
    )
    rows: Sequence[Any] = (await session.execute(union_all(*parts))).all()
    of = {name: sorted(row[1:] for row in rows if row[0] == name) for name in _PARTS}
    return RoutesCounted(
        notices=[_counts(row) for row in of["notices"]],
        removal_hours=_by_hours(of["removal hours"]),
        filings=[_counts(row) for row in of["filings"]],
        filing_hours=_by_hours(of["filing hours"]),
    )


_PARTS = ("notices", "removal hours", "filings", "filing hours")


def _counts(row: Sequence[Any]) -> RouteCounts:
    platform, route, *numbers = row
    return RouteCounts(platform, route, *(int(number or 0) for number in numbers[:-1]))


def _by_hours(rows: Sequence[Sequence[Any]]) -> Hours:
    found: dict[tuple[str, str], dict[int, int]] = {}
    for platform, route, number, *_, hours in rows:
        found.setdefault((platform, route), {})[int(hours)] = number
    return found


def _notices(tenant: OrganisationTenant | None, since: datetime | None, now: datetime) -> _Query:
    answered = _acknowledged()
    removed = and_(Notice.state == "removed", not_bounced())
    refused = and_(~removed, _refused(), Notice.state != "withdrawn")
    bounced = or_(Notice.state == "failed", and_(Notice.state == "removed", ~not_bounced()))
    over = or_(Notice.state == "lapsed", and_(Notice.state == "sent", Notice.deadline_at <= now))
    silent = and_(over, ~answered, ~_refused())
    wrong = Sighting.state != "confirmed"
    counted = [
        _how_many(condition)
        for condition in (answered, removed, refused, bounced, silent, and_(removed, _came_back()), _retracted(), wrong)
    ]
    cases = func.count(func.distinct(Notice.case_id))
    query = select(literal("notices"), Notice.platform, Notice.route, func.count(), *counted, cases)
    return _left(query, tenant, since).group_by(Notice.platform, Notice.route)


def _notice_hours(tenant: OrganisationTenant | None, since: datetime | None) -> _Query:
    hours = _hours(Notice.sent_at, Sighting.gone_since)
    query = select(literal("removal hours"), Notice.platform, Notice.route, func.count(), *_NOTHING_MORE, hours)
    removed = (Notice.state == "removed", not_bounced(), Sighting.gone_since.is_not(None))
    return _left(query, tenant, since).where(*removed).group_by(Notice.platform, Notice.route, hours)


async def standing_hours(
    session: AsyncSession, tenant: OrganisationTenant | None, *, since: datetime | None
) -> Mapping[str, Mapping[int, int]]:
    """Platform -> whole hours from posting until first found gone -> how many copies, each once.

    Of copies that a notice was about; only so can ours stand beside what others publish, who do not tell when a notice
    came.
    """
    hours = _hours(Sighting.posted_at, Sighting.gone_since)
    query: _Query = select(Notice.platform, hours, func.count(func.distinct(Sighting.id)))
    query = _left(query, tenant, since).where(Notice.state == "removed", Sighting.gone_since.is_not(None))
    found: dict[str, dict[int, int]] = {}
    rows: Sequence[Any] = (await session.execute(query.group_by(Notice.platform, hours))).all()
    for platform, value, number in rows:
        found.setdefault(platform, {})[int(value)] = number
    return found


def _filings(tenant: OrganisationTenant | None, since: datetime | None, now: datetime) -> _Query:
    answered = Filing.answer.is_not(None)
    removed = and_(Sighting.removed_at.is_not(None), Sighting.gone_since >= Filing.filed_at)
    refused = and_(~removed, Filing.answer == "refused")
    silent = and_(Filing.deadline_at <= now, ~removed, ~answered)
    nothing: ColumnElement[bool] = false()
    again = and_(removed, _came_back())
    counted = [
        _how_many(condition)
        for condition in (answered, removed, refused, nothing, silent, again, nothing, Sighting.state != "confirmed")
    ]
    cases = func.count(func.distinct(Filing.case_id))
    query = select(literal("filings"), SOURCE_PLATFORM, Filing.step, func.count(), *counted, cases)
    return _filed(query, tenant, since).group_by(SOURCE_PLATFORM, Filing.step)


def _filing_hours(tenant: OrganisationTenant | None, since: datetime | None) -> _Query:
    hours = _hours(Filing.filed_at, Sighting.gone_since)
    query = select(literal("filing hours"), SOURCE_PLATFORM, Filing.step, func.count(), *_NOTHING_MORE, hours)
    query = _filed(query, tenant, since).where(Sighting.removed_at.is_not(None), Sighting.gone_since >= Filing.filed_at)
    return query.group_by(SOURCE_PLATFORM, Filing.step, hours)


_NOTHING_MORE = tuple(literal(0).label(f"nothing_{at}") for at in range(9))
"""What stands, in the parts that tell hours, where the others have the rest of their counts."""


def _filed(query: _Query, tenant: OrganisationTenant | None, since: datetime | None) -> _Query:
    mine = select(Case.id).where(Case.state == "vouched") if tenant is None else own_cases(tenant)
    query = query.select_from(Filing).join(Sighting, Sighting.id == Filing.sighting_id)
    query = query.join(Source, Source.id == Sighting.source_id).where(Filing.case_id.in_(mine))
    return query if since is None else query.where(Filing.filed_at >= since)


def _left(query: _Query, tenant: OrganisationTenant | None, since: datetime | None) -> _Query:
    """Notices that left, with their sighting, of vouched cases: those of erased ones drop out."""
    mine = select(Case.id).where(Case.state == "vouched") if tenant is None else own_cases(tenant)
    query = query.select_from(Notice).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.where(Notice.sent_at.is_not(None), Notice.case_id.in_(mine))
    return query if since is None else query.where(Notice.sent_at >= since)


def _acknowledged() -> ColumnElement[bool]:
    """The recipient answered, whatever they said: through the link, with a token, or by mail."""
    answered = exists().where(answers_it()).correlate(Notice)
    # A reply is one to all that its mail carried.
    about = (NoticeMail.notice_id == Notice.id) | (NoticeMail.notice_id == Notice.together_id)
    mailed = exists().where(about, NoticeMail.kind == "reply").correlate(Notice)
    return or_(answered, mailed)


def _refused() -> ColumnElement[bool]:
    """The last thing that the recipient answered is no."""
    last, later = aliased(PlatformAnswer), aliased(PlatformAnswer)
    newer = exists().where(answers_it(later), later.at > last.at).correlate(last, Notice)
    return exists().where(answers_it(last), last.kind == "refused", ~newer).correlate(Notice)


def _retracted() -> ColumnElement[bool]:
    """It was taken back after it had left."""
    return and_(Notice.state == "withdrawn", Notice.reason == "retracted")


def _came_back() -> ColumnElement[bool]:
    """After it was gone the post showed it again, or the same picture was found elsewhere and nobody said otherwise:
    by its item, or by the hashes of this very copy."""
    later, own = aliased(Sighting), aliased(Fingerprint)
    again = (later.id != Sighting.id, later.found_at > Sighting.removed_at, later.state != "dismissed")
    by_item = exists().where(later.item_id == Sighting.item_id, *again).correlate(Sighting)
    other, mine = aliased(Sighting), (own.sighting_id == Sighting.id)
    again = (other.id != Sighting.id, other.found_at > Sighting.removed_at, other.state != "dismissed")
    by_hashes = exists().where(mine, other.fingerprint_id == own.id, other.case_id == Sighting.case_id, *again)
    return or_(Sighting.came_back_at.is_not(None), by_item, by_hashes.correlate(Sighting))


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _hours(
    begin: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    end: InstrumentedAttribute[datetime | None],
) -> ColumnElement[int]:
    """Whole hours between two times, rounded up; never below 0 nor above MOST_HOURS."""
    seconds = cast(extract("epoch", end), BigInteger) - cast(extract("epoch", begin), BigInteger)
    hours = (seconds + 3599) // 3600
    return case((seconds <= 0, 0), (hours > MOST_HOURS, MOST_HOURS), else_=hours)


async def published_hours(session: AsyncSession) -> Mapping[tuple[str, bool], Mapping[int, int]]:
    """(platform, somebody had given notice) -> hours from posting to restricting -> decisions, as others publish."""
    query = select(PublishedHours.platform, PublishedHours.noticed, PublishedHours.hours, PublishedHours.decisions)
    found: dict[tuple[str, bool], dict[int, int]] = {}
    for platform, noticed, hours, decisions in await session.execute(query):
        found.setdefault((platform, noticed), {})[hours] = decisions
    return found


async def published_span(session: AsyncSession) -> tuple[datetime | None, datetime | None]:
    """The first and the last day of what was loaded of it."""
    query = select(func.min(PublishedFile.first_day), func.max(PublishedFile.last_day))
    first, last = (await session.execute(query)).one()
    return first, last
