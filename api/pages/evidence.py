"""Packages of evidence: an advocate orders one, fetches it, deletes it; and the public page with what verifies it."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.admission import Admission
from api.auth import prove_again
from api.deps import services_of
from api.pages.advocate_page import AdvocatePage, PageRoute, prove_first, reading_page, writing_page
from api.pages.forms import Form, cookie_name, go, read_form
from api.pages.rendering import language_of, render_page
from api.pages.signing_in import BROWSER_COOKIE
from api.problems import Problem
from api.refusals import STATUS
from api.throttle import Wait
from db.models.cases import Case
from monitor.actions.access import get_open_case
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.chain import sha256
from monitor.exports.choosing import check_cases, find_ring
from monitor.exports.orders import (
    KEPT_FOR,
    LANGUAGES,
    LONGEST_RECIPIENT,
    Asked,
    ask_package,
    check_order,
    delete_package,
    fetch_package,
    package_of,
    packages_of,
)
from monitor.exports.package import VERIFIER
from monitor.model.case_numbers import normal_number

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FIELDS = ("cases", "source", "language", "recipient", "age_key")


@router.get("/evidence")
async def show_what_verifies(request: Request) -> Response:
    """For whoever got a package: the public key, the verifier and its hash. It tells of no case."""
    key = services_of(request).keys.signing_key().public_key().public_bytes_raw().hex()
    return render_page(request, "person/evidence.html", {"key": key, "verifier": sha256(VERIFIER.read_bytes())})


@router.get("/evidence/verify.py")
async def take_verifier() -> Response:
    """The verifier, byte by byte as it lies in every package."""
    headers = {"Content-Disposition": 'attachment; filename="verify.py"'}
    return Response(VERIFIER.read_bytes(), media_type="text/x-python; charset=utf-8", headers=headers)


@router.get("/advocate/evidence")
async def show_packages(request: Request) -> Response:
    """What was ordered, and the form for another one; a case, or a channel, may be named in the address."""
    case, source = request.query_params.get("case", "")[:64], request.query_params.get("source", "")[:300]
    async with reading_page(request) as page:
        return await _page(page, {"cases": case, "source": source, "language": language_of(request)})


@router.post("/advocate/evidence/order")
async def order_package(request: Request) -> Response:
    """Password and one-time code once more; then it is recorded and made. A passphrase is shown here only."""
    async with reading_page(request) as page:
        form = await read_form(request, page.token)
        try:
            await _chosen(page, form)
            check_order(recipient=form.text("recipient"), age_key=form.text("age_key"), agreed=form.ticked("agreed"))
        except NotFound:
            raise
        except RuleBroken as refused:
            return await _page(page, _values(form), problem=refused.reason)
        advocate = page.advocate
    try:
        await _prove(request, form, page)
        async with writing_page(request) as (page, form):
            asked = await _order(page, form)
    except NotFound:
        raise
    except RuleBroken as refused:
        async with reading_page(request) as page:
            return await _page(page, _values(form), problem=refused.reason)
    if not asked.passphrase:
        return go(f"/advocate/evidence/{asked.id}", done="package-ordered")
    async with reading_page(request) as page:
        listed = await package_of(page.session, page.context, advocate, asked.id)
        return await page.render("advocate/package.html", package=listed, passphrase=asked.passphrase, days=_DAYS)


@router.get("/advocate/evidence/{package_id}")
async def show_package(request: Request, package_id: str) -> Response:
    """How it stands: being made, ready, or why it could not be made."""
    async with reading_page(request) as page:
        listed = await package_of(page.session, page.context, page.advocate, package_id)
        return await page.render("advocate/package.html", package=listed, passphrase="", days=_DAYS)


@router.post("/advocate/evidence/{package_id}/file")
async def fetch(request: Request, package_id: str) -> Response:
    """The encrypted package; that it was fetched is recorded."""
    async with writing_page(request, proof=True) as (page, _form):
        fetched = await fetch_package(page.session, page.context, page.advocate, package_id)
    headers = {"Content-Disposition": f'attachment; filename="{fetched.name}"'}
    return Response(fetched.content, media_type="application/octet-stream", headers=headers)


@router.post("/advocate/evidence/{package_id}/delete")
async def delete(request: Request, package_id: str) -> Response:
    """It is gone from the server; what was fetched stays with whoever has it."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        await delete_package(page.session, page.context, page.advocate, package_id)
    return go("/advocate/evidence", done="package-deleted")


_DAYS = KEPT_FOR.days


async def _page(page: AdvocatePage, values: Mapping[str, str], *, problem: Refusal | None = None) -> Response:
    more: dict[str, Any] = {} if problem is None else {"problem": problem}
    response = await page.render(
        "advocate/evidence.html",
        packages=await packages_of(page.session, page.context, page.advocate),
        values={name: values.get(name, "") for name in _FIELDS},
        longest=LONGEST_RECIPIENT,
        reports=LANGUAGES,
        proved=page.proved,
        days=_DAYS,
        **more,
    )
    response.status_code = STATUS[problem] if problem else 200
    return response


def _values(form: Form) -> dict[str, str]:
    """What was typed, but for secrets."""
    return {name: form.text(name) for name in _FIELDS}


async def _chosen(page: AdvocatePage, form: Form, *, lock: bool = False) -> tuple[Sequence[Case], str | None]:
    """The cases that the form means, in the order of their ids, and the source."""
    wanted, source_id = {normal_number(part) for part in form.text("cases").replace(",", " ").split()}, None
    if form.text("source"):
        home = page.advocate.organisation_id
        ring = await find_ring(page.session, form.text("source"), organisation_id=home)
        source_id, wanted = ring.source_id, wanted or set(ring.case_ids)
    cases = [await get_open_case(page.session, page.advocate, case_id, lock=lock) for case_id in sorted(wanted)]
    await check_cases(page.session, cases, source_id)
    return cases, source_id


async def _order(page: AdvocatePage, form: Form) -> Asked:
    cases, source_id = await _chosen(page, form, lock=True)
    return await ask_package(
        page.session,
        page.context,
        page.advocate,
        cases,
        source_id=source_id,
        language=form.text("language"),
        recipient=form.text("recipient"),
        age_key=form.text("age_key"),
        agreed=form.ticked("agreed"),
    )


async def _prove(request: Request, form: Form, page: AdvocatePage) -> None:
    """RuleBroken unless it is still this advocate: whoever found an open screen takes nothing away.

    Password and code in the form, or a proof of the last minutes, such as with a passkey.
    """
    if not form.secret("password") and not form.text("code"):
        prove_first(page.visitor)
        return
    admission: Admission = request.app.state.admission
    code = "".join(form.text("code").split())
    browser = request.cookies.get(cookie_name(request, BROWSER_COOKIE), "")
    visit = admission.visit(request, "")
    try:
        proof = await prove_again(
            services_of(request),
            page.advocate,
            password=form.secret("password"),
            totp=code,
            visit=visit,
            browser=browser,
        )
    except Problem as problem:
        raise RuleBroken(Refusal(problem.refusal)) from None
    if isinstance(proof, Wait):
        raise RuleBroken(Refusal.LOG_IN_THROTTLED)
    if not proof:
        raise RuleBroken(Refusal.PROVE_AGAIN)
