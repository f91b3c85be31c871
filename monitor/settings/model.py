"""The shape of the configuration: one frozen model a section, each key with what is allowed in it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, SecretStr, model_validator

from monitor.core.clock import Clock
from monitor.core.endpoints import database_host, host_of, is_address, is_loopback
from monitor.settings.value_types import (
    Count,
    DatabaseUrl,
    FilePath,
    HttpOrigin,
    ListenAddress,
    MailAddress,
    Name,
    Port,
    ProxyNetwork,
    Section,
    http_origin,
    rule,
)

IMPLICIT_TLS_PORT = 465
_DATED = re.compile(r"\w.*\b\d{4}-\d{2}-\d{2}\b|\b\d{4}-\d{2}-\d{2}\b.*[^\W\d]", re.DOTALL)
"""Words with a date among them."""
_CUT_OUTS_NAMED = re.compile(r"\bcut[-_ ]?outs?\b", re.IGNORECASE)


class TelegramSettings(Section):
    """`[telegram]`: absent means that Telegram is off."""

    api_id: Count = Field(description="the number from my.telegram.org")
    api_hash: SecretStr = Field(description="the text from my.telegram.org", min_length=1)
    session: FilePath = Field(Path("telegram.session"), description="a file path")
    server_host: Name | None = Field(None, description="a host name or address; only for a server of your own")
    server_port: Port | None = Field(None, description="1 to 65535; only for a server of your own")
    server_public_key: Name | None = Field(
        None, description="the server's RSA public key: PEM text, or the path of a PEM file"
    )
    web_base: Annotated[str, AfterValidator(lambda value: value and http_origin(value))] = Field(
        "", description="the https address of Telegram's web pages, such as https://t.me; empty: they are not asked"
    )

    @model_validator(mode="after")
    def _web_in_public(self) -> "TelegramSettings":
        host = host_of(self.web_base) if self.web_base else None
        if host and not is_loopback(host) and (not self.web_base.startswith("https://") or is_address(host)):
            raise rule(
                "web_base", "must begin with https:// and a host's name: the post asked for would travel in clear"
            )
        return self

    @model_validator(mode="after")
    def _server_whole(self) -> "TelegramSettings":
        server = {key: getattr(self, key) for key in ("server_host", "server_port", "server_public_key")}
        absent = [key for key, value in server.items() if value is None]
        if absent and len(absent) < len(server):
            raise rule(absent[0], f"is missing: {', '.join(server)} belong together, give all of them or none")
        return self


class XSettings(Section):
    """`[x]`: absent means that X is off."""

    bearer_token: SecretStr = Field(description="the app's bearer token from X's developer console", min_length=1)
    api_base: HttpOrigin = Field("https://api.x.com", description="an http(s) address")
    media_hosts: tuple[Name, ...] = Field(
        ("pbs.twimg.com", "video.twimg.com"),
        description="a list of host names, the only ones media are read from",
        min_length=1,
    )
    written_approval: str = Field(
        "",
        description="where and when X approved this use in writing; cut-outs are used there only where it names them",
    )
    keep_deleted_text: Annotated[bool, Field(strict=True)] = Field(
        False, description="true only where that approval lets text and names of deleted posts be kept"
    )

    @property
    def lets_cut_outs(self) -> bool:
        """Whether X's approval names them."""
        return bool(_CUT_OUTS_NAMED.search(self.written_approval))

    @model_validator(mode="after")
    def _approved(self) -> "XSettings":
        if self.keep_deleted_text and not self.written_approval.strip():
            raise rule("keep_deleted_text", "may be true only where written_approval says who allowed it, and when")
        if is_loopback(host_of(self.api_base)):
            return self
        if not self.written_approval.strip():
            raise rule(
                "written_approval",
                "is missing: X's terms allow this use only with X's approval in writing; say here where it is filed",
            )
        if not self.api_base.startswith("https://"):
            raise rule("api_base", "must begin with https://, or the bearer token would travel in clear")
        return self


