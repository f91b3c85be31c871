"""The operator's own copy of what left by mail: whoever runs the installation is told while there is none."""

from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.delivery.base import Receipt

COPIES = "bcc"
"""The subject of the alert."""


async def tell_of_copy(database: Database, context: DomainContext, receipt: Receipt) -> None:
    """A mail left, with its copy or without. Call it apart from what is written of that mail: those of several cases
    may raise or end the alert at once."""
    async with database.begin() as session:
        if receipt.facts.get("bcc") == "refused":
            await context.alert(session, AlertKind.MAIL_COPY_REFUSED, COPIES, "copy-refused")
        else:
            await context.resolve(session, AlertKind.MAIL_COPY_REFUSED, COPIES)
