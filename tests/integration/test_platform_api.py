"""A platform's own program: what its token opens and what not, its answers, the calls to its webhook."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import PlatformCall, PlatformToken
from db.models.sources import Alert
from monitor.core.errors import DeliveryRefused, NotSent, RuleBroken
from monitor.delivery.webhook import WebhookCaller, is_public, webhook_address
from monitor.evidence.by import By
from monitor.jobs.call_platform import MOST_ATTEMPTS, PlatformCaller
from monitor.jobs.platform_sweep import sweep_platform_side
from monitor.notices.outcomes import mark_sent
from monitor.notices.platform_calls import CallEvent, call_platforms
from monitor.notices.platform_tokens import MadeToken, make_token, revoke_token
from tests.support.api_world import ApiWorld, api_world, good, problem
from tests.support.certificates import self_signed
from tests.support.platform_world import PlatformWorld, platform_world

ADDRESS = "abuse@telegram.org"


@pytest.fixture
async def world(sqlite_world: ApiWorld) -> AsyncIterator[PlatformWorld]:
    async with platform_world(sqlite_world) as made:
        yield made


@pytest.fixture
async def world_of_either(prepared_url: str, tmp_path: Path) -> AsyncIterator[PlatformWorld]:
    async with api_world(prepared_url, tmp_path) as api, platform_world(api) as made_world:
        yield made_world


async def made(world: ApiWorld, address: str = ADDRESS, **options: Any) -> MadeToken:
    values: dict[str, Any] = {"platform": None, "webhook": None, **options}
    async with world.services.database.begin() as session:
        return await make_token(
            session,
            world.services.keys,
            name="Desk",
            address=address,
            by=By.operator("platform add"),
            now=datetime.now(UTC),
            **values,
        )


class Program:
    """A platform's program with a token."""

    def __init__(self, world: ApiWorld, token: str) -> None:
        self._world, self._token = world, token

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._world.http.request(method, f"/platform/v1{path}", json=body, headers=headers)


async def test_token_lists_reads_and_answers_what_goes_to_its_address(world: PlatformWorld) -> None:
    token = await made(world.world, "Abuse@Telegram.org")
    program = Program(world.world, token.token)
    listed = good(await program.ask("GET", "/notices"))
    assert [row["notice_id"] for row in listed["notices"]] == [world.notice_id] and listed["total"] == 1
    whole = good(await program.ask("GET", f"/notices/{world.notice_id}"))
    assert whole["locations"][0]["url"] == "https://t.me/examplechannel/17" and "A mirror picture" in whole["text"]
    assert world.person.case_id not in str(whole)
    body = {"kind": "refused", "reason": "not-found"}
    answer = await program.ask("POST", f"/notices/{world.notice_id}/answers", body)
    assert answer.status_code == 201 and answer.json()["kind"] == "refused"
    kind, by, facts = (await world.ledger())[-1]
    assert (kind, by) == ("platform-answered", {"who": "platform", "door": "api", "id": "telegram"})
    assert facts["through"] == f"token:{token.id}"
    assert ("platform-refused", "platform-not-found") in await world.alerts()
    again = good(await program.ask("GET", f"/notices/{world.notice_id}"))
    assert [one["reason"] for one in again["answers"]] == ["not-found"]


async def test_token_of_another_address_or_platform_a_revoked_one_and_none_open_nothing(world: PlatformWorld) -> None:
    elsewhere = await made(world.world, "abuse@elsewhere.example")
    of_x = await made(world.world, platform="x")
    gone = await made(world.world)
    async with world.world.services.database.begin() as session:
        now, by = datetime.now(UTC), By.operator("platform revoke")
        await revoke_token(session, world.world.services.keys, token_id=gone.id, by=by, now=now)
    body = {"kind": "acknowledged"}
    for token in (elsewhere, of_x):
        program = Program(world.world, token.token)
        assert good(await program.ask("GET", "/notices")) == {"notices": [], "total": 0}
        assert problem(await program.ask("GET", f"/notices/{world.notice_id}")) == (404, "not-found")
        assert problem(await program.ask("POST", f"/notices/{world.notice_id}/answers", body)) == (404, "not-found")
    for text in (gone.token, "jkp_nonsense", world.advocate.token or "", world.person.token or ""):
        program = Program(world.world, text)
        for method, path in (("GET", "/notices"), ("GET", f"/notices/{world.notice_id}")):
            assert problem(await program.ask(method, path)) == (401, "not-logged-in")
        assert problem(await program.ask("POST", f"/notices/{world.notice_id}/answers", body))[0] == 401
    # Nor does a platform's token open anything of ours.
    mine = await made(world.world)
    headers = {"Authorization": f"Bearer {mine.token}"}
    for path in ("/api/notices", f"/api/notices/{world.notice_id}", f"/api/cases/{world.person.case_id}"):
        assert (await world.world.http.get(path, headers=headers)).status_code == 401
    async with world.world.services.database.read() as session:
        rows = (await session.scalars(select(PlatformToken))).all()
    assert all(mine.token not in str(vars(row)) and ADDRESS not in str(vars(row)) for row in rows)


