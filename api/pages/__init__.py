"""Server-rendered pages. Advocates' pages work without any script; the person's page hashes on the device."""

from fastapi import APIRouter

from api.pages import (
    cases,
    copies,
    entered,
    figures,
    linking,
    notices,
    person,
    place_reports,
    queue,
    reports,
    signing_in,
    stops,
)

router = APIRouter()
_CASES = (queue, copies, cases, entered, notices)
for _part in (person, signing_in, *_CASES, stops, reports, linking, figures, place_reports):
    router.include_router(_part.router)

__all__ = ["router"]
