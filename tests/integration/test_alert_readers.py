"""Every alert reaches a reader: the organisation on its page and by the API, the operator by `check`."""

import argparse
import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.pages import texts
from db.locking import lock_one
from db.models.cases import Case
from monitor.actions.alerts import end_of_unwatched
from monitor.commands import check
from monitor.context.alerts import SOURCE_KINDS, AlertKind, Audience, kinds_for
from monitor.core.errors import AccountStopped, CreditExhausted, PlatformFault, SourceUnavailable
from tests.support.api_world import ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.seen_world import PICTURES
from tests.support.shared_sources import Stage, shared_sources, shown


@pytest.fixture
async def stage(prepared_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with shared_sources(prepared_url, tmp_path) as made:
        yield made


async def told(advocate: Caller) -> list[tuple[str, str]]:
    """Kind and subject of what the API lists; health counts them too, and so does what stands above every page."""
    alerts = (await advocate.get("/operations/alerts"))["alerts"]
    health = await advocate.get("/operations/health")
    assert (health["open_alerts"], health["status"]) == (len(alerts), "attention" if alerts else "ok")
    above = re.search(
        r'href="/advocate/alerts"[^>]*>Alerts(?: <span class="count">(\d+)</span>)?</a>', await page(advocate)
    )
    assert above is not None and int(above[1] or 0) == len(alerts)
    return [(one["kind"], one["subject"]) for one in alerts]


async def page(advocate: Caller, language: str = "en") -> str:
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}"}
    answer = await advocate.http.get(f"/advocate/alerts?lang={language}", headers=headers)
    assert answer.status_code == 200
    return html.unescape(answer.text)


