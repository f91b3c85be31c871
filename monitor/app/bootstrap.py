"""Puts the real parts together from Settings, once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import partial

from db.session import Database
from monitor.app import adapters
from monitor.context.context import DomainContext, SharedContext
from monitor.core.clock import Clock
from monitor.core.clock_watch import ClockWatch
from monitor.core.endpoints import database_file, host_of, is_loopback
from monitor.delivery.base import Delivery
from monitor.delivery.leased import LeasedDelivery
from monitor.delivery.telegram_peer import TelegramPeerReport
from monitor.delivery.telegram_report import TelegramReport
from monitor.evidence.by import By
from monitor.evidence.ledger import Ledger
from monitor.exports.package import Place
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.call_platform import PlatformCaller
from monitor.jobs.conditions import CONDITIONS_SECONDS, Conditions
from monitor.jobs.crawl import Crawler
from monitor.jobs.digest import OperatorDigest
from monitor.jobs.escalate import Escalator
from monitor.jobs.follow_copy import CopyFollowUp
from monitor.jobs.follow_up import FollowUp
from monitor.jobs.link_marks import MARK_SECONDS, LinkMarks
from monitor.jobs.mail_code import CodeMailer
from monitor.jobs.mailbox import MailboxReader
from monitor.jobs.news_mail import EVERY as NEWS_EVERY
from monitor.jobs.news_mail import NewsMailer, NewsTick
from monitor.jobs.observe import Observer
from monitor.jobs.package import PackageMaker
from monitor.jobs.read_link import LinkReader
from monitor.jobs.reminders import ClockDigest
from monitor.jobs.report_place import PlaceSender
from monitor.jobs.resend import Resender
from monitor.jobs.send import Sender
from monitor.jobs.send_letter import LetterSender
from monitor.jobs.send_reply import Replier
from monitor.jobs.sweeps import Tick, Ticks
from monitor.jobs.sync_deletions import DeletionSync
from monitor.jobs.time_stamp import RETRY, TimeStamper
from monitor.keys.envelope import Key, load_master_key
from monitor.keys.store import KeyStore
from monitor.notices.route_table import use_routes
from monitor.platforms.base import Platform, PlatformName
from monitor.platforms.telegram.adapter import Telegram
from monitor.settings.model import Settings
from monitor.sources.accounts import Accounts
from monitor.sources.cooldowns import StoredCooldowns
from monitor.sources.media_reader import MediaReader
from monitor.work.outbox import Outbox
from monitor.work.pulses import BEAT_SECONDS, beat
from monitor.work.worker import Worker
from monitor.work.workflows import Job

DIGEST_SECONDS = 30.0
"""Real seconds between two looks whether the operator must be told."""

MAILBOX_SECONDS = 15.0
"""Real seconds between two looks whether the mailbox is to be read."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the API and the worker of one process share."""

    settings: Settings
    database: Database
    keys: KeyStore = field(repr=False)
    context: SharedContext
    clock: Clock
    outbox: Outbox
    accounts: Accounts
    deliveries: Mapping[str, Delivery]
    decoders: DecoderPool
    clocks: ClockWatch
    """What other machines' clocks say."""

    async def close(self) -> None:
        """Let go of every connection and process."""
        await self.accounts.close()
        await self.decoders.close()
        self.outbox.close()
        await self.database.close()
        self.keys.close()


def build_services(settings: Settings, environment: Mapping[str, str] = os.environ) -> Services:
    """The real parts. Raises ConfigError where something is missing; nothing is connected yet."""
    use_routes(settings.notices.routes_folder)
    master = load_master_key(settings.security.master_key_file, environment)
    keys = KeyStore(settings.security.keys_url, master)
    keys.prepare()
    clock, database = settings.clock.clock(), Database(settings.database.url)
    clocks = ClockWatch()
    platforms = _platforms(settings, master, database, clock, clocks)
    accounts = Accounts(platforms, settings.database.url)
    outbox = Outbox(settings.database.url)
    sender = settings.smtp.sender if settings.smtp else "localhost"
    context = SharedContext(
        keys=keys,
        ledger=Ledger(keys),
        clock=clock,
        enqueue=outbox.enqueue,
        accounts=accounts.names,
        recipients=settings.notices.recipients,
        message_domain=settings.notices.message_domain or sender,
        mail_from=settings.smtp.sender if settings.smtp else "",
        xarf_routes=frozenset(settings.notices.xarf),
        links_at=links_at(settings),
        news_from=settings.news.sender if settings.news else "",
        webhooks=settings.platforms.webhooks,
        most_matches_an_hour=settings.matching.most_matches_an_hour,
        most_reviews_a_day=settings.matching.most_reviews_a_day,
        cut_outs=cut_outs_on(settings),
        names=settings.matching.names,
        unvouched_for=settings.cases.unvouched_for,
        reissue_after=settings.cases.reissue_after,
        centres=settings.cases.centres,
        keeps_deleted_text=frozenset({PlatformName.TELEGRAM.value, *_text_of_x_stays(settings)}),
    )
    return Services(
        settings=settings,
        database=database,
        keys=keys,
        context=context,
        clock=clock,
        outbox=outbox,
        accounts=accounts,
        deliveries=_deliveries(settings, platforms, accounts),
        decoders=DecoderPool(settings.crawl.decoders),
        clocks=clocks,
    )


