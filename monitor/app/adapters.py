"""The real adapters, each made from its section of the settings. Nothing is connected yet."""

from collections.abc import Callable

from monitor.core.clock import Clock
from monitor.core.clock_watch import ClockWatch
from monitor.core.endpoints import host_of, is_loopback
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_news import SmtpNewsMail
from monitor.delivery.smtp_operator import SmtpOperatorMail
from monitor.delivery.smtp_session import SmtpServer
from monitor.delivery.webhook import WebhookCaller
from monitor.evidence.time_authority import HttpTimeAuthority, read_certificates
from monitor.keys.envelope import Key
from monitor.mailbox.imap_session import ImapServer, MailboxTls
from monitor.mailbox.trust import Trust
from monitor.platforms.base import Cooldowns
from monitor.platforms.second_view import SecondView
from monitor.platforms.telegram.adapter import Telegram
from monitor.platforms.telegram.client import TelegramServer
from monitor.platforms.telegram.connection import TelegramConnection, telegram_account
from monitor.platforms.telegram.session import load_session
from monitor.platforms.telegram.web_page import TelegramWebPage
from monitor.platforms.x.adapter import X, x_account
from monitor.settings.model import (
    ImapSettings,
    Settings,
    SmtpSettings,
    TelegramSettings,
    TimestampSettings,
    XSettings,
)


def telegram_server(section: TelegramSettings) -> TelegramServer | None:
    """The operator's own server, where one is named."""
    if section.server_host and section.server_port and section.server_public_key:
        return TelegramServer(section.server_host, section.server_port, section.server_public_key)
    return None


CooldownsOf = Callable[[str, str], Cooldowns]
"""What an account must wait for, by its own key and by that under which sources know it."""


def make_telegram(
    section: TelegramSettings, master: Key, cooldowns_of: CooldownsOf, clock: Clock, clocks: ClockWatch | None = None
) -> Telegram:
    """Raises ConfigError when the sealed session is missing or does not open."""
    session = load_session(section.session, master)
    login = telegram_account(session)
    connection = TelegramConnection(
        api_id=section.api_id,
        api_hash=section.api_hash.get_secret_value(),
        session=session,
        # Telegram counts by login and by program.
        cooldowns=cooldowns_of(f"{login}/{section.api_id}", login),
        clock=clock,
        server=telegram_server(section),
        clocks=clocks,
    )
    return Telegram(connection)


def make_x(section: XSettings, cooldowns_of: CooldownsOf, clock: Clock, clocks: ClockWatch | None = None) -> X:
    """Raises ConfigError for a real host without a written approval."""
    token = section.bearer_token.get_secret_value()
    account = x_account(token)
    return X(
        bearer_token=token,
        api_base=section.api_base,
        media_hosts=section.media_hosts,
        written_approval=section.written_approval,
        cooldowns=cooldowns_of(account, account),
        clock=clock,
        clocks=clocks,
    )


def second_view(settings: Settings) -> SecondView | None:
    """The web page of a post, where the operator named its host. X has none: its terms allow none."""
    section = settings.telegram
    return TelegramWebPage(section.web_base) if section is not None and section.web_base else None


def make_smtp(section: SmtpSettings, *, timeout: float = 60.0) -> SmtpDelivery:
    """`timeout` in real seconds for each command."""
    return SmtpDelivery(_smtp_server(section, timeout), sender=section.sender, bcc=section.bcc)


def make_operator_mail(section: SmtpSettings, recipient: str) -> SmtpOperatorMail:
    """The way to whoever runs the installation."""
    return SmtpOperatorMail(_smtp_server(section, 60.0), sender=section.sender, recipient=recipient)


def make_code_mail(section: SmtpSettings | None) -> SmtpDelivery | None:
    """Without the copy that notices have: whoever reads the copies must not be able to answer for a recipient."""
    return None if section is None else SmtpDelivery(_smtp_server(section, 60.0), sender=section.sender, bcc=None)


def make_news_mail(settings: Settings) -> SmtpNewsMail | None:
    """The way to persons' own mailboxes, where the operator set a neutral address."""
    if settings.smtp is None or settings.news is None:
        return None
    return SmtpNewsMail(_smtp_server(settings.smtp, 60.0), sender=settings.news.sender)


def webhooks_may_stay_here(settings: Settings) -> bool:
    """May a webhook be on this machine, without encryption? Where the whole installation is: a demo, a test."""
    return is_loopback(host_of(settings.web.public_url))


def make_webhook_caller(settings: Settings) -> WebhookCaller:
    """Calls public addresses over HTTPS, and nothing else."""
    return WebhookCaller(loopback=webhooks_may_stay_here(settings))


def imap_server(section: ImapSettings, *, timeout: float = 60.0) -> ImapServer:
    """`timeout` in real seconds for each command."""
    return ImapServer(
        section.host,
        section.port,
        MailboxTls(section.tls),
        section.username,
        section.password.get_secret_value(),
        section.mailbox,
        timeout,
    )


def make_time_authority(section: TimestampSettings, *, timeout: float = 30.0) -> HttpTimeAuthority:
    """Raises ConfigError when the certificates cannot be read. `timeout` in real seconds."""
    login = None
    if section.username and section.password:
        login = (section.username, section.password.get_secret_value())
    return HttpTimeAuthority(section.url, read_certificates(section.certificates), login=login, timeout=timeout)


def mailbox_trust(section: ImapSettings) -> Trust:
    """What the operator says of their own mail server."""
    return Trust(section.authserv_id, section.local_host, frozenset(section.reporters))


def _smtp_server(section: SmtpSettings, timeout: float) -> SmtpServer:
    password = section.password.get_secret_value() if section.password else ""
    return SmtpServer(section.host, section.port, section.starttls, section.username, password, timeout)
