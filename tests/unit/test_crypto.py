"""Sealing, wrapping, and where the master key comes from."""

import base64
from pathlib import Path

import pytest

from monitor.core.errors import ConfigError, CryptoError
from monitor.keys.envelope import KEY_BYTES, Key, canonical_json, create_master_key, load_master_key


def test_sealed_payload_opens_with_its_key_and_context() -> None:
    key = Key.generate()
    assert key.open(key.seal("사진".encode(), "contact:a"), "contact:a") == "사진".encode()


def test_sealing_twice_gives_different_bytes() -> None:
    key = Key.generate()
    assert key.seal(b"x", "here") != key.seal(b"x", "here")


def test_payload_moved_to_another_place_does_not_open() -> None:
    key = Key.generate()
    with pytest.raises(CryptoError):
        key.open(key.seal(b"x", "contact:a"), "contact:b")


def test_other_key_does_not_open() -> None:
    with pytest.raises(CryptoError):
        Key.generate().open(Key.generate().seal(b"x", "here"), "here")


def test_every_changed_byte_is_noticed() -> None:
    key = Key.generate()
    sealed = key.seal(b"payload", "here")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(CryptoError):
            key.open(bytes(changed), "here")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 28, b"\x02" * 60])
def test_bytes_that_were_never_sealed_are_refused(sealed: bytes) -> None:
    with pytest.raises(CryptoError):
        Key.generate().open(sealed, "here")


def test_json_comes_back_and_equal_values_have_equal_bytes() -> None:
    key = Key.generate()
    value = {"b": [1, None, True], "a": "가"}
    assert key.open_json(key.seal_json(value, "here"), "here") == value
    assert canonical_json({"a": "가", "b": 1}) == canonical_json({"b": 1, "a": "가"}) == '{"a":"가","b":1}'.encode()


def test_key_is_never_printed() -> None:
    key = Key(b"k" * KEY_BYTES)
    assert "kk" not in f"{key!r} {key}"


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(CryptoError, match="32 bytes"):
        Key(b"k" * size)


def test_created_master_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.key"
    sealed = create_master_key(file).seal(b"x", "here")
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_master_key(file, {}).open(sealed, "here") == b"x"
    with pytest.raises(FileExistsError):
        create_master_key(file)


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master.key")
    text = base64.b64encode(b"e" * KEY_BYTES).decode()
    key = load_master_key(tmp_path / "master.key", {"JIKIMI_MASTER_KEY": f" {text}\n"})
    assert key.open(Key(b"e" * KEY_BYTES).seal(b"x", "here"), "here") == b"x"


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_wrong_master_key_is_told_without_showing_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="JIKIMI_MASTER_KEY is not a master key") as caught:
        load_master_key(tmp_path / "none", {"JIKIMI_MASTER_KEY": text})
    assert not text or text not in str(caught.value)


def test_missing_master_key_is_told_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run `python -m monitor serve` once"):
        load_master_key(tmp_path / "none", {})


def test_unreadable_master_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for path in (tmp_path, tmp_path / "binary"):
        with pytest.raises(ConfigError, match="cannot read"):
            load_master_key(path, {})