def cut_outs_on(settings: Settings) -> frozenset[str]:
    """The platforms where boxes around faces may be compared: none before the legal basis is recorded."""
    if not settings.matching.cut_outs:
        return frozenset()
    x = settings.x is not None and settings.x.lets_cut_outs
    return frozenset({PlatformName.TELEGRAM.value, *([PlatformName.X.value] if x else [])})


def evidence_place(settings: Settings) -> Place:
    """Where a package of evidence finds what it needs, and tells its reader to look."""
    home = settings.web.public_url or f"http://{settings.web.listen}"
    authority = settings.timestamp.certificates if settings.timestamp else None
    return Place(settings.ledger.heads_file, f"{home}/evidence", authority)


def _text_of_x_stays(settings: Settings) -> tuple[str, ...]:
    return (PlatformName.X.value,) if settings.x is not None and settings.x.keep_deleted_text else ()


def _platforms(
    settings: Settings, master: Key, database: Database, clock: Clock, clocks: ClockWatch
) -> dict[PlatformName, Platform]:
    def cooldowns_of(account: str, login: str) -> StoredCooldowns:
        return StoredCooldowns(database, account, login=login)

    platforms: dict[PlatformName, Platform] = {}
    if settings.telegram is not None:
        made = adapters.make_telegram(settings.telegram, master, cooldowns_of, clock, clocks)
        platforms[PlatformName.TELEGRAM] = made
    if settings.x is not None:
        platforms[PlatformName.X] = adapters.make_x(settings.x, cooldowns_of, clock, clocks)
    return platforms


def _deliveries(
    settings: Settings, platforms: Mapping[PlatformName, Platform], accounts: Accounts
) -> dict[str, Delivery]:
    deliveries: dict[str, Delivery] = {}
    telegram = platforms.get(PlatformName.TELEGRAM)
    if isinstance(telegram, Telegram):
        deliveries["telegram_report"] = LeasedDelivery(accounts, telegram, TelegramReport(telegram))
        deliveries["telegram_peer"] = LeasedDelivery(accounts, telegram, TelegramPeerReport(telegram))
    if settings.smtp is not None:
        deliveries["smtp"] = adapters.make_smtp(settings.smtp)
    return deliveries


def _beats(services: Services, worker: Worker, context: DomainContext) -> Sequence[Tick]:
    """The worker's sign of life, the operator's mail where there is an address, the mailbox where there is one."""
    settings, database = services.settings, services.database
    beats: list[Tick] = [(partial(beat, database, worker.name), BEAT_SECONDS)]
    files = (database_file(settings.database.url), database_file(settings.security.keys_url))
    folders = {file.parent for file in (*files, settings.ledger.heads_file) if file is not None}
    told = settings.alerts.email if settings.smtp is not None else ""
    mail = adapters.make_operator_mail(settings.smtp, told) if settings.smtp is not None and told else None
    conditions = Conditions(database, context, folders, clocks=services.clocks, mail=mail, worker=worker.name)
    beats.append((conditions.tick, CONDITIONS_SECONDS))
    beats.append((LinkMarks(database, services.context.acting(By.program("link_marks"))).tick, MARK_SECONDS))
    if mail is not None:
        beats.append((OperatorDigest(database, context, mail).tick, DIGEST_SECONDS))
    if settings.smtp is not None and settings.alerts.organisations:
        smtp, desks = settings.smtp, settings.alerts.organisations
        mails = {name: adapters.make_operator_mail(smtp, address) for name, address in desks.items()}
        beats.append((ClockDigest(database, context, mails, settings.web.public_url).tick, DIGEST_SECONDS))
    if settings.news is not None:
        news = NewsTick(database, services.context.acting(By.program("news_mail")))
        beats.append((news.tick, min(60.0, max(2.0, services.clock.real_seconds(NEWS_EVERY)))))
    if settings.imap is not None and settings.smtp is not None:
        mailbox = MailboxReader(
            database,
            services.context.acting(By.program("mailbox")),
            adapters.imap_server(settings.imap),
            adapters.mailbox_trust(settings.imap),
            own_domains=frozenset({settings.smtp.host, parseaddr(settings.smtp.sender)[1].rpartition("@")[2]}),
            copies=settings.smtp.bcc and parseaddr(settings.smtp.bcc)[1],
            interval=settings.imap.interval,
        )
        beats.append((mailbox.tick, MAILBOX_SECONDS))
    if settings.timestamp is not None:
        authority = adapters.make_time_authority(settings.timestamp)
        stamper = TimeStamper(
            database,
            services.context.acting(By.program("time-stamp")),
            authority,
            heads_file=settings.ledger.heads_file,
        )
        beats.append((stamper.tick, min(60.0, max(2.0, services.clock.real_seconds(RETRY)))))
    return beats


