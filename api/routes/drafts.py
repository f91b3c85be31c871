"""The draft of whoever is at the person's page, bound to a cookie of their browser.

A door of the page alone, beside the JSON API, which takes no cookie: a cookie that no other site can make a browser
send, bodies of JSON only, and methods that no form has. See
docs/decisions/0081-what-is-entered-is-kept-at-once-for-one-browser.md.
"""

import asyncio
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.admission import Visit
from api.auth import start_login
from api.budgets import Act
from api.deps import ID_PATTERN, ServicesDep, VisitDep
from api.pages.forms import cookie_name, drop_cookie, set_cookie
from api.problems import Problem
from api.routes.cases import check_helpline_code
from api.schemas.drafts import (
    AnswersBody,
    AnswersToKeep,
    DraftLinkBody,
    DraftView,
    Kept,
    LinkKept,
    OpenBody,
    OpenedView,
    PictureBody,
    PictureChange,
    PictureKept,
    PlaceBody,
    PlaceKept,
    TypedBackBody,
)
from api.schemas.people import PersonLoggedIn
from api.views.drafts import answers_of, as_record, draft_view, link_kept, opened_view, picture_kept, place_kept
from db.queries.actors import PersonActor
from monitor.app.bootstrap import Services
from monitor.cases.draft_opening import Reviewed, check_ready, open_draft, type_back
from monitor.cases.drafts import (
    begin_draft,
    change_picture,
    draft_behind,
    draft_to_change,
    forget_draft,
    keep_answers,
    keep_link,
    keep_picture,
    keep_place,
    opened_items,
    remove_item,
    rows_of,
)
from monitor.cases.opening import draw_passphrase
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door
from monitor.model.guardians import Guardian
from monitor.model.records.draft import (
    AgreementPart,
    DraftLinkRecord,
    DraftPictureRecord,
    DraftPlaceRecord,
    DraftRecord,
)
from monitor.model.records.fingerprint import StoredClip, StoredCutOut, StoredRegions

router = APIRouter(prefix="/case/draft", include_in_schema=False)

DRAFT_COOKIE = "jikimi_draft"
"""Of this session of the browser, and only once something was entered: a visit leaves no mark."""
NAME_HEADER = "jikimi-draft"
"""Which draft a page goes on with, as it was told. A page whose browser has another one by now, or none because it was
thrown away or left quickly, writes nothing anew; one whose draft ran out still has its cookie."""
ItemId = Annotated[str, Path(pattern=ID_PATTERN)]