async def checked(world: ApiWorld, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Exit code of `check` and its lines about alerts."""
    config = folder / "config.toml"
    config.write_text(f'[database]\nurl = "{world.services.settings.database.url}"\n')
    code = await asyncio.to_thread(check.run, argparse.Namespace(config=config))
    lines = capsys.readouterr().out.splitlines()
    return code, [line for line in lines if line[4:].startswith("alerts")]


async def raised(world: ApiWorld, kind: AlertKind, subject: str, organisation_id: str | None = None) -> None:
    async with world.services.database.begin() as session:
        await world.context.alert(session, kind, subject, "a-reason", organisation_id=organisation_id)


async def resolved(world: ApiWorld, kind: AlertKind, subject: str) -> None:
    async with world.services.database.begin() as session:
        await world.context.resolve(session, kind, subject)


@pytest.mark.parametrize("kind", kinds_for(Audience.ORGANISATION))
@on_sqlite
async def test_alert_of_an_organisation_is_read_by_its_advocates_alone(world: ApiWorld, kind: AlertKind) -> None:
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    async with world.services.database.begin() as session:
        home = (await lock_one(session, Case, person.case_id)).organisation_id
    await raised(world, kind, person.case_id, home)
    assert await told(advocate) == [(kind, person.case_id)]
    assert texts.ALERTS[kind] in await page(advocate) and texts.ALERT_STEPS[kind] in await page(advocate)
    assert await told(other) == [] and "All is quiet" in await page(other)
    await resolved(world, kind, person.case_id)
    assert await told(advocate) == [] and "All is quiet" in await page(advocate)


@pytest.mark.parametrize("kind", kinds_for(Audience.OPERATOR))
@on_sqlite
async def test_alert_of_the_operator_is_read_by_everybody_and_names_no_source(
    world: ApiWorld, kind: AlertKind, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    advocates = [await world.advocate(), await world.advocate("second", "Centre B")]
    assert (await checked(world, tmp_path, capsys))[1] == ["ok  alerts         none is open"]
    await raised(world, kind, "subject-one")
    world.clock.move(seconds=1)
    await raised(world, kind, "subject-two")
    subjects = [""] if kind in SOURCE_KINDS else ["subject-one", "subject-two"]
    for advocate in advocates:
        assert await told(advocate) == [(kind, subject) for subject in subjects]
        shown_page = await page(advocate)
        assert texts.ALERTS[kind] in shown_page and texts.ALERT_STEPS[kind] in shown_page
        assert "subject-one" not in shown_page and "All is quiet" not in shown_page
    code, lines = await checked(world, tmp_path, capsys)
    assert code == 1 and len(lines) == len(subjects)
    assert all(line.startswith(f"BAD alerts         {kind}") for line in lines)
    for subject in ("subject-one", "subject-two"):
        await resolved(world, kind, subject)
    assert [await told(advocate) for advocate in advocates] == [[], []]
    assert (await checked(world, tmp_path, capsys))[1] == ["ok  alerts         none is open"]


@pytest.mark.parametrize("error", [AccountStopped("user-deactivated-ban"), CreditExhausted()])
async def test_death_of_an_account_is_told_to_everybody_until_something_is_read_again(
    stage: Stage, error: Exception, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = stage.world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    stage.post(shown(1, PICTURES[0]))
    await stage.watch(await world.vouched(advocate), "@channel", "@quiet", picture=PICTURES[0])
    await stage.run()
    assert await told(advocate) == []
    for _ in range(90):  # hours: what a trial waited, and the page said that all is quiet
        stage.move(hours=1)
        stage.platform.errors = [error, error]
        await stage.turn()
    for reader in (advocate, other):
        assert await told(reader) == [("account-stopped", "telegram")]
        assert "the operator must act" in await page(reader)
    code, lines = await checked(world, tmp_path, capsys)
    assert code == 1 and len(lines) == 1 and "account-stopped (telegram), since " in lines[0]
    stage.platform.errors = []
    await stage.turn()
    assert await told(advocate) == await told(other) == []
    assert (await checked(world, tmp_path, capsys))[1] == ["ok  alerts         none is open"]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (SourceUnavailable("private"), AlertKind.SOURCE_UNAVAILABLE, "It is not public any more."),
        (PlatformFault("http-503"), AlertKind.SOURCE_UNREAD, "The platform did not answer."),
    ],
)
async def test_unread_source_is_told_to_those_who_have_it_read_and_to_the_operator(
    stage: Stage,
    error: Exception,
    kind: AlertKind,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = stage.world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    person, elsewhere = await world.vouched(advocate), await world.vouched(other)
    await stage.watch(person, "@channel", picture=PICTURES[0])
    await stage.watch(elsewhere, "@quiet", picture=PICTURES[1])
    await stage.run()
    for _ in range(2):
        stage.move(hours=25)
        stage.platform.errors = [error]
        await stage.turn()
    ((told_kind, _),) = await told(advocate)
    assert told_kind == kind
    for part in (texts.ALERTS[kind], texts.ALERT_STEPS[kind], words, "telegram @channel"):
        assert part in await page(advocate)
    assert texts.ALERT_STEPS[kind] not in await page(advocate, "ko")
    assert await told(other) == []
    code, lines = await checked(world, tmp_path, capsys)
    assert code == 0 and len(lines) == 1 and lines[0].startswith(f"low alerts         {kind}, since ")
    assert "channel" not in lines[0]
    stage.move(minutes=20)
    await stage.turn()
    assert await told(advocate) == []
    assert (await checked(world, tmp_path, capsys))[1] == ["ok  alerts         none is open"]


async def test_organisation_is_told_of_its_own_reads_whoever_else_fails_or_succeeds(stage: Stage) -> None:
    world = stage.world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    await stage.watch(await world.vouched(advocate), "@channel", picture=PICTURES[0])
    await stage.run()
    stage.platform.errors = [SourceUnavailable("private")]
    await stage.watch(await world.vouched(other), "@channel", picture=PICTURES[1])
    await stage.run()
    assert await told(advocate) == []
    assert [kind for kind, _ in await told(other)] == ["source-unavailable"]


async def test_alert_of_a_source_ends_with_the_last_consent(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, advocate = stage.world, await stage.world.advocate()
    person = await world.vouched(advocate)
    stage.platform.errors = [SourceUnavailable("gone")]
    (consent,) = await stage.watch(person, "@channel", picture=PICTURES[0])
    await stage.run()
    assert [kind for kind, _ in await told(advocate)] == ["source-unavailable"]
    await person.delete(f"/cases/{person.case_id}/consents/{consent}")
    assert [kind for kind, _ in await _alerts(advocate)] == []
    async with world.services.database.begin() as session:
        await end_of_unwatched(session, world.context)
    assert (await checked(world, tmp_path, capsys))[1] == ["ok  alerts         none is open"]


async def _alerts(advocate: Caller) -> list[tuple[str, str]]:
    alerts: list[Any] = (await advocate.get("/operations/alerts"))["alerts"]
    return [(one["kind"], one["subject"]) for one in alerts]


async def test_oldest_alert_stands_first_whatever_its_audience(world: ApiWorld) -> None:
    advocate = await world.advocate()
    await raised(world, AlertKind.ACCOUNT_STOPPED, "x")
    world.clock.time += timedelta(hours=1)
    person = await world.vouched(advocate)
    async with world.services.database.begin() as session:
        home = (await lock_one(session, Case, person.case_id)).organisation_id
    await raised(world, AlertKind.CASE_ERASING, person.case_id, home)
    assert [kind for kind, _ in await told(advocate)] == ["account-stopped", "case-erasing"]
