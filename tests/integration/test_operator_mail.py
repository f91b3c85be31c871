"""The operator's mail: one digest an hour at most, with kinds and numbers and nothing of anybody, over real SMTP."""

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.app.bootstrap import DIGEST_SECONDS, build_worker
from monitor.commands import check
from monitor.context.alert_words import OPERATOR_WORDS
from monitor.context.alerts import AlertKind, Audience, kinds_for
from monitor.core.errors import ConfigError
from monitor.delivery.smtp_operator import SmtpOperatorMail
from monitor.delivery.smtp_session import SmtpServer
from monitor.jobs.digest import OperatorDigest
from monitor.settings.loading import load_settings
from tests.support.api_world import ApiWorld
from tests.support.databases import on_sqlite
from tests.support.mail_troubles import MailFault, TroubledMailCatcher

TO = "operator@ngo.invalid"


@pytest.fixture
async def catcher() -> AsyncIterator[TroubledMailCatcher]:
    async with TroubledMailCatcher() as made:
        yield made


def digest(world: ApiWorld, catcher: TroubledMailCatcher) -> OperatorDigest:
    server = SmtpServer(catcher.host, catcher.port, False, timeout=1.0)
    mail = SmtpOperatorMail(server, sender="Jikimi 지킴이 <notices@ngo.invalid>", recipient=TO)
    return OperatorDigest(world.services.database, world.context, mail)


async def raised(world: ApiWorld, kind: AlertKind, subject: str, organisation_id: str | None = None) -> None:
    async with world.services.database.begin() as session:
        await world.context.alert(session, kind, subject, "a-reason", organisation_id=organisation_id)


async def resolved(world: ApiWorld, kind: AlertKind, subject: str) -> None:
    async with world.services.database.begin() as session:
        await world.context.resolve(session, kind, subject)


@pytest.mark.parametrize("kind", kinds_for(Audience.OPERATOR, Audience.EVERYBODY))
@on_sqlite
async def test_every_kind_that_the_operator_reads_is_in_the_mail_without_its_subject(
    world: ApiWorld, catcher: TroubledMailCatcher, kind: AlertKind
) -> None:
    await raised(world, kind, "secretchannel")
    await raised(world, kind, "othersecretchannel")
    await digest(world, catcher).tick()
    (caught,) = catcher.messages
    assert caught.rcpt == (TO,) and caught.envelope_from == "notices@ngo.invalid"
    body = caught.message.get_content()
    words = OPERATOR_WORDS[kind]
    assert f"2 x {kind}: {words.english}" in body and f"{kind} 2건: {words.korean}" in body
    assert "secretchannel" not in caught.message.as_string() and "a-reason" not in body
    assert caught.message["Subject"].startswith("Jikimi: 2 open alerts")
    assert caught.message["Auto-Submitted"] == "auto-generated" and caught.message["Message-ID"]


async def test_nothing_is_sent_while_nothing_is_open_and_what_is_an_organisations_is_theirs(
    world: ApiWorld, catcher: TroubledMailCatcher
) -> None:
    await digest(world, catcher).tick()
    await raised(world, AlertKind.NOTICE_FAILED, "a-notice", "an-organisation")
    await digest(world, catcher).tick()
    assert catcher.messages == [] and catcher.connections == 0


async def test_each_alert_is_told_once_and_at_most_one_mail_an_hour_leaves(
    world: ApiWorld, catcher: TroubledMailCatcher
) -> None:
    job = digest(world, catcher)
    await raised(world, AlertKind.ACCOUNT_STOPPED, "telegram")
    await job.tick()
    await raised(world, AlertKind.ACCOUNT_STOPPED, "x")
    for _ in range(59):
        await job.tick()
        world.clock.move(minutes=1)
    assert len(catcher.messages) == 1
    world.clock.move(minutes=2)
    await job.tick()
    assert len(catcher.messages) == 2 and "2 x account-stopped" in catcher.messages[1].message.get_content()
    world.clock.move(days=3)
    await job.tick()
    assert len(catcher.messages) == 2
    await resolved(world, AlertKind.ACCOUNT_STOPPED, "x")
    await job.tick()
    assert len(catcher.messages) == 2
    await raised(world, AlertKind.ACCOUNT_STOPPED, "x")
    await job.tick()
    assert len(catcher.messages) == 3


async def test_two_workers_send_one_mail(world: ApiWorld, catcher: TroubledMailCatcher) -> None:
    await raised(world, AlertKind.ACCOUNT_STOPPED, "telegram")
    await asyncio.gather(*(digest(world, catcher).tick() for _ in range(4)))
    assert len(catcher.messages) == 1


@pytest.mark.parametrize(
    "fault", [MailFault.REFUSE, MailFault.NO_SUCH_USER, MailFault.GREYLIST, MailFault.REJECT, MailFault.DROP_INSIDE]
)
@on_sqlite
async def test_mail_that_does_not_leave_is_said_in_the_log_and_by_check_and_tried_again(
    world: ApiWorld,
    catcher: TroubledMailCatcher,
    fault: MailFault,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = digest(world, catcher)
    await raised(world, AlertKind.SOURCE_UNREAD, "a-source")
    catcher.fail(fault)
    with caplog.at_level(logging.ERROR):
        await job.tick()
    assert "the operator's mail did not leave" in caplog.text and TO not in caplog.text
    assert catcher.messages == []
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{world.services.settings.database.url}"\n')
    assert await asyncio.to_thread(check.run, argparse.Namespace(config=config)) == 1
    assert "BAD alerts         operator-not-told" in capsys.readouterr().out
    await job.tick()
    assert catcher.messages == []
    world.clock.move(minutes=6)
    await job.tick()
    assert len(catcher.messages) == 1
    assert await asyncio.to_thread(check.run, argparse.Namespace(config=config)) == 0
    assert "operator-not-told" not in capsys.readouterr().out


def test_mailbox_without_a_mail_server_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[alerts]\nemail = "operator@ngo.invalid"\n')
    with pytest.raises(ConfigError, match=r"\[alerts\] email"):
        load_settings(config, {})
    server = '[smtp]\nhost = "127.0.0.1"\nstarttls = false\nfrom = "a@ngo.invalid"\n'
    config.write_text(f'[alerts]\nemail = "operator@ngo.invalid"\n{server}')
    assert load_settings(config, {}).alerts.email == "operator@ngo.invalid"


async def test_worker_of_an_installation_with_a_mailbox_sends_it_and_another_does_not(
    world: ApiWorld, catcher: TroubledMailCatcher, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    line = f'host = "{catcher.host}"\nport = {catcher.port}\nstarttls = false\nfrom = "notices@ngo.invalid"\n'
    config.write_text(f'[alerts]\nemail = "{TO}"\n[smtp]\n{line}')
    await raised(world, AlertKind.ACCOUNT_STOPPED, "telegram")
    for settings, sent in ((world.services.settings, 0), (load_settings(config, {}), 1)):
        _, ticks = build_worker(replace(world.services, settings=settings))
        for tick, seconds in ticks.schedule():
            if seconds == DIGEST_SECONDS:
                await tick()
        assert len(catcher.messages) == sent
