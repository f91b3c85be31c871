"""The centres that work here, as everybody is told of them; and what a centre's own lead writes."""

from fastapi import APIRouter, Request

from api.centre_cards import CentreCards as Cards
from api.deps import (
    AdmitChange,
    AdvocateOnly,
    AnyActor,
    CaseToRead,
    Context,
    IdPath,
    Reading,
    RecentProof,
    ServicesDep,
    VisitDep,
    Writing,
)
from api.routes.cases import check_helpline_code
from api.schemas.cases import CaseView
from api.schemas.centres import (
    CentreCards,
    CodeBody,
    OwnProfile,
    ProfileBody,
    SelfNotices,
    SelfNoticeView,
    SettingsBody,
    SettingsView,
)
from api.views.cases import case_view
from api.views.centres import own_view, profile_of, settings_view
from db.queries.people import names_of
from monitor.actions.access import get_case, only_the_person
from monitor.actions.centre_profile import own_profile, set_profile
from monitor.actions.centre_settings import own_settings, set_own_settings
from monitor.actions.hand_in_code import hand_in_code
from monitor.actions.self_send import self_notices

router = APIRouter(tags=["cases"])


@router.get("/centres")
async def see_centres(request: Request) -> CentreCards:
    """Whom to call, what they ask, and whether they are open now. Nobody needs to log in."""
    cards: Cards = request.app.state.centres
    return CentreCards(centres=await cards.get())


@router.get("/centre/profile")
async def see_profile(session: Reading, actor: AdvocateOnly) -> OwnProfile:
    """What the own centre tells persons of itself."""
    kept = await own_profile(session, actor)
    return own_view(kept, await names_of(session, [] if kept is None else [kept.changed_by]))


@router.put("/centre/profile", dependencies=[RecentProof])
async def keep_profile(
    context: Context, session: Writing, request: Request, actor: AdvocateOnly, body: ProfileBody
) -> OwnProfile:
    """A lead writes it; each version is in the ledger with who wrote it."""
    kept = await set_profile(session, context, actor, profile_of(body))
    request.app.state.centres.forget()
    return own_view(kept, await names_of(session, [kept.changed_by]))


@router.get("/centre/settings")
async def see_settings(session: Reading, actor: AdvocateOnly) -> SettingsView:
    """What the routes and the notices of the own centre go by."""
    return settings_view(await own_settings(session, actor))


@router.put("/centre/settings", dependencies=[RecentProof])
async def keep_settings(context: Context, session: Writing, actor: AdvocateOnly, body: SettingsBody) -> SettingsView:
    """A lead says where the centre works and where answers to its notices go."""
    await set_own_settings(session, context, actor, country=body.country, reply_to=body.reply_to)
    return settings_view(await own_settings(session, actor))


@router.post("/cases/{case_id}/code", dependencies=[AdmitChange])
async def use_code(
    context: Context, services: ServicesDep, visit: VisitDep, actor: AnyActor, case_id: IdPath, body: CodeBody
) -> CaseView:
    """The person hands in a helpline's one-time code while they wait: then the case is vouched for."""
    async with services.database.read() as session:
        await get_case(session, actor, case_id)
    only_the_person(actor)
    await check_helpline_code(services, visit, body.code)
    async with services.database.begin() as session:
        case = await get_case(session, actor, case_id, lock=True)
        await hand_in_code(session, context, case, actor, body.code)
        return await case_view(session, context, actor, case)


@router.get("/cases/{case_id}/self-notices")
async def see_self_notices(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> SelfNotices:
    """What the person can send to the platforms themselves, also before anybody vouched. Nothing is sent from here."""
    only_the_person(actor)
    found = await self_notices(session, context, case)
    return SelfNotices(
        notices=[
            SelfNoticeView(
                link_id=link.id,
                url=url,
                address=told.address,
                language=told.language,
                subject=told.subject,
                body=told.body,
                minor=told.minor,
            )
            for link, url, told in found
        ]
    )
