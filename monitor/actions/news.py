"""Whether there is anything to read for a person who is not here: all that `standing` would tell or ask them."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.messages import Message, SightingQuestion
from db.models.news import NewsMailbox
from db.models.notices import AddressAgreement, Notice, PastReceipt
from db.models.oversight import CaseTransfer, PassphraseReissue
from db.models.sightings import Sighting
from monitor.actions.joint import parts_of_case
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.model.place_reports import PartState
from monitor.notices.eligibility import police_question


async def news_since(session: AsyncSession, context: DomainContext, case: Case, row: NewsMailbox) -> bool:
    """Did anything happen that the person has not seen, and was not told of: since their last visit and mail?"""
    since = max(one for one in (row.since, case.visited_at, row.told_at) if one is not None)
    mine = (Sighting.case_id == case.id, Sighting.state == "confirmed", Sighting.released_at.is_not(None))
    copies = [func.max(column) for column in (Sighting.released_at, Sighting.removed_at, Sighting.came_back_at)]
    moments = list((await session.execute(select(*copies).where(*mine))).one())
    letters = select(func.max(Message.written_at)).where(Message.case_id == case.id, Message.written_by.is_not(None))
    asked = select(func.max(SightingQuestion.asked_at)).where(
        SightingQuestion.case_id == case.id, SightingQuestion.answer.is_(None)
    )
    agreed = AddressAgreement.case_id == case.id, AddressAgreement.agreed.is_(None)
    addresses = select(func.max(AddressAgreement.asked_at)).where(*agreed)
    moves = select(func.max(CaseTransfer.asked_at)).where(
        CaseTransfer.case_id == case.id, CaseTransfer.state == "asked"
    )
    words = select(func.max(PassphraseReissue.asked_at)).where(
        PassphraseReissue.case_id == case.id, PassphraseReissue.state == "waiting"
    )
    wrong = select(func.max(PastReceipt.came_back_at)).where(PastReceipt.case_id == case.id, PastReceipt.was_shown)
    left = select(func.max(Notice.sent_at)).join(Sighting, Sighting.id == Notice.sighting_id).where(*mine)
    for query in (letters.where(Message.read_at.is_(None)), asked, addresses, moves, words, left, wrong):
        moments.append(await session.scalar(query))
    moments += [part.asked_at for part in await parts_of_case(session, case) if part.state == PartState.ASKED]
    moments += [one.at for one in read_entered(context, case).unconfirmed.values()]
    intake = read_intake(context, case)
    if intake.police_until is not None and police_question(intake, context.now()):
        moments.append(datetime.combine(intake.police_until + timedelta(days=1), time(), UTC))
    return any(one > since for one in moments if one is not None)
