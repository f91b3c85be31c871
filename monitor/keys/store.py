"""The key store: one wrapped key per case, and per day of a source, in a database of its own.

Backups of the main database leave it out.

Every call is one short statement in autocommit and nothing is cached, so a key that one process destroyed is gone for
all of them at once (but for `holding`, which lasts for one piece of work). A destroyed key leaves a tombstone under its
name: a worker that was late cannot bring it back.
"""

import secrets
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import UTC, date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, func, make_url, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from db.session import sync_url
from db.types import UtcDateTime
from monitor.core.endpoints import database_file
from monitor.core.errors import ConfigError, CryptoError, KeyDestroyed
from monitor.keys.engine import make_engine
from monitor.keys.envelope import KEY_BYTES, Key
from monitor.keys.kept_heads import TABLE as HEADS_TABLE
from monitor.keys.kept_heads import KeptHeads

SIGNING = "system:ledger-signing"
_CHECK = "system:check"
_AT_A_TIME = 200
_LOCK = 0x6A696B6B6579  # "jikkey": one process creates the table at a time

_metadata = MetaData()
_keys = Table(
    "sealed_keys",
    _metadata,
    Column("name", String(96), primary_key=True),
    Column("wrapped", LargeBinary, nullable=True),  # NULL once destroyed
    Column("created_at", UtcDateTime, nullable=False),
    Column("destroyed_at", UtcDateTime, nullable=True),
)


CASES = "case:"
"""How the names of cases' keys begin."""


def case_key(case_id: str) -> str:
    """The name of a case's key."""
    return f"{CASES}{case_id}"


SEEN = "seen:"
"""How the names of keys begin that seal what sources showed."""


def seen_key(source_id: str, epoch: int, day: date) -> str:
    """The name of the key that seals what a source showed on a day. Once destroyed, the next epoch has another name."""
    return f"{SEEN}{source_id}:{epoch}:{day.isoformat()}"


def seen_key_parts(name: str) -> tuple[str, int, date]:
    """Source, epoch and day of a name that `seen_key` made."""
    _, source_id, epoch, day = name.split(":")
    return source_id, int(epoch), date.fromisoformat(day)


