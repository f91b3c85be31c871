"""Everything about one confirmed copy, opened with its case's key: for the page and for programs alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import Filing
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.copies import filing_row, filings_of
from db.queries.tenants import SourceName
from monitor.actions.access import get_sighting
from monitor.actions.copies import Copy, KnownOfCopy, copy_of
from monitor.actions.steps import StepToFile, steps_to_file
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.model.copies import Closing
from monitor.model.notice_states import NoticeState
from monitor.model.records.filing import FilingAnswerRecord, FilingRecord
from monitor.notices.duties import DUTIES, Duty
from monitor.sightings.facts import copy_facts
from monitor.sightings.own_pages import own_pages


@dataclass(frozen=True, slots=True)
class OpenedFiling:
    """A filing with what it says."""

    row: Filing
    record: FilingRecord
    answer_text: str = field(repr=False)
    by: str
    """The name of the advocate who recorded it."""


@dataclass(frozen=True, slots=True)
class WholeCopy:
    """A confirmed copy with all that was done and can be done about it."""

    copy: Copy
    sighting: Sighting
    source: SourceName
    url: str = field(repr=False)
    """Where it is now."""
    steps: Sequence[StepToFile]
    filings: Sequence[OpenedFiling]
    duty: Duty | None
    """The centre's duty to tell the police, of a minor's picture of which they were not told yet."""

    @property
    def filed(self) -> frozenset[str]:
        """The steps that were filed."""
        return frozenset(one.row.step for one in self.filings)

    @property
    def steps_now(self) -> Sequence[StepToFile]:
        """Those that can be filed now: of a copy that is gone, or closed, what a duty still asks for."""
        if self.copy.row.removed_at is None and self.copy.row.closed_at is None:
            return self.steps
        return [one for one in self.steps if self.duty is not None and one.step in self.duty.met_by]

    @property
    def may_prepare(self) -> tuple[str, ...]:
        """Notices that were sent, of which the next step can be prepared without waiting for the clock."""
        if self.copy.minor or self.copy.row.removed_at is not None or self.copy.row.closed_at is not None:
            return ()
        return tuple(one.id for one in self.copy.notices if one.state == NoticeState.SENT)


async def whole_copy(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, sighting_id: str
) -> WholeCopy:
    """NotFound for what is no confirmed copy of the advocate's organisation."""
    sighting, source, case = await get_sighting(session, actor, sighting_id)
    filings = await opened_filings(session, context, case, sighting)
    own = await own_pages(session, context, case.id)
    known = KnownOfCopy([filing_row(one.row) for one in filings], own)
    copy = await copy_of(session, context, actor.organisation_id, sighting_id, known)
    if copy is None:
        raise NotFound
    facts, intake = await copy_facts(session, context, sighting, own), read_intake(context, case)
    owes = copy.minor and copy.row.closed_for != Closing.BY_MISTAKE
    duty = DUTIES.of(facts.centre.country, intake.country) if owes else None
    told = duty is not None and any(one.row.step in duty.met_by for one in filings)
    return WholeCopy(
        copy=copy,
        sighting=sighting,
        source=source,
        url=facts.url if facts.last_seen is None else facts.last_seen.url,
        steps=await steps_to_file(session, context, sighting, case, facts=facts),
        filings=filings,
        duty=None if told else duty,
    )


async def opened_filings(
    session: AsyncSession, context: DomainContext, case: Case, sighting: Sighting
) -> list[OpenedFiling]:
    """What was filed about a copy, in order."""
    return [
        OpenedFiling(
            row=row,
            record=context.open_record(FilingRecord, case.id, row.id, row.content),
            answer_text=_answer(context, row),
            by=by,
        )
        for row, by in await filings_of(session, sighting.id)
    ]


def _answer(context: DomainContext, row: Filing) -> str:
    if row.answer_content is None:
        return ""
    return context.open_record(FilingAnswerRecord, row.case_id, row.id, row.answer_content).text
