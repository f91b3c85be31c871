"""The demo's config.toml, its keys and its Telegram login."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.core.clock import Clock
from monitor.demo.folder import MARK
from monitor.demo.mail.mailbox import PASSWORD, USER
from monitor.demo.telegram.key import TEST_PUBLIC_KEY_PEM
from monitor.keys.envelope import create_master_key, load_master_key
from monitor.platforms.telegram.client import TelegramServer
from monitor.platforms.telegram.login import log_in_to_telegram
from monitor.platforms.telegram.session import save_session

if TYPE_CHECKING:
    from monitor.demo.world.world import DemoWorld

API_ID = 12345
API_HASH = "0123456789abcdef0123456789abcdef"
"""Telegram's own placeholder for examples; the double takes any."""
CRAWL_SECONDS = 1.5
"""Real seconds between two readings of a source."""
MAIL_ADDRESS = "safety@telegram.invalid"
"""Where the demo's Telegram takes notices by e-mail."""

_TEXT = """{mark} on every start: changes to this file are lost.

[telegram]
api_id = {api_id}
api_hash = "{api_hash}"
session = "telegram.session"
server_host = "{telegram_host}"
server_port = {telegram_port}
server_public_key = "telegram-server.pem"
web_base = "{web_base}"

[x]
bearer_token = "{bearer}"
api_base = "{api_base}"
media_hosts = ["{media_host}"]

[smtp]
host = "{mail_host}"
port = {mail_port}
starttls = false
from = "notices@centre.invalid"

[imap]
host = "{imap_host}"
port = {imap_port}
tls = "none"
username = "{imap_user}"
password = "{imap_password}"
interval_minutes = 1.0

[timestamp]
url = "{authority}"
certificates = "timestamp-root.pem"

[web]
listen = "127.0.0.1:{port}"

[database]
url = "sqlite:///jikimi.sqlite"

[security]
master_key_file = "master.key"
keys_url = "sqlite:///keys.sqlite"

[ledger]
heads_file = "ledger-heads.jsonl"

[crawl]
interval_minutes = {interval}
seen_days = 365
first_look_days = 365.0

[notices]
recipients = {{ us_tida = "{mail_address}", x_tida = "{form}", kr_tba22_5 = "{mail_address}", kr_tba22_5_x = "{form}" }}

[clock]
speed = {speed!r}
anchor = {anchor}
undo_seconds = {undo_seconds!r}
"""


def environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without Jikimi's own variables: real secrets have no business in the demo."""
    return {name: value for name, value in environment.items() if not name.startswith("JIKIMI_")}


def write_config(folder: Path, world: "DemoWorld", clock: Clock, *, port: int) -> Path:
    """Write DIR/config.toml, the Telegram double's public key and the authority's root. All of it is on loopback."""
    (folder / "timestamp-root.pem").write_bytes(world.authority.issuer.root_pem)
    (folder / "telegram-server.pem").write_text(TEST_PUBLIC_KEY_PEM, encoding="ascii")
    text = _TEXT.format(
        mark=MARK,
        api_id=API_ID,
        api_hash=API_HASH,
        telegram_host=world.telegram.host,
        telegram_port=world.telegram.port,
        web_base=world.web.base,
        bearer=world.x_world.bearer,
        api_base=world.x.api_base,
        media_host=world.x.media_host,
        mail_host=world.mail.host,
        mail_port=world.mail.port,
        imap_host=world.mailbox.host,
        imap_port=world.mailbox.port,
        imap_user=USER,
        imap_password=PASSWORD,
        authority=world.authority.url,
        port=port,
        interval=CRAWL_SECONDS * clock.speed / 60,
        mail_address=MAIL_ADDRESS,
        form=world.x.form_url,
        speed=clock.speed,
        anchor=clock.anchor.isoformat(),
        undo_seconds=clock.undo_seconds,
    )
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def write_session(folder: Path, world: "DemoWorld") -> None:
    """Log in at the Telegram double as an operator would, and seal the session under the master key."""
    master = folder / "master.key"
    key = load_master_key(master, {}) if master.exists() else create_master_key(master)
    told = world.telegram_world
    server = TelegramServer(world.telegram.host, world.telegram.port, TEST_PUBLIC_KEY_PEM)
    text = await log_in_to_telegram(
        API_ID, API_HASH, server, lambda: told.phone, lambda: told.code, lambda: told.password or ""
    )
    save_session(folder / "telegram.session", key, text)