class KeyStore:
    """Keys wrapped under the master key. Synchronous: a call on SQLite takes well under a millisecond to read."""

    def __init__(self, url: str, master: Key) -> None:
        """`url`: an SQLite file (created with mode 0600) or PostgreSQL. Opens nothing yet; call `prepare` once."""
        self._master = master
        file = database_file(url)
        self._sqlite = file is not None
        if self._sqlite and make_url(url).database in (None, "", ":memory:"):
            raise ConfigError("[security] keys_url: the key store needs a file; in memory every key would be lost")
        self._engine = make_engine(sync_url(url), file)
        self._held: Mapping[str, Key] = {}
        self.heads = KeptHeads(self._engine, is_sqlite=self._sqlite)

    def prepare(self) -> None:
        """Create the tables where they are missing, and prove that this master key is the one that wrapped the keys.

        Raises ConfigError when the store cannot be opened or belongs to another master key.
        """
        statements = [CreateTable(table, if_not_exists=True) for table in (_keys, HEADS_TABLE)]
        try:
            with self._engine.connect() as connection:
                if self._sqlite:
                    for statement in statements:
                        connection.execute(statement)
                else:
                    # Two CREATE TABLE IF NOT EXISTS at once still collide in PostgreSQL's catalogue.
                    connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
                    try:
                        for statement in statements:
                            connection.execute(statement)
                    finally:
                        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
        except (DBAPIError, OSError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise ConfigError(
                f"[security] keys_url: the key store cannot be opened ({type(cause).__name__}); the file or database "
                "must exist or be creatable, and be writable for this user"
            ) from None
        self._put(_CHECK, b"jikimi")
        self._check_master()

    def holding(self, names: Iterable[str]) -> "KeyStore":
        """The same store with these keys in hand, fetched by one query: for one piece of work, then let go of it.

        So that no transaction waits for the key store. A key that is destroyed meanwhile still seals what that work
        writes, so the work asks in its transaction whether it may write at all. What does not open, or is not there,
        is left out: `get` tells why.
        """
        other = copy(self)
        other._held = {**self._held, **self._fetched(set(names) - self._held.keys())}
        return other

    def _fetched(self, names: Iterable[str]) -> dict[str, Key]:
        wanted, found = sorted(names), {}
        if not wanted:
            return {}
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_A_TIME):
                some = (_keys.c.name.in_(wanted[start : start + _AT_A_TIME]), _keys.c.wrapped.is_not(None))
                for name, wrapped in connection.execute(select(_keys.c.name, _keys.c.wrapped).where(*some)):
                    try:
                        found[name] = Key(self._master.open(wrapped, f"key:{name}"))
                    except CryptoError:
                        continue
        return found

    def create(self, name: str) -> Key:
        """The key called `name`, made now if it never existed. Raises KeyDestroyed when it was destroyed."""
        if name in self._held:
            return self._held[name]
        self._put(name, secrets.token_bytes(KEY_BYTES))
        return self.get(name)

    def get(self, name: str) -> Key:
        """The key called `name`. Raises KeyDestroyed when there is none, ConfigError for a wrong master key."""
        return self._held[name] if name in self._held else Key(self._secret(name))

    def names(self, prefix: str) -> list[str]:
        """The names of the keys that begin so and are not destroyed."""
        query = select(_keys.c.name).where(
            _keys.c.name.startswith(prefix, autoescape=True), _keys.c.wrapped.is_not(None)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(_keys.c.name)).scalars())

    def oldest(self, prefix: str) -> datetime | None:
        """When the first key whose name begins so was made, in real time; destroyed ones count too."""
        query = select(func.min(_keys.c.created_at)).where(_keys.c.name.startswith(prefix, autoescape=True))
        with self._engine.connect() as connection:
            found: datetime | None = connection.execute(query).scalar()
        return found

    def destroy(self, name: str) -> None:
        """Make everything sealed under `name` unreadable for good, in every process. Again is no error."""
        self.destroy_all([name])

    def destroy_all(self, names: Iterable[str]) -> None:
        """`destroy` for many names; on PostgreSQL the table is rewritten once for all of them."""
        now, wanted = datetime.now(UTC), list(names)
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_A_TIME):
                some = wanted[start : start + _AT_A_TIME]
                # A tombstone also for a name that never existed: nothing may create it from now on.
                connection.execute(self._insert_unless_there(*((name, None, now) for name in some)))
                connection.execute(
                    update(_keys)
                    .where(_keys.c.name.in_(some))
                    .values(wrapped=None, destroyed_at=func.coalesce(_keys.c.destroyed_at, now))
                )
            if wanted and not self._sqlite:
                # An update leaves the old row in the table's file; rewriting the (small) table drops it.
                connection.execute(text("vacuum (full) sealed_keys"))

    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs the heads of the ledger, made once. Every process gets the same one."""
        self._put(SIGNING, secrets.token_bytes(KEY_BYTES))
        return Ed25519PrivateKey.from_private_bytes(self._secret(SIGNING))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _insert_unless_there(self, *rows: tuple[str, bytes | None, datetime]) -> sqlite.Insert | postgresql.Insert:
        values = [dict(zip(("name", "wrapped", "created_at"), row, strict=True)) for row in rows]
        if self._sqlite:
            return sqlite.insert(_keys).values(values).on_conflict_do_nothing()
        return postgresql.insert(_keys).values(values).on_conflict_do_nothing()

    def _put(self, name: str, secret: bytes) -> None:
        """Store `secret` unless the name is taken. Reading before it spares a write and its two syncs to disk."""
        with self._engine.connect() as connection:
            known = connection.execute(select(_keys.c.name).where(_keys.c.name == name)).first()
            if known is None:
                if name != _CHECK:
                    self._check_master()  # a key wrapped under the wrong master key would be lost later
                wrapped = self._master.seal(secret, f"key:{name}")
                connection.execute(self._insert_unless_there((name, wrapped, datetime.now(UTC))))

    def _wrapped(self, name: str) -> bytes | None:
        with self._engine.connect() as connection:
            found: bytes | None = connection.execute(select(_keys.c.wrapped).where(_keys.c.name == name)).scalar()
        return found

    def _secret(self, name: str) -> bytes:
        wrapped = self._wrapped(name)
        if wrapped is None:
            raise KeyDestroyed(f"there is no key {name}: it was destroyed, or the key store was lost")
        try:
            return self._master.open(wrapped, f"key:{name}")
        except CryptoError:
            self._check_master()  # tells a wrong master key from a damaged row
            raise CryptoError("a key in the key store is damaged; restore the key store from its own copy") from None

    def _check_master(self) -> None:
        wrapped = self._wrapped(_CHECK)
        try:
            self._master.open(wrapped or b"", f"key:{_CHECK}")
        except CryptoError:
            raise ConfigError(
                "[security] master_key_file: this master key does not open the key store; put back the master key "
                "that was used before (or point keys_url at the store that belongs to this key). No key was changed"
            ) from None
