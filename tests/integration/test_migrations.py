"""Migrations give exactly the models' tables, on both databases."""

from alembic import command
from db.migrate import config_for, revisions, upgrade


def test_migrations_match_the_models(database_url: str) -> None:
    upgrade(database_url)
    command.check(config_for(database_url))
    current, newest = revisions(database_url)
    assert current == newest is not None


def test_migrations_can_be_taken_back_and_applied_again(database_url: str) -> None:
    upgrade(database_url)
    command.downgrade(config_for(database_url), "base")
    upgrade(database_url)
    command.check(config_for(database_url))
