"""The list of harmless pictures: who changes it, what it refuses, and what it never hides."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from benchmarks.app_screens import chat
from db.models.benign import BenignHash
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.session import Database
from monitor.__main__ import main
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.core import logs
from monitor.core.errors import RuleBroken
from monitor.demo.world.pictures import registered
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.codes import REGIONS_VERSION
from monitor.jobs.crawl import Crawler
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.settings.loading import load_settings
from monitor.watch.benign import add_benign, remove_benign
from monitor.watch.cache import WatchCache
from monitor.watch.opening import watched
from tests.support.api_world import PDQ, ApiWorld, problem
from tests.support.databases import on_sqlite
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_case
from tests.support.waves import encoded


@pytest.fixture
async def context(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def test_listed_picture_is_refused_at_intake_until_it_is_off_the_list(context: DomainWorld) -> None:
    near = bytes.fromhex(PDQ[:-8] + "ffffffff")
    async with context.database.begin() as session:
        case = await make_case(session, context.context, await make_advocate(session))
        listed, new = await add_benign(session, near, note="avatar", by="operator", now=START)
        again, anew = await add_benign(session, near, note="other", by="operator", now=START)
        assert (again.id, again.note, new, anew) == (listed.id, "avatar", True, False)
        with pytest.raises(RuleBroken, match="picture-too-plain") as refusal:
            await add_fingerprint(session, context.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        assert "tell your advocate" in refusal.value.detail
        assert await remove_benign(session, listed.id)
        assert not await remove_benign(session, listed.id)
        row = await add_fingerprint(session, context.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        await add_benign(session, near, note="avatar", by="operator", now=START)
        # What was registered before stays, and is given back as it is.
        kept = await add_fingerprint(session, context.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        assert kept.id == row.id


PLAIN, LISTED, CARD = "0f" * 32, PDQ, "3c" * 32
BODY: dict[str, Any] = {"quality": 90, "kind": "intimate"}


async def list_as_harmless(world: ApiWorld) -> None:
    async with world.services.database.begin() as session:
        for code in (LISTED, CARD):
            await add_benign(session, bytes.fromhex(code), note="avatar", by="operator", now=START)


@on_sqlite
async def test_harmless_picture_is_refused_as_any_other(world: ApiWorld) -> None:
    person = await world.vouched(await world.advocate())
    await list_as_harmless(world)
    path = f"/cases/{person.case_id}/fingerprints"
    harmless = await person.call("POST", path, BODY | {"pdq": LISTED})
    plain = await person.call("POST", path, BODY | {"pdq": PLAIN, "quality": 1})
    assert problem(harmless) == (422, "picture-too-plain")
    assert (harmless.content, harmless.headers) == (plain.content, plain.headers)


@on_sqlite
async def test_before_vouching_nobody_is_told_what_is_listed_and_then_an_advocate_looks(world: ApiWorld) -> None:
    advocate, person = await world.advocate(), await world.person()
    await list_as_harmless(world)
    path = f"/cases/{person.case_id}/fingerprints"
    video = {"set": "frames", "frames": [{"at": 1.0, "pdq": CARD}, {"at": 2.0, "pdq": "ab" * 32}]}
    bodies: list[dict[str, Any]] = [{"pdq": LISTED}, {"pdq": PLAIN}, {"pdq": "cd" * 32, **video}]
    made = [await person.post(path, BODY | body) for body in bodies]
    assert [one["frames"] for one in made] == [0, 0, 3]
    assert len({one["fingerprint_id"] for one in made}) == 3
    await advocate.post(f"/cases/{person.case_id}/vouch")
    # The person sees what they gave, as before.
    mine = {one["fingerprint_id"]: one for one in (await person.get(path))["fingerprints"]}
    assert [mine[one["fingerprint_id"]] for one in made] == made
    (alert,) = (await advocate.get("/operations/alerts"))["alerts"]
    assert (alert["subject"], alert["reason"]) == (made[0]["fingerprint_id"], "on-the-list-of-harmless")
    async with world.services.database.read() as session:
        rows = {row.id: row for row in await session.scalars(select(Fingerprint))}
        (opened,) = watched(world.context, [rows[made[2]["fingerprint_id"]]])
    assert [bytes.fromhex("ab" * 32)] == [code for _, code in opened.frames]
    assert [rows[one["fingerprint_id"]].quarantined_at is None for one in made] == [False, True, True]
    await advocate.post(f"{path}/{made[0]['fingerprint_id']}/release")
    assert (await advocate.get("/operations/alerts"))["alerts"] == []


async def test_list_hides_no_copy_of_a_persons_own_picture(context: DomainWorld, decoders: DecoderPool) -> None:
    """Even where an operator lists the very picture that somebody registered."""
    picture = registered(1)[0]
    whole = hash_picture(picture).whole
    async with context.database.begin() as session:
        case = await make_case(session, context.context, await make_advocate(session))
        await add_fingerprint(session, context.context, case, pdq=whole.hex, quality=90, kind=PictureKind.INTIMATE)
        (consent,) = await give_consent(
            session, context.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=[Purpose.WATCH]
        )
        await add_benign(session, whole.code, note="a mistake", by="operator", now=START)
    media = (Media("photo:1", MediaKind.PHOTO, token=picture),)
    context.platform.posts["1"] = Post("1", "https://t.me/channel/1", START, media)
    crawler = Crawler(
        context.database,
        context.context,
        context.accounts,
        decoders,
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
    )
    await crawler.crawl(consent.source_id)
    async with context.database.read() as session:
        (found,) = (await session.scalars(select(Sighting))).all()
        assert (await session.scalars(select(Fingerprint.case_id))).all() == [case.id]
        assert (await session.get_one(Case, case.id)).state == "vouched"
    assert found.verdict == "confident"
    assert found.how.endswith("on the list of harmless pictures")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "JIKIMI_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    # pytest's own handlers stay, so that what is logged can be read.
    monkeypatch.setattr(logs, "log_to_stderr", lambda _level: None)
    path = tmp_path / "config.toml"
    path.write_text("", encoding="utf-8")
    return path


def rows(config: Path) -> list[BenignHash]:
    async def read() -> list[BenignHash]:
        database = Database(load_settings(config, {}).database.url)
        async with database.read() as session:
            found = list((await session.scalars(select(BenignHash))).all())
        await database.close()
        return found

    return asyncio.run(read())


def test_operator_adds_lists_and_removes(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    picture = tmp_path / "avatar.png"
    picture.write_bytes(registered(1)[0])
    (tmp_path / "text.txt").write_text("no picture")
    options = ("--config", str(config))
    adding = ("benign", "add", str(picture), PDQ, str(tmp_path / "text.txt"), "--note", "x-default-avatar")
    assert main([*adding, *options]) == 1
    assert "refused" in capsys.readouterr().out
    listed = rows(config)
    assert {row.code for row in listed} == {hash_picture(picture.read_bytes()).whole.code, bytes.fromhex(PDQ)}
    assert main([*adding[:-2], "--note", "again", *options]) == 1
    assert len(rows(config)) == 2
    assert capsys.readouterr().out.count("listed already, its note stays: x-default-avatar") == 2
    assert main(["benign", "list", *options]) == 0
    out = capsys.readouterr().out
    assert out.count("x-default-avatar") == 2 and not re.search("[0-9a-f]{64}", out)
    assert main(["benign", "remove", listed[0].id, *options]) == 0
    assert main(["benign", "remove", listed[0].id, *options]) == 2
    assert [row.id for row in rows(config)] == [listed[1].id]
    told = [record for record in caplog.records if record.name == "monitor.watch.benign"]
    assert [record.message for record in told] == ["benign hash added"] * 2 + ["benign hash removed"]
    assert all(PDQ not in str(vars(record)) and "avatar" not in str(record.__dict__.get("extra")) for record in told)


def test_operator_lists_a_template_as_one_entry_and_takes_it_off(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = tmp_path / "empty-chat.png"
    screen.write_bytes(encoded(chat(np.random.default_rng(1), Image.new("RGB", (400, 400), "grey"), dark=False)[0]))
    options = ("--config", str(config))
    assert main(["benign", "add", "--template", str(screen), "--note", "an app's chat", *options]) == 0
    listed = rows(config)
    assert len(listed) > 3 and {row.version for row in listed} == {REGIONS_VERSION}
    capsys.readouterr()
    assert main(["benign", "list", *options]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(f"an app's chat  (template, {len(listed)} parts)")
    assert main(["benign", "remove", line.split()[0], *options]) == 0
    assert rows(config) == []


@on_sqlite
async def test_watch_knows_the_templates_that_an_operator_listed(context: DomainWorld) -> None:
    code = bytes(range(32))
    async with context.database.begin() as session:
        case = await make_case(session, context.context, await make_advocate(session))
        await add_fingerprint(session, context.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        telegram, purposes = PlatformName.TELEGRAM, [Purpose.WATCH]
        given = await give_consent(
            session, context.context, case, platform=telegram, source="channel0", purposes=purposes
        )
        source_id = given[0].source_id
    cache = WatchCache(context.context)
    for listed in (False, True):
        if listed:
            async with context.database.begin() as session:
                await add_benign(session, code, note="chat", by="operator", now=START, version=REGIONS_VERSION)
        async with context.database.read() as session:
            watch = (await cache.watch(session, source_id, START)).watch
        assert (watch.templates is not None and len(watch.templates) == 1) == listed
        assert watch.benign is None, "a template is no harmless picture"


def test_note_is_needed_and_short(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benign", "add", PDQ, "--note", "x" * 101, "--config", str(config)]) == 2
    assert "--note takes" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("--note", "a\x1b[2Jb"), ("--note", "two\nlines"), ("--note", "x", "--by", "\u202eme")]
)
def test_note_without_unprintable_characters(
    config: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert main(["benign", "add", PDQ, *words, "--config", str(config)]) == 2
    assert "printable" in capsys.readouterr().err


async def _list_oddly(config: Path) -> None:
    database = Database(load_settings(config, {}).database.url)
    async with database.begin() as session:
        await add_benign(session, bytes(32), note="odd\x1b[2J", by="me\x07", now=START)
    await database.close()


def test_unprintable_characters_kept_earlier_are_printed_as_question_marks(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["benign", "add", PDQ, "--note", "first", "--config", str(config)]) == 0
    asyncio.run(_list_oddly(config))

    assert main(["benign", "list", "--config", str(config)]) == 0

    out = capsys.readouterr().out
    assert "me?  odd?[2J" in out and out.replace("\n", "").isprintable()


def test_pipe_is_refused_and_not_waited_for(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert main(["benign", "add", str(tmp_path / "pipe"), "--note", "x", "--config", str(config)]) == 1

    assert "no-regular-file" in capsys.readouterr().out
