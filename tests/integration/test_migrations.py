"""Migrations give exactly the models' tables, on both databases."""

from datetime import UTC, datetime, timedelta
from functools import partial

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import text

from alembic import command
from db.migrate import config_for, revisions, upgrade
from db.session import make_sync_engine
from db.types import UtcDateTime


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


def test_what_was_there_before_who_entered_it_was_kept_counts_as_it_did(database_url: str) -> None:
    """A signature and a permission of an older program lie in the sealed intake: nothing is marked, nothing waits."""
    upgrade(database_url)
    command.downgrade(config_for(database_url), "0009")
    engine = make_sync_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("insert into organisations (id, name) values ('o', 'Centre')"))
        columns = "id, organisation_id, state, language, passphrase_hash, intake, opened_at, vouch_due_at"
        at = "'2026-11-01 00:00:00'"
        values = f"'c', 'o', 'vouched', 'en', '', :intake, {at}, {at}"
        connection.execute(text(f"insert into cases ({columns}) values ({values})"), {"intake": b"sealed"})  # noqa: S608  # constants
    upgrade(database_url)
    with engine.begin() as connection:
        row = connection.execute(text("select intake, entered from cases")).one()
        assert (bytes(row.intake), row.entered) == (b"sealed", None)
        assert connection.execute(text("select sole_advocate from organisations")).scalar_one() in (False, 0)
    engine.dispose()


def test_cases_that_nobody_had_vouched_for_go_to_the_pool(database_url: str) -> None:
    before = ScriptDirectory.from_config(config_for(database_url)).get_revision("0010").down_revision
    command.upgrade(config_for(database_url), str(before))
    now = datetime(2026, 11, 1, tzinfo=UTC)
    names = ("id", "organisation_id", "state", "language", "passphrase_hash")
    times = [sa.column(name, UtcDateTime()) for name in ("opened_at", "vouch_due_at", "vouched_at")]
    cases = sa.table("cases", *map(sa.column, names), *times)
    engine = make_sync_engine(database_url)
    states = {"open": None, "vouched": now, "erasing": None, "kept-erasing": now, "erased": None}
    with engine.begin() as connection:
        connection.execute(sa.text("insert into organisations (id, name) values ('centre', 'Centre A')"))
        for name, vouched_at in states.items():
            values = dict(zip(names, (name, "centre", name.removeprefix("kept-"), "ko", "x"), strict=True))
            row = {**values, "opened_at": now, "vouch_due_at": now, "vouched_at": vouched_at}
            connection.execute(cases.insert().values(row))
    upgrade(database_url)
    with engine.connect() as connection:
        told = connection.execute(sa.text("select id, organisation_id, any_centre, in_hand_until from cases")).all()
    engine.dispose()
    assert {row[0]: row[1] for row in told} == {
        "open": None,
        "erasing": None,
        "vouched": "centre",
        "kept-erasing": "centre",
        "erased": "centre",
    }
    assert {(bool(row[2]), row[3]) for row in told} == {(False, None)}


def test_the_longest_serving_active_advocate_of_each_organisation_becomes_its_lead(database_url: str) -> None:
    command.upgrade(config_for(database_url), "0009")
    engine = make_sync_engine(database_url)
    advocate = (
        "insert into advocates (id, organisation_id, login, name, password_hash, totp_secret, totp_last_step,"
        " created_at, disabled_at) values (:id, :centre, :id, 'x', 'x', :secret, 0, :at, :gone)"
    )
    with engine.begin() as connection:
        for centre in ("a", "b"):
            connection.execute(sa.text("insert into organisations (id, name) values (:id, :id)"), {"id": centre})
        for login, centre, day, gone in (
            ("a1", "a", 1, True),
            ("a3", "a", 3, False),
            ("a2", "a", 2, False),
            ("b1", "b", 5, False),
        ):
            at = f"2026-01-0{day} 00:00:00+00:00"
            values = {"id": login, "centre": centre, "secret": b"", "at": at, "gone": at if gone else None}
            connection.execute(sa.text(advocate), values)
    upgrade(database_url)
    with engine.connect() as connection:
        leads = connection.execute(sa.text("select id from advocates where lead order by id")).scalars().all()
    engine.dispose()
    assert leads == ["a2", "b1"]


def test_what_a_login_knew_of_its_sources_is_kept_when_accesses_get_a_table(database_url: str) -> None:
    config = config_for(database_url)
    command.upgrade(config, "0009")
    engine = make_sync_engine(database_url)
    known = "insert into sources (id, platform, handle, remote_id, access, account, seen_epoch, posts_seen, added_at) "
    with engine.begin() as connection:
        connection.execute(text(f"{known} values ('a', 'telegram', 'one', '7', '8', 't:1', 0, 0, '2026-11-01 00:00')"))
        connection.execute(text(f"{known} values ('b', 'x', 'two', '9', null, 'x:1', 0, 0, '2026-11-01 00:00')"))
    upgrade(database_url)
    with engine.begin() as connection:
        rows = connection.execute(text("select source_id, account, remote_id, access from source_accesses")).all()
        tries = connection.scalars(text("select name_tries from sources")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("a", "t:1", "7", "8")]
    assert tries == [0, 0]


def test_copies_of_an_older_program_are_items_and_followed_and_its_notices_keep_their_checks(database_url: str) -> None:
    """A check that waits under its number is still what runs next; and an answer that is waited for has a clock."""
    command.upgrade(config_for(database_url), "0014")
    engine, tables = make_sync_engine(database_url), sa.MetaData()
    with engine.begin() as connection:
        tables.reflect(connection)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    waiting = {"state": "sent", "look": 3, "sent_at": at, "due_at": at, "deadline_at": at + timedelta(hours=48)}
    with engine.begin() as connection:
        insert = partial(_insert, connection, tables, at)
        insert("organisations", id="o", name="Centre")
        insert("cases", id="c", organisation_id="o", state="vouched")
        insert("sources", id="s", platform="telegram", handle="source_one")
        for name, state in (("with", "confirmed"), ("without", "confirmed"), ("open", "open")):
            decided = at if state == "confirmed" else None
            insert("sightings", id=name, case_id="c", source_id="s", post_id=name, state=state, decided_at=decided)
        insert("notices", id="n", case_id="c", sighting_id="with", created_by="advocate", **waiting)
    upgrade(database_url)
    with engine.connect() as connection:
        copies = connection.execute(sa.text("select id, item_id, follow_due_at, follow_look from sightings")).all()
        (notice,) = connection.execute(sa.text("select look, state, due_at from notices")).all()
        (clock,) = connection.execute(sa.text("select kind, advocate_id from notice_clocks")).all()
    engine.dispose()
    told = {row.id: (row.item_id, row.follow_due_at is not None, row.follow_look) for row in copies}
    assert told == {"with": ("with", True, 0), "without": ("without", True, 0), "open": (None, False, 0)}
    assert (notice.look, notice.state) == (3, "sent") and notice.due_at is not None
    assert tuple(clock) == ("answer", "advocate")


def _insert(connection: sa.Connection, tables: sa.MetaData, at: datetime, table: str, /, **values: object) -> None:
    """A row of an older program's table; what must be there and is not told is filled in."""
    row: dict[str, object] = {}
    for column in tables.tables[table].columns:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.server_default is None:
            kinds = {sa.DateTime: at, sa.LargeBinary: b"x", sa.Boolean: False, sa.Integer: 0}
            row[column.name] = next((one for kind, one in kinds.items() if isinstance(column.type, kind)), "x")
    connection.execute(tables.tables[table].insert().values(row))
