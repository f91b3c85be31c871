"""What the pages for contributors name is there: files, modules, make targets. Every form warns what not to paste."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = ("CONTRIBUTING.md", "SECURITY.md", ".github/PULL_REQUEST_TEMPLATE.md", "docs/decisions/README.md")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
NEVER_PASTED = "never paste links, names, handles, pictures, screenshots of pictures, case ids, or logs with content"

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PATH = re.compile(r"[\w.<>-]*(?:/[\w.<>-]*)+|[\w-]+\.(?:md|py|toml|txt|yaml|lock)|LICENSE|Makefile|Dockerfile")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def as_pattern(path: str) -> str:
    """`templates/<route>/` stands for any route, `NNNN` for any number."""
    return re.sub(r"<\w+>", "*", path).replace("NNNN", "[0-9][0-9][0-9][0-9]").rstrip("/")


def paths_in(page: str) -> Iterator[str]:
    prose = _FENCED.sub("", text_of(page))
    yield from (code for code in _CODE.findall(prose) if _PATH.fullmatch(code))
    folder = Path(page).parent
    yield from ((folder / link).as_posix() for link in _LINK.findall(prose))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    missing = [path for path in paths_in(page) if not any(ROOT.glob(as_pattern(path)))]
    assert not missing, ", ".join(missing)


def test_paths_are_found_where_they_are_named() -> None:
    """The search above must not pass because it finds nothing."""
    named = set(paths_in("CONTRIBUTING.md"))
    assert {
        "LICENSE",
        "monitor/notices/routes/<route>.toml",
        "monitor/notices/templates/<route>/<language>/subject.txt",
        "alembic/versions/NNNN_<name>.py",
        ".ci/run",
        "tests/unit/test_import_direction.py",
        "api/locales/",
    } <= named
    assert not any(ROOT.glob(as_pattern("monitor/notices/templates/<route>/<language>/nothing.txt")))


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_and_module_that_a_page_names_exists(page: str) -> None:
    text = text_of(page)
    commands = "\n".join([*_CODE.findall(text), *_FENCED.findall(text)])
    targets = set(re.findall(r"^ *make ([a-z]+)", commands, re.MULTILINE))
    assert [target for target in sorted(targets) if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)] == []
    modules = [name.replace(".", "/") for name in re.findall(r"python -m ([\w.]+)", commands)]
    assert [
        name for name in modules if not ((ROOT / f"{name}.py").exists() or (ROOT / name / "__main__.py").exists())
    ] == []


def test_contributors_are_told_every_way_to_test() -> None:
    assert {"quick", "lint", "test", "check", "soak"} <= set(re.findall(r"`make ([a-z]+)`", text_of("CONTRIBUTING.md")))


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_form_of_an_issue_warns_first_and_asks_again_at_the_end(form: Path) -> None:
    loaded: dict[str, Any] = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert loaded["name"] and loaded["description"]
    first, *_, last = loaded["body"]
    assert first["type"] == "markdown" and NEVER_PASTED in first["attributes"]["value"].lower()
    assert last["type"] == "checkboxes" and all(option["required"] for option in last["attributes"]["options"])
    fields = [part for part in loaded["body"] if part["type"] != "markdown"]
    assert all(part["attributes"]["label"] for part in fields)
    assert len({part["id"] for part in fields}) == len(fields)


def test_there_is_a_form_for_a_fault_and_for_an_idea_and_no_way_around_them() -> None:
    assert {form.stem for form in FORMS} == {"bug", "idea"}
    config = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml").read_text(encoding="utf-8"))
    assert config["blank_issues_enabled"] is False
    bug = (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text(encoding="utf-8")
    assert "SECURITY.md" in bug


def test_form_of_a_pull_request_warns_first() -> None:
    first = " ".join(text_of(".github/PULL_REQUEST_TEMPLATE.md").partition("-->")[0].split()).lower()
    assert NEVER_PASTED in first
