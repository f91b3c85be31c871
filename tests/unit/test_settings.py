"""Settings: everything typed and resolved, every mistake named, no secret ever shown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.app.bootstrap import cut_outs_on
from monitor.core.clock import Clock
from monitor.core.errors import ConfigError
from monitor.settings.loading import load_settings
from monitor.settings.model import Settings

TELEGRAM = '[telegram]\napi_id = 7\napi_hash = "test-hash"\n'
X = '[x]\nbearer_token = "test-token"\n'
SMTP = '[smtp]\nhost = "127.0.0.1"\nstarttls = false\nfrom = "notices@example.org"\n'
PEM = "-----BEGIN RSA PUBLIC KEY-----\\ntest\\n-----END RSA PUBLIC KEY-----"


def load(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environment or {})


def problems(folder: Path, text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, environment)
    lines = str(caught.value).splitlines()
    prefix = f"{folder / 'config.toml'}: "
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines]


def test_empty_file_gives_the_defaults_beside_it(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert settings.telegram is None and settings.x is None and settings.smtp is None
    assert settings.database.url == f"sqlite+aiosqlite:///{tmp_path}/jikimi.sqlite"
    assert settings.security.keys_url == f"sqlite+aiosqlite:///{tmp_path}/keys.sqlite"
    assert settings.security.master_key_file == tmp_path / "master.key"
    assert settings.ledger.heads_file == tmp_path / "ledger-heads.jsonl"
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8000)
    assert settings.web.public_url == "http://127.0.0.1:8000"
    assert settings.crawl.interval_minutes == 15
    assert settings.crawl.max_media_bytes == 20 * 1024 * 1024
    assert settings.clock.clock() == Clock()


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    with pytest.raises(ValidationError):
        settings.crawl.decoders = 9


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    text = '[security]\nmaster_key_file = "keys/master"\n[database]\nurl = "sqlite:///data/j.sqlite"\n'
    settings = load(tmp_path, TELEGRAM + text)
    assert settings.security.master_key_file == tmp_path / "keys" / "master"
    assert settings.database.url == f"sqlite+aiosqlite:///{tmp_path}/data/j.sqlite"
    assert settings.telegram and settings.telegram.session == tmp_path / "telegram.session"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_url_of_the_environment_wins_and_names_its_driver(tmp_path: Path, scheme: str) -> None:
    environment = {"DATABASE_URL": f"{scheme}://jikimi:pass%40word@db.example/jikimi?sslmode=require"}
    settings = load(tmp_path, '[database]\nurl = "sqlite:///other.sqlite"\n', environment)
    assert settings.database.url == "postgresql+psycopg://jikimi:pass%40word@db.example/jikimi?sslmode=require"


def test_database_password_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("p@ss\n")
    text = '[database]\npassword_file = "word"\n'
    environment = {"DATABASE_URL": "postgresql://jikimi@postgres/jikimi"}
    settings = load(tmp_path, text, environment)
    assert settings.database.url == "postgresql+psycopg://jikimi:p%40ss@postgres/jikimi"
    for broken in (text.replace('"word"', '"absent"'), text + 'url = "postgresql://u:p@h/d"\n', text):
        (line,) = problems(tmp_path, broken)
        assert line.startswith("[database] password_file ")


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_unusable_database_is_refused(tmp_path: Path, url: str) -> None:
    (line,) = problems(tmp_path, f'[database]\nurl = "{url}"\n')
    assert line.startswith("[database] url is wrong: ")
    assert "allowed: sqlite:///FILE or postgresql://USER@HOST/NAME" in line


def test_key_store_inside_the_database_is_refused(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, '[security]\nkeys_url = "sqlite:///jikimi.sqlite"\n')
    assert line.startswith("[security] keys_url is the same as [database] url")


def test_every_mistake_is_named_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    lines = problems(
        tmp_path,
        '[telegram]\napi_idd = 7\n[crawl]\ndecoders = 0\ninterval_minutes = "often"\n[wep]\n'
        '[web]\nlisten = "8000"\n[clock]\nanchor = 2026-01-01\n[smtp]\nhost = "h"\nfrom = "nobody"\n',
    )
    told = "\n".join(lines)
    assert len(lines) == 9
    assert "[telegram] api_idd is not a known key, did you mean api_id?; allowed: api_id, api_hash, " in told
    assert "[telegram] api_id is missing; allowed: the number from my.telegram.org" in told
    assert "[telegram] api_hash is missing" in told
    assert "[crawl] decoders is wrong: " in told and "allowed: processes, 1 to 64" in told
    assert "[crawl] interval_minutes is wrong: " in told
    assert "[wep] is not a known section, did you mean [web]?; allowed: [telegram], [x], " in told
    assert "[web] listen is wrong: this is not HOST:PORT" in told
    assert "[clock] anchor is wrong: " in told
    assert "[smtp] from is wrong: this is not an e-mail address" in told


@pytest.mark.parametrize("value", ["true", '"7"', "7.5", "0", "-1"])
def test_values_of_another_kind_are_not_bent_into_shape(tmp_path: Path, value: str) -> None:
    (line,) = problems(tmp_path, f'[telegram]\napi_id = {value}\napi_hash = "test-hash"\n')
    assert line.startswith("[telegram] api_id is wrong: ")


def test_section_that_is_not_a_table_is_named(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "web = 3\n")
    assert (
        line
        == "[web] must be a section with keys, not a value of its own; allowed: listen, public_url, trusted_proxies, "
        "public_figures"
    )


def test_syntax_error_tells_file_line_and_what(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, '[web]\nlisten = "127.0.0.1\n')
    assert line.startswith("this is not TOML: ") and "line 2" in line


def test_missing_file_points_to_the_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: there is no such file; copy config\.example\.toml"):
        load_settings(tmp_path / "absent.toml", {})


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        load_settings(tmp_path / "config.toml", {})


def test_no_secret_shows_in_repr_or_in_messages(tmp_path: Path) -> None:
    secret = "test-secret-value"
    text = (
        f'[telegram]\napi_id = 7\napi_hash = "{secret}"\n'
        f'[x]\nbearer_token = "{secret}"\nwritten_approval = "folder 12"\n'
        f'[smtp]\nhost = "mail.example.org"\nusername = "u"\npassword = "{secret}"\nfrom = "n@example.org"\n'
        f'[database]\nurl = "postgresql://u:{secret}@h/d"\n[security]\nkeys_url = "postgresql://u:{secret}@h/k"\n'
    )
    settings = load(tmp_path, text)
    assert secret not in repr(settings) and secret not in str(settings)
    broken = f'[x]\nbearer_token = ["{secret}"]\n[database]\nurl = "mysql://u:{secret}@h/d"\n[smtp]\npassword = 3\n'
    assert secret not in "\n".join(problems(tmp_path, broken))


def test_secrets_come_from_the_environment_or_from_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token-of-the-file\n")
    text = (
        "[telegram]\napi_id = 7\n"
        '[x]\nbearer_token_file = "token"\napi_base = "http://127.0.0.1:1"\n' + SMTP + 'username = "u"\n'
    )
    settings = load(tmp_path, text, {"JIKIMI_TELEGRAM_API_HASH": "hash-of-env", "JIKIMI_SMTP_PASSWORD": "word-of-env"})
    assert settings.telegram and settings.telegram.api_hash.get_secret_value() == "hash-of-env"
    assert settings.x and settings.x.bearer_token.get_secret_value() == "token-of-the-file"
    assert settings.smtp and settings.smtp.password and settings.smtp.password.get_secret_value() == "word-of-env"


def test_secret_given_twice_or_in_an_absent_file_is_named(tmp_path: Path) -> None:
    text = '[telegram]\napi_id = 7\napi_hash = "a"\napi_hash_file = "b"\n[x]\nbearer_token_file = "absent"\n'
    lines = problems(tmp_path, text)
    assert lines[0].startswith("[telegram] api_hash is wrong: it is given twice")
    assert lines[1].startswith("[x] bearer_token is wrong: bearer_token_file cannot be read")
    assert not any("bearer_token is missing" in line for line in lines)


def test_secret_in_the_environment_does_not_switch_a_platform_on(tmp_path: Path) -> None:
    assert load(tmp_path, "", {"JIKIMI_X_BEARER_TOKEN": "t"}).x is None


def test_real_x_is_refused_without_written_approval(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, X)
    assert line.startswith("[x] written_approval is missing: ")
    assert load(tmp_path, X + 'written_approval = "folder 12"\n').x is not None
    assert load(tmp_path, X + 'api_base = "http://127.0.0.1:5000"\n').x is not None


def test_bearer_token_never_travels_in_clear(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, X + 'api_base = "http://api.x.com"\nwritten_approval = "folder 12"\n')
    assert line.startswith("[x] api_base must begin with https://")


def test_own_telegram_server_is_whole_or_absent(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, TELEGRAM + 'server_host = "127.0.0.1"\n')
    assert line.startswith("[telegram] server_port is missing: ")
    whole = f'server_host = "127.0.0.1"\nserver_port = 4430\nserver_public_key = "{PEM}"\n'
    settings = load(tmp_path, TELEGRAM + whole)
    assert settings.telegram and settings.telegram.server_public_key == PEM.replace("\\n", "\n")


def test_server_key_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text(PEM.replace("\\n", "\n"))
    text = TELEGRAM + 'server_host = "127.0.0.1"\nserver_port = 4430\nserver_public_key = "{}"\n'
    settings = load(tmp_path, text.format("server.pem"))
    assert settings.telegram and settings.telegram.server_public_key == PEM.replace("\\n", "\n")
    (line,) = problems(tmp_path, text.format("absent.pem"))
    assert line.startswith("[telegram] server_public_key is wrong: it is neither PEM text nor the path")


def test_mail_leaves_this_machine_only_encrypted(tmp_path: Path) -> None:
    text = '[smtp]\nhost = "mail.example.org"\nstarttls = false\nfrom = "notices@example.org"\n'
    (line,) = problems(tmp_path, text)
    assert line.startswith("[smtp] starttls may be false only for a mail server on this machine")
    assert load(tmp_path, text + "port = 465\n").smtp is not None


def test_user_name_and_password_of_the_mailbox_belong_together(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, SMTP + 'username = "u"\n')
    assert line == "[smtp] password is missing: username and password belong together"


def test_domain_of_message_ids_follows_the_sender(tmp_path: Path) -> None:
    named = SMTP.replace("notices@example.org", "Notices <notices@ngo.example>")
    assert load(tmp_path, named).notices.message_domain == "ngo.example"
    assert load(tmp_path, '[web]\npublic_url = "https://jikimi.example/"\n').notices.message_domain == "jikimi.example"
    assert load(tmp_path, named + '[notices]\nmessage_domain = "m.example"\n').notices.message_domain == "m.example"


def test_misspelt_route_is_named_instead_of_silently_ignored(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, '[notices]\nrecipients = { us_tidda = "a@b.example" }\n')
    assert line.startswith("[notices] recipients.us_tidda is not a known route, did you mean us_tida?")
    (line,) = problems(tmp_path, '[notices]\nrecipients = { us_tida = "https://a.example/form" }\n')
    assert line == "[notices] recipients.us_tida is wrong; allowed: one e-mail address"


LOOPBACK = (
    TELEGRAM + f'server_host = "127.0.0.1"\nserver_port = 4430\nserver_public_key = "{PEM}"\n' + X
    + 'api_base = "http://localhost:5000"\nmedia_hosts = ["127.0.0.1:5000"]\n' + SMTP
)  # fmt: skip
FAST = "[clock]\nspeed = 20\nanchor = 2026-03-01T09:00:00+09:00\n"


def test_clock_runs_faster_when_everything_is_on_loopback(tmp_path: Path) -> None:
    local = LOOPBACK + '[notices]\nrecipients = { x_tida = "http://127.0.0.1:5001/form", us_tida = "a@b.example" }\n'
    clock = load(tmp_path, local + FAST, {"DATABASE_URL": "postgresql://u@127.0.0.1:5432/d"}).clock.clock()
    assert clock == Clock(20.0, datetime(2026, 3, 1, tzinfo=UTC))
    assert clock.time_to_undo(timedelta(minutes=1)) == timedelta(minutes=1)
    unhurried = load(tmp_path, local + FAST + "undo_seconds = 15\n", {}).clock.clock()
    assert unhurried.time_to_undo(timedelta(minutes=1)) == timedelta(minutes=5)
    assert Clock(undo_seconds=15).time_to_undo(timedelta(minutes=1)) == timedelta(minutes=1)
    socket_url = "postgresql://u@/d?host=/run/postgresql"
    assert load(tmp_path, local + FAST, {"DATABASE_URL": socket_url}).clock.speed == 20


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('server_host = "127.0.0.1"', 'server_host = "10.0.0.1"', "[telegram] server_host"),
        ("http://localhost:5000", "http://localhost.example:5000", "[x] api_base"),
        ('["127.0.0.1:5000"]', '["127.0.0.1:5000", "pbs.twimg.com"]', "[x] media_hosts"),
        ('host = "127.0.0.1"\nstarttls = false', 'host = "mail.example.org"', "[smtp] host"),
        ("[clock]", '[notices]\nrecipients = { x_tida = "https://a.example" }\n[clock]', "recipients.x_tida"),
        ("[clock]", '[database]\nurl = "postgresql://u@db.example/d"\n[clock]', "[database] url"),
        ("[clock]", '[security]\nkeys_url = "postgresql://u@db.example/d"\n[clock]', "[security] keys_url"),
    ],
)
def test_clock_never_runs_faster_against_a_real_endpoint(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = (LOOPBACK + FAST).replace(old, new, 1)
    if "localhost.example" in text:
        text = text.replace("http://localhost.example", "https://localhost.example").replace(
            "[smtp]", 'written_approval = "folder 12"\n[smtp]'
        )
    (line,) = problems(tmp_path, text)
    assert line.startswith("[clock] speed may differ from 1.0 only when every endpoint is on this machine")
    assert line.endswith(f"{named}") or named in line


def test_clock_never_runs_faster_against_the_real_telegram(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, TELEGRAM + FAST)
    assert line.endswith("not so: [telegram] server_host")


def test_mailbox_needs_notices_by_mail_and_encryption(tmp_path: Path) -> None:
    imap = '[imap]\nhost = "mail.example.org"\nusername = "u"\npassword = "p"\n'
    (line,) = problems(tmp_path, imap)
    assert line == "[imap] host needs notices that leave by mail: add an [smtp] section"
    (line,) = problems(tmp_path, SMTP + imap + 'tls = "none"\n')
    assert line.startswith("[imap] tls may be none only for a mail server on this machine")
    settings = load(tmp_path, SMTP + imap)
    assert settings.imap and (settings.imap.port, settings.imap.tls, settings.imap.mailbox) == (
        993,
        "implicit",
        "INBOX",
    )
    assert ("[imap] host", "mail.example.org") in settings.endpoints()


CUT_OUTS = "[matching]\ncut_outs = true\n"
BASIS = 'cut_outs_legal_basis = "opinion of counsel of 2026-11-20, folder 3"\n'


def test_cut_outs_are_off_and_need_a_legal_basis_with_its_date(tmp_path: Path) -> None:
    assert cut_outs_on(load(tmp_path, TELEGRAM)) == frozenset()
    assert cut_outs_on(load(tmp_path, "[matching]\n" + BASIS)) == frozenset()
    assert cut_outs_on(load(tmp_path, CUT_OUTS + BASIS)) == {"telegram"}
    for basis in ("", 'cut_outs_legal_basis = " "\n', 'cut_outs_legal_basis = "counsel said yes"\n'):
        (line,) = problems(tmp_path, CUT_OUTS + basis)
        assert line.startswith("[matching] cut_outs may be true only where cut_outs_legal_basis says")
    (line,) = problems(tmp_path, CUT_OUTS + 'cut_outs_legal_basis = "2026-11-20"\n')
    assert "cut_outs_legal_basis" in line


@pytest.mark.parametrize(
    ("approval", "there"),
    [("letter of 2026-03-01", False), ("letter of 2026-03-01, cut-outs in annex 2", True), ("cutouts: no 7", True)],
)
def test_cut_outs_are_used_on_x_only_where_its_approval_names_them(tmp_path: Path, approval: str, there: bool) -> None:
    settings = load(tmp_path, f'{X}written_approval = "{approval}"\n' + CUT_OUTS + BASIS)
    assert ("x" in cut_outs_on(settings)) == there
