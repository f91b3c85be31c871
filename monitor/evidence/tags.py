"""A keyed hash beside every entry, under a key that is not in the database: who can only write there adds nothing."""

import hmac

from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore

_NAME = "system:ledger-entries"


class Tagger:
    """Makes and checks tags. The key is fetched once: it is never destroyed, unlike a case's."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._key: Key | None = None

    def tag(self, entry_hash: str) -> str:
        """The tag of an entry, by its hash."""
        if self._key is None:
            self._key = self._keys.create(_NAME)
        return self._key.tag(entry_hash, "ledger-entry")

    def fits(self, entry_hash: str, tag: str | None) -> bool:
        """Did the program write this entry?"""
        return tag is not None and hmac.compare_digest(self.tag(entry_hash).encode(), tag.encode())
