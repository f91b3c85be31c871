"""`monitor advocate` and `monitor codes`: secrets are shown once, weak passwords and wrong names are refused."""

import asyncio
import getpass
import re
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from db.migrate import upgrade
from db.models.accounts import RecoveryCode
from db.models.people import Advocate, VouchCode
from db.models.stops import Stop
from db.session import Database
from monitor.__main__ import main
from monitor.cases.advocates import ADVOCATES, open_totp_secret
from monitor.cases.opening import code_hash
from monitor.cases.passphrase import matches
from monitor.keys.envelope import load_master_key
from monitor.keys.store import KeyStore
from monitor.settings.loading import load_settings

PASSWORD = "a long test password"
ADD = ("advocate", "add", "--login", " Min ", "--name", "Signing Advocate", "--organisation", "Test Centre")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "JIKIMI_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config.toml"
    # A platform without a login yet: adding an advocate must not need one.
    path.write_text('[telegram]\napi_id = 7\napi_hash = "test-hash"\n', encoding="utf-8")
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    return path


def run(config: Path, *words: str) -> int:
    return main([*words, "--config", str(config)])


def add(config: Path) -> int:
    return run(config, *ADD, "--password-file", str(config.parent / "password"))


Row = TypeVar("Row", Advocate, RecoveryCode, VouchCode, Stop)


def read(config: Path, model: type[Row]) -> list[Row]:
    async def once() -> list[Row]:
        database = Database(load_settings(config).database.url)
        async with database.read() as session:
            found = list((await session.scalars(select(model))).all())
        await database.close()
        return found

    return asyncio.run(once())


def test_advocate_is_made_with_the_secret_shown_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(config) == 0
    printed = capsys.readouterr().out
    uri = next(line for line in printed.splitlines() if line.startswith("otpauth://totp/"))
    assert "█" in printed or "▀" in printed or "▄" in printed
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    (row,) = read(config, Advocate)
    assert isinstance(row, Advocate) and row.login == "min" and secret.encode() not in row.totp_secret
    assert asyncio.run(matches(PASSWORD, row.password_hash))
    assert row.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    security = load_settings(config).security
    keys = KeyStore(security.keys_url, load_master_key(security.master_key_file, {}))
    assert open_totp_secret(keys.get(ADVOCATES), row.id, row.totp_secret) == secret
    keys.close()
    assert run(config, "advocate", "list") == 0
    listed = capsys.readouterr().out
    assert listed.split("\t") == ["min", "Signing Advocate", "Test Centre", "active", "lead\n"] and secret not in listed


def test_password_is_asked_twice_without_echo(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([PASSWORD, "another password", PASSWORD, PASSWORD])
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))
    assert run(config, *ADD) == 2
    assert "the two passwords differ" in capsys.readouterr().err
    assert run(config, *ADD) == 0


def test_weak_passwords_and_taken_logins_are_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config.parent / "password").write_text("short", encoding="utf-8")
    assert add(config) == 2
    assert "at least 12 characters" in capsys.readouterr().err
    (config.parent / "password").write_text(PASSWORD, encoding="utf-8")
    assert add(config) == 0
    assert add(config) == 2
    assert "another advocate has this login" in capsys.readouterr().err
    assert run(config, *ADD, "--password-file", str(config.parent / "none")) == 2
    assert "--password-file cannot be read" in capsys.readouterr().err


def test_disabled_advocate_stays_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(config)
    assert run(config, "advocate", "disable", "--login", "MIN") == 0
    assert run(config, "advocate", "disable", "--login", "min") == 2
    capsys.readouterr()
    run(config, "advocate", "list")
    assert capsys.readouterr().out.endswith("disabled\tlead\n")


