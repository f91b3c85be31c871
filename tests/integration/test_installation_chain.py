"""What belongs to no case stands in the installation's own chain: log-ins, advocates, codes, settings, exports."""

import asyncio
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.pages.forms import form_token
from monitor.__main__ import main
from monitor.app.settings_note import note_settings
from monitor.evidence.by import By, Door
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.seals import seal_heads
from tests.support.api_world import PASSWORD, ApiWorld


async def _told(world: ApiWorld) -> list[tuple[str, By | None, Any]]:
    async with world.services.database.read() as session:
        return [(one.row.kind, one.by, one.facts) for one in await world.context.ledger.told(session, INSTALLATION)]


async def test_log_ins_and_codes_of_advocates_are_entries_with_their_door(world: ApiWorld) -> None:
    advocate = await world.advocate()
    row = await world.advocate_row()
    await advocate.post("/codes", {"count": 2, "days": 7})
    visit = {"Cookie": "__Host-jikimi_visit=visit", "Origin": "https://jikimi.example.org"}
    form = {"token": form_token("visit"), "login": "first", "password": PASSWORD, "code": world.totp()}
    assert (await world.http.post("/advocate/login", data=form, headers=visit)).status_code == 303
    added = {"advocate": row.id, "organisation": row.organisation_id, "lead": True}
    made = {"organisation": row.organisation_id, "count": 2, "days": 7}
    assert await _told(world) == [
        ("advocate-added", By.operator("test"), added),
        ("logged-in", By.advocate(row.id, Door.API), {}),
        ("codes-made", By.advocate(row.id, Door.API), made),
        ("logged-in", By.advocate(row.id, Door.PAGE), {}),
    ]


async def test_guesses_at_a_log_in_leave_nothing(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    await world.add_advocate()
    before = await _told(world)
    body = {"login": "first", "password": "a wrong password", "totp": world.totp()}
    assert (await world.nobody().refused("POST", "/log-ins/advocate", body))[0] == 401
    assert await _told(world) == before


async def test_start_with_other_settings_is_an_entry_without_a_value_of_them(sqlite_world: ApiWorld) -> None:
    services = sqlite_world.services
    await note_settings(services)
    first = await _told(sqlite_world)
    assert first[-1][:2] == ("settings-changed", By.program("start"))
    await note_settings(services)
    assert await _told(sqlite_world) == first
    web = services.settings.web.model_copy(update={"public_url": "https://other.example.org"})
    await note_settings(replace(services, settings=services.settings.model_copy(update={"web": web})))
    kind, _, facts = (await _told(sqlite_world))[-1]
    assert (kind, facts["changed"]) == ("settings-changed", ["web"])
    assert "other.example.org" not in json.dumps(facts)


async def test_broken_chain_of_the_installation_concerns_every_organisation(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    assert (await advocate.get("/operations/summary"))["ledger_ok"] is True
    async with sqlite_world.services.database.begin() as session:
        await session.execute(text("update ledger_entries set kind = 'x' where case_id = 'installation' and seq = 1"))
    assert (await advocate.get("/operations/summary"))["ledger_ok"] is False


async def _run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
        patch.delenv("DATABASE_URL", raising=False)
        code = await asyncio.to_thread(main, ["ledger", *arguments])
    return code, out.getvalue()


async def test_commands_export_declare_and_tell_the_day(sqlite_world: ApiWorld, tmp_path: Path) -> None:
    """A real installation: what the commands do to it stands in its chain, and it verifies after each."""
    world, config = sqlite_world, tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{world.services.database.url}"\n')
    person = await world.vouched(await world.advocate())
    heads_file, now = world.services.settings.ledger.heads_file, world.clock.now()
    async with world.services.database.begin() as session:
        await seal_heads(session, world.services.keys, heads_file, now=now)
    out = tmp_path / "export.json"
    where = ("--config", str(config))
    code, said = await _run("export", *where, "--case", person.case_id, "--out", str(out), "--disclose", "1")
    assert (code, said.startswith("wrote")) == (0, True), said
    assert json.loads(json.loads(out.read_text())["entries"][0]["plain"])["by"] == {"who": "person", "door": "api"}
    assert (await _run("verify", "--file", str(out)))[0] == 0
    kind, by, facts = (await _told(world))[-1]
    assert (kind, by, facts["case"], facts["disclosed"]) == (
        "chain-exported",
        By.operator("ledger export"),
        person.case_id,
        [1],
    )

    heads_file.unlink()
    code, said = await _run("verify", *where)
    assert (code, "heads file missing" in said) == (1, True), said
    code, said = await _run("restored", *where, "--reason", "disk failed, backup of the night")
    assert (code, "restore declared" in said) == (0, True), said
    code, said = await _run("verify", *where)
    assert (code, said.startswith("ledger ok: 1 case and the installation")) == (0, True), said
    assert (await _told(world))[-1][2]["reason"] == "disk failed, backup of the night"

    day = (now + timedelta(days=1)).date().isoformat()
    code, said = await _run("day", *where, "--day", day)
    value = json.loads(said)
    assert (code, value["day"], len(value["root"])) == (0, day, 64)
    code, said = await _run("day", *where, "--day", day, "--case", person.case_id)
    assert (code, json.loads(said)["root"]) == (0, value["root"])
    assert (await _run("day", *where, "--day", "soon"))[0] == 2


async def test_restore_is_refused_in_words_where_an_entry_was_changed(sqlite_world: ApiWorld, tmp_path: Path) -> None:
    world, config = sqlite_world, tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{world.services.database.url}"\n')
    person = await world.person()
    async with world.services.database.begin() as session:
        change = text("update ledger_entries set kind = 'looked' where case_id = :case and seq = 1")
        await session.execute(change, {"case": person.case_id})
    code, said = await _run("restored", "--config", str(config), "--reason", "none")
    assert code == 1
    assert f"no restore explains this: case {person.case_id}, entry 1" in said
