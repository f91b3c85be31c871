"""What a ledger command opens: the configuration, the database and the key store."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from db.session import Database
from monitor.app.first_start import refuse_lost_keys
from monitor.core.endpoints import missing_file
from monitor.core.errors import ConfigError
from monitor.keys.envelope import load_master_key
from monitor.keys.store import KeyStore
from monitor.settings.loading import load_settings
from monitor.settings.model import Settings


@asynccontextmanager
async def open_ledger(config: Path) -> AsyncIterator[tuple[Settings, Database, KeyStore]]:
    """Open what `config` names. Raises ConfigError with the mend when a part of it cannot be reached."""
    settings = load_settings(config)
    if missing_file(settings.database.url):  # SQLite would make an empty database, in which nothing is wrong
        raise ConfigError("[database] url: there is no such file; nothing was recorded there yet, or it was moved")
    refuse_lost_keys(settings)  # a new signing key would call every honest seal forged
    keys = KeyStore(settings.security.keys_url, load_master_key(settings.security.master_key_file, os.environ))
    database = Database(settings.database.url)
    try:
        keys.prepare()
        yield settings, database, keys
    except DBAPIError as error:
        cause = type(error.orig).__name__
        raise ConfigError(f"[database] url: the ledger cannot be read ({cause}); try `check --config`") from None
    except OSError as error:
        raise ConfigError(f"[ledger] heads_file: cannot be read: {error.strerror}") from None
    finally:
        await database.close()
        keys.close()
