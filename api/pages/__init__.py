"""Server-rendered pages. Advocates' pages work without any script; the person's page hashes on the device."""

from fastapi import APIRouter

from api.pages import (
    cases,
    copies,
    entered,
    evidence,
    following,
    notices,
    person,
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
    signing_in,
    queue,
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
):
    router.include_router(_part.router)

__all__ = ["router"]
