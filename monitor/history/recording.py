"""What sources showed, kept as sealed fingerprints: whoever comes later is compared without reading anything again.

The rows belong to a source and tell nothing of any case. Their keys, one a source and day, are destroyed together with
them; the epoch in a key's name makes sure that nothing that was destroyed is ever written under again.
Who writes or ends the keeping holds the source's lock, so a late crawl and a withdrawal never cross.
"""

from datetime import UTC, date, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.seen import SeenMedium
from db.models.sources import Source
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, HashedMedium
from monitor.fingerprints.packing import keep
from monitor.keys.envelope import Key
from monitor.keys.store import seen_key


class HistoryWriter:
    """Keeps what one transaction saw of one source, which it holds locked and found a live consent for."""

    def __init__(self, session: AsyncSession, context: DomainContext, source: Source) -> None:
        self._session, self._context, self._source = session, context, source
        self._now = context.now()
        self._key: Key | None = None

    async def keep(self, post_id: str, media_id: str, hashed: HashedMedium) -> None:
        """Keep the fingerprint of a medium, in place of what was kept of it before."""
        identity = {"source_id": self._source.id, "post_id": post_id, "media_id": media_id}
        key = self._days_key()
        values = {
            "epoch": self._source.seen_epoch,
            "day": self._day,
            "seen_at": self._now,
            "checked_at": self._now,
            "version": FINGERPRINT_VERSION,
            "payload": key.seal(keep(hashed), sealing_place(**identity)),
        }
        if not await insert_unless_there(self._session, SeenMedium, **identity, **values):
            row = (SeenMedium.source_id == self._source.id, SeenMedium.post_id == post_id)
            await self._session.execute(
                update(SeenMedium).where(*row, SeenMedium.media_id == media_id).values(**values)
            )

    @property
    def _day(self) -> date:
        return _day_of(self._now)

    def _days_key(self) -> Key:
        if self._key is None:
            try:
                self._key = self._context.keys.create(seen_key(self._source.id, self._source.seen_epoch, self._day))
            except KeyDestroyed:
                # Keeping was switched off and on again within the day: what is gone stays gone, under its old name.
                self._source.seen_epoch += 1
                self._key = self._context.keys.create(seen_key(self._source.id, self._source.seen_epoch, self._day))
        return self._key


def days_key_name(source: Source, now: datetime) -> str:
    """Under which key a source's media are kept now."""
    return seen_key(source.id, source.seen_epoch, _day_of(now))


def _day_of(now: datetime) -> date:
    return now.astimezone(UTC).date()


def sealing_place(source_id: str, post_id: str, media_id: str) -> str:
    return f"seen|{source_id}|{post_id}|{media_id}"
