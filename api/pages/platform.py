"""The page of a notice's recipient, without an account: behind the link in the mail.

The link's secret comes behind a `#` and so in no request for a page; a script, or the recipient, hands it over in a
form, and a cookie of its own for each link keeps it for two hours. Opening changes nothing; answering needs a code
that is mailed to the notice's own recipient. Whatever is wrong with a link, the same page says so and nothing more.
"""

import json
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.admission import Admission
from api.budgets import Act
from api.deps import services_of
from api.i18n import LANGUAGES
from api.pages.advocate_page import PageRoute
from api.pages.forms import Form, check_texts, cookie_name, form_token, go, over_https, read_form, read_values
from api.pages.rendering import render_page
from api.problems import Problem
from api.refusals import STATUS
from api.views.platform import data_of
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.keys.envelope import Key
from monitor.model.platform_answers import LONGEST_TEXT, Answer, AnswerKind, WhyRefused
from monitor.notices.platform_answers import BY_LINK, for_recipient, take_answer
from monitor.notices.platform_links import LINKS, LinkText, ask_code, link_text, open_link, try_code

router = APIRouter(prefix="/platform", route_class=PageRoute, include_in_schema=False)

COOKIE = "jikimi_link"
COOKIE_LASTS = timedelta(hours=2)


@router.get("")
async def show_door(request: Request) -> Response:
    """Where the link leads: a form that a script fills in from what stands behind the `#`."""
    return render_page(request, "platform/door.html")


@router.post("/open")
async def open_notice(request: Request) -> Response:
    """Take the link into a cookie. Nothing is changed here, so no token guards it."""
    told = link_text(dict(await read_values(request)).get("link", ""))
    services, key = services_of(request), _key(request)
    if told is None:
        return _over(request)
    async with services.database.read() as session:
        if await open_link(session, _context(request), key, told) is None:
            return _over(request)
    response = go(f"/platform/notices/{told.id}")
    response.set_cookie(
        _cookie(request, told.id),
        told.tag,
        max_age=int(COOKIE_LASTS.total_seconds()),
        httponly=True,
        secure=over_https(request),
        samesite="strict",
        path="/",
    )
    return response


@router.get("/notices/{mail_link_id}")
async def show_notice(request: Request, mail_link_id: str) -> Response:
    """The notice, where exactly, and the buttons."""
    return await _notice_page(request, mail_link_id, {})


@router.get("/notices/{mail_link_id}/notice.json")
async def show_json(request: Request, mail_link_id: str) -> Response:
    """The same for a program."""
    told = _told(request, mail_link_id)
    async with services_of(request).database.read() as session:
        found = None if told is None else await open_link(session, _context(request), _key(request), told)
        if found is None:
            return _over(request)
        shown = await for_recipient(session, _context(request), found[1])
    text = json.dumps(data_of(shown), ensure_ascii=False, indent=2)
    named = {"content-disposition": f'attachment; filename="notice-{shown.notice_id}.json"'}
    return Response(text, media_type="application/json", headers=named)


@router.post("/notices/{mail_link_id}/code")
async def mail_code(request: Request, mail_link_id: str) -> Response:
    """Have a code mailed to the notice's own recipient."""
    await read_values(request)  # what nobody can read is refused before anything else, whatever the link
    told = _told(request, mail_link_id)
    if told is None:
        return _over(request)
    try:
        form = await read_form(request, told.tag)
        await _admit(request, form)
        async with services_of(request).database.begin() as session:
            found = await open_link(session, _context(request), _key(request), told, lock=True)
            if found is None:
                return _over(request)
            link, notice = found
            await ask_code(session, _context(request), link, notice)
    except Problem as problem:
        return await _notice_page(request, mail_link_id, {}, problem)
    return go(f"/platform/notices/{mail_link_id}", anchor="answer", done="code-mailed")