class SmtpSettings(Section):
    """`[smtp]`: absent means that no notice leaves by e-mail."""

    host: Name = Field(description="the mail server's name or address")
    port: Port = Field(587, description="1 to 65535")
    username: Name | None = Field(None, description="the mailbox's user name; absent: no login")
    password: SecretStr | None = Field(None, description="the mailbox's password")
    starttls: Annotated[bool, Field(strict=True)] = Field(True, description="true or false")
    sender: MailAddress = Field(
        alias="from", description="the address that notices come from, ADDRESS or NAME <ADDRESS>"
    )
    bcc: MailAddress | None = Field(None, description="an address of yours that gets a copy of every notice")
    dkim_selector: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$")] | None = Field(
        None, description="the selector of the DKIM key that your mail is signed with"
    )
    dns: Annotated[str, Field(pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d{1,5}$")] | None = Field(
        None, description="ADDRESS:PORT of the name server that `check` asks; default the system's"
    )

    @model_validator(mode="after")
    def _private(self) -> "SmtpSettings":
        if (self.username is None) != (self.password is None):
            absent = "username" if self.username is None else "password"
            raise rule(absent, "is missing: username and password belong together")
        if not self.starttls and self.port != IMPLICIT_TLS_PORT and not is_loopback(self.host):
            raise rule(
                "starttls",
                "may be false only for a mail server on this machine, or on port 465, which is encrypted from the "
                "start: notices are confidential",
            )
        return self


class NewsSettings(Section):
    """`[news]`: absent means that persons cannot have themselves told by mail that there is something to read."""

    sender: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$")] = Field(
        alias="from", description="a plain address whose name and domain tell nothing, such as info@letters.example"
    )

    @model_validator(mode="after")
    def _tells_nothing(self) -> "NewsSettings":
        if "jikimi" in self.sender.lower():
            raise rule("from", "must not name the project: whoever sees the mail would know what it is about")
        return self


class ImapSettings(Section):
    """`[imap]`: absent means that bounces and replies are not read."""

    host: Name = Field(description="the name or address of the server that has the mailbox")
    port: Port = Field(993, description="1 to 65535")
    tls: Literal["implicit", "starttls", "none"] = Field("implicit", description="implicit, starttls or none")
    username: Name = Field(description="the mailbox's user name")
    password: SecretStr = Field(description="the mailbox's password", min_length=1)
    mailbox: Annotated[str, Field(pattern=r"^[ -~]{1,200}$")] = Field("INBOX", description="a folder, in plain ASCII")
    interval_minutes: Annotated[float, Field(strict=True, gt=0)] = Field(5, description="minutes, above 0")
    authserv_id: Name | None = Field(
        None, description="the name that your own mail server writes into Authentication-Results"
    )
    local_host: Name | None = Field(
        None, description="the name that your own mail server writes into Received of mail that it makes itself"
    )
    reporters: tuple[Name, ...] = Field(
        (), description="a list of further domains whose proven reports count, such as your provider's"
    )

    @property
    def interval(self) -> timedelta:
        """Time between two readings of the mailbox."""
        return timedelta(minutes=self.interval_minutes)

    @model_validator(mode="after")
    def _private(self) -> "ImapSettings":
        if self.tls == "none" and not is_loopback(self.host):
            raise rule("tls", "may be none only for a mail server on this machine: answers are confidential")
        return self


class TimestampSettings(Section):
    """`[timestamp]`: absent means that no day is time-stamped by an authority outside."""

    url: HttpOrigin = Field(description="the http(s) address of an authority that speaks RFC 3161")
    certificates: FilePath = Field(description="a PEM file with the root certificate that the authority names")
    username: Name | None = Field(None, description="where the authority wants a log-in; absent: none")
    password: SecretStr | None = Field(None, description="the password to it")

    @model_validator(mode="after")
    def _private(self) -> "TimestampSettings":
        if (self.username is None) != (self.password is None):
            absent = "username" if self.username is None else "password"
            raise rule(absent, "is missing: username and password belong together")
        if self.password and not self.url.startswith("https://") and not is_loopback(host_of(self.url)):
            raise rule("url", "must begin with https://, or the password would travel in clear")
        return self


