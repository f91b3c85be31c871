"""Time-stamps of days, from an authority on loopback: what verifies counts, what does not is told, nothing is lost."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models.sources import Alert
from db.models.time_stamps import TimeStamp
from db.types import new_id
from monitor.app import part_checks
from monitor.app.adapters import make_time_authority
from monitor.core.errors import ConfigError, TimeStampRefused
from monitor.demo.authority.double import AuthorityDouble, Issuer
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.days import proves
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.seals import seal_heads
from monitor.evidence.time_authority import HttpTimeAuthority, check_imprint, check_signature
from monitor.evidence.time_stamps import CaseTimeStamp, case_time_stamps, stamped_message
from monitor.jobs.time_stamp import TimeStamper
from monitor.settings.loading import load_settings
from monitor.settings.model import TimestampSettings
from tests.support.domain_world import DomainWorld, domain_world, make_advocate, make_case


@pytest.fixture
async def authority() -> AsyncIterator[AuthorityDouble]:
    async with AuthorityDouble() as double:
        yield double


@dataclass
class Days:
    """An installation whose days are stamped."""

    world: DomainWorld
    heads_file: Path
    authority: AuthorityDouble
    case_id: str = ""

    def stamper(self, issuer: Issuer | None = None) -> TimeStamper:
        """As a new process; `issuer`: whose root the operator named."""
        asked = HttpTimeAuthority(self.authority.url, [(issuer or self.authority.issuer).root], timeout=5.0)
        return TimeStamper(self.world.database, self.world.context, asked, heads_file=self.heads_file)

    async def seal(self) -> None:
        async with self.world.database.begin() as session:
            await seal_heads(session, self.world.context.keys, self.heads_file, now=self.world.clock.now())

    async def open_case(self) -> str:
        async with self.world.database.begin() as session:
            case = await make_case(session, self.world.context, await make_advocate(session, f"Centre {new_id()}"))
        await self.seal()
        return case.id

    async def rows(self) -> list[TimeStamp]:
        async with self.world.database.read() as session:
            return list(await session.scalars(select(TimeStamp).order_by(TimeStamp.day)))

    async def alerts(self) -> list[tuple[str, str]]:
        async with self.world.database.read() as session:
            open_ones = await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))
            return [(one.kind, one.reason) for one in open_ones if one.kind == "time-stamp-missing"]

    async def of_case(self, case_id: str = "") -> list[CaseTimeStamp]:
        async with self.world.database.read() as session:
            keys = self.world.context.keys
            return await case_time_stamps(session, keys, self.heads_file, case_id or self.case_id)


@pytest.fixture
async def days(prepared_sqlite_url: str, tmp_path: Path, authority: AuthorityDouble) -> AsyncIterator[Days]:
    async with domain_world(prepared_sqlite_url, tmp_path) as world:
        made = Days(world, tmp_path / "heads.jsonl", authority)
        made.case_id = await made.open_case()
        yield made


async def test_day_that_is_over_is_stamped_once_and_the_case_has_its_path(days: Days) -> None:
    stamper = days.stamper()
    await stamper.tick()
    first = days.world.clock.now().date()
    assert [row.day for row in await days.rows()] == [(first - timedelta(days=1)).isoformat()]
    assert await days.of_case() == []  # nothing of the case was there on that day
    days.world.clock.move(days=1)
    for _ in range(3):
        await stamper.tick()
    assert len(days.authority.asked) == 2
    (stamp,) = await days.of_case()
    assert (stamp.day, stamp.authority) == (first, days.authority.url)
    assert proves(stamp.proof, stamp.root)
    message = stamped_message(stamp.day.isoformat(), stamp.root)
    assert check_imprint(stamp.response, message) == stamp.stamped_at
    check_signature(stamp.response, message, [days.authority.issuer.root])
    assert abs(stamp.stamped_at - datetime.now(UTC)) < timedelta(minutes=1)
    async with days.world.database.read() as session:
        told = await days.world.context.ledger.told(session, INSTALLATION)
    kinds = [(one.row.kind, (one.facts or {}).get("root")) for one in told]
    assert ("day-stamped", stamp.root) in kinds


async def test_of_each_state_of_a_chain_the_first_stamped_day_is_given(days: Days) -> None:
    for _ in range(3):
        days.world.clock.move(days=1)
        await days.stamper().tick()
    assert len(await days.rows()) == 3 and len(await days.of_case()) == 1
    async with days.world.database.begin() as session:
        await days.world.context.record(session, days.case_id, EntryKind.INTAKE_READ)
    await days.seal()
    days.world.clock.move(days=1)
    await days.stamper().tick()
    stamps = await days.of_case()
    assert len(stamps) == 2 and stamps[0].count < stamps[1].count
    assert await days.of_case("another") == []


async def test_authority_that_is_down_is_asked_again_and_every_day_made_up_for(days: Days) -> None:
    stamper = days.stamper()
    days.authority.status = 503
    days.world.clock.move(days=1)
    await stamper.tick()
    await stamper.tick()  # not again before ten minutes
    assert [(row.tries, row.reason) for row in await days.rows()] == [(1, "http-503")]
    assert await days.alerts() == []
    days.world.clock.move(hours=1, minutes=1)
    await stamper.tick()
    assert await days.alerts() == [("time-stamp-missing", "http-503")]
    days.world.clock.move(days=3)
    await stamper.tick()
    assert len(await days.rows()) == 4 and all(row.response is None for row in await days.rows())
    days.authority.status = 200
    days.world.clock.move(minutes=11)
    await stamper.tick()
    assert all(row.response is not None for row in await days.rows()) and await days.alerts() == []
    assert len(await days.of_case()) == 1


async def test_authority_that_nobody_answers_for_is_down(days: Days) -> None:
    await days.authority.__aexit__(None, None, None)
    days.world.clock.move(days=1)
    await days.stamper().tick()
    assert [row.reason for row in await days.rows()] == ["connection-lost"]


async def test_swapped_token_is_refused_and_told_at_once(days: Days) -> None:
    """One for another day, one for another nonce: neither counts, whatever its signature says."""
    days.world.clock.move(days=1)
    other = await HttpTimeAuthority(days.authority.url, [days.authority.issuer.root]).stamp(b"something else")
    days.authority.swapped = other.response
    await days.stamper().tick()
    assert [(row.response, row.reason) for row in await days.rows()] == [(None, "imprint")]
    assert await days.alerts() == [("time-stamp-missing", "imprint")]
    (row,) = await days.rows()
    days.authority.swapped = None
    earlier = await HttpTimeAuthority(days.authority.url, [days.authority.issuer.root]).stamp(
        stamped_message(row.day, row.root)
    )
    days.authority.swapped = earlier.response
    days.world.clock.move(minutes=11)
    await days.stamper().tick()
    assert [row.reason for row in await days.rows()] == ["signature"]  # replayed: its nonce is another's


async def test_certificate_that_is_over_or_leads_elsewhere_makes_no_time_stamp(days: Days) -> None:
    days.world.clock.move(days=1)
    await days.stamper(Issuer(name="Somebody else")).tick()
    assert await days.alerts() == [("time-stamp-missing", "signature")]
    days.authority.issuer = Issuer(until=datetime.now(UTC) - timedelta(days=1))
    days.world.clock.move(minutes=11)
    await days.stamper().tick()
    assert [(row.response, row.reason) for row in await days.rows()] == [(None, "signature")]
    days.authority.issuer = Issuer()
    days.world.clock.move(minutes=11)
    await days.stamper().tick()
    assert [row.response is not None for row in await days.rows()] == [True] and await days.alerts() == []


async def test_authority_that_says_no_or_nonsense_is_told(days: Days) -> None:
    days.world.clock.move(days=1)
    days.authority.granted = False
    await days.stamper().tick()
    assert [row.reason for row in await days.rows()] in (["not-granted"], ["unreadable"])
    for nonsense in (b"<html>", b"\x30\x03\x02\x01\x00", b"\x30\x84\xff\xff\xff\xff", bytes(300_000)):
        days.authority.swapped = nonsense
        days.world.clock.move(minutes=11)
        await days.stamper().tick()
        (row,) = await days.rows()
        assert row.response is None and row.reason in ("unreadable", "answer-too-large", "not-granted")
    assert len(await days.alerts()) == 1


async def test_any_changed_byte_of_what_a_token_says_is_found(authority: AuthorityDouble) -> None:
    """And of its signature. What else lies in it (copies of certificates, say) is nobody's statement."""
    roots = [authority.issuer.root]
    stamped = await HttpTimeAuthority(authority.url, roots).stamp(b"message")
    check_signature(stamped.response, b"message", roots)
    imprint = stamped.response.index(hashlib.sha256(b"message").digest())
    size = len(stamped.response)
    for at in (*range(imprint - 40, imprint + 60, 3), *range(size - 60, size, 7)):
        changed = bytearray(stamped.response)
        changed[at] ^= 1
        with pytest.raises(TimeStampRefused):
            check_imprint(bytes(changed), b"message")
            check_signature(bytes(changed), b"message", roots)
    with pytest.raises(TimeStampRefused, match="imprint"):
        check_imprint(stamped.response, b"massage")


