"""What is shared between tenants reaches an answer through one module only, and that one asks for the tenant."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from db.queries import tenants
from tests.support.source_tree import nodes_of, parsed_file

ROOT = Path(__file__).parents[2]

SHARED = {
    "db.models.sources": {"Source", "SourceAccess", "Inspection", "Cooldown", "AccountStop"},
    "db.models.seen": {"SeenMedium", "Backfill"},
    "db.models.benign": {"BenignHash"},
    "db.models.case_reading": {"CaseSource", "CaseMedium"},
}
"""Rows that are everybody's, or that say what was read: `api/` knows none of them."""

SHARED_ROOMS = ("monitor.sources", "monitor.history", "monitor.jobs", "db.queries.case_reading", "db.queries.seen")
"""Modules that work on them."""

QUERIES = (
    *("admission", "cases", "notices", "sightings", "operations", "people", "platform_side", "pool"),
    *("linking", "daily_reviews", "messages", "transfers", "queue"),
)
"""What else `api/` reads the database through."""


def imported(path: Path) -> Iterator[tuple[str, str]]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_the_web_application_knows_no_shared_row() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}.{name}"
        for path in sorted((ROOT / "api").rglob("*.py"))
        for module, name in imported(path)
        if name in SHARED.get(module, ())
        or (module in SHARED and not name)
        or (module == "db.models" and name)
        or any(f"{module}.{name}".startswith(f"{room}.") or module == room for room in SHARED_ROOMS)
    ]
    assert wrong == []


def test_the_web_application_asks_the_database_through_known_modules() -> None:
    asked = {
        module.rpartition(".")[2] if module != "db.queries" else name
        for path in (ROOT / "api").rglob("*.py")
        for module, name in imported(path)
        if module.startswith("db.queries")
    }
    assert asked <= {*QUERIES, "actors", "tenants"}


def test_other_queries_of_answers_use_a_source_to_join_it_and_for_nothing_else() -> None:
    wrong = []
    for name in QUERIES:
        path = ROOT / "db" / "queries" / f"{name}.py"
        wrong += [
            f"{name}: {other}" for module, other in imported(path) if other in SHARED.get(module, set()) - {"Source"}
        ]
        for node in nodes_of(path):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Source":
                wrong += [f"{name}: Source.{node.attr}"] if node.attr != "id" else []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "select":
                wrong += [f"{name}: select(Source)" for each in node.args if ast.unparse(each) == "Source"]
    assert wrong == []


def test_of_a_source_tenants_read_its_name_and_of_shared_rows_nothing() -> None:
    tree = parsed_file(ROOT / "db" / "queries" / "tenants.py")
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Source"
    }
    assert read == {"id", "platform", "handle"}
    names = {name for module, name in imported(ROOT / "db" / "queries" / "tenants.py") if module in SHARED}
    assert names == {"INSPECTED", "Consent", "Source", "CaseSource", "CaseMedium"}


def test_every_question_about_sources_names_the_tenant() -> None:
    asked = [
        function
        for name, function in inspect.getmembers(tenants, inspect.iscoroutinefunction)
        if not name.startswith("_") and function.__module__ == tenants.__name__
    ]
    assert len(asked) >= 3
    assert [each.__name__ for each in asked if "tenant" not in inspect.signature(each).parameters] == []
