"""The second format: an entry can be opened to somebody without any key; the first still verifies, and goes on."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.command import upgrade as upgrade_to
from sqlalchemy import select, text

from db.migrate import config_for, upgrade
from db.models.ledger import LedgerEntry
from monitor.core.errors import CryptoError
from monitor.evidence.chain import Head, export_message
from monitor.evidence.export import OLD_FORMAT, export, write_export
from monitor.evidence.faults import What
from monitor.evidence.verify_export import verify_export
from tests.support.ledger_parts import BY, START, Evidence, open_evidence, opened


@pytest.fixture
async def evidence(database_url: str, tmp_path: Path) -> AsyncIterator[Evidence]:
    async with open_evidence(database_url, tmp_path) as opened_:
        yield opened_


async def _export(evidence: Evidence, *numbers: int) -> dict[str, Any]:
    async with evidence.database.read() as session:
        rows = list(await session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == "a")))
        chosen = {row.seq: one for row in rows if row.seq in numbers and (one := evidence.ledger.open(row))}
        now = START + timedelta(days=1)
        return await export(
            session, "a", keys=evidence.keys, heads_file=evidence.heads_file, now=now, payloads=False, opened=chosen
        )


async def test_chain_of_the_first_format_verifies_and_goes_on_in_the_second(evidence: Evidence) -> None:
    await evidence.fill_old("a", 3)
    await evidence.fill_old("b", 2)
    await evidence.seal_old()
    assert str(await evidence.verify()) == "ledger ok: 2 cases, 5 entries, 5 sealed"
    await evidence.fill("a", 2)
    await evidence.seal()
    assert str(await evidence.verify()) == "ledger ok: 2 cases, 7 entries, 7 sealed"
    async with evidence.database.read() as session:
        told = await evidence.ledger.told(session, "a")
    assert [one.by for one in told] == [None, None, None, BY, BY]
    assert [one.facts for one in told] == [{"look": 1}, {"look": 2}, {"look": 3}, {"look": 0}, {"look": 1}]


async def test_tables_of_an_older_version_are_upgraded_and_their_chain_still_verifies(
    sqlite_url: str, tmp_path: Path
) -> None:
    upgrade_to(config_for(sqlite_url), "0003")
    async with opened(sqlite_url, tmp_path) as old:
        await old.fill_old_tables("a", 4)
        await old.seal_old()
    upgrade(sqlite_url)
    async with opened(sqlite_url, tmp_path) as now:
        assert str(await now.verify()) == "ledger ok: 1 case, 4 entries, 4 sealed"
        await now.fill("a", 1)
        await now.seal()
        assert str(await now.verify()) == "ledger ok: 1 case, 5 entries, 5 sealed"


async def test_entry_of_the_first_format_after_one_of_the_second_is_forged(evidence: Evidence) -> None:
    await evidence.fill("a", 2)
    await evidence.fill_old("a", 1)
    fault = await evidence.fault()
    assert (fault.what, fault.case_id, fault.seq) == (What.FORGED, "a", 3)


@pytest.mark.parametrize("change", ["commitment = null", "commitment = substr(payload_sha256, 1, 64)"])
async def test_changed_commitment_names_its_entry(evidence: Evidence, change: str) -> None:
    await evidence.fill("a", 3)
    await evidence.change(change, "a", 2)
    fault = await evidence.fault()
    assert (fault.what, fault.seq) == (What.FIELD_CHANGED, 2)


async def test_chosen_entry_is_disclosed_without_a_key_and_without_any_other(
    evidence: Evidence, tmp_path: Path
) -> None:
    await evidence.fill("a", 4)
    document = await _export(evidence, 2)
    write_export(document, tmp_path / "a.json")
    assert verify_export(tmp_path / "a.json", evidence.keys.signing_key().public_key()).ok
    shown = document["entries"][1]
    assert json.loads(shown["plain"]) == {"by": {"who": "program", "door": "job", "id": "test"}, "facts": {"look": 1}}
    digest = hashlib.sha256(bytes.fromhex(shown["salt"]) + shown["plain"].encode()).hexdigest()
    assert digest == shown["commitment"]
    assert [entry["seq"] for entry in document["entries"] if "plain" in entry or "payload" in entry] == [2]
    assert 'look\\":0' not in json.dumps(document)


@pytest.mark.parametrize(
    ("name", "value"), [("plain", "{}"), ("salt", "00" * 32), ("salt", 5), ("plain", None), ("salt", "zz")]
)
async def test_disclosed_text_that_was_changed_is_found(
    evidence: Evidence, tmp_path: Path, name: str, value: object
) -> None:
    await evidence.fill("a", 4)
    document = await _export(evidence, 2)
    document["entries"][1][name] = value
    write_export(document, tmp_path / "a.json")
    (fault,) = verify_export(tmp_path / "a.json").faults
    assert (fault.what, fault.seq) == (What.PAYLOAD_CHANGED, 2)


async def test_two_entries_that_tell_the_same_have_different_commitments(evidence: Evidence) -> None:
    await evidence.fill("a", 1)
    await evidence.fill("a", 1)
    async with evidence.database.read() as session:
        both = set(await session.scalars(select(LedgerEntry.commitment)))
    assert len(both) == 2


async def test_payload_that_is_not_the_one_committed_to_is_not_opened(evidence: Evidence) -> None:
    await evidence.fill("a", 2)
    await evidence.change("commitment = prev_hash", "a", 2)
    async with evidence.database.read() as session:
        row = await session.get_one(LedgerEntry, ("a", 2))
        with pytest.raises(CryptoError, match="hash covers"):
            evidence.ledger.open(row)


async def test_export_that_an_older_version_wrote_still_verifies(evidence: Evidence, tmp_path: Path) -> None:
    await evidence.fill_old("a", 3)
    await evidence.seal_old()
    document = await _export(evidence)
    closing = Head("a", 3, document["head_hash"], document["exported_at"])
    signature = evidence.keys.signing_key().sign(export_message(closing, payloads=False))
    document.update(format=OLD_FORMAT, signature=signature.hex())
    write_export(document, tmp_path / "old.json")
    assert str(verify_export(tmp_path / "old.json")) == "ledger ok: 1 case, 3 entries, 3 sealed"
    document["entries"][1]["kind"] = "case-opened"
    write_export(document, tmp_path / "changed.json")
    assert not verify_export(tmp_path / "changed.json").ok


async def test_erasure_takes_the_salt_too(evidence: Evidence) -> None:
    await evidence.fill("a", 3)
    async with evidence.database.begin() as session:
        await evidence.ledger.destroy_payloads(session, "a", by=BY, at=START)
    async with evidence.database.read() as session:
        left = (await session.execute(text("select count(*) from ledger_entries where payload is not null"))).scalar()
        row = await session.get_one(LedgerEntry, ("a", 1))
        assert evidence.ledger.open(row) is None
    assert left == 1
    assert (await evidence.verify()).ok
