"""When somebody must do something: about the work of an organisation, and about its part of the ledger."""

from dataclasses import replace

import pytest

from monitor.actions.health import HealthStatus, WorkHealth
from monitor.evidence.faults import CaseReport, ChainFault, VerifyReport, What

WELL = WorkHealth(
    sources=3, sources_unavailable=0, oldest_read_at=None, overdue_notices=0, open_alerts=0, stopped=False, waits={}
)
SOUND = CaseReport("a", entries=2, sealed=2, destroyed=0, fault=None)
BROKEN = replace(SOUND, case_id="b", fault=ChainFault(What.TAIL_CUT, "", "b", 3))


def test_nothing_to_do_is_ok_even_where_nothing_was_read_yet() -> None:
    assert WELL.status is HealthStatus.OK


@pytest.mark.parametrize(
    "troubled",
    [replace(WELL, sources_unavailable=1), replace(WELL, overdue_notices=1), replace(WELL, open_alerts=1)],
)
def test_each_trouble_asks_for_attention(troubled: WorkHealth) -> None:
    assert troubled.status is HealthStatus.ATTENTION


def test_broken_chain_concerns_only_whose_case_it_is() -> None:
    report = VerifyReport((SOUND, BROKEN))
    assert not report.ok
    assert report.is_sound_for({"a"}) and report.is_sound_for(())
    assert not report.is_sound_for({"a", "b"})


def test_damaged_heads_file_concerns_everybody() -> None:
    report = VerifyReport((SOUND,), heads_fault=ChainFault(What.HEADS_DAMAGED, ""))
    assert not report.is_sound_for({"a"}) and not report.is_sound_for(())
