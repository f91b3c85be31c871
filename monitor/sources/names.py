"""Looking up a source's name: rationed by Telegram (about 200 a day before long bans), so done seldom and never twice.

What an account learned of a source it keeps, whatever other account works meanwhile. A name that led nowhere is asked
again with growing pauses. A new account, which knows no source yet, looks them up over days: see EVERY.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.sources import Cooldown, Source, SourceAccess
from db.session import Database
from monitor.core.errors import AccountStopped, RateLimited, SourceUnavailable
from monitor.platforms.base import Platform, PlatformName, SourceRef
from monitor.platforms.stops import pause
from monitor.sources.sources import locked, source_ref

EVERY = timedelta(minutes=12)
"""One name in this time, 120 a day."""
AT_ONCE, AT_ONCE_FOR_PEOPLE = 20, 60
"""So many may be looked up at a stretch after a rest; where a person asked, more. At most 180 a day in all."""
JUST_ASKED = timedelta(minutes=1)
"""A name that led nowhere so lately is not asked again for anybody."""
_RATIONED = frozenset({PlatformName.TELEGRAM})
_METHOD = "names"
"""The cooldown that counts them: until then everything that was looked up is paid for."""


async def resolved(
    database: Database, source: Source, platform: Platform, now: datetime, *, for_person: bool = False
) -> SourceRef:
    """The source with its number, looked up only where the account does not know it.

    Raises SourceUnavailable where the name led nowhere lately, unless it is looked up `for_person`: somebody has just
    said yes to it, or entered a link. RateLimited where names are to be looked up more slowly.
    """
    if source.remote_id is not None and (source.account == platform.account or source.access is None):
        return source_ref(source)  # a number without an access hash is good for every account
    if (known := await _known(database, source, platform.account)) is not None:
        return known
    asked_at = source.name_asked_at
    if source.name_trouble is not None and asked_at is not None:
        wait = JUST_ASKED if for_person else pause(source.name_tries - 1)
        if now - asked_at < wait:
            raise SourceUnavailable(source.name_trouble)
    await _pay(database, platform, now, for_person)
    try:
        ref = await platform.resolve(source.handle)
        if source.remote_id is not None and source.remote_id != ref.remote_id:
            # The name changed hands: this is not the channel that people consented to.
            raise SourceUnavailable("renamed")
    except SourceUnavailable as error:
        async with database.begin() as session:
            note_dead_name(await locked(session, source.id), error.reason, now)
        raise
    except (RateLimited, AccountStopped):
        await _pay_back(database, platform)
        raise
    async with database.begin() as session:
        await _keep(session, await locked(session, source.id), ref, platform.account, now)
    return ref


def note_dead_name(source: Source, reason: str, now: datetime) -> None:
    """The name led nowhere, or to what the account cannot read: it is asked again later each time."""
    source.name_trouble, source.name_asked_at, source.name_tries = reason[:64], now, source.name_tries + 1


async def forget_access(session: AsyncSession, source: Source, now: datetime) -> None:
    """The account that read the source last does not know it by what was kept: its name must be looked up again.

    Where that gives the same once more, the pauses grow.
    """
    if source.account is None:
        return  # known already; nothing was asked
    mine = (SourceAccess.source_id == source.id, SourceAccess.account == source.account)
    await session.execute(delete(SourceAccess).where(*mine))
    source.account = None
    if source.name_tries:
        note_dead_name(source, "unknown-to-account", now)


async def _known(database: Database, source: Source, account: str) -> SourceRef | None:
    async with database.read() as session:
        known = await session.get(SourceAccess, (source.id, account))
    if known is None or source.remote_id not in (None, known.remote_id):
        return None
    async with database.begin() as session:
        row = await locked(session, source.id)
        row.remote_id, row.access, row.account = known.remote_id, known.access, account
        return source_ref(row)


async def _keep(session: AsyncSession, row: Source, ref: SourceRef, account: str, now: datetime) -> None:
    if row.account is None and row.access is not None and row.access == ref.access:
        # What the account was told it does not know. It may be asked once more; the next no counts.
        row.name_tries, row.name_trouble, row.name_asked_at = max(1, row.name_tries), None, now
    else:
        row.name_tries, row.name_trouble, row.name_asked_at = 0, None, None
    row.remote_id, row.access, row.account, row.title = ref.remote_id, ref.access, account, ref.title
    if ref.remote_id is not None and ref.access is not None:
        key = {"source_id": row.id, "account": account}
        values = {"remote_id": ref.remote_id, "access": ref.access}
        if not await insert_unless_there(session, SourceAccess, **key, **values):
            known = await session.get_one(SourceAccess, (row.id, account), populate_existing=True)
            known.remote_id, known.access = ref.remote_id, ref.access


async def _pay(database: Database, platform: Platform, now: datetime, for_person: bool) -> None:
    """Count one look-up. Raises RateLimited beyond what is allowed at a stretch."""
    if platform.name not in _RATIONED:
        return
    async with database.begin() as session:
        await insert_unless_there(session, Cooldown, account=platform.account, method=_METHOD, until=now)
        row = await session.get_one(Cooldown, (platform.account, _METHOD), populate_existing=True)
        paid_until = max(row.until, now)
        most = AT_ONCE_FOR_PEOPLE if for_person else AT_ONCE
        if (early := paid_until - now - (most - 1) * EVERY) > timedelta():
            raise RateLimited(early.total_seconds(), _METHOD)
        row.until = paid_until + EVERY


async def _pay_back(database: Database, platform: Platform) -> None:
    """Nothing was looked up."""
    if platform.name not in _RATIONED:
        return
    async with database.begin() as session:
        row = await session.get_one(Cooldown, (platform.account, _METHOD))
        row.until -= EVERY