async def test_a_heads_file_that_was_changed_leads_to_no_stamp(days: Days) -> None:
    await days.open_case()
    days.world.clock.move(days=1)
    await days.stamper().tick()
    assert len(await days.of_case()) == 1
    lines = days.heads_file.read_bytes().splitlines(keepends=True)
    days.heads_file.write_bytes(b"".join(line for line in lines if days.case_id.encode() in line))
    assert await days.of_case() == []


async def test_openssl_says_the_same(days: Days, tmp_path: Path) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl here: tokens are checked by the library alone")
    days.world.clock.move(days=1)
    await days.stamper().tick()
    (stamp,) = await days.of_case()
    (tmp_path / "token.tsr").write_bytes(stamp.response)
    (tmp_path / "day.txt").write_bytes(stamped_message(stamp.day.isoformat(), stamp.root))
    (tmp_path / "root.pem").write_bytes(days.authority.issuer.root_pem)
    files = {"-in": "token.tsr", "-data": "day.txt", "-CAfile": "root.pem"}
    arguments = [part for name, file in files.items() for part in (name, str(tmp_path / file))]
    ran = await asyncio.create_subprocess_exec(
        program, "ts", "-verify", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, _ = await ran.communicate()
    assert ran.returncode == 0 and b"Verification: OK" in said


async def test_check_has_something_stamped_and_says_what_to_mend(authority: AuthorityDouble, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(authority.issuer.root_pem)
    file = tmp_path / "config.toml"
    file.write_text(f'[timestamp]\nurl = "{authority.url}"\ncertificates = "root.pem"\n', encoding="utf-8")
    settings = load_settings(file, {})
    assert "stamps times" in await part_checks.timestamp(settings)
    authority.login = "Basic Y2VudHJlOnNlY3JldA=="
    with pytest.raises(TimeStampRefused, match="http-401"):
        await part_checks.timestamp(settings)
    told = {"username": "centre", "password": "secret"}
    section = TimestampSettings(url=authority.url, certificates=tmp_path / "root.pem", **told)  # type: ignore[arg-type]
    assert (await make_time_authority(section).stamp(b"x")).response
    (tmp_path / "root.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(ConfigError, match="certificates"):
        await part_checks.timestamp(settings)
