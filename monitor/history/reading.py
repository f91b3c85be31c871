"""What was kept of sources, opened again."""

import logging
from collections.abc import Iterable

from db.models.seen import SeenMedium
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError, KeyDestroyed
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.packing import kept
from monitor.history.recording import sealing_place
from monitor.keys.envelope import Key
from monitor.keys.store import seen_key

log = logging.getLogger(__name__)


class HistoryReader:
    """Opens kept rows; asks for each day's key once. Made for one short piece of work: keys may be destroyed after."""

    def __init__(self, context: DomainContext) -> None:
        self._context = context
        self._keys: dict[str, Key | None] = {}

    def open(self, rows: Iterable[SeenMedium]) -> list[tuple[SeenMedium, HashedMedium]]:
        """The rows with what was kept. What does not open is left out: its key was destroyed, or it is damaged."""
        opened, closed = [], 0
        for row in rows:
            key = self._key(seen_key(row.source_id, row.epoch, row.day))
            try:
                if key is not None:
                    data = key.open(row.payload, sealing_place(row.source_id, row.post_id, row.media_id))
                    opened.append((row, kept(data)))
            except (CryptoError, ValueError):
                closed += 1
        if closed:
            log.error("kept fingerprints unreadable", extra={"rows": closed})
        return opened

    def _key(self, name: str) -> Key | None:
        if name not in self._keys:
            try:
                self._keys[name] = self._context.keys.get(name)
            except KeyDestroyed:
                self._keys[name] = None
        return self._keys[name]
