"""The package job: a package of evidence that an advocate ordered is made, encrypted and kept until it is fetched."""

from db.session import Database
from monitor.context.context import DomainContext
from monitor.exports.orders import make_asked
from monitor.exports.package import Place


class PackageMaker:
    """Makes packages, one a task."""

    def __init__(self, database: Database, context: DomainContext, place: Place) -> None:
        self._database, self._context, self._place = database, context, place

    async def make(self, package_id: str) -> None:
        """Make it; one that was made, or deleted, is left alone."""
        await make_asked(self._database, self._context, package_id, self._place)
