"""The key store on both databases, alone and with several processes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.core.errors import ConfigError, CryptoError, KeyDestroyed
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore
from tests.support.ledger_parts import MASTER


@pytest.fixture
def store(database_url: str) -> Iterator[KeyStore]:
    keys = KeyStore(database_url, MASTER)
    keys.prepare()
    yield keys
    keys.close()


def test_created_key_opens_what_it_sealed_after_a_restart(store: KeyStore, database_url: str) -> None:
    sealed = store.create("case:one").seal(b"contact", "here")
    again = KeyStore(database_url, MASTER)
    again.prepare()
    assert again.get("case:one").open(sealed, "here") == b"contact"
    again.close()


def test_creating_twice_gives_the_same_key(store: KeyStore) -> None:
    sealed = store.create("case:one").seal(b"x", "here")
    assert store.create("case:one").open(sealed, "here") == b"x"


def test_keys_of_two_cases_differ(store: KeyStore) -> None:
    sealed = store.create("case:one").seal(b"x", "here")
    with pytest.raises(CryptoError):
        store.create("case:two").open(sealed, "here")


def test_destroyed_key_is_gone_for_every_process_and_cannot_be_made_again(store: KeyStore, database_url: str) -> None:
    other = KeyStore(database_url, MASTER)
    store.create("case:one")
    assert other.get("case:one")
    store.destroy("case:one")
    store.destroy("case:one")
    for attempt in (other.get, store.get, store.create):
        with pytest.raises(KeyDestroyed):
            attempt("case:one")
    other.close()


def test_key_that_never_existed_is_no_key(store: KeyStore) -> None:
    with pytest.raises(KeyDestroyed):
        store.get("case:unknown")


def test_wrong_master_key_is_told_with_its_mend(store: KeyStore, database_url: str) -> None:
    store.create("case:one")
    wrong = KeyStore(database_url, Key.generate())
    with pytest.raises(ConfigError, match="put back the master key"):
        wrong.prepare()
    with pytest.raises(ConfigError, match="put back the master key"):
        wrong.get("case:one")
    with pytest.raises(ConfigError):
        wrong.signing_key()
    assert store.get("case:one")
    wrong.close()


def test_signing_key_stays_the_same(store: KeyStore, database_url: str) -> None:
    again = KeyStore(database_url, MASTER)
    assert again.signing_key().private_bytes_raw() == store.signing_key().private_bytes_raw()
    again.close()


_RACE = """
import sys
from monitor.keys.store import KeyStore
from tests.support.ledger_parts import MASTER
keys = KeyStore(sys.argv[1], MASTER)
keys.prepare()
print(keys.signing_key().public_key().public_bytes_raw().hex())
print(*(keys.create(f"case:{n}").seal(b"x", "here").hex() for n in range(20)))
keys.close()
"""


def test_processes_that_start_at_once_agree_on_every_key(database_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", _RACE, database_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = [process.communicate(timeout=240)[0].splitlines() for process in running]
    assert len({lines[0] for lines in printed}) == 1
    keys = KeyStore(database_url, MASTER)
    for lines in printed:
        for number, sealed in enumerate(lines[1].split()):
            assert keys.get(f"case:{number}").open(bytes.fromhex(sealed), "here") == b"x"
    keys.close()


def test_only_the_owner_reads_the_file_and_a_destroyed_key_leaves_its_bytes(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "jikimi.sqlite"
    file.touch(mode=0o644)
    keys = KeyStore(sqlite_url, MASTER)
    keys.prepare()
    assert file.stat().st_mode & 0o777 == 0o600
    keys.create("case:one")
    raw = keys.signing_key().private_bytes_raw()
    assert raw not in file.read_bytes()
    wrapped = keys._wrapped("case:one")
    assert wrapped is not None and wrapped in file.read_bytes()
    keys.destroy("case:one")
    assert wrapped not in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["jikimi.sqlite"]
    keys.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_store_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="needs a file"):
        KeyStore(url, MASTER)


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "keys.sqlite"
    file.write_text("these are not the keys you are looking for " * 50)
    keys = KeyStore(f"sqlite:///{file}", MASTER)
    with pytest.raises(ConfigError, match="keys_url"):
        keys.prepare()
    keys.close()
