"""What a run of the demo must have reached, and whether it did."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from monitor.demo.processes import ROOT
from monitor.demo.world.pictures import COPIES, SAMPLES

if TYPE_CHECKING:
    from monitor.demo.run import DemoRun

EXPECTED: Mapping[str, Any] = MappingProxyType(
    {
        "posts_seen": SAMPLES,
        "media_inspected": SAMPLES,
        "sightings": COPIES,
        "confirmed": COPIES,
        "notices_sent": COPIES,
        "removed_verified": COPIES - 1,
        "escalated": 1,
        "ledger_ok": True,
    }
)
"""Sixty posts, twelve copies and nothing else, all of them reported, eleven gone, one escalated."""
_VERIFY_SECONDS = 240
_TOLD = ("answers", "refused", "replies")
"""What the platform's desk says through the link in a notice's mail, and by mail."""
_TOLD_SECONDS = 40.0
"""The mailbox is read every quarter of a minute."""


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """`summary` for the machine, `missing` for people: what is not as it should be, one line each."""

    summary: dict[str, Any]
    missing: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Everything happened, and nothing else did."""
        return not self.missing


async def outcome(run: "DemoRun", found: Mapping[str, Any], expected: Mapping[str, Any] = EXPECTED) -> DemoOutcome:
    """Judge what the API told (`found`) and ask the doubles and the ledger themselves."""
    miscounted = run.world.miscounted()
    told = await run.driver.wait_until_told(seconds=_TOLD_SECONDS)
    code = await asyncio.to_thread(_verify_ledger, run)
    package = await asyncio.to_thread(_hand_out, run)
    summary = {name: found.get(name) for name in expected} | {
        "not_inspected": found.get("not_inspected"),
        "dismissed": found.get("dismissed"),
        "in_doubt": found.get("in_doubt"),
        "reports": sum(run.world.safety.reports.values()),
        "one_report_per_copy": not miscounted,
        "ledger_command_ok": code == 0,
        "package_ok": package is None,
        **told,
        "database": "sqlite" if run.sqlite else "postgresql",
        "workers": len(run.programs.names),
    }
    missing = [
        f"{name} is {summary[name]}, should be {value}" for name, value in expected.items() if summary[name] != value
    ]
    missing += [f"{post} was reported {count} times" for post, count in miscounted.items()]
    missing += [f"sighting {one} shows nobody's picture" for one in run.driver.unexpected]
    troubles = dict(run.world.desk.unanswered) or "it answered"
    missing += [f"the advocate was told of no {name} of the platform ({troubles})" for name in _TOLD if not told[name]]
    if code != 0:
        missing.append(f"`python -m monitor ledger verify` ended with {code}")
    if package is not None:
        missing.append(package)
    return DemoOutcome(summary, tuple(missing))


def _verify_ledger(run: "DemoRun") -> int:
    """As an operator verifies it, in a process of its own."""
    return _run("-m", "monitor", "ledger", "verify", "--config", str(run.config), environment=run.environment)


def _hand_out(run: "DemoRun") -> str | None:
    """A package of the first person's case for the police, verified as they would; None, or what went wrong."""
    out, case_id = run.config.parent / "evidence", run.driver.persons[0].case_id
    asked = ("--case", case_id, "--out", str(out), "--plain", "--to", "Demo police")
    code = _run("-m", "monitor", "evidence", "export", *asked, "--config", str(run.config), environment=run.environment)
    if code != 0:
        return f"`python -m monitor evidence export` ended with {code}"
    # The newest: a demo may be asked for its outcome more than once.
    package = max((path for path in out.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    code = _run("-I", "-S", str(package / "data" / "verify.py"), str(package), environment={})
    return None if code == 0 else f"`verify.py` of the package ended with {code}"


def _run(*arguments: str, environment: Mapping[str, str]) -> int:
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        timeout=_VERIFY_SECONDS,
        check=False,
    )
    return done.returncode