async def test_either_database_lists_and_takes_answers(world_of_either: PlatformWorld) -> None:
    world = world_of_either
    program = Program(world.world, (await made(world.world)).token)
    (row,) = good(await program.ask("GET", "/notices?limit=1"))["notices"]
    after = good(await program.ask("GET", f"/notices?after={row['notice_id']}"))
    assert after == {"notices": [], "total": 1}
    for kind in ("acknowledged", "removed"):
        answer = await program.ask("POST", f"/notices/{row['notice_id']}/answers", {"kind": kind})
        assert answer.status_code == 201
        world.world.clock.move(minutes=1)
    assert [one["kind"] for one in (await world.advocate.get(f"/notices/{world.notice_id}"))["answers"]] == [
        "acknowledged",
        "removed",
    ]
    assert (await world.notice()).due_at == world.world.clock.now() - timedelta(minutes=1)


async def test_what_is_over_is_listed_and_answered_no_more(world: PlatformWorld) -> None:
    program = Program(world.world, (await made(world.world)).token)
    await world.advocate.post(f"/notices/{world.notice_id}/link/revoke")
    assert good(await program.ask("GET", "/notices"))["notices"] == []
    answer = await program.ask("POST", f"/notices/{world.notice_id}/answers", {"kind": "acknowledged"})
    assert problem(answer) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "refused"}, "answer-reason"),
        ({"kind": "acknowledged", "reason": "not-found"}, "answer-reason"),
        ({"kind": "need-more"}, "answer-text"),
        ({"kind": "gone"}, "invalid"),
        ({"kind": "acknowledged", "text": "a" * 2001}, "invalid"),
        ({"kind": "acknowledged", "file": "data:image/png;base64,AAAA"}, "media-refused"),
    ],
)
async def test_answers_that_are_not_whole_are_refused_by_name(
    world: PlatformWorld, body: dict[str, str], code: str
) -> None:
    program = Program(world.world, (await made(world.world)).token)
    assert problem(await program.ask("POST", f"/notices/{world.notice_id}/answers", body)) == (422, code)


async def test_platforms_find_the_operations_in_the_open_document(sqlite_world: ApiWorld) -> None:
    paths = (await sqlite_world.http.get("/api/openapi.json")).json()["paths"]
    ours = {path: set(methods) for path, methods in paths.items() if path.startswith("/platform/")}
    assert ours == {
        "/platform/v1/notices": {"get"},
        "/platform/v1/notices/{notice_id}": {"get"},
        "/platform/v1/notices/{notice_id}/answers": {"post"},
    }


# Webhooks.


