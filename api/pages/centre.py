"""The page "Our centre": what persons are told of it, and one-time codes to hand out on paper."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.deps import services_of
from api.pages.advocate_page import AdvocatePage, PageRoute, reading_page, writing_page
from api.pages.code_sheet import code_cards
from api.pages.forms import Form, go
from api.pages.rendering import language_of
from api.pages.texts import COUNTRIES
from api.refusals import STATUS
from api.schemas.centres import ProfileBody
from api.views.centres import own_view, profile_of
from db.queries.people import names_of
from monitor.actions.centre_list import (
    LONGEST_NOTE,
    MOST_PLACES,
    add_places,
    note_place,
    places_of,
    remove_place,
    size_of_list,
)
from monitor.actions.centre_profile import own_profile, set_profile
from monitor.actions.centre_settings import own_settings, set_own_settings
from monitor.actions.same_picture import is_comparing
from monitor.cases.codes import USUAL_DAYS, make_codes
from monitor.cases.correspondence import LONGEST_ADDRESS
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.opening_hours import DAYS, day_text, parse_day
from monitor.model.records.centre_profile import LANGUAGES, LONGEST_NAME, LONGEST_WAY, LONGEST_WORDS
from monitor.platforms.base import PlatformName

router = APIRouter(prefix="/advocate/centre", route_class=PageRoute, include_in_schema=False)

ZONES = ("Asia/Seoul", "Asia/Tokyo", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC")
_LINES = ("name_ko", "name_en", "phone", "text", "chat", "zone", "asks_ko", "asks_en", "note_ko", "note_en")
MOST_ON_PAPER = 20
"""Codes of one sheet."""


@router.get("")
async def show_centre(request: Request) -> Response:
    """What persons are told of the centre, who wrote it, and the forms."""
    async with reading_page(request) as page:
        return await _shown(page)


@router.post("/profile")
async def keep_profile(request: Request) -> Response:
    """A lead writes it. What was typed stays on the page where it does not fit."""
    typed: dict[str, Any] = {}
    try:
        async with writing_page(request, proof=True) as (page, form):
            typed = _typed(form)
            await set_profile(page.session, page.context, page.advocate, profile_of(_body(typed)))
    except RuleBroken as error:
        if not typed:  # the form itself was refused
            raise
        async with reading_page(request) as page:
            return await _shown(page, typed, error.reason)
    request.app.state.centres.forget()
    return go("/advocate/centre", done="profile-kept")


@router.post("/settings")
async def keep_settings(request: Request) -> Response:
    """A lead says where the centre works and where answers to its notices go."""
    typed: dict[str, str] = {}
    try:
        async with writing_page(request, proof=True) as (page, form):
            typed = {name: form.text(name) for name in ("country", "reply_to")}
            await set_own_settings(page.session, page.context, page.advocate, **typed)
    except RuleBroken as error:
        if not typed:
            raise
        async with reading_page(request) as page:
            return await _shown(page, None, error.reason, settings_typed=typed)
    return go("/advocate/centre", done="settings-kept")


@router.get("/places")
async def show_places(request: Request) -> Response:
    """The list that the centre keeps: names, notes, who added them."""
    async with reading_page(request) as page:
        return await _listed(page)


@router.post("/places/add")
async def add_to_list(request: Request) -> Response:
    """Many at once, one a line. What was typed stays on the page where one of them cannot be read."""
    typed: dict[str, str] = {}
    try:
        async with writing_page(request) as (page, form):
            typed = {name: form.text(name) for name in ("platform", "sources", "note")}
            sources = [line for line in re.split(r"[\s,]+", typed["sources"]) if line]
            if not sources:
                raise RuleBroken(Refusal.SOURCE_UNREADABLE)
            platform = PlatformName.X if typed["platform"] == PlatformName.X else PlatformName.TELEGRAM
            note = typed["note"]
            await add_places(page.session, page.context, page.advocate, platform=platform, sources=sources, note=note)
    except RuleBroken as error:
        if not typed:
            raise
        async with reading_page(request) as page:
            return await _listed(page, typed, error.reason)
    return go("/advocate/centre/places", done="places-added")


@router.post("/places/note")
async def note_on_list(request: Request) -> Response:
    """What the centre knows of a place."""
    async with writing_page(request) as (page, form):
        await note_place(page.session, page.context, page.advocate, form.text("place"), form.text("note"))
    return go("/advocate/centre/places", done="place-noted")


@router.post("/places/remove")
async def remove_from_list(request: Request) -> Response:
    """It is read for nobody any more through the list."""
    async with writing_page(request) as (page, form):
        await remove_place(page.session, page.context, page.advocate, form.text("place"))
    return go("/advocate/centre/places", done="place-removed")


async def _listed(
    page: AdvocatePage, typed: Mapping[str, str] | None = None, problem: Refusal | None = None
) -> Response:
    places = await places_of(page.session, page.context, page.advocate)
    names = await names_of(page.session, [one.added_by for one in places])
    more: dict[str, Any] = {} if problem is None else {"problem": problem}
    answer = await page.render(
        "advocate/places.html",
        places=places,
        names={one: name for one, (name, _) in names.items()},
        values=typed or {"platform": "telegram", "sources": "", "note": ""},
        most=MOST_PLACES,
        longest=LONGEST_NOTE,
        **more,
    )
    if problem is not None:
        answer.status_code = STATUS[problem]
    return answer


@router.post("/codes")
async def hand_out_codes(request: Request) -> Response:
    """A sheet of fresh codes, shown this once: each vouches for whoever it is given to after a talk."""
    async with writing_page(request) as (page, form):
        count = form.text("count")
        wanted = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
        if not 1 <= wanted <= MOST_ON_PAPER:
            raise RuleBroken(Refusal.CODE_COUNT, f"a sheet holds 1 to {MOST_ON_PAPER} codes")
        codes = await make_codes(
            page.session,
            page.context.ledger,
            organisation_id=page.advocate.organisation_id,
            by=page.context.by,
            count=wanted,
            days=USUAL_DAYS,
            now=page.context.now(),
        )
        kept, settings = await own_profile(page.session, page.advocate), services_of(request).settings
        language = "en" if form.text("language") == "en" else "ko"
        return await page.render(
            "advocate/codes.html",
            cards=code_cards(codes, language, settings.web.public_url, made_at=page.context.now(), days=USUAL_DAYS),
            paper=language,
            centre=None if kept is None else getattr(kept.profile, f"name_{language}"),
            phone="" if kept is None else kept.profile.phone or kept.profile.text,
        )


async def _shown(
    page: AdvocatePage,
    typed: Mapping[str, Any] | None = None,
    problem: Refusal | None = None,
    *,
    settings_typed: Mapping[str, str] | None = None,
) -> Response:
    kept = await own_profile(page.session, page.advocate)
    names = await names_of(page.session, [] if kept is None else [kept.changed_by])
    told = own_view(kept, names)
    values: dict[str, Any] = dict.fromkeys(_LINES, "") | {
        "zone": ZONES[0],
        "languages": ["ko"],
        "days": [""] * len(DAYS),
    }
    if kept is not None:
        values |= {name: getattr(kept.profile, name) for name in _LINES}
        values |= {"languages": list(kept.profile.languages)}
        values |= {"days": [day_text(kept.profile.opening, day) for day in range(len(DAYS))]}
    more: dict[str, Any] = {} if problem is None else {"problem": problem}
    settings = await own_settings(page.session, page.advocate)
    written = settings_typed or {"country": settings.country, "reply_to": settings.reply_to}
    answer = await page.render(
        "advocate/centre.html",
        told=told,
        settings=settings,
        written=written,
        countries=dict.fromkeys(one for one in (*COUNTRIES, settings.country) if one and one != "ZZ"),
        longest_address=LONGEST_ADDRESS,
        values=values if typed is None else typed,
        zones=dict.fromkeys((*ZONES, values["zone"])),
        spoken=LANGUAGES,
        proved=page.proved,
        days=DAYS,
        longest={"name": LONGEST_NAME, "way": LONGEST_WAY, "words": LONGEST_WORDS},
        most_codes=MOST_ON_PAPER,
        code_days=USUAL_DAYS,
        listed=await size_of_list(page.session, page.advocate),
        comparing=await is_comparing(page.session, page.advocate),
        reader=language_of(page.request),
        **more,
    )
    if problem is not None:
        answer.status_code = STATUS[problem]
    return answer


def _typed(form: Form) -> dict[str, Any]:
    lines = {name: form.text(name) for name in _LINES}
    days = [form.text(f"hours-{name}") for name in DAYS]
    return {**lines, "languages": list(form.all("language")), "days": days}


def _body(typed: Mapping[str, Any]) -> ProfileBody:
    """The form as the API takes it, checked by the same rules."""
    try:
        spans = [one for day, text in enumerate(typed["days"]) for one in parse_day(day, text)]
    except ValueError:
        raise RuleBroken(Refusal.PROFILE_HOURS) from None
    if not typed["languages"]:
        raise RuleBroken(Refusal.PROFILE_LANGUAGES)
    hours = [{"day": one.day, "opens": one.opens, "closes": one.closes} for one in spans]
    lines = {name: typed[name] for name in _LINES}
    try:
        return ProfileBody.model_validate({**lines, "languages": typed["languages"], "hours": hours})
    except ValueError:
        raise RuleBroken(Refusal.PROFILE_WORDS) from None
