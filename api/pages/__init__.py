"""Server-rendered pages. Advocates' pages work without any script; the person's page hashes on the device."""

from fastapi import APIRouter

from api.pages import cases, copies, entered, notices, person, queue, reports, signing_in, stops

router = APIRouter()
for _part in (person, signing_in, queue, copies, cases, entered, notices, stops, reports):
    router.include_router(_part.router)

__all__ = ["router"]
