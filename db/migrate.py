"""Bring a database to the newest revision, and tell whether it is there."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from alembic import command
from db.session import is_sqlite, make_sync_engine

_ROOT = Path(__file__).resolve().parent.parent
_LOCK = 0x6A696B696D69  # "jikimi": one process migrates at a time


def config_for(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    config = Config(_ROOT / "alembic.ini")
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Apply every migration that is missing. Safe when several processes start at once."""
    if is_sqlite(url):
        command.upgrade(config_for(url), "head")
        return
    engine = make_sync_engine(url)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            command.upgrade(config_for(url), "head")
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    engine.dispose()


def revisions(url: str) -> tuple[str | None, str | None]:
    """The database's revision and the newest one; equal when it is up to date. Raises what the driver raises."""
    engine = make_sync_engine(url)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return current, ScriptDirectory.from_config(config_for(url)).get_current_head()
