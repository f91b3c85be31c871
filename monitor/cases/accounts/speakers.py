"""Names for those who spoke about an account: colleagues by name, operators as such."""

from collections.abc import Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.people import names_of
from monitor.cases.accounts.desk import ADVOCATE


async def names_of_speakers(session: AsyncSession, spoken: Iterable[str]) -> Mapping[str, str]:
    """For each text of AccountEvent.by_whom who that is: names, joined; empty for an operator alone."""
    wanted = {whole: _ids(whole) for whole in set(spoken)}
    ids = {one for found in wanted.values() for one in found}
    names = await names_of(session, ids) if ids else {}
    return {whole: ", ".join(names[one][0] for one in found if one in names) for whole, found in wanted.items()}


def _ids(whole: str) -> list[str]:
    return [word.removeprefix(ADVOCATE) for word in whole.split() if word.startswith(ADVOCATE)]
