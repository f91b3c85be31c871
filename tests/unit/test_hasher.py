"""Secrets are hashed as RFC 9106 says wherever the product hashes; the quick way is the tests' own."""

import inspect
from dataclasses import fields
from pathlib import Path

import pytest
from argon2 import Type, extract_parameters

from monitor.app.bootstrap import build_services
from monitor.app.first_start import prepare_first_start
from monitor.cases.advocates import add_advocate
from monitor.cases.passphrase import hash_secret, matches
from monitor.context.context import DomainContext
from monitor.keys.envelope import HASHER
from monitor.settings.loading import parse_settings
from tests.support.quick_hasher import QUICK

ROOT = Path(__file__).resolve().parents[2]


async def test_secret_is_hashed_with_the_low_memory_profile_of_rfc_9106() -> None:
    hashed = await hash_secret("seven words that nobody else knows of")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    found = extract_parameters(hashed)
    assert (found.type, found.salt_len, found.hash_len) == (Type.ID, 16, 32)
    assert await matches("seven words that nobody else knows of", hashed)
    assert not await matches("seven words that somebody guesses at", hashed)


@pytest.mark.parametrize("call", [hash_secret, add_advocate])
def test_whoever_names_no_hasher_hashes_like_that(call: object) -> None:
    assert inspect.signature(call).parameters["hasher"].default is HASHER  # type: ignore[arg-type]


async def test_desk_of_the_real_services_hashes_like_that(tmp_path: Path) -> None:
    assert [one.default for one in fields(DomainContext) if one.name == "hasher"] == [HASHER]
    settings = parse_settings({}, tmp_path / "config.toml", {})
    prepare_first_start(settings, {})
    services = build_services(settings, {})
    assert services.context.hasher is HASHER
    await services.close()


def test_no_other_hasher_is_made_in_the_product() -> None:
    makes = [
        str(path.relative_to(ROOT))
        for room in ("api", "monitor", "db")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "PasswordHasher(" in (text := path.read_text(encoding="utf-8")) or "from_parameters(" in text
    ]
    (maker,) = makes
    assert "HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)" in (ROOT / maker).read_text(encoding="utf-8")


async def test_hash_made_quickly_opens_like_any_other() -> None:
    assert await matches("a secret of a test", await hash_secret("a secret of a test", QUICK))
