"""What a centre writes to platforms by: a lead sets where it works and where answers go, the operator the rest."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.people import Organisation
from db.queries.actors import AdvocateActor
from db.queries.people import count_active
from monitor.cases.advocates import checked_country
from monitor.cases.correspondence import checked_address
from monitor.cases.stops import leads_only
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind


@dataclass(frozen=True, slots=True)
class CentreSettings:
    """What the routes and the notices of a centre go by."""

    country: str
    """Where it works, as an ISO code; empty: it did not say."""
    reply_to: str
    """Where answers to its notices go; empty: to the address that they come from."""
    designated: bool
    """A state named it for reporting such pictures."""
    registered_with: str
    """The body that keeps it on a list of reporters, and its number there."""
    sole_advocate: bool
    """One advocate may vouch, enter a permission and send alone: it was said, and it is so."""


async def own_settings(session: AsyncSession, actor: AdvocateActor) -> CentreSettings:
    """Of the own centre; every advocate may know them."""
    home = await session.get_one(Organisation, actor.organisation_id)
    alone = home.sole_advocate and await count_active(session, home.id) < 2
    return CentreSettings(home.country, home.reply_to or "", home.designated, home.registered_with, alone)


async def set_own_settings(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, *, country: str, reply_to: str
) -> None:
    """A lead says where the centre works and where answers go. What is as it was makes no entry.

    Raises RuleBroken: LEADS_ONLY, INVALID, ADDRESS_INVALID.
    """
    leads_only(actor)
    told = {"country": checked_country(country), "reply_to": checked_address(reply_to)}
    home = await session.get_one(Organisation, actor.organisation_id)
    changed = {name: value for name, value in told.items() if (getattr(home, name) or "") != value}
    if not changed:
        return
    home.country, home.reply_to = told["country"], told["reply_to"] or None
    await session.flush()
    facts = {"organisation": home.id, **changed}
    await context.record_installation(session, EntryKind.ORGANISATION_CHANGED, **facts)
