"""The demo clears away its own files only, and shares its folder with no other demo."""

from pathlib import Path

import pytest

from monitor.core.errors import ConfigError
from monitor.demo.folder import MARK, DemoFolder


def test_a_second_run_clears_what_the_first_one_wrote_and_nothing_else(tmp_path: Path) -> None:
    for name in ("jikimi.sqlite", "jikimi.sqlite-wal", "keys.sqlite", "serve.log"):
        (tmp_path / name).write_text("from an earlier demo")
    (tmp_path / "config.toml").write_text(f"{MARK} on every start")
    (tmp_path / "thesis.odt").write_text("precious")
    DemoFolder(tmp_path).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.lock", "thesis.odt"]


def test_a_folder_of_a_real_installation_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\n")
    with pytest.raises(ConfigError, match="not written by the demo"):
        DemoFolder(tmp_path)
    assert (tmp_path / "config.toml").read_text() == "[web]\n"


def test_a_database_without_the_demos_configuration_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "jikimi.sqlite").write_text("somebody's cases")
    with pytest.raises(ConfigError, match=r"jikimi\.sqlite"):
        DemoFolder(tmp_path)
    assert (tmp_path / "jikimi.sqlite").exists()


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    first = DemoFolder(tmp_path)
    with pytest.raises(ConfigError, match="another demo"):
        DemoFolder(tmp_path)
    first.close()
    DemoFolder(tmp_path).close()
