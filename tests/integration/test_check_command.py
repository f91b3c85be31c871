"""`monitor check` tries every part for real, says what to do, and shows no secret."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.migrate import upgrade
from db.session import Database
from monitor.app.part_checks import Low, confined_by
from monitor.commands import check
from monitor.demo.authority.double import AuthorityDouble, Issuer
from monitor.demo.telegram.key import TEST_PUBLIC_KEY_PEM
from monitor.fingerprints.decoder.measures import Measure
from monitor.fingerprints.decoder.process import DecoderProcess
from monitor.keys.envelope import create_master_key, load_master_key
from monitor.keys.kept_heads import KeptHead
from monitor.keys.store import KeyStore
from monitor.platforms.base import Stop
from monitor.platforms.telegram.connection import telegram_account
from monitor.platforms.telegram.session import load_session, save_session
from monitor.platforms.x.adapter import x_account
from monitor.settings.loading import load_settings
from monitor.sources.cooldowns import StoredCooldowns
from tests.support.imap_server import PASSWORD as MAILBOX_PASSWORD
from tests.support.imap_server import USER, TestMailbox, imap_server
from tests.support.mail_troubles import MailFault, TroubledMailCatcher
from tests.support.telegram_troubles import TroubledTelegramDouble, TroubledTelegramWorld
from tests.support.x_troubles import FaultKind, TroubledXDouble, TroubledXWorld

API_HASH, BEARER, PASSWORD = "test-api-hash-value", "test-bearer", "test-mail-password"
PARTS = [
    "configuration",
    "database",
    "master key",
    "key store",
    "telegram",
    "x",
    "smtp",
    "imap",
    "timestamp",
    "heads file",
    "decoder",
    "cut-outs",
    "work",
    "routes",
    "organisations",
    "alerts",
]


@dataclass
class Place:
    """An installation on loopback where everything works."""

    folder: Path
    telegram: TroubledTelegramDouble
    x: TroubledXDouble
    mail: TroubledMailCatcher
    mailbox: TestMailbox
    capsys: pytest.CaptureFixture[str]
    sections: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def write(self, **changes: str) -> None:
        self.sections |= changes
        self.config.write_text("".join(f"[{name}]\n{text}\n" for name, text in self.sections.items()))

    async def check(self) -> tuple[int, dict[str, str]]:
        """Exit code, and each part with its line."""
        arguments = argparse.Namespace(config=self.config)
        code = await asyncio.to_thread(check.run, arguments)  # the doubles answer in this loop
        printed = self.capsys.readouterr().out
        for secret in (API_HASH, BEARER, PASSWORD, MAILBOX_PASSWORD, "test-database-password"):
            assert secret not in printed
        return code, {line[4:19].strip(): f"{line[:4].strip()} {line[19:]}" for line in printed.splitlines()}


@pytest.fixture
async def place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    for name in ("DATABASE_URL", "JIKIMI_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    async with (
        TroubledTelegramDouble(TroubledTelegramWorld()) as telegram,
        TroubledXDouble(TroubledXWorld(bearer=BEARER)) as x,
        TroubledMailCatcher(login=("notices", PASSWORD)) as mail,
        imap_server(tmp_path) as mailbox,
        AuthorityDouble() as authority,
    ):
        (tmp_path / "root.pem").write_bytes(authority.issuer.root_pem)
        made = Place(tmp_path, telegram, x, mail, mailbox, capsys)
        made.write(
            telegram=f'api_id = 7\napi_hash = "{API_HASH}"\nserver_host = "{telegram.host}"\n'
            f'server_port = {telegram.port}\nserver_public_key = """{TEST_PUBLIC_KEY_PEM}"""',
            x=f'bearer_token = "{BEARER}"\napi_base = "{x.api_base}"\nmedia_hosts = ["{x.media_host}"]',
            smtp=f'host = "{mail.host}"\nport = {mail.port}\nstarttls = false\nusername = "notices"\n'
            f'password = "{PASSWORD}"\nfrom = "notices@example.org"',
            imap=f'host = "127.0.0.1"\nport = {mailbox.port}\ntls = "none"\nusername = "{USER}"\n'
            f'password = "{MAILBOX_PASSWORD}"\nauthserv_id = "mx.example.org"',
            timestamp=f'url = "{authority.url}"\ncertificates = "root.pem"',
        )
        settings = load_settings(made.config, {})
        await asyncio.to_thread(upgrade, settings.database.url)
        key = create_master_key(settings.security.master_key_file)
        store = KeyStore(settings.security.keys_url, key)
        store.prepare()
        store.close()
        save_session(tmp_path / "telegram.session", key, telegram.session())
        yield made


async def test_every_part_is_tried_and_works(place: Place) -> None:
    code, lines = await place.check()
    assert list(lines) == PARTS
    assert all(line.startswith("ok ") for part, line in lines.items() if part not in ("decoder", "cut-outs", "work"))
    assert lines["cut-outs"].startswith("off [matching] cut_outs is false")
    assert lines["work"].startswith("low nothing runs now") and code == 0
    assert place.mail.logins == 1 and place.mail.messages == []
    assert not (place.folder / "ledger-heads.jsonl").exists()


async def test_authority_is_asked_and_its_faults_are_told_with_the_mend(place: Place) -> None:
    _, lines = await place.check()
    assert lines["timestamp"].startswith("ok http://127.0.0.1:") and "signed as certificates says" in lines["timestamp"]
    (place.folder / "root.pem").write_bytes(Issuer(name="Somebody else").root_pem)
    code, lines = await place.check()
    assert lines["timestamp"].startswith("BAD signature; are url and log-in right") and code == 1
    (place.folder / "root.pem").unlink()
    assert "BAD [timestamp] certificates: cannot be read" in (await place.check())[1]["timestamp"]
    place.write(timestamp='url = "http://127.0.0.1:9/tsr"\ncertificates = "telegram.session"')
    assert (await place.check())[1]["timestamp"].startswith("BAD [timestamp] certificates: this is no PEM file")


async def test_mailbox_is_opened_and_its_faults_are_told_with_the_mend(place: Place) -> None:
    section = place.sections["imap"]
    _, lines = await place.check()
    assert lines["imap"] == f"ok IMAP answers at 127.0.0.1:{place.mailbox.port}, NOT encrypted, 0 mails in the mailbox"
    place.write(imap=section.replace('authserv_id = "mx.example.org"', ""))
    code, lines = await place.check()
    assert lines["imap"].startswith("low IMAP answers") and "no report is proven" in lines["imap"] and code == 0
    place.write(imap=section.replace(MAILBOX_PASSWORD, "another"))
    code, lines = await place.check()
    assert lines["imap"] == "BAD login-refused; are username and password right?" and code == 1
    place.write(imap=f'{section}\nmailbox = "Nowhere"')
    assert (await place.check())[1]["imap"] == "BAD mailbox-refused; is there such a folder?"
    place.write(imap=section.replace(f"port = {place.mailbox.port}", "port = 9"))
    assert (await place.check())[1]["imap"].startswith("BAD no-connection; are host and port right")


async def test_what_confines_a_decoder_is_told_plainly(place: Place) -> None:
    _, lines = await place.check()
    with DecoderProcess(time_limit=10, memory_limit=512 * 2**20) as process:
        held = process.held
    if Measure.CALLS not in held:
        assert lines["decoder"].startswith("low a picture that takes over a decoder could do what this user may")
    else:
        assert lines["decoder"].startswith("ok the kernel refuses it files, network, programs and other processes; ")
        assert ("Not on this system" in lines["decoder"]) == (held != frozenset(Measure))


@pytest.mark.parametrize(
    ("held", "line"),
    [
        (frozenset(Measure), "no other process reads its memory"),
        (frozenset(Measure) - {Measure.FILES}, "memory. Not on this system: Landlock keeps files from it"),
        (frozenset({Measure.LIMITS}), "What holds: limits. Not: the kernel refuses it files"),
        (frozenset(), "What holds: nothing. Not: the kernel refuses it files"),
    ],
)
def test_what_this_machine_lacks_is_named(held: frozenset[Measure], line: str) -> None:
    if Measure.CALLS in held:
        assert confined_by(held).endswith(line)
    else:
        with pytest.raises(Low, match=line):
            confined_by(held)


async def test_absent_sections_are_off_not_bad(place: Place) -> None:
    for name in ("telegram", "x", "imap", "smtp"):
        del place.sections[name]
    place.write()
    code, lines = await place.check()
    assert [lines[name] for name in ("telegram", "x", "imap", "smtp")] == [
        f"off there is no [{name}] section" for name in ("telegram", "x", "imap", "smtp")
    ]
    assert code == 0


async def test_cut_outs_are_told_with_their_legal_basis_and_where_they_are_not_used(place: Place) -> None:
    place.write(matching='cut_outs = true\ncut_outs_legal_basis = "opinion of counsel, 2026-11-20"')
    code, lines = await place.check()
    assert (code, lines["cut-outs"]) == (
        0,
        "ok experimental; legal basis: opinion of counsel, 2026-11-20; not on X: [x] written_approval does not name "
        "cut-outs",
    )


async def test_wrong_configuration_is_listed_line_by_line(place: Place) -> None:
    place.write(crawl="decoders = 0", ledger='head_file = "x"')
    code = check.run(argparse.Namespace(config=place.config))
    lines = place.capsys.readouterr().out.splitlines()
    assert code == 1
    assert [line[:18].rstrip() for line in lines] == ["BAD configuration"] * 2
    assert any("[ledger] head_file is not a known key, did you mean heads_file?" in line for line in lines)


async def test_nothing_is_made_before_the_first_start(place: Place) -> None:
    for name in ("jikimi.sqlite", "keys.sqlite", "master.key"):
        (place.folder / name).unlink()
    code, lines = await place.check()
    assert code == 1
    for part in ("database", "master key", "key store"):
        assert lines[part].startswith("BAD ") and "python -m monitor serve" in lines[part]
    assert not (place.folder / "jikimi.sqlite").exists() and not (place.folder / "keys.sqlite").exists()


async def test_database_without_tables_is_bad(place: Place, postgres_url: str) -> None:
    place.write(database=f'url = "{postgres_url}"')
    _, lines = await place.check()
    assert lines["database"].startswith("BAD its tables are of revision none, this program needs ")
    await asyncio.to_thread(upgrade, load_settings(place.config, {}).database.url)
    code, lines = await place.check()
    assert lines["database"].startswith("ok ") and code == 0


async def test_database_that_does_not_answer_is_bad_without_its_password(place: Place) -> None:
    place.write(database='url = "postgresql://u:test-database-password@127.0.0.1:1/d"')
    code, lines = await place.check()
    assert lines["database"].startswith("BAD ") and lines["database"].endswith("does the server run?")
    assert code == 1


async def test_another_master_key_is_noticed_at_the_store_and_the_session(place: Place) -> None:
    (place.folder / "master.key").unlink()
    create_master_key(place.folder / "master.key")
    _, lines = await place.check()
    assert lines["master key"].startswith("ok ")
    assert lines["key store"].startswith("BAD ") and lines["telegram"].startswith("BAD ")


async def test_master_key_that_others_may_read_is_told(place: Place) -> None:
    (place.folder / "master.key").chmod(0o644)
    _, lines = await place.check()
    assert lines["master key"].endswith("other users of this machine may read it: chmod 600")


async def test_ended_telegram_login_says_to_log_in_again(place: Place) -> None:
    place.telegram.world.revoke_logins()
    code, lines = await place.check()
    assert lines["telegram"].startswith("BAD ") and "telegram-login" in lines["telegram"]
    assert code == 1


async def test_x_token_that_is_not_valid_is_bad(place: Place) -> None:
    place.x.world.bearer = "another"
    _, lines = await place.check()
    assert lines["x"].startswith("BAD ") and lines["x"].endswith("put a fresh token in [x]")


async def test_x_credit_that_is_used_up_says_to_add_some(place: Place) -> None:
    place.x.world.fail("/2/tweets", FaultKind.CREDITS)
    _, lines = await place.check()
    assert lines["x"].startswith("BAD ") and lines["x"].endswith("add credit in the platform's console")


async def test_account_that_check_finds_let_in_waits_for_no_probe(place: Place) -> None:
    settings = load_settings(place.config, {})
    session = load_session(place.folder / "telegram.session", load_master_key(settings.security.master_key_file, {}))
    database = Database(settings.database.url)
    try:
        memories = [
            StoredCooldowns(database, account) for account in (f"{telegram_account(session)}/7", x_account(BEARER))
        ]
        for memory in memories:
            await memory.set_stop(Stop("frozen", 7, datetime(2030, 1, 1, tzinfo=UTC)))
        place.x.world.fail("/2/tweets", FaultKind.CREDITS)
        _, lines = await place.check()
        assert (lines["telegram"][:3], lines["x"][:3]) == ("ok ", "BAD")
        assert [await memory.stop() is None for memory in memories] == [True, False]
        await place.check()
        assert [await memory.stop() for memory in memories] == [None, None]
    finally:
        await database.close()


async def test_wrong_mail_password_is_bad(place: Place) -> None:
    place.mail.login = ("notices", "another")
    _, lines = await place.check()
    assert lines["smtp"] == "BAD login-refused; are username and password right?"


async def test_mail_server_that_hangs_up_is_bad(place: Place) -> None:
    place.mail.fail(MailFault.CLOSE)
    _, lines = await place.check()
    assert lines["smtp"].startswith("BAD ")


async def test_one_bad_part_does_not_hide_the_others(place: Place) -> None:
    place.write(ledger='heads_file = "absent/heads.jsonl"')
    code, lines = await place.check()
    assert list(lines) == PARTS and code == 1
    assert lines["heads file"].startswith("BAD there is no folder ")
    assert [part for part, line in lines.items() if line.startswith("BAD")] == ["heads file"]


async def test_heads_file_that_was_signed_and_is_gone_is_bad(place: Place) -> None:
    keys = KeyStore(f"sqlite:///{place.folder / 'keys.sqlite'}", load_master_key(place.folder / "master.key", {}))
    keys.prepare()
    keys.heads.keep([KeptHead("a", 3, b"{}", 3)])
    keys.close()
    _, lines = await place.check()
    assert lines["heads file"].startswith("BAD") and "is missing beside a ledger" in lines["heads file"]
    (place.folder / "ledger-heads.jsonl").write_bytes(b"")
    assert "is older than the ledger" in (await place.check())[1]["heads file"]
    (place.folder / "ledger-heads.jsonl").write_bytes(b"{}\n")
    assert (await place.check())[1]["heads file"].startswith("ok ")


async def test_heads_file_that_cannot_be_written_is_bad(place: Place) -> None:
    (place.folder / "ledger-heads.jsonl").mkdir()
    _, lines = await place.check()
    assert lines["heads file"].startswith("BAD Is a directory")
