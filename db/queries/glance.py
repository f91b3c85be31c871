"""What stands above every page of an advocate, in one statement: how much waits, and where something is unread."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from db.models.cases import Case
from db.models.messages import Message
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.models.stops import Stop
from db.queries.actors import ORGANISATIONS_KEPT, AdvocateActor, any_of
from db.queries.daily_reviews import count_beyond, within_budget
from db.queries.messages import unread_by_case
from db.queries.operations import AlertKinds, told_to
from db.queries.pool import may_vouch
from db.queries.queue import item
from db.queries.sightings import of_visible_cases
from db.queries.stops import stops_upon
from db.queries.tenants import OrganisationTenant, failed_reads


@dataclass(frozen=True, slots=True)
class GlanceCounts:
    """How much of each there is."""

    to_decide: int
    """Items: copies of one picture are one."""
    confirmed: int
    dismissed: int
    beyond: int
    """Open copies beyond a fingerprint's daily budget of reviews."""
    to_vouch: int
    to_do: int
    """Notices that need a person."""
    stops: int
    """What is stopped of the organisation: all, itself, or an advocate."""
    failed_reads: int
    """Of the organisation's cases and their sources: those that failed when last read."""
    own_alerts: dict[str, int] = field(default_factory=dict)
    """By kind: open alerts of the organisation's own."""
    shared_alerts: dict[str, int] = field(default_factory=dict)
    """By kind: open alerts of nobody's that it is told."""
    stopped_accounts: frozenset[str] = frozenset()
    """Platforms whose account stopped."""
    unread: dict[str, int] = field(default_factory=dict)
    """By case: messages of the person that nobody of the centre has read."""


@dataclass(frozen=True, slots=True)
class GlanceAsked:
    """What the counts depend on beside the organisation."""

    a_day: int
    """A fingerprint's daily budget of reviews."""
    needs_a_person: frozenset[str]
    """States of notices."""
    alerts: AlertKinds
    account_stopped: str
    """The kind of alert that says so of a platform."""


async def glance_counts(session: AsyncSession, actor: AdvocateActor, asked: GlanceAsked) -> GlanceCounts:
    """Counted now."""
    by_key: dict[str, dict[str, int]] = {one: {} for one in _BY_KEY}
    found: dict[str, int] = {}
    for name, key, number in await session.execute(_all_counts(actor.organisation_id, asked)):
        if name in by_key:
            by_key[name][key] = number
        else:
            found[name] = number
    return GlanceCounts(
        **found,
        to_decide=by_key["items"].get("open", 0),
        confirmed=by_key["items"].get("confirmed", 0),
        dismissed=by_key["items"].get("dismissed", 0),
        own_alerts=by_key["own_alerts"],
        shared_alerts=by_key["shared_alerts"],
        stopped_accounts=frozenset(by_key["stopped_accounts"]),
        unread=dict(sorted(by_key["unread"].items())),
    )


_BY_KEY = ("items", "own_alerts", "shared_alerts", "stopped_accounts", "unread")


@lru_cache(maxsize=ORGANISATIONS_KEPT)
def _all_counts(organisation_id: str, asked: GlanceAsked) -> CompoundSelect[str, str, int]:
    """The statement, made once: every page of an advocate asks it."""
    actor, mine, a_day = any_of(organisation_id), of_visible_cases(organisation_id), asked.a_day
    reads = failed_reads(OrganisationTenant(organisation_id)).with_only_columns(func.count())
    items = select(literal("items"), Sighting.state, func.count(item().distinct()))
    items = items.where(mine, within_budget(actor, a_day)).group_by(Sighting.state)
    to_do = select(func.count()).select_from(Notice).join(Sighting, Sighting.id == Notice.sighting_id)
    to_do = to_do.where(Notice.state.in_(asked.needs_a_person), mine)
    parts = (
        items,
        _part("beyond", count_beyond(actor, a_day)),
        _part("to_vouch", select(func.count()).select_from(Case).where(may_vouch(actor))),
        _part("to_do", to_do),
        _part("stops", select(func.count()).select_from(Stop).where(stops_upon(organisation_id))),
        _part("failed_reads", reads),
        _alerts("own_alerts", Alert.organisation_id.is_not(None), organisation_id, asked.alerts),
        _alerts("shared_alerts", Alert.organisation_id.is_(None), organisation_id, asked.alerts),
        _alerts("stopped_accounts", Alert.kind == asked.account_stopped, organisation_id, asked.alerts, Alert.subject),
        unread_by_case(actor).with_only_columns(literal("unread"), Message.case_id, func.count()).order_by(None),
    )
    return union_all(*parts)


def _part(name: str, counted: Select[int]) -> Select[str, str, int]:
    return select(literal(name), literal("", String), counted.scalar_subquery())


def _alerts(
    name: str,
    which: ColumnElement[bool],
    organisation_id: str,
    kinds: AlertKinds,
    by: InstrumentedAttribute[str] = Alert.kind,
) -> Select[str, str, int]:
    query = select(literal(name), by, func.count()).where(which, told_to(organisation_id, kinds))
    return query.group_by(by)


async def names_of_advocates(session: AsyncSession, advocate_ids: Collection[str]) -> dict[str, str]:
    """Names by id, disabled ones too; one statement, none where nobody is asked for."""
    if not advocate_ids:
        return {}
    rows = await session.execute(select(Advocate.id, Advocate.name).where(Advocate.id.in_(set(advocate_ids))))
    return {one: name for one, name in rows}  # noqa: C416  # typed as a pair