class WebSettings(Section):
    """`[web]`: where the pages and the API are."""

    listen: ListenAddress = Field("127.0.0.1:8000", description="HOST:PORT to listen on")
    public_url: Annotated[str, AfterValidator(lambda value: value and http_origin(value))] = Field(
        "", description="the http(s) address people open; default http://LISTEN"
    )

    trusted_proxies: tuple[ProxyNetwork, ...] = Field(
        (), description="a list of addresses or networks of your own proxies, such as 127.0.0.1 or 172.18.0.0/16"
    )
    public_figures: Annotated[bool, Field(strict=True)] = Field(False, description="true or false")

    @property
    def host(self) -> str:
        """The host of `listen`, without the brackets of an IPv6 address."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


class DatabaseSettings(Section):
    """`[database]`: cases, sightings, notices, the ledger."""

    url: DatabaseUrl = Field(
        "sqlite:///jikimi.sqlite", repr=False, description="sqlite:///FILE or postgresql://USER@HOST/NAME"
    )


class SecuritySettings(Section):
    """`[security]`: the master key and the store of case keys."""

    master_key_file: FilePath = Field(Path("master.key"), description="a file path")
    keys_url: DatabaseUrl = Field(
        "sqlite:///keys.sqlite", repr=False, description="sqlite:///FILE or postgresql://USER@HOST/NAME"
    )


class LedgerSettings(Section):
    """`[ledger]`: where the heads of the evidence ledger are kept outside the database."""

    heads_file: FilePath = Field(Path("ledger-heads.jsonl"), description="a file path, best on another disk")


class CrawlSettings(Section):
    """`[crawl]`: how often and how much is read."""

    interval_minutes: Annotated[float, Field(strict=True, gt=0)] = Field(15, description="minutes, above 0")
    first_look_days: Annotated[float, Field(strict=True, gt=0)] = Field(7, description="days, above 0")
    seen_days: Annotated[int, Field(strict=True, ge=0, le=365)] = Field(30, description="whole days, 0 to 365")
    max_media_mb: Annotated[float, Field(strict=True, gt=0, le=200)] = Field(20, description="above 0, at most 200")
    decoders: Annotated[int, Field(strict=True, ge=1, le=64)] = Field(2, description="processes, 1 to 64")

    @property
    def interval(self) -> timedelta:
        """Time between two readings of a source."""
        return timedelta(minutes=self.interval_minutes)

    @property
    def first_look(self) -> timedelta:
        """How far back the first reading of a source reaches."""
        return timedelta(days=self.first_look_days)

    @property
    def seen_for(self) -> timedelta:
        """How long fingerprints of what sources showed are kept; 0: not at all."""
        return timedelta(days=self.seen_days)

    @property
    def max_media_bytes(self) -> int:
        """The largest medium that is read, in bytes."""
        return int(self.max_media_mb * 1024 * 1024)


class MatchingSettings(Section):
    """`[matching]`: when a fingerprint fits so much that a person must look first."""

    most_matches_an_hour: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(
        30, description="a whole number, 1 to 100000"
    )
    most_reviews_a_day: Annotated[int, Field(strict=True, ge=1, le=100_000)] = Field(
        20, description="a whole number, 1 to 100000"
    )
    cut_outs: Annotated[bool, Field(strict=True)] = Field(False, description="true or false")
    cut_outs_legal_basis: str = Field(
        "", description="what lets you compare boxes around faces, with its date as YYYY-MM-DD"
    )

    names: Annotated[bool, Field(strict=True)] = Field(False, description="true or false")

    @model_validator(mode="after")
    def _with_a_basis(self) -> "MatchingSettings":
        if self.cut_outs and not _DATED.search(self.cut_outs_legal_basis):
            raise rule(
                "cut_outs",
                "may be true only where cut_outs_legal_basis says what lets you compare boxes around faces, and since "
                "when (YYYY-MM-DD)",
            )
        return self


class CasesSettings(Section):
    """`[cases]`: how long a case may wait, and whom the person calls meanwhile."""

    unvouched_days: Annotated[int, Field(strict=True, ge=4, le=365)] = Field(30, description="whole days, 4 to 365")
    passphrase_days: Annotated[int, Field(strict=True, ge=1, le=30)] = Field(3, description="whole days, 1 to 30")
    centres: Mapping[Name, Name] = Field({}, description="a table: name of an organisation = how a person reaches it")

    @property
    def reissue_after(self) -> timedelta:
        """How long a new passphrase that a lead asks for can be called off before it is drawn."""
        return timedelta(days=self.passphrase_days)

    @property
    def unvouched_for(self) -> timedelta:
        """After that time a case that nobody vouched for ends like an erasure."""
        return timedelta(days=self.unvouched_days)


class AlertsSettings(Section):
    """`[alerts]`: how whoever runs Jikimi is told."""

    email: MailAddress | None = Field(None, description="an address of whoever runs Jikimi")
    organisations: Mapping[Name, MailAddress] = Field({}, description="a table: name of an organisation = its address")


class NoticesSettings(Section):
    """`[notices]`: where notices go, when not to the addresses that Jikimi knows."""

    recipients: Mapping[Name, Name] = Field({}, description="a table: route name = address")
    routes_folder: FilePath | None = Field(None, description="a folder of TOML files, one a route")
    message_domain: str = Field("", description="the domain of Message-IDs; default the domain of [smtp] from")
    xarf: tuple[Name, ...] = Field((), description="a list of the routes whose mailbox takes XARF reports")


class PlatformsSettings(Section):
    """`[platforms]`: how the recipients of notices can answer."""

    links: Annotated[bool, Field(strict=True)] = Field(True, description="true or false")
    webhooks: Annotated[bool, Field(strict=True)] = Field(False, description="true or false")


class ClockSettings(Section):
    """`[clock]`: only the demo world runs faster than the real one."""

    speed: Annotated[float, Field(strict=True, gt=0)] = Field(1.0, description="a number above 0; 1.0 is real time")
    anchor: AwareDatetime | None = Field(None, description="a date and time with its offset, as 2026-01-01T00:00:00Z")
    undo_seconds: Annotated[float, Field(strict=True, ge=0, le=600)] = Field(0.0, description="seconds, 0 to 600")

    def clock(self) -> Clock:
        """The clock that every part of this process shares."""
        known = {} if self.anchor is None else {"anchor": self.anchor}
        return Clock(self.speed, **known, undo_seconds=self.undo_seconds)


class Settings(Section):
    """The whole configuration. Paths are absolute, URLs carry their driver, secrets print as stars."""

    telegram: TelegramSettings | None = None
    x: XSettings | None = None
    smtp: SmtpSettings | None = None
    imap: ImapSettings | None = None
    news: NewsSettings | None = None
    timestamp: TimestampSettings | None = None
    web: WebSettings
    database: DatabaseSettings
    security: SecuritySettings
    ledger: LedgerSettings
    crawl: CrawlSettings
    matching: MatchingSettings
    cases: CasesSettings
    alerts: AlertsSettings
    notices: NoticesSettings
    platforms: PlatformsSettings
    clock: ClockSettings

    @model_validator(mode="after")
    def _keys_apart(self) -> "Settings":
        if self.security.keys_url == self.database.url:
            raise rule(
                "[security] keys_url",
                "is the same as [database] url: the case keys need a store of their own, or a backup of the database "
                "would keep the keys of erased cases",
            )
        return self

    @model_validator(mode="after")
    def _alerts_have_a_mail_server(self) -> "Settings":
        if self.alerts.email and self.smtp is None:
            raise rule("[alerts] email", "needs a mail server: add an [smtp] section")
        if self.alerts.organisations and self.smtp is None:
            raise rule("[alerts] organisations", "needs a mail server: add an [smtp] section")
        return self

    @model_validator(mode="after")
    def _news_leave_somehow(self) -> "Settings":
        if self.news and self.smtp is None:
            raise rule("[news] from", "needs a mail server: add an [smtp] section")
        return self

    @model_validator(mode="after")
    def _answers_to_something(self) -> "Settings":
        if self.imap and self.smtp is None:
            raise rule("[imap] host", "needs notices that leave by mail: add an [smtp] section")
        return self

    @model_validator(mode="after")
    def _fast_only_on_loopback(self) -> "Settings":
        if self.clock.speed == 1.0:
            return self
        real = [key for key, host in self.endpoints() if not is_loopback(host)]
        if real:
            raise rule(
                "[clock] speed",
                f"may differ from 1.0 only when every endpoint is on this machine; not so: {', '.join(real)}",
            )
        return self

    def endpoints(self) -> list[tuple[str, str | None]]:
        """Every outside endpoint as (key, host). None: the real service's own servers."""
        found: list[tuple[str, str | None]] = [
            ("[database] url", database_host(self.database.url)),
            ("[security] keys_url", database_host(self.security.keys_url)),
        ]
        if self.telegram:
            found.append(("[telegram] server_host", self.telegram.server_host))
            if self.telegram.web_base:
                found.append(("[telegram] web_base", host_of(self.telegram.web_base)))
        if self.x:
            found.append(("[x] api_base", host_of(self.x.api_base)))
            found += [("[x] media_hosts", host_of(host)) for host in self.x.media_hosts]
        if self.smtp:
            found.append(("[smtp] host", self.smtp.host))
        if self.imap:
            found.append(("[imap] host", self.imap.host))
        if self.timestamp:
            found.append(("[timestamp] url", host_of(self.timestamp.url)))
        found += [
            (f"[notices] recipients.{route}", host_of(address))
            for route, address in self.notices.recipients.items()
            if "://" in address
        ]
        return found
