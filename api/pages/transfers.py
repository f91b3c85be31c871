"""Cases that go from centre to centre, and new passphrases: what leads and advocates ask, and how it stands."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import services_of
from api.pages.advocate_page import PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.paging import following
from db.queries.people import names_of, working_organisations
from monitor.actions.access import get_open_case
from monitor.actions.same_picture import picture_checked, set_comparing
from monitor.actions.transfer import acknowledge_arrival, ask_transfer, end_transfer, own_transfers
from monitor.cases.opening import draw_passphrase
from monitor.cases.reissue import ask_reissue, cancel_reissue, check_reissue, own_reissues, reissue
from monitor.cases.roles import Right
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.case_numbers import normal_number
from monitor.model.transfers import MOST_DAYS, USUAL_DAYS

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 50


@router.get("/transfers")
async def show_transfers(request: Request) -> Response:
    """What the centre gives, gets or asked for; and the form."""
    offset = offset_of(request.query_params.get("after", ""))
    async with reading_page(request) as page:
        found, total = await own_transfers(page.session, page.context, page.advocate, limit=PAGE_SIZE, offset=offset)
        homes = await working_organisations(page.session)
        return await page.render(
            "advocate/transfers.html",
            transfers=found,
            total=total,
            following=following(request, offset, total, PAGE_SIZE, name="after"),
            centres=[one.name for one in homes if one.id != page.advocate.organisation_id],
            number=normal_number(request.query_params.get("case", "")),
            usual_days=USUAL_DAYS,
            most_days=MOST_DAYS,
        )


@router.post("/transfers/ask")
async def ask(request: Request) -> Response:
    """Ask the person whether their case may go to another centre, or come here."""
    async with writing_page(request) as (page, form):
        days = form.text("days")
        await ask_transfer(
            page.session,
            page.context,
            page.advocate,
            normal_number(form.text("case")),
            to=form.text("to"),
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
        )
    return go("/advocate/transfers", done="transfer-asked")


@router.post("/transfers/end")
async def end(request: Request) -> Response:
    """Take it back, or say that the case cannot be taken."""
    async with writing_page(request) as (page, form):
        await end_transfer(page.session, page.context, page.advocate, form.text("transfer"))
    return go("/advocate/transfers", done="transfer-ended")


@router.post("/alerts/arrived")
async def arrived(request: Request) -> Response:
    """An advocate has seen that the case is theirs now."""
    async with writing_page(request) as (page, form):
        case = await get_open_case(page.session, page.advocate, form.text("case"), lock=True)
        await acknowledge_arrival(page.session, page.context, case)
    return go("/advocate/alerts", done="arrival-seen")


@router.post("/alerts/same-picture")
async def checked(request: Request) -> Response:
    """A lead looked who the person is."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        case = await get_open_case(page.session, page.advocate, form.text("case"), lock=True)
        await picture_checked(page.session, page.context, case, page.advocate)
    return go("/advocate/alerts", done="picture-checked")


@router.post("/centre/comparing")
async def change_comparing(request: Request) -> Response:
    """Whole pictures are compared with those of other centres that do so, or no more."""
    async with writing_page(request) as (page, form):
        on = form.text("on") == "on"
        await set_comparing(page.session, page.context, page.advocate, on=on)
    return go("/advocate/centre", done="comparing-on" if on else "comparing-off")


@router.get("/passphrases")
async def show_reissues(request: Request) -> Response:
    """New passphrases that leads asked for. Every advocate may read how it works; only leads see which wait."""
    async with reading_page(request) as page:
        waiting = await own_reissues(page.session, page.context, page.advocate) if page.advocate.lead else []
        names = await names_of(page.session, [one.asked_by for one, _ in waiting])
        return await page.render(
            "advocate/passphrases.html",
            waiting=waiting,
            names={one: name for one, (name, _) in names.items()},
            days=page.context.reissue_after.days,
            number=normal_number(request.query_params.get("case", "")),
        )


@router.post("/passphrases/ask")
async def ask_for_words(request: Request) -> Response:
    """A lead asks for a new passphrase."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SPOKEN)
        number = normal_number(form.text("case"))
        case = await get_open_case(page.session, page.advocate, number, lock=True)
        await ask_reissue(page.session, page.context, page.advocate, case)
    return go("/advocate/passphrases", done="reissue-asked")


@router.post("/passphrases/cancel")
async def call_off(request: Request) -> Response:
    """A lead calls it off."""
    async with writing_page(request) as (page, form):
        case = await get_open_case(page.session, page.advocate, form.text("case"), lock=True)
        await cancel_reissue(page.session, page.context, case, page.advocate)
    return go("/advocate/passphrases", done="reissue-cancelled")


@router.post("/passphrases/draw")
async def draw(request: Request) -> Response:
    """The new words, shown this once. Hashing them takes a while, so it comes between two transactions."""
    async with writing_page(request, Right.LEAD_CENTRE, proof=True) as (page, form):
        case = await get_open_case(page.session, page.advocate, form.text("case"))
        await check_reissue(page.session, page.context, page.advocate, case)
        number, language = case.id, case.language
    drawn = await draw_passphrase(language, services_of(request).context.hasher, origin=page.advocate.id)
    async with noting_page(request) as page:
        case = await get_open_case(page.session, page.advocate, number, lock=True)
        await reissue(page.session, page.context, page.advocate, case, drawn)
        return await page.render("advocate/new_passphrase.html", case=case, words=drawn.words, language=language)
