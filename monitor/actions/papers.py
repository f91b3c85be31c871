"""Papers that the person takes out of their case: the ledger says which were taken, and not what was typed for them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Advocate, Organisation
from db.models.sightings import Sighting
from db.queries.actors import Actor
from db.queries.cases import receipts_of
from db.queries.sightings import visible
from monitor.actions.access import get_notice, only_the_person
from monitor.actions.hand_off import Unmade
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.papers import Letter, LetterFor, letter_blocks, receipt_blocks, sent_blocks
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.receipts import RemovalRecord
from monitor.model.states import CaseState

NAMELESS = {"ko": "[상담원]", "en": "[advocate]"}
"""What stands in place of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWanted:
    """What of the case the letter says."""

    wanted_for: LetterFor
    addressee: str = field(repr=False)
    name: str = field(repr=False)
    centre: bool
    """In the name of the centre that vouched."""
    since: bool
    appointments: bool
    requests: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class SentCopy:
    """A notice as it left, without what names others."""

    notice_id: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    sent_at: datetime | None


async def sent_copy(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, notice_id: str, form: str
) -> SentCopy:
    """What left. Raises NotFound, and RuleBroken(NOTICE_STATE) for what did not leave."""
    copy = await read_sent(session, context, case, actor, notice_id)
    await _note(session, context, case, "sent-copy", form, notice=notice_id)
    return copy


async def read_sent(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, notice_id: str
) -> SentCopy:
    """The same, with no entry in the ledger: for whoever puts more together, and notes that."""
    only_the_person(actor)
    notice, sighting, *_ = await get_notice(session, actor, notice_id)
    if notice.sent_at is None:
        raise RuleBroken(Refusal.NOTICE_STATE, "this notice has not left")
    # The record and not the message: that one has the link by which the recipient answers.
    record = context.open_record(NoticeRecord, case.id, notice.id, notice.content)
    ids = {one for one in (notice.created_by, sighting.decided_by, case.vouched_by) if one}
    names = await _names(session, ids)
    mask = NAMELESS.get(notice.language, NAMELESS["en"])
    return SentCopy(
        notice.id,
        nameless(record.recipient, names, mask),
        nameless(record.subject, names, mask),
        nameless(record.body, names, mask),
        notice.sent_at,
    )


async def sent_document(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, notice_id: str, language: str
) -> Unmade:
    """The same as a PDF: make it after the transaction."""
    copy = await sent_copy(session, context, case, actor, notice_id, "pdf")
    shown = {"recipient": copy.recipient, "subject": copy.subject, "body": copy.body, "sent_at": copy.sent_at}
    return Unmade.of(sent_blocks(**shown, language=language), language, context.now())  # type: ignore[arg-type]


async def receipts_document(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, language: str
) -> Unmade:
    """Every receipt that the person sees, to print. Raises RuleBroken(NO_RECEIPTS) where there is none."""
    only_the_person(actor)
    rows = await receipts_of(session, actor, case.id)
    if not rows:
        raise RuleBroken(Refusal.NO_RECEIPTS, "there is no receipt yet")
    records = [context.open_record(RemovalRecord, case.id, row.sighting_id, row.content) for row in rows]
    texts = [(one.texts[language].subject, one.texts[language].body) for one in records]
    await _note(session, context, case, "receipts", "pdf")
    return Unmade.of(receipt_blocks(texts, language), language, context.now())


async def letter_document(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, wanted: LetterWanted, language: str
) -> Unmade:
    """A letter for a school or an employer: neutral, and only what the person chose.

    Raises RuleBroken(NOT_VOUCHED) where it is to speak in the name of a centre, and none has vouched.
    """
    only_the_person(actor)
    home = None
    if wanted.centre:
        vouched = case.state == CaseState.VOUCHED and case.organisation_id is not None
        home = await session.get(Organisation, case.organisation_id) if vouched else None
        if home is None:
            raise RuleBroken(Refusal.NOT_VOUCHED, "no centre has vouched, so none can confirm it")
    letter = Letter(
        wanted_for=wanted.wanted_for,
        addressee=wanted.addressee,
        name=wanted.name,
        centre="" if home is None else home.name,
        contact="" if home is None else context.contact_of(home.name),
        since=((case.vouched_at if home is not None else None) or case.opened_at) if wanted.since else None,
        appointments=wanted.appointments,
        requests=await _requests(session, actor, case) if wanted.requests else None,
        removed=await _removed(session, actor, case) if wanted.removed else None,
        made_at=context.now(),
    )
    await _note(session, context, case, "letter", "pdf", in_name_of_centre=home is not None)
    return Unmade.of(letter_blocks(letter, language), language, context.now())


async def take_everything(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> None:
    """The person takes all that is held of their case. Whoever answers puts it together, as they see it anywhere."""
    only_the_person(actor)
    await _note(session, context, case, "everything", "zip")


def nameless(text: str, names: Collection[str], mask: str) -> str:
    """The text without these names, the longest first."""
    for name in sorted((one for one in names if one.strip()), key=len, reverse=True):
        text = text.replace(name, mask)
    return text


async def _names(session: AsyncSession, advocate_ids: Collection[str]) -> set[str]:
    rows = await session.execute(select(Advocate.name, Advocate.work_alias).where(Advocate.id.in_(advocate_ids)))
    return {name for row in rows for name in row if name}


async def _requests(session: AsyncSession, actor: Actor, case: Case) -> int:
    query = select(func.count()).select_from(Notice).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.join(Case, visible(actor)).where(Notice.case_id == case.id, Notice.sent_at.is_not(None))
    return await session.scalar(query) or 0


async def _removed(session: AsyncSession, actor: Actor, case: Case) -> int:
    query = select(func.count()).select_from(Sighting).join(Case, visible(actor))
    return await session.scalar(query.where(Sighting.case_id == case.id, Sighting.removed_at.is_not(None))) or 0


async def _note(
    session: AsyncSession, context: DomainContext, case: Case, paper: str, form: str, **facts: object
) -> None:
    await context.record(session, case.id, EntryKind.PAPER_TAKEN, paper=paper, form=form, **facts)
