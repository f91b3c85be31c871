"""A start that finds data without its keys, or nothing that it can write to, says so and makes nothing."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from monitor.__main__ import main
from monitor.app.first_start import prepare_first_start
from monitor.app.runner import run
from monitor.core.errors import ConfigError
from monitor.settings.loading import parse_settings
from monitor.settings.model import Settings


def settings_in(folder: Path) -> Settings:
    return parse_settings({}, folder / "config.toml", {})


def add_an_advocate(folder: Path) -> None:
    with sqlite3.connect(folder / "jikimi.sqlite") as connection:
        # Only that a row is there matters, so its parents and its other columns are left to SQLite.
        connection.execute("pragma foreign_keys = off")
        columns = connection.execute("pragma table_info(advocates)").fetchall()
        values = ["x" for _ in columns]
        connection.execute(f"insert into advocates values ({','.join('?' * len(values))})", values)  # noqa: S608  # ours


def test_first_start_makes_everything_and_the_second_nothing(tmp_path: Path) -> None:
    assert prepare_first_start(settings_in(tmp_path), {}) == str(tmp_path / "master.key")
    assert prepare_first_start(settings_in(tmp_path), {}) is None


def test_lost_master_key_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    prepare_first_start(settings_in(tmp_path), {})
    (tmp_path / "master.key").unlink()
    with pytest.raises(ConfigError, match="put that key back"):
        prepare_first_start(settings_in(tmp_path), {})
    assert not (tmp_path / "master.key").exists()


def test_lost_key_store_is_not_replaced_while_data_needs_it(tmp_path: Path) -> None:
    prepare_first_start(settings_in(tmp_path), {})
    add_an_advocate(tmp_path)
    (tmp_path / "keys.sqlite").unlink()
    with pytest.raises(ConfigError, match="put back the key store"):
        prepare_first_start(settings_in(tmp_path), {})
    assert not (tmp_path / "keys.sqlite").exists()


async def test_no_start_while_notices_were_written_by_a_route_that_no_file_describes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("", encoding="utf-8")
    prepare_first_start(settings_in(tmp_path), {})
    with sqlite3.connect(tmp_path / "jikimi.sqlite") as connection:
        connection.execute("pragma foreign_keys = off")
        columns = [row[1] for row in connection.execute("pragma table_info(notices)")]
        values = ["my_route" if name == "route" else "0" for name in columns]
        connection.execute(f"insert into notices values ({','.join('?' * len(values))})", values)  # noqa: S608  # ours
    with pytest.raises(ConfigError, match=r"routes_folder lacks my_route, .* `in_use = false`"):
        await run(config)
    assert await asyncio.to_thread(main, ["check", "--config", str(config)]) == 1
    assert "routes_folder lacks my_route" in capsys.readouterr().out


def test_searching_for_keys_leaves_their_journal_mode_alone(tmp_path: Path) -> None:
    prepare_first_start(settings_in(tmp_path), {})
    prepare_first_start(settings_in(tmp_path), {})
    with sqlite3.connect(tmp_path / "keys.sqlite") as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("delete",)


def test_file_that_is_no_database_is_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "jikimi.sqlite").write_text("this is no database, and long enough to be read as a page's header\n" * 20)
    with pytest.raises(ConfigError, match=r"\[database\] url: .*not a database"):
        prepare_first_start(settings_in(tmp_path), {})


def test_folder_that_does_not_take_a_master_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, where a folder is wanted")
    settings = parse_settings({"security": {"master_key_file": "taken/master.key"}}, tmp_path / "config.toml", {})
    with pytest.raises(ConfigError, match="master_key_file: cannot write"):
        prepare_first_start(settings, {})


def test_ledger_is_not_called_forged_because_its_key_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    prepare_first_start(settings_in(tmp_path), {})
    add_an_advocate(tmp_path)
    (tmp_path / "keys.sqlite").unlink()
    assert main(["ledger", "verify", "--config", str(tmp_path / "config.toml")]) == 2
    assert "put back the key store" in capsys.readouterr().err
    assert not (tmp_path / "keys.sqlite").exists()


def test_check_does_not_advise_a_new_key_store_beside_old_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    prepare_first_start(settings_in(tmp_path), {})
    add_an_advocate(tmp_path)
    (tmp_path / "keys.sqlite").unlink()
    assert main(["check", "--config", str(tmp_path / "config.toml")]) == 1
    assert "put back the key store" in capsys.readouterr().out
