"""The example explains every key, and is itself right."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from monitor.settings.loading import FILE_KEYS, SECRETS, load_settings
from monitor.settings.model import Settings
from monitor.settings.problems import keys_of

EXAMPLE = (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8")
COMMENTED = re.compile(r"^#(?=\[|[a-z_]+ = )", re.MULTILINE)


def written_keys() -> Iterator[tuple[str, str]]:
    section = ""
    for line in COMMENTED.sub("", EXAMPLE).splitlines():
        if found := re.match(r"\[([a-z]+)\]$", line):
            section = found[1]
        elif found := re.match(r"([a-z_]+) = ", line):
            yield section, found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    public_key = rsa.generate_private_key(65537, 2048).public_key()
    pem = public_key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    (tmp_path / "telegram-server.pem").write_bytes(pem)
    (tmp_path / "routes").mkdir()
    return tmp_path


def test_example_loads_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    settings = load_settings(file, {})
    assert (settings.telegram, settings.x, settings.smtp, settings.imap) == (None, None, None, None)


def test_example_loads_with_every_key_uncommented(folder: Path) -> None:
    file = folder / "config.toml"
    file.write_text(COMMENTED.sub("", EXAMPLE), encoding="utf-8")
    settings = load_settings(file, {})
    assert settings.telegram and settings.x and settings.smtp and settings.imap
    assert settings.smtp.sender == "Notices <notices@example.org>"


def test_example_shows_every_key_once_in_its_section() -> None:
    known = [(section, key) for section in Settings.model_fields for key in keys_of(section)]
    assert sorted(written_keys()) == sorted(known)


def test_example_names_every_other_way_to_give_a_secret() -> None:
    for names in FILE_KEYS.values():
        for name in names:
            assert f"{name} = " in EXAMPLE
    for variable in (*SECRETS.values(), "DATABASE_URL", "JIKIMI_MASTER_KEY"):
        assert variable in EXAMPLE


def test_defaults_in_the_example_are_the_real_ones(folder: Path) -> None:
    (folder / "empty.toml").write_text("")
    (folder / "full.toml").write_text(COMMENTED.sub("", EXAMPLE), encoding="utf-8")
    bare, full = load_settings(folder / "empty.toml", {}), load_settings(folder / "full.toml", {})
    for section in ("database", "security", "ledger", "crawl", "matching", "cases"):
        assert getattr(bare, section) == getattr(full, section)
    assert (bare.web.listen, bare.clock.speed) == (full.web.listen, full.clock.speed)
