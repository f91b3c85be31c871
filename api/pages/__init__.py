"""Server-rendered pages. Advocates' pages work without any script; the person's page hashes on the device."""

from fastapi import APIRouter

from api.pages import (
    cases,
    centre,
    copies,
    entered,
    evidence,
    figures,
    following,
    items,
    leaving,
    linking,
    messages,
    names,
    notices,
    person,
    place_reports,
    platform,
    police,
    queue,
    reports,
    signing_in,
    stops,
)

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
):
    router.include_router(_part.router)
router.include_router(copies.handing)

__all__ = ["router"]