def links_at(settings: Settings) -> str:
    """Where recipients of notices answer; empty where a link would lead nowhere, or in clear over the network.

    Over http only where nothing leaves this machine: a demo's or a test's.
    """
    here, smtp = settings.web.public_url, settings.smtp
    if not settings.platforms.links or not here:
        return ""
    local = is_loopback(host_of(here))
    fits = is_loopback(smtp.host if smtp else None) if local else here.startswith("https://")
    return here if fits else ""


def build_worker(services: Services) -> tuple[Worker, Ticks]:
    """The queues of this process and what ticks beside them."""
    settings, database, accounts = services.settings, services.database, services.accounts

    def of(job: str) -> DomainContext:
        return services.context.acting(By.program(job))

    crawler = Crawler(
        database,
        of("crawl"),
        accounts,
        services.decoders,
        first_look=settings.crawl.first_look,
        max_media_bytes=settings.crawl.max_media_bytes,
        seen_for=settings.crawl.seen_for,
    )
    reader = MediaReader(services.decoders, settings.crawl.max_media_bytes)
    links = LinkReader(database, of("read_link"), accounts, reader)
    backfills = BackfillJob(
        database, of("look_back"), accounts, first_look=settings.crawl.first_look, seen_for=settings.crawl.seen_for
    )
    observer = Observer(database, of("observe"), accounts, max_bytes=settings.crawl.max_media_bytes)
    sender = Sender(database, of("send"), services.deliveries, observer)
    letters = LetterSender(database, of("send"), services.deliveries.get("smtp"))
    second_view = adapters.second_view(settings)
    follow = FollowUp(database, of("verify"), accounts, reader, second_view)
    copies = CopyFollowUp(database, of("follow"), accounts, reader, second_view)
    jobs: dict[str, Job] = {
        "crawl": crawler.crawl,
        "look_back": backfills.backfill,
        "recheck": DeletionSync(database, of("recheck"), accounts).sync,
        "read_link": links.read_link,
        "send": sender.send,
        "send_letter": letters.send,
        "verify": follow.verify,
        "observe": observer.observe,
        "report_place": PlaceSender(database, of("report_place"), services.deliveries).send,
        "escalate": Escalator(database, of("escalate")).escalate,
        "follow": copies.follow,
        "resend": Resender(database, of("resend")).resend,
        "mail_code": CodeMailer(database, of("mail_code"), adapters.make_code_mail(settings.smtp)).send,
        "send_reply": Replier(database, of("send_reply"), services.deliveries.get("smtp")).send,
        "call_platform": PlatformCaller(database, of("call_platform"), adapters.make_webhook_caller(settings)).call,
    }
    jobs["news_mail"] = NewsMailer(database, of("news_mail"), adapters.make_news_mail(settings)).send
    packages = PackageMaker(database, of("package"), evidence_place(settings))
    jobs["package"] = packages.make
    lock_file = (database_file(settings.database.url) or settings.security.master_key_file).with_suffix(".lock")
    worker = Worker(settings.database.url, jobs, lock_file=lock_file, elsewhere=accounts.held_elsewhere)
    ticks = Ticks(
        database,
        of("sweep"),
        worker,
        heads_file=settings.ledger.heads_file,
        interval=settings.crawl.interval,
        seen_for=settings.crawl.seen_for,
        prune=crawler.prune,
        beats=_beats(services, worker, of("tell")),
        letters=letters,
    )
    return worker, ticks
