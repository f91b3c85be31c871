"""Do the tests notice what may never happen? `mutation.py [--tree DIR] [--only ID]... [--whole] [--no-baseline]`.

`faults.toml` beside this file holds faults of the kind that a tired person makes: a condition lost, a lock left out.
One at a time is put into a copy of the tree, and the tests that are expected to notice run until the first one fails.
Only a test that fails counts as noticing: a fault that keeps modules from being imported or tests from being set up is
a bad fault, and is told apart. Without any fault the same tests must pass, which is tried first.
"""

import argparse
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting

FAULTS = Path(__file__).with_name("faults.toml")
FORMS = ("after", "before")
"""How a fault is written down: for the tree as it is now, and for the tree before its rooms were made (2d78bc4)."""
MOST_SECONDS = 240
"""Real seconds for the tests of one fault."""
MOST_SECONDS_OF_A_TEST = 120
"""A test that hangs by a fault has noticed it."""
MOST_SECONDS_OF_ALL = 3600
"""For the tests of all faults together, and for the whole suite."""
_BROKEN = ("ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError", "NameError")
"""What a fault that is no fault but a slip of the pen raises wherever it is touched."""


@dataclass(frozen=True, slots=True)
class Form:
    """A fault as one tree has it."""

    file: str
    find: str
    """Occurs exactly once in `file`."""
    replace: str
    tests: tuple[str, ...]
    """Files or node ids of pytest that are expected to notice."""

    def fits(self, tree: Path) -> bool:
        """Can it be put into this tree?"""
        path = tree / self.file
        return path.is_file() and path.read_text(encoding="utf-8").count(self.find) == 1


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that may never happen, put into the code."""

    id: str
    breaks: str
    """What it breaks, in words."""
    database: str
    """Where it shows: "postgresql" for locking and SQL; empty: everywhere."""
    forms: Mapping[str, Form]

    def form(self, tree: Path) -> tuple[str, Form] | None:
        """The name of the form that fits the tree, and the form."""
        return next(((name, one) for name in FORMS if (one := self.forms.get(name)) and one.fits(tree)), None)


class Outcome(StrEnum):
    """What the tests said."""

    PASSED = "missed"
    FAILED = "caught"
    LATE = "late"
    """They did not end in time."""
    BROKEN = "broken"
    """No test judged anything: something could not be imported or set up."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one fault."""

    fault: Fault
    form: str
    outcome: Outcome
    elsewhere: bool
    """Caught by the whole suite, not by the tests that were named."""


def read_faults(file: Path) -> list[Fault]:
    """The faults, in their order. Raises ValueError for an id that occurs twice."""
    made = [_fault(one) for one in tomllib.loads(file.read_text(encoding="utf-8"))["fault"]]
    ids = [one.id for one in made]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"ids that occur twice: {', '.join(twice)}")
    return made


def _fault(table: Mapping[str, Any]) -> Fault:
    forms = {
        name: Form(one["file"], one["find"], one["replace"], tuple(one["tests"]))
        for name in FORMS
        if (one := table.get(name)) is not None
    }
    return Fault(table["id"], table["breaks"], table.get("database", ""), forms)


def copy_tree(tree: Path, folder: Path) -> None:
    """The tracked files of a checkout as they are now; of a folder without git everything but what tools leave."""
    for name in _files(tree):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / name, target)


def _files(tree: Path) -> list[Path]:
    if (tree / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=tree, check=True, capture_output=True)  # noqa: S607
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
        return [name for name in names if (tree / name).is_file()]
    found = (path.relative_to(tree) for path in tree.rglob("*") if path.is_file())
    return [name for name in found if not {".venv", "__pycache__"} & set(name.parts)]


_stamps = itertools.count(int(time.time()) + 10)


def _write(path: Path, text: str) -> None:
    """With a time of its own: compiled code is told apart by whole seconds and the size only."""
    path.write_text(text, encoding="utf-8")
    stamp = next(_stamps)
    os.utime(path, (stamp, stamp))


@contextmanager
def seeded(copy: Path, form: Form) -> Iterator[None]:
    """The copy with the fault in it; afterwards as it was."""
    path = copy / form.file
    sound = path.read_text(encoding="utf-8")
    _write(path, sound.replace(form.find, form.replace))
    try:
        yield
    finally:
        _write(path, sound)


