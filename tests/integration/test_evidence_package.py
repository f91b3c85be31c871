"""A package of evidence: readable, verifiable offline by one plain file, and without anything about anybody else."""

import ast
import asyncio
import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pypdf import PdfReader
from sqlalchemy import insert, text, update

from db.locking import lock_one
from db.models.cases import Case
from db.models.ledger import LedgerEntry
from db.models.people import Organisation
from db.models.sightings import Sighting
from monitor.cases.erasure import destroy_key, erase
from monitor.core.errors import KeyDestroyed, RuleBroken
from monitor.core.refusals import Refusal
from monitor.demo.authority.double import AuthorityDouble, Issuer
from monitor.evidence.chain import GENESIS, Entry, sha256, timestamp
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.export import write_export
from monitor.evidence.time_authority import HttpTimeAuthority
from monitor.evidence.verify_export import verify_export
from monitor.exports import verify as verifier_module
from monitor.exports.bag import write_folder
from monitor.exports.choosing import find_ring
from monitor.exports.encryption import check_key, encrypted_to, encrypted_with
from monitor.exports.package import VERIFIER, Package, make_package
from monitor.jobs.time_stamp import TimeStamper
from monitor.model.states import CaseState
from tests.support.evidence_scene import (
    ANSWER,
    SECRETS,
    EvidenceScene,
    changed,
    evidence_scene,
    resealed,
    unpacked,
    verify,
)

LANGUAGES = ("ko", "en")


@pytest.fixture
async def scene(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[EvidenceScene]:
    async with evidence_scene(prepared_sqlite_url, tmp_path) as made:
        yield made


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def report_of(scene: EvidenceScene, package: Package) -> str:
    return text_of(package.files[f"data/cases/{scene.case_id}/report.pdf"])


def written(package: Package, folder: Path) -> Path:
    file = folder / f"{package.name}.zip"
    file.write_bytes(package.zip())
    return file


def found_in(path: Path, capsys: pytest.CaptureFixture[str], **options: bytes) -> tuple[bool, str]:
    """What the verifier says of a package, called in this process since it is called often."""
    capsys.readouterr()
    fine = verifier_module.verify(str(path), language="en", **options)
    return fine, capsys.readouterr().out


async def test_package_verifies_by_a_bare_python_without_the_project(scene: EvidenceScene, tmp_path: Path) -> None:
    package = await scene.package()
    alone = tmp_path / "officer"
    alone.mkdir()
    (alone / "verify.py").write_bytes(package.files["data/verify.py"])
    done = verify(written(package, alone), "--public-key", scene.public_key, verifier=alone / "verify.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith(f"OK: {len(package.files)} files, 1 case(s), ")
    assert "The public key is the one you gave." in done.stdout
    folder = unpacked(package, alone)
    assert verify(folder, language="ko").stdout.splitlines()[-1].startswith("이상 없음: ")
    other = verify(folder, "--public-key", "ab" * 32)
    assert other.returncode == 1 and "signature.txt: was signed with another key" in other.stdout
    inside = [sys.executable, "-I", "-S", str(folder / "data" / "verify.py")]
    assert (await asyncio.to_thread(subprocess.run, inside, capture_output=True, cwd="/")).returncode == 0, (
        "asked nothing, it checks its own folder"
    )


def test_verifier_is_plain_python_3_8_of_the_standard_library() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 8))
    modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in modules} <= set(sys.stdlib_module_names)
    assert not modules & {"socket", "urllib", "http", "ssl", "ftplib", "asyncio"}
    later = {"removeprefix", "removesuffix", "is_relative_to", "bit_count"}
    assert not later & {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    # Annotations are not run; every other use of `X | Y` between types would be.
    assert any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree))
    assert not any(isinstance(node, ast.Match) for node in ast.walk(tree))


