"""Logging in to Telegram for real over TCP, and the sealed session."""

import asyncio
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.core.errors import AccountStopped, ConfigError, RateLimited
from monitor.demo.telegram.key import TEST_PUBLIC_KEY_PEM
from monitor.keys.envelope import Key, load_master_key
from monitor.platforms.telegram.login import log_in_to_telegram
from monitor.platforms.telegram.session import load_session, save_session
from tests.support.telegram_adapter import Stage, stage

PHONE = "+82 10-5555-0100"
WORLD_PHONE = "821055550100"


def answers(*given: str) -> Callable[[], str]:
    left = iter(given)
    return lambda: next(left)


async def login(play: Stage, *, phone=(PHONE,), code=("12345",), password=(), host: str | None = None) -> str:
    return await log_in_to_telegram(1, "hash", play.server(host), answers(*phone), answers(*code), answers(*password))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_login_gives_a_session_that_works_after_a_restart(host: str):
    async with stage(phone=WORLD_PHONE) as play:
        session = await login(play, host=host)
        assert await play.telegram(session=session).check() == "logged in as account 1000"


async def test_wrong_code_is_asked_again_and_three_times_at_most():
    async with stage() as play:
        assert await login(play, code=("99999", "", "1 2 3 4 5"))
        with pytest.raises(ConfigError, match="code was wrong"):
            await login(play, code=("1", "2", "3"))


async def test_wrong_number_is_asked_again_and_three_times_at_most():
    async with stage() as play:
        assert await login(play, phone=("", "82105", PHONE))
        with pytest.raises(ConfigError, match="phone number"):
            await login(play, phone=("1", "2", "3"))


async def test_two_step_password_is_asked_and_proved():
    async with stage(password="correct horse") as play:
        session = await login(play, password=("wrong", "", "correct horse"))
        assert await play.telegram(session=session).check()
        with pytest.raises(ConfigError, match="password was wrong"):
            await login(play, password=("a", "b", "c"))


async def test_code_alone_opens_nothing_where_a_password_is_set():
    async with stage(password="correct horse") as play:
        with pytest.raises(ConfigError):
            await login(play, password=("", "", ""))
        assert len(play.world.authorised) == 1  # the stage's own session


async def test_login_goes_on_when_telegram_hung_up_while_the_person_looked_for_the_code():
    async with stage() as play:
        cuts = []

        def code() -> str:
            cuts.append(asyncio.ensure_future(play.double.cut_connections()))
            return "12345"

        session = await log_in_to_telegram(1, "hash", play.server(), answers(PHONE), code, answers())
        assert len(cuts) == 1
        assert await play.telegram(session=session).check()


async def test_number_that_lives_elsewhere_is_followed():
    async with stage() as play:
        play.world.fault("auth.sendCode", "PHONE_MIGRATE_4", 303)
        session = await login(play)
        assert await play.telegram(session=session).check()


async def test_refusals_of_telegram_are_named():
    async with stage() as play:
        play.world.fault("auth.sendCode", "FLOOD_WAIT_120", 420)
        with pytest.raises(RateLimited):
            await login(play)
        play.world.fault("auth.sendCode", "API_ID_INVALID", 400)
        with pytest.raises(ConfigError, match="api_id"):
            await login(play)
        play.world.fault("auth.sendCode", "PHONE_NUMBER_BANNED", 400)
        with pytest.raises(AccountStopped):
            await login(play)
        play.world.fault("auth.signIn", "PHONE_CODE_EXPIRED", 400)
        with pytest.raises(ConfigError, match="expired"):
            await login(play)


def test_session_lies_sealed_and_private(tmp_path: Path):
    path, key = tmp_path / "new" / "telegram.session", Key.generate()
    save_session(path, key, "first")
    save_session(path, key, "second")
    assert load_session(path, key) == "second"
    assert b"second" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["telegram.session"]


def test_missing_or_foreign_session_names_the_command(tmp_path: Path):
    path = tmp_path / "telegram.session"
    with pytest.raises(ConfigError, match="telegram-login"):
        load_session(path, Key.generate())
    save_session(path, Key.generate(), "text")
    with pytest.raises(ConfigError, match="telegram-login"):
        load_session(path, Key.generate())


async def run_command(play: Stage, folder: Path, typed: str) -> tuple[int | None, str, str]:
    config = folder / "config.toml"
    config.write_text(
        f'[telegram]\napi_id = 1\napi_hash = "hash"\nserver_host = "127.0.0.1"\nserver_port = {play.double.port}\n'
        f'server_public_key = """\n{TEST_PUBLIC_KEY_PEM}"""\n'
    )
    program = (
        "import argparse, sys\n"
        "from monitor.commands import telegram_login\n"
        "from monitor.core.errors import JikimiError\n"
        "parser = argparse.ArgumentParser()\n"
        "telegram_login.add_parser(parser.add_subparsers())\n"
        "arguments = parser.parse_args(['telegram-login', '--config', sys.argv[1]])\n"
        "try:\n"
        "    sys.exit(arguments.run(arguments))\n"
        "except JikimiError as error:\n"
        "    sys.exit(f'{type(error).__name__}: {error}')\n"
    )
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", program, str(config), stdin=pipe, stdout=pipe, stderr=pipe
    )
    out, err = await child.communicate(typed.encode())
    return child.returncode, out.decode(), err.decode()


async def test_command_creates_the_sealed_session_and_tells_no_secret(tmp_path: Path):
    async with stage() as play:
        code, out, err = await run_command(play, tmp_path, f"{PHONE}\n00000\n12345\n")
        assert (code, err) == (0, "")
        key = load_master_key(tmp_path / "master.key", {})
        session = load_session(tmp_path / "telegram.session", key)
        assert await play.telegram(session=session).check()
        for secret in (session, WORLD_PHONE, "12345", "0100"):
            assert secret not in out


async def test_command_without_anybody_to_ask_says_so(tmp_path: Path):
    async with stage() as play:
        code, _, err = await run_command(play, tmp_path, "")
        assert code == 1
        assert "run it in a terminal" in err
        assert not (tmp_path / "telegram.session").exists()
