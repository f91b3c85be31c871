"""What a centre asks of a person on their own page."""

from db.locking import lock_one
from db.models.cases import Case
from db.queries.actors import AdvocateActor
from monitor.actions.transfer import ask_transfer
from monitor.cases.advocates import add_advocate
from monitor.cases.reissue import ask_reissue
from monitor.evidence.by import By, Door
from tests.support.pages_seed import Seeded
from tests.support.pages_world import PASSWORD, PagesWorld
from tests.support.quick_hasher import QUICK


async def ask_twice(world: PagesWorld, seeded: Seeded) -> AdvocateActor:
    """The lead asks for a new passphrase, and whether the case may go to another centre."""
    async with world.services.database.begin() as session:
        await add_advocate(
            session,
            world.services.keys,
            login="there",
            name="Somebody There",
            organisation="Other Centre",
            password=PASSWORD,
            by=By.operator("test"),
            hasher=QUICK,
            now=world.context.now(),
        )
    row = await world.advocate()
    lead = AdvocateActor(row.id, row.organisation_id, row.name, lead=True)
    context = world.services.context.acting(By.advocate(lead.id, Door.PAGE))
    async with world.services.database.begin() as session:
        await ask_transfer(session, context, lead, seeded.case.id, to="Other Centre")
        await ask_reissue(session, context, lead, await lock_one(session, Case, seeded.case.id))
    return lead
