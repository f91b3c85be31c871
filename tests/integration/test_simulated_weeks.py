"""Weeks of a platform with eight behaviours, on a clock that jumps: every copy ends as it must.

Jobs run twice, and whoever sends dies now and then before it is known that the report arrived. With real programs that
are really killed: tests/acceptance/test_simulated_platform.py.
"""

import os
from pathlib import Path

import pytest

from tests.support.databases import on_sqlite
from tests.support.simulated_weeks import weeks


async def played(url: str, folder: Path, *, copies: int, days: float) -> None:
    async with weeks(url, folder, copies=copies, days=days) as made:
        await made.play()
        table, wrong, facts = await made.judge()
    states = sorted({state for counts in table.values() for state in counts})
    print(f"\n{'behaviour':18}" + "".join(f"{state:>18}" for state in states))
    for name, counts in sorted(table.items()):
        print(f"{name:18}" + "".join(f"{counts[state] or '-':>18}" for state in states))
    print(facts)
    assert wrong == []
    assert sum(sum(counts.values()) for counts in table.values()) == copies


@on_sqlite
async def test_each_behaviour_ends_in_its_state_and_no_deadline_is_missed(prepared_url: str, tmp_path: Path) -> None:
    await played(prepared_url, tmp_path, copies=16, days=30)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_five_hundred_copies_end_in_their_states(prepared_url: str, tmp_path: Path) -> None:
    await played(prepared_url, tmp_path, copies=int(os.environ.get("SIMULATED_COPIES", "500")), days=45)
