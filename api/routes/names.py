"""Names that a person lets be looked for, word by word; an advocate approves each."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AdmitPlace, AdvocateOnly, AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.own import NamesSwitch, NamesView, TermBody, TermDecision, TermView
from db.models.cases import Case
from monitor.actions.names import decide_term, give_term, switch_names, take_back_term, terms_told
from monitor.context.context import DomainContext

router = APIRouter(prefix="/cases/{case_id}/names", tags=["watching"])


@router.get("")
async def see(context: Context, session: Reading, case: CaseToRead) -> NamesView:
    """How it stands, and every word."""
    return await _told(session, context, case)


@router.put("")
async def switch(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, body: NamesSwitch
) -> NamesView:
    """The person switches it on or off; off destroys the words."""
    await switch_names(session, context, case, actor, on=body.on)
    return await _told(session, context, case)


@router.post("/terms", status_code=201, dependencies=[AdmitPlace])
async def give(context: Context, session: Writing, actor: AnyActor, case: CaseToChange, body: TermBody) -> NamesView:
    """The person gives a word; an advocate approves it before it is looked for."""
    await give_term(session, context, case, actor, kind=body.kind, text=body.text)
    return await _told(session, context, case)


@router.delete("/terms/{term_id}")
async def take_back(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, term_id: IdPath
) -> NamesView:
    """The person takes a word back: it is destroyed."""
    await take_back_term(session, context, case, actor, term_id)
    return await _told(session, context, case)


@router.post("/terms/{term_id}/decide")
async def decide(
    context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange, term_id: IdPath, body: TermDecision
) -> NamesView:
    """An advocate says whether a word is this person's."""
    await decide_term(session, context, case, actor, term_id, approved=body.approved)
    return await _told(session, context, case)


async def _told(session: AsyncSession, context: DomainContext, case: Case) -> NamesView:
    terms = await terms_told(session, context, case)
    return NamesView(
        offered=context.names,
        on=case.names_at is not None,
        terms=[
            TermView(
                term_id=one.id,
                kind=one.kind,
                term=one.term,
                state=one.state,
                entered_at=one.entered_at,
                decided_at=one.decided_at,
            )
            for one in terms
        ],
    )