@asynccontextmanager
async def hook(*statuses: str) -> AsyncIterator[tuple[int, list[tuple[dict[str, str], bytes]]]]:
    """A server on loopback that answers each request with the next of these lines; what it was told."""
    told: list[tuple[dict[str, str], bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        told.append((headers | {"": head[0]}, await reader.readexactly(int(headers["content-length"]))))
        writer.write(f"{statuses[min(len(told), len(statuses)) - 1]}\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], told


async def called(world: PlatformWorld, port: int) -> tuple[MadeToken, PlatformCaller, str]:
    """A token with a webhook, the job, and the call about the notice that has just left."""
    token = await made(world.world, webhook=f"http://127.0.0.1:{port}/hook")
    context = replace(world.world.context, webhooks=True)
    from monitor.delivery.base import Receipt

    async with world.world.services.database.begin() as session:
        await session.execute(update(Notice).where(Notice.id == world.notice_id).values(state="sending"))
        await mark_sent(session, context, await session.get_one(Notice, world.notice_id), Receipt())
    async with world.world.services.database.read() as session:
        (row,) = (await session.scalars(select(PlatformCall))).all()
    return token, PlatformCaller(world.world.services.database, context, WebhookCaller(loopback=True)), row.id


async def call_row(world: PlatformWorld, call_id: str) -> PlatformCall:
    async with world.world.services.database.read() as session:
        return await session.get_one(PlatformCall, call_id)


async def test_webhook_is_told_ids_alone_and_signed(world: PlatformWorld) -> None:
    async with hook("HTTP/1.1 204 No Content") as (port, told):
        token, job, call_id = await called(world, port)
        await job.call(call_id, 1)
        await job.call(call_id, 1)  # run again after a death: nothing more leaves
    ((headers, body),) = told
    said = json.loads(body)
    assert said.keys() == {"id", "event", "notice_id", "at"}
    assert (said["event"], said["notice_id"], said["id"]) == ("notice.sent", world.notice_id, call_id)
    fields = dict(part.split("=") for part in headers["jikimi-signature"].split(","))
    assert token.webhook_secret is not None
    text = f"{fields['t']}.".encode() + body
    assert fields["v1"] == hmac.new(token.webhook_secret.encode(), text, hashlib.sha256).hexdigest()
    assert (await call_row(world, call_id)).due_at is None


async def test_webhook_that_fails_is_tried_again_bounded_and_the_operator_is_told(world: PlatformWorld) -> None:
    async with hook("HTTP/1.1 500 Oops", "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/x") as (port, told):
        token, job, call_id = await called(world, port)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            row = await call_row(world, call_id)
            assert row.attempt == attempt and row.due_at is not None
            await job.call(call_id, attempt)
    # A redirect is a failure like any other: it is followed nowhere.
    assert len(told) == MOST_ATTEMPTS and (await call_row(world, call_id)).reason == "status-301"
    assert (await call_row(world, call_id)).due_at is None
    async with world.world.services.database.read() as session:
        alerts = (await session.scalars(select(Alert).where(Alert.kind == "webhook-failing"))).all()
    assert [(one.subject, one.reason) for one in alerts] == [(token.id, "status-301")]


async def test_nothing_is_called_while_it_is_off_or_revoked(world: PlatformWorld) -> None:
    async with hook("HTTP/1.1 200 OK") as (port, told):
        token, job, call_id = await called(world, port)
        off = PlatformCaller(world.world.services.database, world.world.context, WebhookCaller(loopback=True))
        async with world.world.services.database.begin() as session:
            now, by = datetime.now(UTC), By.operator("platform revoke")
            await revoke_token(session, world.world.services.keys, token_id=token.id, by=by, now=now)
        await off.call(call_id, 1)
        await job.call(call_id, 1)
    assert told == [] and (await call_row(world, call_id)).reason == "revoked"


@pytest.mark.parametrize(
    "address",
    [
        *("http://reports.example.org/x", "ftp://example.org", "https://", "https://user:secret@example.org/", "x"),
        *("https://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/", "https://192.168.0.1/", "https://[::1]/"),
        *("https://169.254.169.254/latest", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/"),
        *("https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://100.64.0.1/", "https://224.0.0.1/"),
        *("https://[fec0::1]/", "https://[3fff::1]/", "https://192.88.99.1/", "https://[::10.0.0.1]/"),
        *(
            "https://example.org/#x",
            "https://example.org/\r\nHost: evil",
            "https://exämple.org/",
            "https://e.org:99999/",
        ),
    ],
)
def test_webhook_leads_to_a_public_address_over_https_or_nowhere(address: str) -> None:
    with pytest.raises(RuleBroken):
        webhook_address(address, loopback=False)


def test_public_names_and_addresses_are_taken() -> None:
    where = webhook_address("https://reports.example.org:8443/jikimi?x=1", loopback=False)
    assert (where.host, where.port, where.path, where.tls) == ("reports.example.org", 8443, "/jikimi?x=1", True)
    assert webhook_address("https://8.8.8.8/", loopback=False).port == 443
    import ipaddress

    assert is_public(ipaddress.ip_address("2606:4700:4700::1111"))


async def test_name_that_leads_to_this_machine_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hook("HTTP/1.1 200 OK") as (port, told):

        async def resolve(*_: Any, **__: Any) -> list[Any]:
            # One public address beside a private one: whoever answers for the name chooses which is used.
            return [(2, 1, 6, "", ("8.8.8.8", port)), (2, 1, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        with pytest.raises(DeliveryRefused) as refused:
            await WebhookCaller().call(f"https://reports.example.org:{port}/", b"{}", {})
        assert refused.value.reason == "address-not-public" and told == []


async def test_certificate_that_nobody_vouches_for_is_no_webhook(tmp_path: Path) -> None:
    theirs, ours = self_signed(tmp_path, "127.0.0.1")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=theirs)
    async with server:
        address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(NotSent) as refused:
            await WebhookCaller(loopback=True).call(address, b"{}", {})
        assert refused.value.reason == "tls-failed"
        await WebhookCaller(loopback=True, tls_context=ours).call(address, b"{}", {})


async def test_call_whose_work_was_lost_is_picked_up(world: PlatformWorld) -> None:
    async with hook("HTTP/1.1 200 OK") as (port, told):
        _, job, call_id = await called(world, port)

        class Engine:
            async def live(self, ids: Any) -> set[str]:
                return set()

        database, context = world.world.services.database, world.world.context
        overdue = world.world.clock.now() + timedelta(minutes=1)
        await sweep_platform_side(database, context, Engine(), overdue=overdue)  # type: ignore[arg-type]  # it only takes tasks
        await job.call(call_id, 1)
        assert told == []
        await job.call(call_id, 2)
        assert len(told) == 1


async def test_nothing_is_called_while_work_is_stopped_and_it_is_called_when_work_goes_on(world: PlatformWorld) -> None:
    class Engine:
        async def live(self, ids: Any) -> set[str]:
            return set()

    database, context = world.world.services.database, world.world.context
    overdue = world.world.clock.now() + timedelta(minutes=1)
    async with hook("HTTP/1.1 200 OK") as (port, told):
        _, job, call_id = await called(world, port)
        async with database.begin() as session:
            (await session.get_one(Case, world.person.case_id)).frozen_at = world.world.clock.now()
        await job.call(call_id, 1)
        await sweep_platform_side(database, context, Engine(), overdue=overdue)  # type: ignore[arg-type]  # it only takes tasks
        assert told == [] and (await call_row(world, call_id)).attempt == 1
        async with database.begin() as session:
            (await session.get_one(Case, world.person.case_id)).frozen_at = None
        await sweep_platform_side(database, context, Engine(), overdue=overdue)  # type: ignore[arg-type]  # it only takes tasks
        await job.call(call_id, 2)
        assert len(told) == 1


async def test_what_leaves_anew_is_told_anew(world: PlatformWorld) -> None:
    async with hook("HTTP/1.1 200 OK") as (port, told):
        _, job, call_id = await called(world, port)
        await job.call(call_id, 1)
        context, events = replace(world.world.context, webhooks=True), [CallEvent.OVER, CallEvent.SENT, CallEvent.SENT]
        for event in events:
            async with world.world.services.database.begin() as session:
                notice = await session.get_one(Notice, world.notice_id)
                await call_platforms(session, context, notice, event)
            async with world.world.services.database.read() as session:
                query = select(PlatformCall.id).where(PlatformCall.due_at.is_not(None))
                for waiting in (await session.scalars(query)).all():
                    await job.call(waiting, 1)
    said = [json.loads(body) for _, body in told]
    assert [one["event"] for one in said] == ["notice.sent", "notice.over", "notice.sent", "notice.sent"]
    assert len({one["id"] for one in said}) == 4


async def test_webhook_that_says_nothing_costs_its_time_and_no_more() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        closed.set()

    closed = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotSent) as slow:
            await WebhookCaller(loopback=True, seconds=0.2).call(f"http://127.0.0.1:{port}/", b"{}", {})
        await closed.wait()
    assert slow.value.reason == "too-slow"


def test_command_makes_lists_and_revokes_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.__main__ import main

    config = tmp_path / "config.toml"
    config.write_text("[platforms]\nwebhooks = false\n", encoding="utf-8")
    add = ["platform", "add", "--name", "Desk", "--address", ADDRESS, "--config", str(config)]
    assert main([*add, "--webhook", "https://reports.example.org/"]) == 2
    assert "webhooks are off" in capsys.readouterr().err
    assert main([*add, "--platform", "telegram"]) == 0
    told = dict(line.split("\t") for line in capsys.readouterr().out.splitlines() if "\t" in line)
    assert told["token"].startswith("jkp_")
    assert main(["platform", "list", "--config", str(config)]) == 0
    listed = capsys.readouterr().out
    assert told["id"] in listed and "telegram" in listed and told["token"] not in listed
    assert main(["platform", "revoke", "--id", told["id"], "--config", str(config)]) == 0
    assert main(["platform", "revoke", "--id", "a" * 26, "--config", str(config)]) == 2
    main(["platform", "list", "--config", str(config)])
    assert "revoked" in capsys.readouterr().out