def run_tests(copy: Path, tests: Sequence[str], *, seconds: float) -> tuple[Outcome, str]:
    """Whether a test fails, and the line that says which. Runs in the copy, and stops at the first failure."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=short", "-p", "no:cacheprovider"]
    command += [f"--timeout={MOST_SECONDS_OF_A_TEST}", "-m", "not soak", *tests]
    # A group of its own, so that nothing of it is left when its time is over.
    with subprocess.Popen(  # noqa: S603  # this very Python; the tests are named in a file of the project
        command,
        cwd=copy,
        env={**os.environ, "COLUMNS": "300"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            said, _ = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            return Outcome.LATE, f"no answer within {seconds:.0f} s"
    shutil.rmtree(copy / ".hypothesis", ignore_errors=True)  # what one fault taught must not help with the next
    return judged(running.returncode, said)


def judged(code: int, said: str) -> tuple[Outcome, str]:
    """The outcome by pytest's exit code and its summary: 0 all passed, 1 some failed, else nothing was judged."""
    lines = said.splitlines()
    failed = next((line for line in lines if line.startswith("FAILED ")), "")
    if code == 0:
        return Outcome.PASSED, "every test passed"
    if code == 1 and failed and not re.search(rf" - ({'|'.join(_BROKEN)})\b", failed):
        return Outcome.FAILED, failed.removeprefix("FAILED ")
    error = next((line for line in lines if line.startswith("ERROR ")), "")
    return Outcome.BROKEN, failed or error or f"pytest ended with {code}: {' '.join(lines[-3:])}"


def chosen(faults: Iterable[Fault], tree: Path, only: Sequence[str]) -> tuple[list[tuple[Fault, str, Form]], list[str]]:
    """The faults that are asked for, each as it fits the tree; and what is wrong with the others."""
    known = {one.id: one for one in faults}
    fitting, wrong = [], [f"{name}: no such fault" for name in only if name not in known]
    for one in known.values():
        if only and one.id not in only:
            continue
        form = one.form(tree)
        if form is None:
            wrong.append(f"{one.id}: its text does not stand exactly once in this tree")
        else:
            fitting.append((one, *form))
    return fitting, wrong


def main() -> None:
    """See the module's text."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--faults", type=Path, default=FAULTS, metavar="FILE", help="other faults than faults.toml")
    options.add_argument("--tree", type=Path, default=FAULTS.parents[1], metavar="DIR", help="(default: this checkout)")
    options.add_argument("--only", action="append", default=[], metavar="ID", help="this fault only; may be repeated")
    options.add_argument("--whole", action="store_true", help="run every test where the named ones notice nothing")
    options.add_argument("--no-baseline", action="store_true", help="do not first run the tests without any fault")
    asked = options.parse_args()
    faults, wrong = chosen(read_faults(asked.faults), asked.tree, asked.only)
    if wrong:
        sys.exit("\n".join(wrong))
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jikimi-mutation-") as name:
        copy = Path(name).resolve()
        copy_tree(asked.tree, copy)
        if not asked.no_baseline:
            tests = list(dict.fromkeys(test for _, _, form in faults for test in form.tests))
            outcome, why = run_tests(copy, tests, seconds=MOST_SECONDS_OF_ALL)
            if outcome is not Outcome.PASSED:
                sys.exit(f"without any fault the tests do not pass: {why}")
            print(f"{'baseline':<9} {time.monotonic() - start:5.0f} s  {len(tests)} tests or files pass", flush=True)
        results = [judge_fault(copy, *one, whole=asked.whole) for one in faults]
    figures = _figures(results)
    reporting.finish(figures | {"seconds": round(time.monotonic() - start)})
    sys.exit(figures["caught"] != figures["faults"])


def judge_fault(copy: Path, fault: Fault, name: str, form: Form, *, whole: bool) -> Judged:
    """Put the fault in and see who notices; with `whole` the whole suite, where the named tests did not."""
    start, elsewhere = time.monotonic(), False
    with seeded(copy, form):
        outcome, why = run_tests(copy, form.tests, seconds=MOST_SECONDS)
        if whole and outcome is Outcome.PASSED:
            outcome, why = run_tests(copy, (), seconds=MOST_SECONDS_OF_ALL)
            elsewhere = outcome is Outcome.FAILED
    print(f"{outcome:<9} {time.monotonic() - start:5.0f} s  {fault.id}: {why[:200]}", flush=True)
    return Judged(fault, name, outcome, elsewhere)


def _figures(judged: Sequence[Judged]) -> dict[str, Any]:
    caught = [one for one in judged if one.outcome is Outcome.FAILED]
    return {
        "faults": len(judged),
        "caught": len(caught),
        "missed": [one.fault.id for one in judged if one.outcome is not Outcome.FAILED],
        "broken": [one.fault.id for one in judged if one.outcome is Outcome.BROKEN],
        "elsewhere": [one.fault.id for one in judged if one.elsewhere],
        "postgresql": sum(one.fault.database == "postgresql" for one in judged),
        "postgresql_caught": sum(one.fault.database == "postgresql" for one in caught),
        "forms": sorted({one.form for one in judged}),
    }


if __name__ == "__main__":
    main()
