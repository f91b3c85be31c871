"""Fingerprints that a device made. A picture is never taken."""

from fastapi import APIRouter

from api.deps import (
    AdmitChange,
    AdmitFingerprint,
    AdvocateOnly,
    AnyActor,
    CaseToChange,
    CaseToRead,
    Context,
    IdPath,
    Reading,
    Writing,
)
from api.schemas.watching import FingerprintBody, FingerprintList, FingerprintView, PictureAge, PictureLabel
from api.views.cases import fingerprint_views
from monitor.actions.picture_age import remove_picture, tell_age
from monitor.actions.register_picture import register_picture
from monitor.cases.cut_outs import remove_cut_out
from monitor.cases.fingerprints import fingerprints_shown_to, name_fingerprint
from monitor.cases.quarantine import release

router = APIRouter(prefix="/cases/{case_id}/fingerprints", tags=["watching"])


@router.post("", status_code=201, dependencies=[AdmitFingerprint])
async def register_fingerprint(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, body: FingerprintBody
) -> FingerprintView:
    """Keep a hash. One that is there already is given back as it is, unless the new one holds more regions."""
    row = await register_picture(
        session,
        context,
        case,
        actor,
        pdq=body.pdq.lower(),
        quality=body.quality,
        kind=body.kind,
        version=body.version,
        set_name=body.set,
        regions=body.regions.value() if body.regions else None,
        frames=[(frame.at, frame.pdq.lower()) for frame in body.frames],
        clip=body.clip.value() if body.clip else None,
        cut_out=body.cut_out.value() if body.cut_out else None,
        label=body.label,
        age=body.age_group,
    )
    return (await fingerprint_views(session, context, actor, case.id, [row]))[0]


@router.get("")
async def list_fingerprints(context: Context, session: Reading, actor: AnyActor, case: CaseToRead) -> FingerprintList:
    """Those in use, never with their hashes. The person sees what they registered; the rest comes from posts."""
    shown = await fingerprints_shown_to(session, actor, case.id)
    return FingerprintList(fingerprints=await fingerprint_views(session, context, actor, case.id, shown))


@router.put("/{fingerprint_id}/age")
async def tell_picture_age(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, fingerprint_id: IdPath, body: PictureAge
) -> FingerprintView:
    """How old the person was in this picture: it counts for all of its copies, and stops what was for an adult."""
    told = await tell_age(session, context, case, actor, fingerprint_id, body.age_group)
    return (await fingerprint_views(session, context, actor, case.id, [told.fingerprint]))[0]


@router.put("/{fingerprint_id}/label", dependencies=[AdmitChange])
async def name_picture(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, fingerprint_id: IdPath, body: PictureLabel
) -> FingerprintView:
    """The person's own name for a picture, so that it is known again after a reload; empty takes it away."""
    row = await name_fingerprint(session, context, case, fingerprint_id, body.label)
    return (await fingerprint_views(session, context, actor, case.id, [row]))[0]


@router.delete("/{fingerprint_id}", status_code=204)
async def forget_fingerprint(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, fingerprint_id: IdPath
) -> None:
    """Stop comparing with it, and forget its hash."""
    await remove_picture(session, context, case, actor, fingerprint_id)


@router.delete("/{fingerprint_id}/cut-out", status_code=204)
async def forget_cut_out(context: Context, session: Writing, case: CaseToChange, fingerprint_id: IdPath) -> None:
    """Forget the box around the face in this photo; its other hashes stay."""
    await remove_cut_out(session, context, case, fingerprint_id)


@router.post("/{fingerprint_id}/release")
async def release_fingerprint(
    context: Context, session: Writing, actor: AdvocateOnly, case: CaseToChange, fingerprint_id: IdPath
) -> FingerprintView:
    """End its quarantine: it is compared again, and for a day it may fit ten times as much as others."""
    row = await release(session, context, case, fingerprint_id, by=actor.id)
    return (await fingerprint_views(session, context, actor, case.id, [row]))[0]
