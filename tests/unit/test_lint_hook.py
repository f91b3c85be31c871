"""The hook before a commit asks for exactly what CI asks for before the tests."""

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TOOLS = {("ruff", "format", "--check"), ("ruff", "check"), ("mypy",)}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def recipe_of(target: str) -> list[str]:
    """The lines that make runs for a target."""
    found = re.search(rf"^{target}:[^\n]*\n((?:\t[^\n]*\n)+)", text_of("Makefile"), re.MULTILINE)
    assert found, f"the Makefile has no {target}"
    return [line.strip() for line in found[1].splitlines()]


def hooks() -> list[dict[str, Any]]:
    loaded = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    assert [repository["repo"] for repository in loaded["repos"]] == ["local"], "nothing is fetched from elsewhere"
    found: list[dict[str, Any]] = loaded["repos"][0]["hooks"]
    return found


def test_hook_runs_make_lint_over_everything_whatever_was_changed() -> None:
    (hook,) = hooks()
    assert shlex.split(hook["entry"]) == ["make", "lint"]
    assert hook["language"] == "system"
    assert (hook["pass_filenames"], hook["always_run"]) == (False, True)


def test_lint_is_format_lint_and_types_and_ci_begins_with_it() -> None:
    commands = [line.removeprefix("@$(BIN)/").split() for line in recipe_of("lint")]
    ran = {tool for tool in TOOLS for words in commands if tuple(words[: len(tool)]) == tool}
    assert ran == TOOLS and len(commands) == len(TOOLS)
    makes = re.findall(r"^make (\w+)", text_of(".ci/run"), re.MULTILINE)
    assert makes[0] == "lint"