def test_two_people_replace_a_lost_phone_and_one_does_not(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(config)
    (before,) = read(config, Advocate)
    asked = ("advocate", "reset", "--login", " MIN ", "--as")
    capsys.readouterr()
    assert run(config, *asked, "Kim Operator") == 3
    assert "A second person must say so within a day" in capsys.readouterr().out
    assert run(config, *asked, "Kim Operator") == 2
    assert "a second person must say so too" in capsys.readouterr().err
    (waiting,) = read(config, Advocate)
    assert (waiting.totp_secret, waiting.enrols) == (before.totp_secret, False)
    assert run(config, *asked, "Lee Operator") == 0
    code = capsys.readouterr().out.strip().splitlines()[-1]
    (after,) = read(config, Advocate)
    assert after.enrols and after.has_news and after.totp_secret != before.totp_secret
    assert after.password_hash == before.password_hash
    (kept,) = read(config, RecoveryCode)
    assert code and code not in kept.code_hash
    assert run(config, "advocate", "reset", "--login", "nobody", "--as", "Kim Operator") == 2
    assert "no active advocate with this login" in capsys.readouterr().err


def test_a_forgotten_password_is_replaced_and_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(config)
    fresh = config.parent / "fresh"
    words = ("advocate", "password", "--login", "min", "--password-file", str(fresh))
    fresh.write_text("short\n", encoding="utf-8")
    assert run(config, *words) == 2
    assert "at least 12 characters" in capsys.readouterr().err
    fresh.write_text("another long password\n", encoding="utf-8")
    assert run(config, *words) == 0
    assert "another long password" not in capsys.readouterr().out
    (row,) = read(config, Advocate)
    assert asyncio.run(matches("another long password", row.password_hash)) and row.has_news
    run(config, "advocate", "disable", "--login", "min")
    capsys.readouterr()
    assert run(config, *words) == 2
    assert "no active advocate with this login" in capsys.readouterr().err


def test_codes_are_printed_once_and_stored_as_hashes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upgrade(load_settings(config).database.url)
    assert run(config, "codes", "add") == 2
    assert "add an advocate first" in capsys.readouterr().err
    add(config)
    capsys.readouterr()
    assert run(config, "codes", "add", "--count", "3", "--days", "2") == 0
    codes = capsys.readouterr().out.split()
    assert len(set(codes)) == 3 and all(re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", code) for code in codes)
    stored = {row.code_hash for row in read(config, VouchCode) if isinstance(row, VouchCode)}
    assert stored == {code_hash(code) for code in codes}
    assert run(config, "codes", "add", "--count", "0") == 2
    assert run(config, "codes", "add", "--days", "1000") == 2
    assert run(config, "codes", "add", "--organisation", "Elsewhere") == 2
    assert "Test Centre" in capsys.readouterr().err


def test_first_advocate_of_an_organisation_leads_and_it_keeps_a_lead(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def made(login: str, *more: str) -> None:
        words = ("advocate", "add", "--login", login, "--name", "Advocate", "--organisation", "Test Centre", *more)
        assert run(config, *words, "--password-file", str(config.parent / "password")) == 0

    def leads() -> list[str]:
        return sorted(row.login for row in read(config, Advocate) if row.lead)

    made("first")
    made("second")
    made("third", "--lead")
    assert leads() == ["first", "third"]
    assert run(config, "advocate", "unlead", "--login", "first") == 0
    assert run(config, "advocate", "unlead", "--login", "third") == 2
    assert "only lead" in capsys.readouterr().err
    assert run(config, "advocate", "lead", "--login", "second") == 0
    assert run(config, "advocate", "lead", "--login", "nobody") == 2
    assert leads() == ["second", "third"]
    capsys.readouterr()
    assert run(config, "advocate", "disable", "--login", "third") == 0
    assert "no lead now" not in capsys.readouterr().out
    assert run(config, "advocate", "unlead", "--login", "second") == 2
    assert run(config, "advocate", "disable", "--login", "second") == 0
    assert "no lead now" in capsys.readouterr().out, "it is not refused, and the operator is told what follows"


def test_work_is_stopped_at_the_command_line_and_two_names_let_it_go_on(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(config) == 0
    for whom in (("--all",), ("--organisation", "Test Centre"), ("--advocate", "MIN")):
        assert run(config, "resume", *whom, "--as", "first operator") == 2
        assert "not stopped" in capsys.readouterr().err
        assert run(config, "stop", *whom, "--reason", "a doubt") == 0
        assert "stopped, until two people" in capsys.readouterr().out
        assert run(config, "resume", *whom, "--as", "first operator") == 3
        assert run(config, "resume", *whom, "--as", "First  Operator") == 2
        assert "a second person" in capsys.readouterr().err
        assert run(config, "resume", *whom, "--as", "second operator") == 0
        assert "work goes on" in capsys.readouterr().out
    assert {row.ended_at is not None for row in read(config, Stop)} == {True}
    for wrong in (("--organisation", "Nobody"), ("--advocate", "nobody")):
        assert run(config, "stop", *wrong) == 2
    with pytest.raises(SystemExit):
        run(config, "resume", "--all")
    with pytest.raises(SystemExit):
        run(config, "stop")


def test_check_and_the_operators_words_say_what_is_stopped(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(config) == 0
    assert run(config, "stop", "--organisation", "Test Centre") == 0
    run(config, "check")
    assert "part-stopped (organisation:" in capsys.readouterr().out
    assert run(config, "stop", "--all") == 0
    run(config, "check")
    assert "work-stopped" in capsys.readouterr().out


def test_organisation_says_that_it_has_one_advocate_only(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(config) == 0
    capsys.readouterr()
    assert run(config, "organisation", "Test Centre") == 0
    assert capsys.readouterr().out == "Test Centre\tactive advocates: 1\tone advocate only: no\n"
    assert (
        run(config, "organisation", "Test Centre", "--country", "kr", "--designated", "--registered-with", "A 7") == 0
    )
    told = "country: KR\tdesignated: yes\tregistered with: A 7"
    assert told in capsys.readouterr().out
    assert run(config, "organisation", "Test Centre", "--country", "Korea") == 2
    assert "two letters" in capsys.readouterr().err
    again = ("--country", "", "--no-designated", "--registered-with", "")
    assert run(config, "organisation", "Test Centre", *again) == 0
    assert capsys.readouterr().out == "Test Centre\tactive advocates: 1\tone advocate only: no\n"
    assert run(config, "organisation", "Test Centre", "--sole-advocate") == 0
    assert capsys.readouterr().out.endswith("one advocate only: yes\n")
    second = ("advocate", "add", "--login", "two", "--name", "Second", "--organisation", "Test Centre")
    assert run(config, *second, "--password-file", str(config.parent / "password")) == 0
    capsys.readouterr()
    assert run(config, "organisation", "Test Centre") == 0
    assert "one advocate only: yes, without effect: it has two or more" in capsys.readouterr().out
    assert run(config, "organisation", "Test Centre", "--sole-advocate") == 2
    assert "two or more active advocates" in capsys.readouterr().err
    assert run(config, "organisation", "Test Centre", "--no-sole-advocate") == 0
    assert run(config, "organisation", "Nobody") == 2
    assert "there is no organisation of this name" in capsys.readouterr().err