@router.post("/notices/{mail_link_id}/answer")
async def answer_notice(request: Request, mail_link_id: str) -> Response:
    """Take the answer, if the code fits. What was typed stays in the form where it does not."""
    await read_values(request)
    told, values = _told(request, mail_link_id), dict[str, str]()
    if told is None:
        return _over(request)
    try:
        form = await read_form(request, told.tag)
        values = {name: form.text(name) for name in ("kind", "reason", "text")}
        answer = _answer(form)
        await _admit(request, form)
        async with services_of(request).database.begin() as session:
            found = await open_link(session, _context(request), _key(request), told, lock=True)
            if found is None:
                return _over(request)
            link, notice = found
            # Committed either way: a wrong try counts.
            right = try_code(_key(request), link, form.text("code"))
            if right:
                await take_answer(session, _context(request), link, notice, answer, by=BY_LINK)
        if not right:
            raise RuleBroken(Refusal.PLATFORM_CODE)
    except Problem as problem:
        return await _notice_page(request, mail_link_id, values, problem)
    except RuleBroken as refused:
        return await _notice_page(request, mail_link_id, values, Problem(refused.reason))
    return go(f"/platform/notices/{mail_link_id}", anchor="answer", done="answer-sent")


def _answer(form: Form) -> Answer:
    """Raises RuleBroken."""
    kind, reason, text = form.text("kind"), form.text("reason"), form.text("text")
    check_texts([text], LONGEST_TEXT)
    if kind not in list(AnswerKind):
        raise RuleBroken(Refusal.CHOOSE_ANSWER)
    if kind != AnswerKind.REFUSED:
        reason = ""  # the list stands on the page whatever button is chosen
    if reason and reason not in list(WhyRefused):
        raise RuleBroken(Refusal.ANSWER_REASON)
    return Answer(AnswerKind(kind), WhyRefused(reason) if reason else None, text)


async def _admit(request: Request, form: Form) -> None:
    """Counted by where it comes from; a tool for other people's mailboxes this is not."""
    admission: Admission = request.app.state.admission
    await admission.visit(request, form.text("work")).admit(Act.PLATFORM)


async def _notice_page(
    request: Request, link_id: str, values: dict[str, str], problem: Problem | None = None
) -> Response:
    told = _told(request, link_id)
    context, key = _context(request), _key(request)
    async with services_of(request).database.read() as session:
        found = None if told is None else await open_link(session, context, key, told)
        if told is None or found is None:
            return _over(request)
        link, notice = found
        shown = await for_recipient(session, context, notice)
    frame: dict[str, Any] = {
        "notice": shown,
        "link_id": link.id,
        # A form's own answer has no address: the language is chosen on the page it stands on.
        "languages": [(code, f"/platform/notices/{link.id}?lang={code}") for code in LANGUAGES],
        "ends": link.expires_at,
        "data": json.dumps(data_of(shown), ensure_ascii=False, indent=2),
        "token": form_token(told.tag),
        "kinds": list(AnswerKind),
        "reasons": list(WhyRefused),
        "longest": LONGEST_TEXT,
        "values": {"kind": "", "reason": "", "text": "", **values},
        "challenge": _challenge(request, problem),
    }
    if problem is not None:
        frame["problem"] = problem.refusal
    return render_page(request, "platform/notice.html", frame, status=200 if problem is None else problem.status)


def _challenge(request: Request, problem: Problem | None) -> str:
    """A puzzle for the device, while very many ask."""
    if problem is not None and problem.refusal is Refusal.WORK_NEEDED:
        return str(problem.more["work"]["challenge"])
    admission: Admission = request.app.state.admission
    visit = admission.visit(request, "")
    price = admission.budgets.price(Act.PLATFORM, visit.origin)
    return str(admission.challenge(price)["challenge"]) if price else ""


def _over(request: Request) -> Response:
    """The same for what ended, was revoked, was taken back, and never was."""
    return render_page(request, "platform/over.html", status=STATUS[Refusal.NOT_FOUND])


def _told(request: Request, link_id: str) -> LinkText | None:
    return link_text(f"{link_id}.{request.cookies.get(_cookie(request, link_id), '')}")


def _cookie(request: Request, link_id: str) -> str:
    """One a link: notices in two tabs are never taken for each other."""
    return cookie_name(request, f"{COOKIE}_{link_id}")


def _key(request: Request) -> Key:
    admission: Admission = request.app.state.admission
    return admission.key(LINKS)


def _context(request: Request) -> DomainContext:
    """To look; an answer is the platform's own."""
    return services_of(request).context.acting(By.program("platform-link"))
