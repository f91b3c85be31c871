"""One value a day over every chain: it proves where one chain stood, and tells nothing of another."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.core.errors import LedgerBroken
from monitor.evidence.days import day_proof, day_root, proves
from monitor.evidence.merkle import FEWEST_LEAVES, follow, path, root, width
from tests.support.ledger_parts import START, Evidence, open_evidence

DAY = START.date()


@pytest.fixture
async def evidence(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    async with open_evidence(sqlite_url, tmp_path) as opened:
        await opened.fill("a", 3)
        await opened.fill("b", 2)
        await opened.seal()
        yield opened


async def test_proof_of_one_chain_leads_to_the_value_of_the_day(evidence: Evidence) -> None:
    value = day_root(evidence.keys, evidence.heads_file, DAY)
    proof = day_proof(evidence.keys, evidence.heads_file, DAY, "a")
    assert (proof["count"], proof["root"]) == (3, value)
    assert proves(json.loads(json.dumps(proof)), value)
    for change in ({"count": 2}, {"case_id": "b"}, {"salt": "0" * 64}, {"salt": "zz"}, {"path": proof["path"][1:]}):
        assert not proves({**proof, **change}, value)
    assert not proves(proof, "0" * 64)


async def test_value_stays_whatever_is_signed_on_later_days(evidence: Evidence) -> None:
    value = day_root(evidence.keys, evidence.heads_file, DAY)
    await evidence.fill("a", 1)
    await evidence.seal(at=START + timedelta(days=1))
    assert day_root(evidence.keys, evidence.heads_file, DAY) == value
    assert day_root(evidence.keys, evidence.heads_file, DAY + timedelta(days=1)) != value


async def test_proof_tells_nothing_of_other_chains(evidence: Evidence) -> None:
    """Not how many there are; and no guess can be tried at a hash in it: each has a salt that it does not tell."""
    few = day_proof(evidence.keys, evidence.heads_file, DAY, "a")
    for number in range(20):
        await evidence.fill(f"more{number}", 1)
    await evidence.seal()
    many = day_proof(evidence.keys, evidence.heads_file, DAY, "a")
    assert len(few["path"]) == len(many["path"]) == 6
    assert few["salt"] == many["salt"]
    of_b = day_proof(evidence.keys, evidence.heads_file, DAY, "b")
    assert of_b["salt"] not in json.dumps(many) and of_b["head_hash"] not in json.dumps(many)
    assert day_proof(evidence.keys, evidence.heads_file, DAY + timedelta(days=1), "a")["salt"] != many["salt"]


async def test_chain_of_which_nothing_was_signed_has_no_proof(evidence: Evidence) -> None:
    with pytest.raises(LedgerBroken, match="nothing of case a"):
        day_proof(evidence.keys, evidence.heads_file, date(2026, 2, 28), "a")


def test_every_leaf_leads_to_the_root() -> None:
    leaves = [f"{number:064x}" for number in range(128)]
    top = root(leaves)
    assert all(follow(one, path(leaves, one)) == top for one in leaves)
    assert root([*leaves[:-1], "f" * 64]) != top
    assert (width(0), width(64), width(65)) == (FEWEST_LEAVES, 64, 128)
