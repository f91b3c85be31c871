"""From what advocates entered to what is shown of it."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.entered import EnteredBy, EntriesView, EntryView, MandateView, MarkView
from db.models.cases import Case
from db.models.mandates import Mandate
from db.queries.actors import Actor, PersonActor
from db.queries.people import work_names_of
from monitor.cases.entered import covered_by, mandates_of, open_mandate, read_entered
from monitor.context.context import DomainContext
from monitor.model.entered import PERMISSION_FIELD, Matter

_SHOWN_AS = {PERMISSION_FIELD: "permission_to_send"}
"""A field's name in the intake that is sent."""

Name = Callable[[str | None], EnteredBy | None]


async def namer(session: AsyncSession, advocate_ids: Iterable[str | None]) -> Name:
    """Gives the advocate of an id by the name for work, which is what persons are told; None for None."""
    names = await work_names_of(session, [one for one in advocate_ids if one is not None])

    def name(advocate_id: str | None) -> EnteredBy | None:
        return None if advocate_id is None else _named(names, advocate_id)

    return name


def _named(names: Mapping[str, tuple[str, str]], advocate_id: str) -> EnteredBy:
    called, organisation = names.get(advocate_id, ("", ""))
    return EnteredBy(advocate_id=advocate_id, name=called, organisation=organisation)


async def entries_view(session: AsyncSession, context: DomainContext, actor: Actor, case: Case) -> EntriesView:
    """What the person is asked about, what is marked, and the mandates."""
    entered, mandates = read_entered(context, case), await mandates_of(session, case.id)
    who = [*(one.by for one in entered.unconfirmed.values()), *(one.by for one in entered.marks.values())]
    names = await work_names_of(session, [*who, *(one.seen_by for one in mandates)])
    to_person = isinstance(actor, PersonActor)
    return EntriesView(
        entries=[
            EntryView(
                matter=matter,
                in_effect=told.in_effect,
                mandate_id=told.mandate,
                entered_by=_named(names, told.by),
                entered_at=told.at,
                values={_SHOWN_AS.get(name, name): text for name, text in told.values.items()} if to_person else None,
            )
            for matter, told in sorted(entered.unconfirmed.items(), key=lambda one: list(Matter).index(one[0]))
        ],
        marks=[
            MarkView(
                field=_SHOWN_AS.get(name, name),
                entered_by=_named(names, mark.by),
                entered_at=mark.at,
                confirmed_at=mark.confirmed_at,
            )
            for name, mark in sorted(entered.marks.items())
        ],
        mandates=[mandate_view(context, one, _named(names, one.seen_by)) for one in mandates],
    )


def mandate_view(context: DomainContext, row: Mandate, seen_by: EnteredBy) -> MandateView:
    """A mandate as it was recorded."""
    told = open_mandate(context, row)
    return MandateView(
        mandate_id=row.id,
        kind=told.kind,
        dated=told.dated,
        covers=list(covered_by(row)),
        reference=told.reference,
        seen_by=seen_by,
        recorded_at=row.recorded_at,
        revoked_at=row.revoked_at,
    )
