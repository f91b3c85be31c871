"""What the installation's ledger tells of one kind of change."""

from typing import Any

from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from tests.support.api_world import ApiWorld


async def changes(world: ApiWorld, kind: EntryKind) -> list[dict[str, Any]]:
    """The facts of each entry, in order, with the id of who did it."""
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, INSTALLATION)
    return [{**(one.facts or {}), "by": one.by.id if one.by else None} for one in told if one.row.kind == kind]
