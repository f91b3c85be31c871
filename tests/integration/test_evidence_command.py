"""`python -m monitor evidence export`: what an operator writes for the police, and what it refuses."""

import asyncio
import io
import re
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pyrage
import pytest

from monitor.__main__ import main
from tests.support.api_world import ApiWorld
from tests.support.evidence_scene import verify

CHANNEL = "https://t.me/examplechannel"


@pytest.fixture
async def cases(sqlite_world: ApiWorld, tmp_path: Path) -> tuple[str, str]:
    """A case of each of two centres with a copy in the same channel, and a configuration that names the database."""
    world, found = sqlite_world, []
    url = f"sqlite:///{tmp_path / 'jikimi.sqlite'}"
    (tmp_path / "config.toml").write_text(
        f'[database]\nurl = "{url}"\n[web]\npublic_url = "https://jikimi.example.org"\n', encoding="utf-8"
    )
    for login, centre in (("first", "Centre A"), ("second", "Centre B")):
        advocate = await world.advocate(login, centre)
        person = await world.vouched(advocate)
        sighting = await world.sighting(person)
        await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context"})
        found.append(person.case_id)
    return found[0], found[1]


async def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command, without a new Python."""
    out, err = io.StringIO(), io.StringIO()
    command = ["evidence", "export", "--config", str(folder / "config.toml"), "--out", str(folder / "out"), *arguments]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.delenv("DATABASE_URL", raising=False)
        code = await asyncio.to_thread(main, command)
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())


async def test_plain_package_is_a_folder_and_a_zip_that_verify(cases: tuple[str, str], tmp_path: Path) -> None:
    done = await run(tmp_path, "--case", cases[0], "--plain", "--to", "the police", "--language", "en")
    assert (done.returncode, done.stderr) == (0, "") and "NOT encrypted" in done.stdout
    key = re.search(r"public key ([0-9a-f]{64})", done.stdout)
    folder, zip_file = sorted((tmp_path / "out").iterdir(), key=lambda path: path.suffix)
    assert key is not None and zip_file.name == f"{folder.name}.zip"
    for path in (folder, zip_file):
        checked = verify(path, "--public-key", key[1])
        assert checked.returncode == 0, checked.stdout
        assert path.stat().st_mode & 0o077 == 0, "for whoever runs it, and nobody else"


async def test_package_is_encrypted_unless_one_says_plain(cases: tuple[str, str], tmp_path: Path) -> None:
    done = await run(tmp_path, "--case", cases[0])
    passphrase = re.search(r"passphrase, to be told by phone: ([a-z ]+)\n", done.stdout)
    (file,) = (tmp_path / "out").iterdir()
    assert done.returncode == 0 and passphrase is not None and file.name.endswith(".zip.age")
    assert pyrage.passphrase.decrypt(file.read_bytes(), passphrase[1]).startswith(b"PK")
    friend = pyrage.x25519.Identity.generate()
    done = await run(tmp_path, "--case", cases[0], "--case", cases[1], "--recipient", str(friend.to_public()))
    assert done.returncode == 0 and "passphrase" not in done.stdout
    (other,) = set((tmp_path / "out").iterdir()) - {file}
    assert pyrage.decrypt(other.read_bytes(), [friend]).startswith(b"PK")


async def test_ring_of_one_organisation_and_what_is_refused(cases: tuple[str, str], tmp_path: Path) -> None:
    both = await run(tmp_path, "--source", CHANNEL, "--plain")
    assert both.returncode == 2 and "several organisations have cases there" in both.stderr
    ring = await run(tmp_path, "--source", CHANNEL, "--organisation", "Centre B", "--plain")
    assert ring.returncode == 0
    (folder,) = (path for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert [path.name for path in (folder / "data" / "cases").iterdir()] == [cases[1]]
    for arguments, words in (
        ((), "--case or --source"),
        (("--case", "nosuchcase"), "there is no case nosuchcase"),
        (("--source", "https://t.me/neverheardof"), "no confirmed copy"),
        (("--source", CHANNEL, "--organisation", "Nobody"), "no organisation of this name"),
        (("--case", cases[0], "--recipient", "age1nonsense"), "age public key"),
        (("--case", cases[0], "--recipient", "age1x", "--plain"), "choose one"),
    ):
        done = await run(tmp_path, *arguments)
        assert done.returncode == 2 and words in done.stderr, arguments
        assert "Traceback" not in done.stderr
