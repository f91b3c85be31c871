"""Migrations on either database. The URL comes from the caller: `config.attributes["url"]`, or DATABASE_URL."""

import os

import db.models
from alembic import context
from db.base import Base
from db.session import make_sync_engine

db.models.load()


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Only our own tables: the workflow engine keeps its own in the same SQLite file."""
    return kind != "table" or name in Base.metadata.tables


def run() -> None:
    """Apply migrations (or compare) within one connection."""
    url = context.config.attributes.get("url") or os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("alembic: set DATABASE_URL, or use `python -m monitor serve`, which migrates by itself")
    engine = make_sync_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=include_name,
            compare_type=True,
            render_as_batch=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
