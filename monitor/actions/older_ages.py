"""Ages of what an older program wrote are brought up to what counts now: a case at a time, once while a program runs.

A copy that was confirmed before what was told of one picture counted for the others that show the same is offered,
counted and named as an adult's, while its notice is refused. Nothing is ever let go of here: that takes the person's
own word. Where the program ends meanwhile, the next one begins anew, and finds those that were done as they should be.
"""

import logging

from sqlalchemy import Select, exists, select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.session import Database
from monitor.actions.picture_age import write_protection
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.model.states import CaseState
from monitor.sightings.age import YOUNG
from monitor.sightings.ages_told import when_joined
from monitor.sightings.case_pictures import asked_of

log = logging.getLogger(__name__)

MOST_CASES = 20
"""That are opened in one go."""


class OlderAges:
    """Goes once through the cases in which anything was said to be a minor's, by their ids."""

    def __init__(self) -> None:
        self._after: str | None = ""

    async def go_on(self, database: Database, context: DomainContext) -> None:
        """The next cases; nothing once it went through all."""
        if self._after is None:
            return
        async with database.read() as session:
            cases = (await session.scalars(_with_minors(self._after))).all()
        for case_id in cases:
            try:
                await _bring_up(database, context, case_id)
            except JikimiError as error:  # a case whose key is gone, say, keeps no other one waiting
                log.warning("ages not brought up", extra={"case_id": case_id, "error": type(error).__name__})
        self._after = cases[-1] if cases else None


def _with_minors(after: str) -> Select[str]:
    young = exists().where(Fingerprint.case_id == Case.id, Fingerprint.age_group.in_(YOUNG))
    found = exists().where(Sighting.case_id == Case.id, Sighting.age_group.in_(YOUNG))
    query = select(Case.id).where(Case.state == CaseState.VOUCHED, Case.id > after, young | found)
    return query.order_by(Case.id).limit(MOST_CASES)


async def _bring_up(database: Database, context: DomainContext, case_id: str) -> None:
    """Asked first with nothing locked: of most cases there is nothing to write."""
    async with database.read() as session:
        ages = await asked_of(session, context, case_id, when_joined)
    if not ages.changed:
        return
    async with database.begin() as session:
        case = await lock_one(session, Case, case_id)
        if case.state == CaseState.VOUCHED:
            ages = await asked_of(session, context, case_id, when_joined)
            await write_protection(session, context, case, ages)
            log.info("ages brought up", extra={"case_id": case_id, "copies": len(ages.copies)})