async def _token(request: Request) -> str:
    """The browser's half of the draft's key; empty: it has none."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Problem(Refusal.NOT_FOUND, "There is no such thing here.")
    token = request.cookies.get(cookie_name(request, DRAFT_COOKIE), "")
    told = request.headers.get(NAME_HEADER, "")
    if told and not hmac.compare_digest(told.encode(), _name_of(token).encode()):
        raise RuleBroken(Refusal.DRAFT_GONE)
    return token


def _name_of(token: str) -> str:
    """Of a draft, for the page that fills it: it opens nothing."""
    return hashlib.sha256(f"jikimi-draft-name|{token}".encode()).hexdigest()[:16]


Token = Annotated[str, Depends(_token)]


@router.get("")
async def see_draft(services: ServicesDep, token: Token) -> DraftView:
    """What this browser has entered; nothing where it has no cookie."""
    if not token:
        return DraftView(state="none")
    async with services.database.read() as session:
        held = await draft_behind(session, services.context, token, _now())
        rows = [] if held is None else await rows_of(session, held)
    if held is None:
        return DraftView(state="none")
    return draft_view(held, await asyncio.to_thread(opened_items, held, rows), _name_of(token))


@router.put("")
async def keep(
    request: Request, response: Response, services: ServicesDep, visit: VisitDep, token: Token, body: AnswersToKeep
) -> Kept:
    """Keep the answers that were changed. The first time a draft is begun, and the browser gets its cookie."""
    now = _now()
    async with services.database.read() as session:
        held = await draft_behind(session, services.context, token, now) if token else None
    await visit.admit(Act.DRAFT if held is None else Act.CHANGE)
    before = None if held is None else held.record
    told = _record(body, before, now)
    record = _over(told, before, body)
    if _rests_anew(record, before):
        # The centre's word is its code: without one that is good nothing of a child is kept.
        await _check_code(services, visit, record.code, record.agreement.guardian)
    if held is None:
        token = secrets.token_urlsafe(32)
        async with services.database.begin() as session:
            held = await begin_draft(session, services.context, token, record, now)
        set_cookie(request, response, DRAFT_COOKIE, token)
    else:
        async with services.database.begin() as session:
            held = await draft_to_change(session, services.context, token, now, correcting=True)
            kept = _over(told, held.record, body)
            if _rests_anew(kept, held.record) and _rests_anew(kept, record):
                raise RuleBroken(Refusal.DRAFT_CHANGED)  # meanwhile, by another window: this code nobody checked
            held = await keep_answers(session, held, kept)
    answers = answers_of(held.record)
    return Kept(expires_at=held.row.expires_at, draft=_name_of(token), anew=before is None, answers=answers)


@router.delete("", status_code=204)
async def throw_away(request: Request, response: Response, services: ServicesDep, token: Token) -> None:
    """Forget all of it. Once a case is open its keys are not thrown away unseen."""
    async with services.database.begin() as session:
        held = await draft_behind(session, services.context, token, _now(), lock=True) if token else None
        if held is not None:
            if held.record.outcome is not None:
                raise RuleBroken(Refusal.DRAFT_OPENED)
            await forget_draft(session, held)
    drop_cookie(request, response, DRAFT_COOKIE)


@router.put("/pictures/{item_id}")
async def put_picture(
    services: ServicesDep, visit: VisitDep, token: Token, item_id: ItemId, body: PictureBody
) -> PictureKept:
    """Keep the fingerprints of a picture or video."""
    await visit.admit(Act.FINGERPRINT)
    record = DraftPictureRecord(
        pdq=body.pdq.lower(),
        quality=body.quality,
        kind=body.kind,
        version=body.version,
        set_name=body.set,
        regions=StoredRegions(**body.regions.value().as_json()) if body.regions else None,
        frames=tuple((frame.at, frame.pdq.lower()) for frame in body.frames),
        clip=StoredClip(**body.clip.value().as_json()) if body.clip else None,
        cut_out=StoredCutOut(**body.cut_out.value().as_json()) if body.cut_out else None,
        label=body.label,
        age_group=body.age_group,
    )
    async with services.database.begin() as session:
        held = await draft_to_change(session, services.context, token, _now())
        return picture_kept(await keep_picture(session, services.context, held, item_id, record))


@router.patch("/pictures/{item_id}")
async def correct_picture(
    services: ServicesDep, visit: VisitDep, token: Token, item_id: ItemId, body: PictureChange
) -> PictureKept:
    """Correct its kind, age or name, or take the box around the face back."""
    await visit.admit(Act.CHANGE)
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if changes.get("kind", "") is None or changes.get("label", "") is None:
        raise Problem(Refusal.INVALID, "A picture has a kind, and a name of its own or an empty one.")
    async with services.database.begin() as session:
        held = await draft_to_change(session, services.context, token, _now())
        return picture_kept(await change_picture(session, held, item_id, changes))


@router.put("/places/{item_id}")
async def put_place(
    services: ServicesDep, visit: VisitDep, token: Token, item_id: ItemId, body: PlaceBody
) -> PlaceKept:
    """Keep a place, with what may be done there."""
    await visit.admit(Act.PLACE)
    purposes = tuple(dict.fromkeys(body.purposes))
    record = DraftPlaceRecord(platform=body.platform, source=body.source, purposes=purposes, days=body.days)
    async with services.database.begin() as session:
        held = await draft_to_change(session, services.context, token, _now())
        return place_kept(await keep_place(session, held, item_id, record))


@router.put("/links/{item_id}")
async def put_link(
    services: ServicesDep, visit: VisitDep, token: Token, item_id: ItemId, body: DraftLinkBody
) -> LinkKept:
    """Keep a link that is known already."""
    await visit.admit(Act.PLACE)
    record = DraftLinkRecord(url=body.url, kind=body.kind)
    async with services.database.begin() as session:
        held = await draft_to_change(session, services.context, token, _now())
        return link_kept(await keep_link(session, held, item_id, record, room=body.room))


@router.delete("/items/{item_id}", status_code=204)
async def take_out(services: ServicesDep, visit: VisitDep, token: Token, item_id: ItemId) -> None:
    """Take a picture, place or link out."""
    await visit.admit(Act.CHANGE)
    async with services.database.begin() as session:
        held = await draft_to_change(session, services.context, token, _now(), correcting=True)
        await remove_item(session, held, item_id)


@router.post("/open")
async def open_case_of_draft(services: ServicesDep, visit: VisitDep, token: Token, body: OpenBody) -> OpenedView:
    """Open the case, whole and once. Asked again it gives the same answer, until the keys were typed back."""
    async with services.database.read() as session:
        held = await draft_behind(session, services.context, token, _now()) if token else None
        rows = [] if held is None else await rows_of(session, held)
    if held is None:
        raise RuleBroken(Refusal.DRAFT_GONE)
    if held.record.outcome is not None:
        return opened_view(held.record.outcome)
    if held.opening_key != body.key:
        raise RuleBroken(Refusal.DRAFT_CHANGED)
    check_ready(held, len(rows), empty=body.empty)
    await _admit(services, visit, held.record)
    given = visit.paid or bool(held.record.code)
    reviewed = await asyncio.to_thread(Reviewed.of, body.key, held, rows)
    context = services.context.acting(By.person(Door.PAGE))
    async with visit.admission.turn(visit.origin, given=given):
        drawn = await draw_passphrase(held.record.language, context.hasher, origin=visit.origin)
        async with services.database.begin() as session:
            opened = await open_draft(session, context, token, reviewed, drawn, origin=visit.origin, now=_now())
    return opened_view(opened)


@router.post("/typed-back")
async def keys_are_written_down(
    request: Request, response: Response, services: ServicesDep, token: Token, body: TypedBackBody
) -> PersonLoggedIn:
    """The person has the keys: they are shown no more, the cookie goes, and they are logged in."""
    context = services.context.acting(By.person(Door.PAGE))
    async with services.database.begin() as session:
        case_id = await type_back(session, context, token, body.passphrase, now=_now())
        login = await start_login(session, PersonActor(case_id))
    drop_cookie(request, response, DRAFT_COOKIE)
    return PersonLoggedIn(token=login.token, expires_at=login.expires_at)


async def _admit(services: Services, visit: Visit, told: DraftRecord) -> None:
    """As for a case that is opened at once."""
    if told.code:
        await _check_code(services, visit, told.code, told.agreement.guardian)
    else:
        await visit.admit(Act.OPENING)


async def _check_code(services: Services, visit: Visit, code: str, guardian: Guardian) -> None:
    """A child for whom a centre speaks is not told to go on without its code."""
    try:
        await check_helpline_code(services, visit, code)
    except RuleBroken as refused:
        if guardian is Guardian.CENTRE and refused.reason is Refusal.CODE_INVALID:
            raise RuleBroken(Refusal.GUARDIAN_CODE) from None
        raise


def _rests_anew(record: DraftRecord, before: DraftRecord | None) -> bool:
    """Whether a code is in a guardian's place here that was not there before."""
    known = None if before is None else (before.agreement.guardian, before.code)
    return record.agreement.guardian is Guardian.CENTRE and known != (Guardian.CENTRE, record.code)


def _over(told: DraftRecord, before: DraftRecord | None, body: AnswersToKeep) -> DraftRecord:
    """What a page told, over what another window of the same browser left."""
    return told if before is None or body.changed is None else told.over(before, body.changed)


def _record(body: AnswersBody, before: DraftRecord | None, now: datetime) -> DraftRecord:
    """When the same was agreed to before, it stays agreed to since then."""
    said = {**body.agreement.model_dump(), "language": body.language}
    known = None if before is None else before.agreement
    same = known is not None and all(
        getattr(known, name) == said[name] for name in ("version", "under_age", "guardian")
    )
    agreement = known if known is not None and same else AgreementPart(at=now, **said)
    return as_record(body, agreement)


def _now() -> datetime:
    return datetime.now(UTC)
