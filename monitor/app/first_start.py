"""What a first start makes, and what no later start may make again: a new key beside old data would hide its loss."""

import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from db.migrate import upgrade
from db.session import make_sync_engine, sync_url
from monitor.core.endpoints import database_file, missing_file
from monitor.core.errors import ConfigError
from monitor.keys.engine import make_engine
from monitor.keys.envelope import create_master_key, load_master_key
from monitor.keys.store import KeyStore
from monitor.settings.model import Settings


def prepare_first_start(settings: Settings, environment: Mapping[str, str] = os.environ) -> str | None:
    """Make the master key, the key store and the tables where they are missing. Returns where a new key was written.

    Raises ConfigError when keys are missing that older data needs, or when something cannot be opened or written.
    """
    url, keys_url = settings.database.url, settings.security.keys_url
    refuse_lost_keys(settings)
    written = ensure_master_key(settings, environment)
    keys = KeyStore(keys_url, load_master_key(settings.security.master_key_file, environment))
    try:
        keys.prepare()
    finally:
        keys.close()
    try:
        upgrade(url)
    except DatabaseError as error:
        raise _unusable("[database] url", error) from None
    return None if written is None else str(written)


def refuse_lost_keys(settings: Settings) -> None:
    """Raise ConfigError when the database holds what only a key store that is gone can open. Creates nothing."""
    url = settings.database.url
    if (_any_row(url, "cases") or _any_row(url, "advocates")) and not _holds_keys(settings.security.keys_url):
        raise ConfigError(
            "[security] keys_url: the key store is empty or missing, but the database holds cases or advocates, which "
            "only its keys can open; put back the key store from its own copy. Nothing was made or changed"
        )


def ensure_master_key(settings: Settings, environment: Mapping[str, str]) -> Path | None:
    """Make the master key on the very first start; returns its file when it was made.

    Raises ConfigError when the file cannot be written, or when the key store proves that there was a key before.
    """
    path = settings.security.master_key_file
    if "JIKIMI_MASTER_KEY" in environment or path.exists():
        return None
    if _holds_keys(settings.security.keys_url):
        raise ConfigError(
            f"[security] master_key_file: there is no file {path}, but the key store holds keys that were sealed with "
            "a master key; put that key back from its copy. No new one was made"
        )
    try:
        create_master_key(path)
    except OSError as error:
        raise ConfigError(
            f"[security] master_key_file: cannot write {path} ({error.strerror}); give this user the right to write "
            "there, or name another file"
        ) from None
    return path


def _any_row(url: str, table: str) -> bool:
    return not missing_file(url) and _look(make_sync_engine(url), table, "[database] url")


def _holds_keys(url: str) -> bool:
    # The key store's own engine: another would leave it in a journal mode that keeps the pages of destroyed keys.
    engine = make_engine(sync_url(url), database_file(url))
    return not missing_file(url) and _look(engine, "sealed_keys", "[security] keys_url")


def _look(engine: Engine, table: str, key: str) -> bool:
    """Is there the table, with a row? Creates nothing."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(table):
                return False
            return connection.execute(text(f"select 1 from {table} limit 1")).first() is not None  # noqa: S608  # ours
    except DatabaseError as error:
        raise _unusable(key, error) from None
    finally:
        engine.dispose()


def _unusable(key: str, error: DatabaseError) -> Exception:
    """A database that is away, full, read-only or no database is the operator's to mend; anything else is a defect."""
    if type(error) is not DatabaseError and not isinstance(error, OperationalError):
        return error
    # Only SQLite's own words: a server's may name users and hosts.
    why = str(error.orig) if type(error.orig).__module__.startswith("sqlite3") else type(error.orig).__name__
    return ConfigError(f"{key}: the database cannot be used ({why}); `python -m monitor check` tries every part")