async def test_every_changed_byte_is_found_and_the_file_named(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = await scene.package()
    folder = tmp_path / "package"
    write_folder(package.files, folder)
    assert found_in(folder, capsys)[0]
    for name, content in package.files.items():
        for at in {0, len(content) // 2, len(content) - 1}:
            (folder / name).write_bytes(changed(package.files, name, at)[name])
            fine, said = found_in(folder, capsys)
            assert not fine and f"BROKEN: {name}: " in said, (name, at)
        (folder / name).write_bytes(content)
    assert found_in(folder, capsys)[0]


async def test_removed_added_and_doubled_files_are_found_and_named(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = await scene.package()
    for name in package.files:
        less = {one: content for one, content in package.files.items() if one != name}
        file = written(replace(package, files=less), tmp_path)
        fine, said = found_in(file, capsys)
        assert not fine and f"BROKEN: {name}: is missing" in said
        file.unlink()
    for added in ("data/cases/picture.jpg", "note.txt", "data/\x1b[2Jx"):
        file = written(replace(package, files={**package.files, added: b"x"}), tmp_path)
        fine, said = found_in(file, capsys)
        assert not fine and "was added: it is not in the list of files" in said and "\x1b" not in said
        file.unlink()
    file = written(package, tmp_path)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(f"{package.name}/data/README.txt", b"another")
    assert "data/README.txt: stands twice in the ZIP" in found_in(file, capsys)[1]
    folder = unpacked(package, tmp_path)
    (folder / "data" / "link").symlink_to("/etc/hostname")
    assert "data/link: is no plain file inside the package" in found_in(folder, capsys)[1]


async def test_every_changed_byte_of_the_zip_is_found_and_costs_only_its_own_file(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Headers too: programs that unpack trust different ones of them."""
    package = await scene.package()
    content, file = package.zip(), tmp_path / "package.zip"
    data = content.index(package.files["data/README.txt"])
    ends = content.rindex(b"PK\x05\x06")
    listed = content.index(b"PK\x01\x02")
    whole = (*range(40), *range(listed, listed + 60), *range(ends, len(content)))
    for at in (*whole, data + 3, *range(0, len(content), 1009)):
        file.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        try:
            files, wrong = verifier_module.read_package(str(file))
        except verifier_module.Unreadable:
            files, wrong = {}, [("package.zip", "unreadable")]
        assert wrong, at
        assert at >= listed or len(files) >= len(package.files) - 1, "what is not its own costs a file nothing"
    file.write_bytes(content[: data + 3] + b"\x00" + content[data + 4 :])
    fine, said = found_in(file, capsys)
    assert not fine and said.count("BROKEN: ") == 2
    assert "BROKEN: data/README.txt: is damaged in the ZIP and cannot be read" in said
    for more in (b"MZ" + content, content + b"hidden"):
        file.write_bytes(more)
        assert "the ZIP was changed, or packed anew" in found_in(file, capsys)[1]


async def test_links_and_foreign_folders_in_a_zip_are_named(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = await scene.package()
    file = written(package, tmp_path)
    link = zipfile.ZipInfo(f"{package.name}/data/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/hostname")
        archive.writestr(f"{package.name}/../../evil", b"x")
        archive.writestr("another/file", b"x")
    fine, said = found_in(file, capsys)
    assert not fine and said.count("is no plain file inside the package") == 3
    assert "data/link: " in said and "/../../evil: " in said and "another/file: " in said


async def test_verifier_says_what_is_wrong_whatever_stands_in_the_records(scene: EvidenceScene) -> None:
    """It never ends in a traceback that names nothing: neither for odd values nor for names that stand twice."""
    package = await scene.package()
    home = f"data/cases/{scene.case_id}/"
    ledger = json.loads(package.files[home + "ledger.json"])
    places = [("seals", 0, "at"), ("seals", 0, "previous"), ("seals", 0, "count"), ("count",), ("head_hash",)]
    opened = next(at for at, entry in enumerate(ledger["entries"]) if "plain" in entry)
    places += [("entries", opened, "plain"), ("entries", 0, "at"), ("seals",), ("entries",)]
    for place in places:
        odd: tuple[Any, ...] = ("\u00e9", "\ud800", None, [1], 10**30, {})
        for value in odd:
            document = json.loads(package.files[home + "ledger.json"])
            inner: Any = document
            for step in place[:-1]:
                inner = inner[step]
            inner[place[-1]] = value
            found = checked({**package.files, home + "ledger.json": json.dumps(document).encode()})
            assert home + "ledger.json" in found, (place, value)
    doubled = package.files[home + "records.json"].replace(b'"case":', b'"case": "another", "case":', 1)
    made = resealed(scene, package, {**package.files, home + "records.json": doubled})
    assert checked(made.files) == {home + "records.json"}, "of two, programs read different ones"


def checked(files: Mapping[str, bytes]) -> set[str]:
    """Names of the files that the verifier finds something wrong with."""
    check = verifier_module.Check(dict(files), key=None, authority=None)
    check.run()
    return {name for name, *_ in check.wrong}


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_package_is_said_to_be_none(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    fine, said = found_in(file, capsys)
    assert not fine and "cannot be read as a package" in said


async def test_lists_made_anew_without_the_key_do_not_pass(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever changes a file and all the lists cannot sign them."""
    package = await scene.package()
    name = f"data/cases/{scene.case_id}/copies.csv"
    forged = resealed(scene, package, changed(package.files, name, 200)).files
    kept = {**forged, "signature.txt": package.files["signature.txt"]}
    fine, said = found_in(written(replace(package, files=kept), tmp_path), capsys)
    assert not fine and "signature.txt: the signature does not fit" in said


async def test_records_and_chain_that_disagree_are_found_even_under_a_good_signature(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = await scene.package()
    home = f"data/cases/{scene.case_id}/"

    def broken(file: str, document: object) -> str:
        content = json.dumps(document).encode()
        made = resealed(scene, package, {**package.files, home + file: content})
        fine, said = found_in(written(made, tmp_path), capsys)
        assert not fine
        return said

    records, ledger = (json.loads(package.files[home + name]) for name in ("records.json", "ledger.json"))
    records["copies"][0]["evidence"]["media_sha256"] = "f" * 64
    assert "records.json: copy 1 is not as the chain tells it (media_sha256)" in broken("records.json", records)
    records = json.loads(package.files[home + "records.json"])
    records["copies"][1]["how"] = "whole picture: 0 of 256 bits differ (limit 31), quality 100"
    assert "records.json: copy 2 is not as the chain tells it (how)" in broken("records.json", records)

    opened = next(entry for entry in ledger["entries"] if "plain" in entry)
    number, plain = opened["seq"], opened["plain"]
    opened["plain"] = plain.replace("advocate", "operator")
    said = broken("ledger.json", ledger)
    assert f"ledger.json: entry {number}: its plain text is not the one that was hashed" in said
    opened["plain"] = plain
    ledger["entries"][5]["kind"] = "looked"
    assert "ledger.json: entry 6: its fields do not have its hash" in broken("ledger.json", ledger)
    ledger = json.loads(package.files[home + "ledger.json"])
    del ledger["entries"][4]
    assert "ledger.json: entry 5: is not in its place" in broken("ledger.json", ledger)
    ledger = json.loads(package.files[home + "ledger.json"])
    ledger["seals"][0]["at"] = "2020-01-01T00:00:00.000000Z"
    assert "ledger.json: the signed head of entry " in broken("ledger.json", ledger)
    ledger = json.loads(package.files[home + "ledger.json"])
    ledger["exported_at"] = "2020-01-01T00:00:00.000000Z"
    assert "ledger.json: the closing signature does not fit" in broken("ledger.json", ledger)


async def test_chain_in_the_package_verifies_with_the_projects_own_command(
    scene: EvidenceScene, tmp_path: Path
) -> None:
    package = await scene.package()
    ledger = json.loads(package.files[f"data/cases/{scene.case_id}/ledger.json"])
    write_export(ledger, tmp_path / "ledger.json")
    report = verify_export(tmp_path / "ledger.json", scene.world.context.keys.signing_key().public_key())
    assert report.ok and report.cases[0].entries == ledger["count"]


async def test_package_holds_nothing_of_other_persons_no_picture_and_no_key(scene: EvidenceScene) -> None:
    package = await scene.package()
    everything = b"\n".join(package.files.values()) + report_of(scene, package).encode()
    for secret in (*SECRETS, scene.other_id):
        assert secret.encode() not in everything, secret
    for name, content in package.files.items():
        assert not content.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8")), name
    pdf = PdfReader(io.BytesIO(package.files[f"data/cases/{scene.case_id}/report.pdf"]))
    assert sum(len(page.images) for page in pdf.pages) == 0
    keys = scene.world.context.keys
    held = keys.signing_key().private_bytes_raw()
    assert held not in everything and held.hex().encode() not in everything
    ledger = json.loads(package.files[f"data/cases/{scene.case_id}/ledger.json"])
    assert not any("payload" in entry for entry in ledger["entries"])
    closed = {entry["kind"] for entry in ledger["entries"] if "plain" not in entry}
    assert {"intake-changed", "consent-given", "link-entered", "sighting-dismissed"} <= closed


@pytest.mark.parametrize("language", LANGUAGES)
async def test_report_is_tagged_searchable_and_says_what_an_officer_needs(scene: EvidenceScene, language: str) -> None:
    package = await scene.package(language=language)
    content = package.files[f"data/cases/{scene.case_id}/report.pdf"]
    reader = PdfReader(io.BytesIO(content))
    text = text_of(content)
    catalogue = reader.trailer["/Root"].get_object()
    assert catalogue["/MarkInfo"]["/Marked"] is True or catalogue["/MarkInfo"]["/Marked"].value  # type: ignore[index]
    assert catalogue["/Lang"] == language  # type: ignore[index]
    assert reader.metadata is not None and scene.case_id in str(reader.metadata.title)
    joined = "".join(text.split())
    for told in (
        "https://t.me/leakchannel/17",
        "https://t.me/leakchannel/23",
        "1701234567",
        "2026-11-23 12:00 KST (2026-11-23 03:00 UTC)",
        "Signing Advocate",
        "00" * 32,
        scene.recipient,
        scene.public_key,
        "verify.py",
        "We have removed the content.",
    ):
        assert told in text or "".join(told.split()) in joined, told
    in_words = {
        "ko": (
            "증거 보고서",
            "한눈에 보기",
            "값 256개 가운데 12개가 다름",
            "좌우 반전",
            "기록의 연속성",
            "본인이 게시물을",
        ),
        "en": (
            "Evidence report",
            "At a glance",
            "12 of 256 values differ",
            "mirrored",
            "Chain of custody",
            "viewed the post",
        ),
    }
    for told in in_words[language]:
        assert told in text or "".join(told.split()) in joined, told
    assert "{" not in text, "a place in a text that nothing filled"


async def test_tables_open_in_a_spreadsheet_and_run_nothing(scene: EvidenceScene) -> None:
    package = await scene.package()
    files = {
        name: list(csv.DictReader(io.StringIO(package.files[f"data/cases/{scene.case_id}/{name}"].decode("utf-8-sig"))))
        for name in ("copies.csv", "notices.csv", "custody.csv")
    }
    assert sorted(row["post"] for row in files["copies.csv"]) == ["17", "1900170000000000000", "23"]
    by_post = {row["post"]: row for row in files["copies.csv"]}
    assert by_post["17"]["posted_kst"] == "2026-11-23 12:00:00" and by_post["17"]["posted_utc"] == "2026-11-23 03:00:00"
    assert {row["answers"] for row in files["notices.csv"]} == {"0", "2"}
    assert files["custody.csv"][-1]["kind"] == "evidence-exported"
    assert [int(row["entry"]) for row in files["custody.csv"]] == list(range(1, len(files["custody.csv"]) + 1))
    from monitor.exports.records import _cell

    assert [_cell(text) for text in ("=1+1", "@x", "-2", "plain", None)] == ["'=1+1", "'@x", "'-2", "plain", ""]


async def test_records_hold_notices_word_by_word_and_what_was_answered(scene: EvidenceScene) -> None:
    records = json.loads((await scene.package()).files[f"data/cases/{scene.case_id}/records.json"])
    answers = [answer for notice in records["notices"] for answer in notice["answers"]]
    told = sorted((one["kind"], one["text"], one["proven"]) for one in answers)
    assert told == [("acknowledged", "", True), ("reply", ANSWER, False)]
    assert "telegram_report" in {notice["route"] for notice in records["notices"]}
    assert all(notice["body"] and notice["recipient"] for notice in records["notices"])
    assert records["links"] == [{"named_at": "2026-11-24T03:00:00+00:00", "url": "https://t.me/+abcdefghijk"}]
    for copy in records["copies"]:
        assert copy["evidence_entry"] is not None and copy["decided_by"] == "Signing Advocate"


async def test_several_cases_have_a_folder_each_and_one_ring_only_its_copies(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = await scene.package(scene.case_id, scene.other_id)
    assert found_in(written(both, tmp_path), capsys)[0]
    for mine, other in ((scene.case_id, scene.other_id), (scene.other_id, scene.case_id)):
        own = [content for name, content in both.files.items() if name.startswith(f"data/cases/{mine}/")]
        assert len(own) >= 6 and not any(other.encode() in content for content in own)
        assert other not in text_of(both.files[f"data/cases/{mine}/report.pdf"])

    ring = await scene.package(scene.case_id, scene.other_id, source="leakchannel", language="en")
    assert found_in(written(ring, tmp_path), capsys)[0]
    everything = b"\n".join(ring.files.values())
    assert b"leakaccount" not in everything and b"anothersplace" not in everything
    for case_id, posts in ((scene.case_id, {"17", "23"}), (scene.other_id, {"99"})):
        records = json.loads(ring.files[f"data/cases/{case_id}/records.json"])
        assert {copy["post"] for copy in records["copies"]} == posts and records["links"] == []


async def test_ring_is_found_by_link_or_name_within_ones_own_organisation(scene: EvidenceScene) -> None:
    async with scene.world.database.begin() as session:
        other = Organisation(id="o" * 26, name="Another centre")
        session.add(other)
        await session.flush()
        home = scene.advocate.organisation_id
        for text in ("https://t.me/leakchannel", "https://t.me/leakchannel/17", "@LeakChannel"):
            ring = await find_ring(session, text, organisation_id=home)
            assert ring.case_ids == tuple(sorted((scene.case_id, scene.other_id)))
        for text, organisation, refusal in (
            ("https://t.me/leakchannel", other.id, Refusal.NO_COPIES),
            ("https://t.me/dismissedchannel", home, Refusal.NO_COPIES),
            ("https://t.me/neverheardof", home, Refusal.NO_COPIES),
            ("not a source at all!", home, Refusal.SOURCE_UNREADABLE),
        ):
            with pytest.raises(RuleBroken) as refused:
                await find_ring(session, text, organisation_id=organisation)
            assert refused.value.reason is refusal


async def test_export_is_an_entry_of_each_case_with_doer_and_recipient(scene: EvidenceScene) -> None:
    package = await scene.package()
    async with scene.world.database.read() as session:
        told = (await scene.world.context.ledger.told(session, scene.case_id))[-1]
    assert told.row.kind == "evidence-exported" and told.by is not None and told.by.id == scene.advocate.id
    assert told.facts is not None
    assert (told.facts["recipient"], told.facts["agreed"], told.facts["encrypted"]) == (scene.recipient, True, "no")
    again = await scene.package()
    first, second = (json.loads(one.files[f"data/cases/{scene.case_id}/ledger.json"]) for one in (package, again))
    assert "plain" in first["entries"][-1] and "plain" in second["entries"][-1]
    assert "plain" not in second["entries"][-2], "whom others got one for is not this recipient's to know"


async def test_what_may_not_leave_is_refused_by_name(scene: EvidenceScene) -> None:
    world = scene.world
    await scene.package()
    for state, frozen, refusal in (
        (CaseState.VOUCHED, True, Refusal.CASE_FROZEN),
        (CaseState.ERASING, False, Refusal.CASE_CLOSED),
        (CaseState.OPEN, False, Refusal.CASE_CLOSED),
    ):
        async with world.database.begin() as session:
            case = await lock_one(session, Case, scene.case_id)
            case.state, case.frozen_at = state, world.clock.now() if frozen else None
        with pytest.raises(RuleBroken) as refused:
            await scene.package(recorded=False)
        assert refused.value.reason is refusal
    async with world.database.begin() as session:
        case = await lock_one(session, Case, scene.case_id)
        case.state = CaseState.ERASING
        await session.flush()
        await erase(session, world.context, case)
    destroy_key(world.context, scene.case_id)
    with pytest.raises((RuleBroken, KeyDestroyed)):
        await make_package(world.database, scene.context, scene.orders[0], scene.place)


def test_encryption_opens_for_the_recipient_and_nobody_else() -> None:
    friend, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = encrypted_to(b"package", str(friend.to_public()))
    assert pyrage.decrypt(sealed, [friend]) == b"package"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [stranger])
    told = encrypted_with(b"package", "seven words told by phone")
    assert pyrage.passphrase.decrypt(told, "seven words told by phone") == b"package"
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(told, "other words")
    assert check_key(f" {str(friend.to_public()).upper()} ") == str(friend.to_public())
    for wrong in ("", "age1", str(friend), str(friend.to_public())[:-1] + "b", "ssh-ed25519 AAAA"):
        with pytest.raises(RuleBroken) as refused:
            check_key(wrong)
        assert refused.value.reason is Refusal.RECIPIENT_KEY


async def stamped(scene: EvidenceScene, authority: AuthorityDouble, days: int) -> None:
    """Let the authority stamp the days that pass; something happens in the case on each."""
    asked = HttpTimeAuthority(authority.url, [authority.issuer.root], timeout=5.0)
    stamper = TimeStamper(scene.world.database, scene.world.context, asked, heads_file=scene.heads_file)
    for _ in range(days):
        async with scene.world.database.begin() as session:
            await scene.context.record(session, scene.case_id, EntryKind.INTAKE_READ)
        await scene.seal()
        scene.world.clock.move(days=1)
        await stamper.tick()


async def test_time_stamps_go_along_with_the_cases_own_path_and_are_checked(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AuthorityDouble() as authority:
        await stamped(scene, authority, 2)
    scene.authority_file = tmp_path / "root.pem"
    scene.authority_file.write_bytes(authority.issuer.root_pem)
    package = await scene.package(language="en")
    home = f"data/cases/{scene.case_id}/time-stamps/"
    tokens = sorted(name for name in package.files if name.startswith(home) and name.endswith(".tsr"))
    assert len(tokens) == 2 and home + "authority.pem" in package.files
    assert "stamped at" in report_of(scene, package)
    file = written(package, tmp_path)

    fine, said = found_in(file, capsys, authority=scene.authority_file.read_bytes())
    assert fine and said.count("Time stamp of 2026-11-2") == 2
    if shutil.which("openssl"):
        assert said.count("Its signature was checked with openssl against the certificate you gave.") == 2
        assert "the certificate that came along" in found_in(file, capsys)[1]
        another = found_in(file, capsys, authority=Issuer().root_pem)
        assert not another[0] and ".tsr: the authority's signature does not fit" in another[1]
    monkeypatch.setenv("PATH", str(tmp_path))
    fine, said = found_in(file, capsys)
    assert fine and said.count("who signed it was NOT checked: the program openssl is not here") == 2
    bare = {name: content for name, content in package.files.items() if not name.endswith("authority.pem")}
    fine, said = found_in(written(resealed(scene, package, bare), tmp_path), capsys)
    assert fine and "NOT checked: no certificate of the authority was given" in said

    # Under a signature that fits, as only the centre itself could make one: the imprint tells all the same.
    one, two = tokens
    swapped = {**package.files, one: package.files[two], two: package.files[one]}
    fine, said = found_in(written(resealed(scene, package, swapped), tmp_path), capsys)
    assert not fine and said.count("is a time stamp over something else than the value of its day") == 2
    assert f"BROKEN: {one}: " in said and f"BROKEN: {two}: " in said
    fine, said = found_in(written(replace(package, files=swapped), tmp_path), capsys)
    assert not fine and f"BROKEN: {one}: was changed" in said, "and anybody else's swap is found by the list of files"
    proof = json.loads(package.files[one[:-4] + ".json"])
    for change, words in (
        ({"salt": "00" * 32}, "the path does not lead to the value of the day"),
        ({"head_hash": "ab" * 32}, "tells of another chain"),
    ):
        forged = {**package.files, one[:-4] + ".json": json.dumps({**proof, **change}).encode()}
        fine, said = found_in(written(resealed(scene, package, forged), tmp_path), capsys)
        assert not fine and words in said
    for broken in (b"", b"no token", package.files[one][:200]):
        forged = {**package.files, one: broken}
        fine, said = found_in(written(resealed(scene, package, forged), tmp_path), capsys)
        assert not fine and f"BROKEN: {one}: is no time stamp" in said


async def test_entries_of_the_first_format_are_attested(
    scene: EvidenceScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A case that began under a version before 0.3: its entries have no salt, so the centre signs what they say."""
    await make_old(scene)
    package = await scene.package()
    name = f"data/cases/{scene.case_id}/attestation.json"
    document = json.loads(package.files[name])
    assert [one["kind"] for one in document["statements"]] == ["sighting-found"]
    records = json.loads(package.files[f"data/cases/{scene.case_id}/records.json"])
    assert {copy["evidence_entry"] for copy in records["copies"]} == {1}
    assert found_in(written(package, tmp_path), capsys)[0]
    document["statements"][0]["facts"]["how"] = "another story"
    forged = {**package.files, name: json.dumps(document).encode()}
    fine, said = found_in(written(resealed(scene, package, forged), tmp_path), capsys)
    assert not fine and "attestation.json: the signature of the attestation does not fit" in said


async def make_old(scene: EvidenceScene) -> None:
    """Rewrite the case's chain as an older program would have written it: one found copy, nothing else."""
    world = scene.world
    async with world.database.begin() as session:
        told = await world.context.ledger.told(session, scene.case_id)
        found = next(one for one in told if one.row.kind == "sighting-found")
        assert found.facts is not None
        await session.execute(text("delete from ledger_entries where case_id = :case"), {"case": scene.case_id})
        mine = Sighting.case_id == scene.case_id
        await session.execute(
            update(Sighting).where(mine, Sighting.id != found.facts["sighting"]).values(state="dismissed")
        )
        payload = world.context.key(scene.case_id).seal_json(dict(found.facts), f"ledger:{scene.case_id}:1")
        entry = Entry(scene.case_id, 1, timestamp(found.row.at), "sighting-found", sha256(payload), GENESIS)
        values = {
            "case_id": scene.case_id,
            "seq": 1,
            "at": found.row.at,
            "kind": entry.kind,
            "payload": payload,
            "payload_sha256": entry.payload_sha256,
            "prev_hash": GENESIS,
            "entry_hash": entry.hash(),
        }
        await session.execute(insert(LedgerEntry).values(values))
    scene.heads_file.unlink()
