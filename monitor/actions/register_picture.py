"""A picture or video is registered in an open case: what is told of one that is there already reaches its copies."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.queries.actors import Actor, PersonActor
from monitor.actions.picture_age import free_copies, protect_copies, tell_age
from monitor.actions.prepare_ready import prepare_ready
from monitor.cases.fingerprints import add_fingerprint, registered_same, telling_codes
from monitor.context.context import DomainContext
from monitor.fingerprints.hashes.values import WHOLE_SET
from monitor.model.facts import AgeGroup
from monitor.sightings.looking_alike import Shown


async def register_picture(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: Actor,
    *,
    pdq: str,
    frames: Sequence[tuple[float, str]] = (),
    set_name: str = WHOLE_SET,
    age: AgeGroup | None = None,
    **more: Any,
) -> Fingerprint:
    """`add_fingerprint`; an age that is told of a picture registered before is told as on its own row: notices for an
    adult are stopped. Raises what `add_fingerprint` and `tell_age` raise. Call it with the case locked.
    """
    backfill, stood_before = True, None
    if age is not None:
        known = await registered_same(session, context, case, pdq=pdq, frames=frames, set_name=set_name)
        if known is not None:
            await tell_age(session, context, case, actor, known.id, age, backfill=True)
            backfill = False
        elif age.counts_as_minor or isinstance(actor, PersonActor):  # of an adult only the person's own word counts
            shown = Shown(await telling_codes(session, case, pdq=pdq, frames=frames), bool(frames))
            if age.counts_as_minor:
                await protect_copies(session, context, case, shown, age, backfill=True)
            else:
                stood_before = await free_copies(session, context, case, shown, backfill=True)
            backfill = False
    row = await add_fingerprint(
        session, context, case, pdq=pdq, frames=frames, set_name=set_name, age=age, backfill=backfill, **more
    )
    if stood_before is not None:
        await prepare_ready(session, context, case, stood_before)
    return row
