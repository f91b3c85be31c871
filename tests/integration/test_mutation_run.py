"""A fault is put into a copy of the tree and taken out again, with pytest run on it each time."""

from pathlib import Path

from benchmarks.mutation import Form, Outcome, copy_tree, run_tests, seeded


def test_fault_is_in_the_copy_only_and_taken_out_again(tmp_path: Path) -> None:
    tree, copy = tmp_path / "tree", tmp_path / "copy"
    (tree / "tests").mkdir(parents=True)
    (tree / "rule.py").write_text("def may(age: int) -> bool:\n    return age >= 18\n")
    (tree / "tests" / "test_rule.py").write_text("from rule import may\n\n\ndef test_may():\n    assert may(18)\n")
    (tree / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["soak: long"]\n')
    copy_tree(tree, copy)
    form = Form("rule.py", "age >= 18", "age > 18", ("tests/test_rule.py",))
    for _ in range(2):
        assert run_tests(copy, form.tests, seconds=60)[0] is Outcome.PASSED
        with seeded(copy, form):
            outcome, why = run_tests(copy, form.tests, seconds=60)
        assert (outcome, why.partition(" ")[0]) == (Outcome.FAILED, "tests/test_rule.py::test_may")
    assert (tree / "rule.py").read_text() == (copy / "rule.py").read_text()
