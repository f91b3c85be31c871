"""Row locks are taken in one module, and the record of the decision names the order that the module holds."""

import ast
from pathlib import Path

from db.locking import ORDER
from tests.support.source_tree import nodes_of

ROOT = Path(__file__).parents[2]


def test_nobody_else_locks_rows() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("api", "monitor", "db")
        for path in (ROOT / folder).rglob("*.py")
        for node in nodes_of(path)
        if (isinstance(node, ast.Attribute) and node.attr == "with_for_update")
        or (isinstance(node, ast.keyword) and node.arg == "with_for_update")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and "pg_advisory_xact_lock" in node.value)
    }
    # Signing heads has a lock and a transaction of its own.
    assert found == {"db/locking.py", "monitor/evidence/seals.py"}


def test_record_tells_the_order_of_the_code() -> None:
    record = (ROOT / "docs" / "decisions" / "0041-one-lock-order.md").read_text(encoding="utf-8")
    told = [line.split("`")[1] for line in record.splitlines() if line[:1].isdigit() and "`" in line]
    assert told == [model.__tablename__ for model in ORDER]
