"""What stands at the top of every page of an advocate, in two questions: counts, and whether more must be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.messages import Message
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.models.stops import Stop
from db.queries.actors import AdvocateActor
from db.queries.daily_reviews import beyond_budget
from db.queries.notices import visible_notices
from db.queries.queue import item
from db.queries.sightings import visible
from db.queries.tenants import OrganisationTenant, any_trouble

_STATES = ("open", "confirmed", "dismissed")


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Numbers for the tabs. What is only said to be there is asked for by whoever shows it."""

    open: int
    """Items to decide about."""
    confirmed: int
    dismissed: int
    beyond: Sequence[str]
    """Open copies that wait beyond a fingerprint's budget of reviews."""
    to_vouch: int
    to_do: int
    """Notices that need a person."""
    stops: bool
    unread: bool
    alerts: bool
    troubled: bool
    """A source of the organisation's cases could not be read the last time."""

    @property
    def by_state(self) -> dict[str, int]:
        """Items by the state of their copies."""
        return {"open": self.open, "confirmed": self.confirmed, "dismissed": self.dismissed}


async def frame_counts(
    session: AsyncSession, actor: AdvocateActor, a_day: int, needs_a_person: frozenset[str]
) -> FrameCounts:
    """`a_day`: see db/queries/daily_reviews.py; `needs_a_person`: states of notices."""
    organisation = actor.organisation_id
    beyond = await beyond_budget(session, actor, a_day)
    shown = Sighting.id.not_in(beyond) if beyond else true()
    within = Case.organisation_id.is_(None) | (Case.organisation_id == organisation)
    written = Message.written_by.is_(None) & Message.read_at.is_(None)
    theirs = or_(Stop.scope == "all", Stop.subject == organisation, Stop.scope == "advocate")
    # Of each the least that tells whether more is to be asked: what it finds too much is left out there.
    # The items by themselves, so that no other question is taken for one about the same rows.
    items = (
        select(
            *(
                func.count(case((shown & (Sighting.state == state), item())).distinct()).label(state)
                for state in _STATES
            )
        )
        .select_from(Sighting)
        .join(Case, visible(actor))
        .subquery("items")
    )
    query: Select[*tuple[Any, ...]] = select(
        items,
        select(func.count()).select_from(Case).where(Case.state == "open", within).scalar_subquery(),
        visible_notices(actor)
        .with_only_columns(func.count())
        .where(Notice.state.in_(sorted(needs_a_person)))
        .scalar_subquery(),
        exists().where(Stop.ended_at.is_(None), theirs),
        exists().where(Message.organisation_id == organisation, written),
        exists().where(
            Alert.resolved_at.is_(None), (Alert.organisation_id == organisation) | Alert.organisation_id.is_(None)
        ),
        any_trouble(OrganisationTenant(organisation)),
    ).select_from(items)
    row = (await session.execute(query)).one()
    numbers, there = [int(one or 0) for one in row[:5]], [bool(one) for one in row[5:]]
    return FrameCounts(
        open=numbers[0],
        confirmed=numbers[1],
        dismissed=numbers[2],
        beyond=beyond,
        to_vouch=numbers[3],
        to_do=numbers[4],
        stops=there[0],
        unread=there[1],
        alerts=there[2],
        troubled=there[3],
    )
