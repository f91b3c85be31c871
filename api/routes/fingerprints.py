"""Fingerprints that a device made. A picture is never taken."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, AnyActor, IdPath, Reading, ServicesDep, Writing, acting
from api.schemas.watching import FingerprintBody, FingerprintList, FingerprintView
from api.views.cases import fingerprint_view
from monitor.actions.access import get_open_case
from monitor.cases.fingerprints import add_fingerprint, fingerprints_shown_to, remove_fingerprint
from monitor.cases.quarantine import release

router = APIRouter(prefix="/cases/{case_id}/fingerprints", tags=["watching"])


@router.post("", status_code=201)
async def register_fingerprint(
    services: ServicesDep, session: Writing, actor: AnyActor, case_id: IdPath, body: FingerprintBody
) -> FingerprintView:
    """Keep a hash. One that is there already is given back as it is, unless the new one holds more regions."""
    case = await get_open_case(session, actor, case_id, lock=True)
    row = await add_fingerprint(
        session,
        acting(services, actor),
        case,
        pdq=body.pdq.lower(),
        quality=body.quality,
        kind=body.kind,
        version=body.version,
        set_name=body.set,
        regions=body.regions.value() if body.regions else None,
        frames=[(frame.at, frame.pdq.lower()) for frame in body.frames],
        label=body.label,
    )
    return fingerprint_view(acting(services, actor), row)


@router.get("")
async def list_fingerprints(
    services: ServicesDep, session: Reading, actor: AnyActor, case_id: IdPath
) -> FingerprintList:
    """Those in use, never with their hashes. The person sees what they registered; the rest comes from posts."""
    case = await get_open_case(session, actor, case_id)
    shown = await fingerprints_shown_to(session, actor, case.id)
    return FingerprintList(fingerprints=[fingerprint_view(acting(services, actor), row) for row in shown])


@router.delete("/{fingerprint_id}", status_code=204)
async def forget_fingerprint(
    services: ServicesDep, session: Writing, actor: AnyActor, case_id: IdPath, fingerprint_id: IdPath
) -> None:
    """Stop comparing with it, and forget its hash."""
    case = await get_open_case(session, actor, case_id, lock=True)
    await remove_fingerprint(session, acting(services, actor), case, fingerprint_id)


@router.post("/{fingerprint_id}/release")
async def release_fingerprint(
    services: ServicesDep, session: Writing, actor: AdvocateOnly, case_id: IdPath, fingerprint_id: IdPath
) -> FingerprintView:
    """End its quarantine: it is compared again, and for a day it may fit ten times as much as others."""
    case = await get_open_case(session, actor, case_id, lock=True)
    return fingerprint_view(
        acting(services, actor), await release(session, acting(services, actor), case, fingerprint_id, by=actor.id)
    )
