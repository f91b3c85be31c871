"""Whether there is anything to read for a person who is not here: of all that `standing` would tell or ask them now."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.news import NewsMailbox
from db.queries.actors import PersonActor
from db.queries.messages import written_since
from monitor.actions.standing import asked_at, happened_since
from monitor.cases.intake import read_intake
from monitor.cases.reissue import standing_reissue
from monitor.context.context import DomainContext
from monitor.notices.eligibility import police_question


async def news_since(session: AsyncSession, context: DomainContext, case: Case, row: NewsMailbox) -> bool:
    """Is there anything now that the person has not seen, and was not told of: since their last visit and mail?"""
    since = max(one for one in (row.since, case.visited_at, row.told_at) if one is not None)
    actor = PersonActor(case.id)
    if (await happened_since(session, actor, case, since)).any or await written_since(session, actor, since):
        return True
    asked = list(await asked_at(session, context, case))
    words = await standing_reissue(session, context, case)
    if words is not None:
        asked.append(words.asked_at)
    intake = read_intake(context, case)
    if intake.police_until is not None and police_question(intake, context.now()):
        asked.append(datetime.combine(intake.police_until + timedelta(days=1), time(), UTC))
    return any(one > since for one in asked)
