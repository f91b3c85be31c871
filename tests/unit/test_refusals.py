"""Every refusal has a status and words in both languages; nothing is refused by any other name, and none is idle."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from api.i18n import LANGUAGES, translations
from api.problems import Problem
from api.refusals import STATUS, TEXTS, refusal_text
from api.work_refusals import AT_WORK, SAID_BY_SCRIPT
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.notices.texts import Reason
from tests.support.source_tree import parsed_file

ROOT = Path(__file__).parents[2]
TABLES = ("monitor/core/refusals.py", "api/refusals.py")
REASON_AT = {"RuleBroken": 0, "Problem": 0, "Skipped": 1}
"""Where the refusal stands among the arguments of what carries it to a door."""


def parsed() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted([*ROOT.glob("monitor/**/*.py"), *ROOT.glob("api/**/*.py")]):
        name = path.relative_to(ROOT).as_posix()
        if name not in TABLES:
            yield name, parsed_file(path)


def reasons() -> Iterator[tuple[str, ast.expr]]:
    """Every refusal that is made anywhere, as it is written."""
    for name, module in parsed():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REASON_AT:
                yield f"{name}:{node.lineno}", node.args[REASON_AT[node.func.id]]


def is_member(node: ast.expr) -> bool:
    """`Refusal.NAME`, `Refusal(...)` of another rule's reason, or the reason of an error that is passed on."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "Refusal"
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return (node.value.id == "Refusal" and node.attr in Refusal.__members__) or node.attr == "reason"
    return isinstance(node, ast.Name) and node.id == "refusal"


def test_whatever_is_refused_is_refused_by_a_member() -> None:
    found = list(reasons())
    assert len(found) > 60
    assert [where for where, reason in found if not is_member(reason)] == []


def test_no_refusal_is_idle() -> None:
    used = {
        node.attr
        for _, module in parsed()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Refusal"
    }
    assert NotFound().reason is Refusal.NOT_FOUND
    assert sorted(set(Refusal.__members__) - used) == []


def test_why_a_route_is_not_taken_is_a_refusal_of_the_same_value() -> None:
    assert {reason.value for reason in Reason} - {Reason.ALLOWED.value} <= {refusal.value for refusal in Refusal}


@pytest.mark.parametrize("refusal", Refusal)
def test_refusal_has_a_status_and_words_in_both_languages(refusal: Refusal) -> None:
    assert HTTPStatus(STATUS[refusal]) >= 400
    said = {language: refusal_text(refusal, translations(language).gettext) for language in LANGUAGES}
    assert said["en"] == TEXTS[refusal]
    assert all(said.values()) and said["ko"] != said["en"]


@pytest.mark.parametrize("refusal", Refusal)
def test_a_problem_is_never_without_detail(refusal: Refusal) -> None:
    body = Problem(refusal).body()
    assert (body["code"], body["status"], body["detail"]) == (refusal.value, STATUS[refusal], TEXTS[refusal])
    assert body["title"] and body["type"].endswith(f":{refusal.value}")


def test_a_detail_that_says_more_is_kept() -> None:
    error = RuleBroken(Refusal.CASE_STATE, "a case that is open cannot become erased")
    assert Problem(error.reason, error.detail).body()["detail"] == error.detail


def test_a_code_that_is_no_refusal_has_words_too() -> None:
    """It may come from an address that somebody made up."""
    assert refusal_text("<made up>", str) == TEXTS[Refusal.REFUSED]


def test_the_persons_own_words_are_for_refusals() -> None:
    """Its script has words of its own for some codes and takes those of TEXTS for the others."""
    script = (ROOT / "api/static/person/api.mjs").read_text(encoding="utf-8")
    told = re.findall(r'^    "?([a-z-]+)"?: t\(', script, re.MULTILINE)
    # Its log-in form says which two things do not fit, and whoever writes a message where they read who gets it.
    elsewhere = {Refusal.CENTRE_CHANGED: "talk", Refusal.SAID_SINCE: "entered"}
    apart = {Refusal.LOG_IN_WRONG, *elsewhere, Refusal.JSON_EXPECTED, Refusal.METHOD_NOT_ALLOWED}
    assert len(told) > 10 and set(told) - {"log-in-refused"} == {one.value for one in SAID_BY_SCRIPT - apart}
    assert '"log-in-refused"' in script and "/log-ins/person" in script
    for refusal, name in elsewhere.items():
        apart_script = (ROOT / f"api/static/person/{name}.mjs").read_text(encoding="utf-8")
        assert f't("{TEXTS[refusal]}")' in apart_script


def test_what_a_persons_own_doors_refuse_has_its_words_on_their_page() -> None:
    doors = ["drafts", "links", "log_ins", "fingerprints", "consents", "intake", "entries", "standing", "addresses"]
    named = {
        name
        for door in doors
        for name in re.findall(r"Refusal\.([A-Z_]+)", (ROOT / f"api/routes/{door}.py").read_text(encoding="utf-8"))
    }
    rooms = [
        "cases/drafts",
        "cases/draft_opening",
        "cases/links",
        "cases/fingerprints",
        "cases/consents",
        "cases/intake",
    ]
    for room in rooms:
        named |= set(re.findall(r"Refusal\.([A-Z_]+)", (ROOT / f"monitor/{room}.py").read_text(encoding="utf-8")))
    assert len(named) > 15
    assert {name for name in named if Refusal[name] in AT_WORK} == set()


RAISED = re.compile(r"(?:RuleBroken|Problem)\(\s*Refusal\.([A-Z_]+)")
NOT_OF_PERSONS = {"accounts": "an advocate's own log-in", "reports": "the page of that form has words of its own"}
"""Doors that a person's page never calls, though they are not for advocates only."""
NEVER_OFFERED = {"MINOR_OR_UNSURE": "who may be a child is shown neither the switch nor the question"}


def test_whatever_a_door_of_persons_raises_has_words_on_their_page() -> None:
    """Every door that is not for advocates only, and every function of the domain that it calls."""
    raised, wordless = 0, set()
    for door in sorted((ROOT / "api/routes").glob("*.py")):
        if door.stem in NOT_OF_PERSONS:
            continue
        module = parsed_file(door)
        rooms = {
            alias.name: ROOT / f"{node.module.replace('.', '/')}.py"
            for node in module.body
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("monitor.")
            for alias in node.names
        }
        for route in module.body:
            if not isinstance(route, ast.AsyncFunctionDef) or not route.decorator_list:
                continue
            called = {node.id for node in ast.walk(route) if isinstance(node, ast.Name)}
            if "AdvocateOnly" in called:
                continue
            for name in called & set(rooms):
                for part in parsed_file(rooms[name]).body if rooms[name].exists() else ():
                    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name == name:
                        found = RAISED.findall(ast.unparse(part))
                        raised += len(found)
                        wordless |= {one for one in found if Refusal[one] in AT_WORK and one not in NEVER_OFFERED}
    assert raised > 50 and sorted(wordless) == []
