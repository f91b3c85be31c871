"""A mailbox of the person's own that is told, neutrally and seldom, that there is something to read."""

from fastapi import APIRouter

from api.deps import AdmitChange, AnyActor, CaseToChange, CaseToRead, CaseToTakeBack, Context, Reading, Writing
from api.schemas.news import NewsMailBody, NewsMailView
from db.models.cases import Case
from monitor.actions.access import only_the_person
from monitor.cases.news import NewsMail, drop_news_mail, news_mail_of, set_news_mail
from monitor.context.context import DomainContext
from monitor.model.states import CaseState

router = APIRouter(prefix="/cases/{case_id}/news-mail", tags=["cases"])


@router.get("")
async def see_news_mail(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> NewsMailView:
    """Whether there is one, and which. Only the person reads it."""
    only_the_person(actor)
    return _view(context, case, await news_mail_of(session, context, case))


@router.put("", dependencies=[AdmitChange])
async def put_news_mail(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, body: NewsMailBody
) -> NewsMailView:
    """At most one mail a day after a random delay, with one neutral sentence: no link, no name. Only the person can."""
    only_the_person(actor)
    await set_news_mail(session, context, case, **body.model_dump())
    return _view(context, case, await news_mail_of(session, context, case))


@router.delete("", status_code=204, dependencies=[AdmitChange])
async def end_news_mail(context: Context, session: Writing, actor: AnyActor, case: CaseToTakeBack) -> None:
    """No more mail; the address is forgotten. Works while the case is on hold, too."""
    only_the_person(actor)
    await drop_news_mail(session, context, case)


def _view(context: DomainContext, case: Case, found: NewsMail | None) -> NewsMailView:
    return NewsMailView(
        available=bool(context.news_from),
        vouched=case.state == CaseState.VOUCHED,
        mailed_from=context.news_from,
        on=found is not None and found.stopped is None,
        address=None if found is None else found.address,
        sender=None if found is None else found.sender,
        subject=None if found is None else found.subject,
        since=None if found is None else found.since,
        stopped=None if found is None else found.stopped,
        told_at=None if found is None else found.told_at,
    )
