"""The operator's open alerts, for `check`."""

from collections.abc import Sequence

from db.session import Database
from monitor.actions.alert_lines import AlertLine, alert_lines
from monitor.actions.alerts import operator_alerts
from monitor.settings.model import Settings


async def open_alerts(settings: Settings) -> Sequence[AlertLine]:
    """What is open now in a database that works."""
    database = Database(settings.database.url)
    try:
        async with database.read() as session:
            return alert_lines(await operator_alerts(session))
    finally:
        await database.close()
