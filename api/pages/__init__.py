"""Server-rendered pages. Advocates' pages work without any script; the person's page hashes on the device."""

from fastapi import APIRouter

from api.pages import (
    account,
    cases,
    centre,
    colleagues,
    copies,
    describing,
    desk,
    entered,
    evidence,
    figures,
    following,
    gathered,
    guide,
    items,
    leaving,
    linking,
    messages,
    names,
    notices,
    oversight,
    person,
    place_reports,
    platform,
    police,
    queue,
    reports,
    signing_in,
    stops,
    transfers,
)
from api.sections import include

router = APIRouter()
for _part in (
    person,
    leaving,
    signing_in,
    queue,
    items,
    copies,
    cases,
    entered,
    police,
    notices,
    stops,
    reports,
    evidence,
    platform,
    following,
    linking,
    figures,
    place_reports,
    messages,
    centre,
    names,
    desk,
    describing,
    gathered,
    guide,
    transfers,
    oversight,
    account,
    colleagues,
):
    include(router, _part.router, include_in_schema=False)
include(router, copies.handing, include_in_schema=False)

__all__ = ["router"]
