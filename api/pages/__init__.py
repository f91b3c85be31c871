"""Server-rendered pages. Advocates' pages work without any script; the person's page hashes on the device."""

from fastapi import APIRouter

from api.pages import (
    cases,
    copies,
    entered,
    evidence,
    figures,
    linking,
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
_CASES = (queue, copies, cases, entered, police, notices)
_MORE = (stops, reports, evidence, platform, linking, figures, place_reports)
for _part in (person, signing_in, *_CASES, *_MORE):
    router.include_router(_part.router)

__all__ = ["router"]
