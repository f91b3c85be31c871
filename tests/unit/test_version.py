"""One version, wherever it is said: by the command, in the project's file, in the changelog, by the JSON API."""

import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

from monitor import __version__

ROOT = Path(__file__).parents[2]
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", re.MULTILINE)


def test_command_says_the_version() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "monitor", "--version"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, f"Jikimi {__version__}\n", "")


def test_project_file_states_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__


def test_newest_release_in_the_changelog_is_this_version() -> None:
    releases = RELEASE.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert releases[0][0] == __version__
    days = [date.fromisoformat(day) for _, day in releases]
    assert days == sorted(days, reverse=True)
    numbers = [tuple(map(int, version.split("."))) for version, _ in releases]
    assert numbers == sorted(set(numbers), reverse=True)
