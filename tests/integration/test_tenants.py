"""Nobody learns from what is shown to them what others have read, found or been told, on the very same sources.

One story is told twice, once with another organisation in it and once without. Each time every GET of the API and every
page is asked for by everybody, and nothing may differ.
"""

import asyncio
import io
import json
import re
import shutil
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import delete, event, select, update

from db.locking import lock_one, lock_rows
from db.models.case_reading import CaseMedium, CaseSource
from db.models.cases import Case, Fingerprint
from db.models.sources import Inspection, Source
from monitor.cases.erasure import due_erasures, erase
from monitor.context.alerts import AlertKind
from monitor.core.errors import PlatformFault, RateLimited, SourceUnavailable
from monitor.sightings.marks import mark_sightings
from monitor.sources.cooldowns import StoredCooldowns
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_routes import application, page_routes
from tests.support.postgres import PreparedDatabases
from tests.support.seen_world import OTHERS, PICTURES
from tests.support.shared_sources import Stage, shared_sources, shown
from tests.support.tables import sqlite_template

_ID = re.compile(r"\b[a-z2-7]{26}\b")
_END_OF_NUMBER = re.compile(r'(…|"ends_with":")[a-z2-7]{4}\b')
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_DRAWN = re.compile(
    r'data-options="[^"]*"|<svg width="180".*?</svg>|<code>(?:[A-Z2-7]{4} ?){8}</code>|name="sealed" value="[^"]*"'
    r'|name="once" value="[^"]*"'
    r'|"log_in_id":"[0-9a-f]{26}"|(?<=<code>)…[a-z2-7]{6}(?=</code>)'
    r'|"following":"[\w=-]{90,}"|(?<=after=)[\w%=-]{90,}'
    r'|<time datetime="[^".]*\.\d{6}[^"]*"[^>]*>[^<]*</time>|"[-\dT:]{19}\.\d{6}Z"'
)
"""Drawn by chance each time: what a passkey signs, the secret for a new phone with its picture, the last signs of a
case's number, the next page of the audit. And real time, which has microseconds where the domain's has none here."""


@pytest.fixture
async def stage(prepared_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with shared_sources(prepared_url, tmp_path) as made:
        yield made


# The walk.


def addresses(world: ApiWorld) -> Iterator[str]:
    """Every path that answers GET, of the API and of the pages."""
    for path, methods in application(world).openapi()["paths"].items():
        if "get" in methods:
            yield path
    yield from sorted(path for method, path in page_routes(world) if method == "GET")


ASKED = {
    "/api/cases": ("", "?state=open", "?state=vouched", "?state=erasing"),
    "/api/sightings": ("", "?state=open", "?state=confirmed"),
    "/api/notices": (
        "",
        "?state=prepared",
    ),
    "/advocate": ("", "?state=confirmed", "?state=dismissed"),
    "/advocate/audit": ("?group=centre",),
    "/api/audit": ("?group=centre",),
    "/advocate/notices": ("", "?group=running", "?group=done"),
}
"""What is asked of each, where that is not the plain question. Of the audit only what is no case's: what looking at a
case adds to it is many, and a page ends among deeds of one moment."""


@dataclass
class Walk:
    """What somebody sees everywhere. Ids are numbered as they are met, so that two worlds can be compared."""

    world: ApiWorld
    callers: dict[str, Caller]
    numbers: dict[str, str] = field(default_factory=dict)

    async def look(self, *, at_everything: bool) -> dict[str, Any]:
        """Every answer to everybody; or to each only those that are more than a refusal."""
        seen = {}
        for name, caller in self.callers.items():
            known = await self._known(caller)
            for address in addresses(self.world):
                if not at_everything and not self._is_for(name, address):
                    continue
                for path in self._filled(address, known):
                    for query in ASKED.get(address, ("",)):
                        seen[f"{name} {self._masked(path + query)}"] = await self._answer(caller, path + query)
        return seen

    @staticmethod
    def _is_for(name: str, address: str) -> bool:
        return name == "advocate" or (name != "nobody" and ("case_id" in address or "notice_id" in address))

    async def _known(self, caller: Caller) -> dict[str, list[str]]:
        """Ids that the caller can put into an address: those of its own side."""
        advocate = self.callers["advocate"]
        sightings = (await advocate.get("/sightings"))["sightings"]
        notices = (await advocate.get("/notices"))["notices"]
        cases = [one.case_id for one in self.callers.values() if one.case_id]
        return {
            "case_id": [caller.case_id] if caller.case_id else cases,
            "sighting_id": [one["sighting_id"] for one in sightings],
            "notice_id": [one["notice_id"] for one in notices],
            "report_id": [],
            "source_id": [one["source_id"] for one in (await advocate.get("/linking"))["places"]],
            "place_report_id": [one["report_id"] for one in (await advocate.get("/place-reports"))["reports"]],
            "package_id": [],
            "kind": ["account", "file"],
            "mail_link_id": [],  # for recipients of notices, who are no tenants
        }

    def _filled(self, address: str, known: dict[str, list[str]]) -> Iterator[str]:
        names = re.findall(r"{(\w+)}", address)
        for ids in product(*(known[name] for name in names)):
            yield address.format(**dict(zip(names, ids, strict=True)))

    async def _answer(self, caller: Caller, path: str) -> tuple[int, dict[str, str], str]:
        headers = {"Accept-Language": "en"}
        if caller.token:
            api = path.startswith("/api")
            cookie = {"Cookie": f"__Host-jikimi_login={caller.token}"}
            headers |= {"Authorization": f"Bearer {caller.token}"} if api else cookie
        answer = await self.world.http.get(path, headers=headers)
        # Without a worker it is not ready, for everybody alike.
        assert answer.status_code < 500 or path == "/readyz", path
        kept = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        if _DRAWN.search(answer.text if "text/html" in kept.get("content-type", "") else ""):
            kept.pop("content-length")
        if answer.headers.get("content-type") == "application/pdf":
            # Its own number is drawn by chance, and packing hides ids: what it says is compared, whatever its length.
            pages = PdfReader(io.BytesIO(answer.content)).pages
            kept = {name: self._masked(value) for name, value in kept.items() if name != "content-length"}
            return (
                answer.status_code,
                kept,
                self._masked(" ".join(" ".join(one.extract_text() for one in pages).split())),
            )
        if answer.headers.get("content-type") == "application/zip":  # packed, too: the texts in it are compared
            with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
                texts = [packed.read(name).decode() for name in sorted(packed.namelist())]
            kept = {name: self._masked(value) for name, value in kept.items() if name != "content-length"}
            return answer.status_code, kept, self._masked("\n".join(texts))
        text = self._masked(answer.text)
        if "/audit" in path:  # deeds of one moment stand by their cases' numbers, which are drawn by chance
            text = "\n".join(sorted(re.split(r"\n|(?<=},)|(?<=</tr>)", text.replace("]", ",]"))))
        return answer.status_code, kept, text

    def _masked(self, text: str) -> str:
        text = _ID.sub(lambda found: self.numbers.setdefault(found[0], f"<id {len(self.numbers)}>"), text)
        return _DRAWN.sub("<drawn>", _HASH.sub("<hash>", _END_OF_NUMBER.sub(r"\1<end>", text)))


# The story.


@dataclass
class Story:
    """Two centres and the same channel. `others`: whether the second centre is in it."""

    stage: Stage
    others: bool
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def tell(self) -> dict[str, dict[str, Any]]:
        """What the first centre sees, moment by moment."""
        stage, world = self.stage, self.stage.world
        advocate = await world.advocate()
        # Two centres that share are too few for either to see anything of the other.
        await advocate.put("/linking/sharing", {"share": True})
        stage.post(shown(1, OTHERS[0], unreadable=1), shown(2, PICTURES[1]), shown(3, PICTURES[0], unreadable=1))
        await self.another_centre_watches()
        stage.move(minutes=10)
        await self.anothers_reads_fail()
        stage.move(minutes=10)

        waiting, guest = await world.person(), await world.person()
        stage.move(seconds=1)
        person = await world.vouched(advocate)
        self.walk = Walk(world, {"person": person, "waiting": waiting, "advocate": advocate, "nobody": world.nobody()})
        await stage.watch(waiting, "@channel", picture=PICTURES[0])
        await self.look("before anything was read")
        (consent, _) = await stage.watch(person, "@channel", "@quiet", picture=PICTURES[0])
        await stage.run()
        await self.look("read for the first time")

        stage.move(seconds=1)
        (sighting,) = (await advocate.get("/sightings?state=open"))["sightings"]
        await advocate.confirm(sighting["sighting_id"], {"basis": "caption-context"})
        stage.move(minutes=2)
        stage.post(shown(4, OTHERS[1], unreadable=2, at=world.clock.now()))
        await self.somebody_joins()
        await self.the_pool_is_worked_through(waiting, guest)
        await self.look("between two turns")
        stage.move(minutes=8)
        await stage.turn()
        await self.look("after a turn", at_everything=True)

        stage.move(minutes=2)
        await self.somebody_joins_and_reading_fails()
        await self.another_is_alerted()
        await self.look("after others failed")
        await self.another_finds_a_post_gone()
        stage.move(minutes=8)
        await stage.turn()
        await self.look("after a post went")

        stage.move(minutes=1)
        await person.delete(f"/cases/{person.case_id}/consents/{consent}")
        stage.post(shown(5, OTHERS[2], unreadable=1, at=world.clock.now()))
        stage.move(minutes=9)
        await stage.turn()
        await self.look("after it was taken back")
        stage.move(minutes=90)
        await stage.watch(person, "@channel")
        await stage.run()
        await self.look("agreed to again")
        return self.seen

    async def look(self, moment: str, *, at_everything: bool = False) -> None:
        self.seen[moment] = await self.walk.look(at_everything=at_everything)

    # What others do, where there are others.

    async def another_centre_watches(self) -> None:
        if not self.others:
            # Whoever waits is told which centres there are, not what they do.
            await self.stage.world.add_advocate("second", "Centre B")
            return
        self.other = await self.stage.world.advocate("second", "Centre B")
        await self.other.put("/linking/sharing", {"share": True})
        self.person = await self.stage.world.vouched(self.other)
        await self.stage.watch(self.person, "@channel", picture=PICTURES[1])
        await self.stage.run()
        await self.stage.turn()
        (sighting,) = (await self.other.get("/sightings"))["sightings"]
        await self.other.confirm(sighting["sighting_id"], {"basis": "caption-context"})
        await self.stage.run()

    async def anothers_reads_fail(self) -> None:
        if not self.others:
            return
        for error in (SourceUnavailable("private"), PlatformFault("http-503"), RateLimited(7200.0)):
            self.stage.platform.errors.append(error)
            await self.stage.turn()
        assert self.stage.platform.errors == []
        services = self.stage.world.services
        cooldowns = StoredCooldowns(services.database, "telegram")
        await cooldowns.set("getHistory", services.context.now().replace(year=2027))
        async with services.database.read() as session:
            assert {row.unavailable for row in await session.scalars(select(Source))} == {"RateLimited"}

    async def somebody_joins(self) -> None:
        if not self.others:
            return
        late = await self.stage.world.vouched(self.other)
        await self.stage.watch(late, "@channel", picture=PICTURES[2])
        await self.stage.run()
        assert (await self.other.get("/operations/summary"))["not_inspected"] == 4

    async def the_pool_is_worked_through(self, waiting: Caller, guest: Caller) -> None:
        """A case leaves the pool: taken by the other centre, or by the person. Of the other nobody makes anything."""
        if not self.others:
            await guest.post(f"/cases/{guest.case_id}/erasure", {"passphrase": guest.passphrase})
            return
        assert (await self.other.get("/pool"))["total"] == 1
        await self.other.post(f"/cases/{waiting.case_id}/in-hand")
        await self.other.delete(f"/cases/{waiting.case_id}/in-hand")
        await self.other.post(f"/cases/{guest.case_id}/vouch")
        await self.stage.watch(guest, "@channel", picture=PICTURES[2])
        await self.stage.run()

    async def somebody_joins_and_reading_fails(self) -> None:
        if not self.others:
            return
        late = await self.stage.world.vouched(self.other)
        await self.stage.watch(late, "@channel")
        self.stage.platform.errors.append(SourceUnavailable("private"))
        await self.stage.run()
        assert self.stage.platform.errors == []
        (source,) = (await self.other.get("/operations/summary"))["sources"]
        assert source["unavailable"] == "private"

    async def another_is_alerted(self) -> None:
        if not self.others:
            return
        services = self.stage.world.services
        async with services.database.begin() as session:
            case = await lock_one(session, Case, self.person.case_id)
            rows = await lock_rows(session, select(Fingerprint).where(Fingerprint.case_id == case.id))
            for row in rows:
                row.quarantined_at = services.context.now()
                kind, home = AlertKind.FINGERPRINT_QUARANTINED, case.organisation_id
                await self.stage.world.context.alert(
                    session, kind, row.id, "more-than-30-an-hour", organisation_id=home
                )
        assert (await self.other.get("/operations/alerts"))["alerts"]

    async def another_finds_a_post_gone(self) -> None:
        """In the story without others the post goes as well; who reads on from a cursor does not notice."""
        del self.stage.platform.posts["1"]
        if not self.others:
            return
        late = await self.stage.world.vouched(self.other)
        await self.stage.watch(late, "@channel", picture=OTHERS[0])
        await self.stage.run()
        async with self.stage.world.services.database.read() as session:
            gone = await session.scalars(select(Inspection.media_id).where(Inspection.gone_for == late.case_id))
            assert sorted(gone) == ["photo:10", "story:10"]


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two fresh databases of one kind, with every table."""
    if request.param == "sqlite":
        files = [tmp_path / f"{number}.sqlite" for number in (1, 2)]
        for file in files:
            shutil.copy(sqlite_template(), file)
        yield f"sqlite+aiosqlite:///{files[0]}", f"sqlite+aiosqlite:///{files[1]}"
        return
    databases: PreparedDatabases = request.getfixturevalue("prepared_postgres")
    with databases.one() as first, databases.one() as second:
        yield first, second


@pytest.mark.timeout(900)  # six thousand answers: on a slow machine that takes more than the five minutes of all others
async def test_everything_that_is_shown_is_the_same_with_and_without_others(
    urls: tuple[str, str], tmp_path: Path
) -> None:
    told = []
    for url, others in zip(urls, (False, True), strict=True):
        folder = tmp_path / str(others)
        folder.mkdir()
        async with shared_sources(url, folder) as stage:
            told.append(await Story(stage, others).tell())
    alone, beside = told
    differences = [
        (moment, place, alone[moment].get(place), beside[moment].get(place))
        for moment in alone
        for place in sorted(alone[moment].keys() | beside[moment].keys())
        if alone[moment].get(place) != beside[moment].get(place)
    ]
    assert differences == []
    # And it is something that is the same: what was read for this centre's own person, and nothing before.
    views = [alone[moment]["advocate /api/operations/summary"][2] for moment in alone]
    figures = [(told["posts_seen"], told["media_inspected"], told["not_inspected"]) for told in map(json.loads, views)]
    assert figures == [(0, 0, 0), (3, 3, 2), (3, 3, 2), *[(4, 4, 4)] * 4, (5, 5, 5)]
    assert len(alone["after a turn"]) > 60
    pages = {place.partition(" ")[2] for place, (status, _, _) in alone["after a turn"].items() if status == 200}
    pools = [json.loads(alone[moment]["advocate /api/pool"][2])["groups"] for moment in alone]
    assert [[group["total"] for group in pool] for pool in pools] == [[2], [2], *[[1]] * 6]
    assert {"/advocate", "/advocate/cases", "/advocate/alerts", "/advocate/notices", "/case"} <= pages
    assert {"/advocate/linking", "/api/linking"} <= pages


# The one exception: counts over centres that share.

EXCEPTION = {
    *("/api/linking", "/advocate/linking", "/advocate/linking/ID"),
    *("/api/sightings/ID/linked", "/advocate/sightings/ID"),
}


async def test_leads_of_centres_that_share_see_a_rounded_count_of_others_and_nobody_sees_anything_else(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    lead, second = await world.advocate(), await world.advocate("plain")
    person = await world.vouched(lead)
    mine = await world.sighting(person, post_id="1")
    others = [await world.advocate(f"other-{name}", f"Centre {name}") for name in "BC"]
    for number in range(6):
        # Other persons in the same channel; of one of them the very same post.
        await world.sighting(await world.vouched(others[number % 2]), post_id=str(number))
    await mark_sightings(world.services.database, world.context)
    for one in (lead, others[0]):
        await one.put("/linking/sharing", {"share": True})
    walk = Walk(world, {"lead": lead, "advocate": second, "person": person, "nobody": world.nobody()})
    first, before = await walk.look(at_everything=True), await walk.look(at_everything=True)
    # What looking itself changes: the own case's ledger has it, a lead reads it in the audit, and a file is made anew.
    changing = {place for place in before if first[place] != before[place]}
    assert all("/cases/" in place or place.endswith("/audit") for place in changing), changing
    await others[1].put("/linking/sharing", {"share": True})
    after = await walk.look(at_everything=True)
    assert before.keys() == after.keys() and len(before) > 100
    different = {place for place in before if before[place] != after[place]} - changing
    assert {place.partition(" ")[0] for place in different} == {"lead"}
    assert {re.sub("<id [0-9]+>", "ID", place.partition(" ")[2]) for place in different} == EXCEPTION
    told = await lead.get(f"/sightings/{mine}/linked")
    assert told["channel"]["cases"] == told["file"]["cases"] == 1
    assert told["channel_across"] == told["file_across"] == {"cases": 5, "posts": 5}
    # Nothing more than that: put back, the answer is the one from before.
    for place in different:
        _, _, text = after[place]
        rounded = ('{"cases":5,"posts":5}', "null")
        if place.startswith("lead /api"):
            assert text.replace(*rounded) == before[place][2], place


# Before vouching.


@pytest.fixture
async def watched(stage: Stage) -> tuple[Caller, Caller]:
    """Somebody watches @known_place, and it was read; somebody else waits for an advocate."""
    advocate = await stage.world.advocate()
    person = await stage.world.vouched(advocate)
    stage.post(shown(1, PICTURES[0], unreadable=3))
    await stage.watch(person, "@known_place", picture=PICTURES[0])
    await stage.run()
    assert (await person.get(f"/cases/{person.case_id}/consents"))["consents"][0]["not_inspected"] == 3
    return person, await stage.world.person()


async def test_before_vouching_a_watched_source_is_answered_as_any_other_with_the_same_work(
    stage: Stage, watched: tuple[Caller, Caller]
) -> None:
    _, stranger = watched
    path, answers, work = f"/cases/{stranger.case_id}/consents", [], []
    statements: list[str] = []
    engine = stage.world.services.database.engine.sync_engine

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    for place in ("known_place", "other_place"):
        body = {"platform": "telegram", "source": f"@{place}", "purposes": ["watch"], "days": 30.0}
        statements.clear()
        given = await stranger.call("POST", path, body)
        (consent,) = given.json()["consents"]
        taken = await stranger.call("DELETE", f"{path}/{consent['consent_id']}")
        work.append(list(statements))
        told = [(one.status_code, one.headers, one.text.replace(place, "PLACE")) for one in (given, taken)]
        answers.append([(status, headers, _ID.sub("ID", text)) for status, headers, text in told])
        assert (consent["read_at"], consent["unavailable"], consent["not_inspected"]) == (None, None, 0)
    assert answers[0] == answers[1]
    assert work[0] == work[1] and len(work[0]) > 10
    statements.clear()
    listed = (await stranger.get(path))["consents"]
    assert [(one["read_at"], one["unavailable"], one["not_inspected"]) for one in listed] == [(None, None, 0)] * 2


async def test_before_vouching_nothing_waits_for_the_reading_of_a_source(
    prepared_postgres_url: str, tmp_path: Path
) -> None:
    async with shared_sources(prepared_postgres_url, tmp_path) as stage:
        advocate = await stage.world.advocate()
        await stage.watch(await stage.world.vouched(advocate), "@known_place", picture=PICTURES[0])
        stranger, database = await stage.world.person(), stage.world.services.database
        async with database.begin() as session, asyncio.timeout(20):
            # As a crawl does, for as long as it compares.
            await lock_rows(session, select(Source))
            (consent,) = await stage.watch(stranger, "@known_place")
            await stranger.delete(f"/cases/{stranger.case_id}/consents/{consent}")
            await stage.watch(stranger, "@known_place")
            await stranger.post(f"/cases/{stranger.case_id}/erasure", {"passphrase": stranger.passphrase})


async def test_what_was_read_before_this_was_kept_is_shown_to_nobody(stage: Stage) -> None:
    """As in a database of an older version: its inspections tell neither whose they are nor when the post is from."""
    advocate = await stage.world.advocate()
    person = await stage.world.vouched(advocate)
    stage.post(shown(1, OTHERS[0], unreadable=1))
    (consent,) = await stage.watch(person, "@channel")
    await stage.run()
    async with stage.world.services.database.begin() as session:
        for model in (CaseMedium, CaseSource):
            await session.execute(delete(model))
        await session.execute(update(Inspection).values(posted_at=None))
    await stage.turn()
    stage.post(shown(2, OTHERS[1], at=stage.world.clock.now()))
    await stage.turn()
    summary = await advocate.get("/operations/summary")
    assert (summary["posts_seen"], summary["media_inspected"], summary["not_inspected"]) == (1, 1, 0)
    assert consent in {one["consent_id"] for one in (await person.get(f"/cases/{person.case_id}/consents"))["consents"]}


async def test_what_a_case_was_told_goes_with_the_case(stage: Stage) -> None:
    person = await stage.world.vouched(await stage.world.advocate())
    stage.post(shown(1, OTHERS[0]))
    await stage.watch(person, "@channel")
    await stage.run()
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    services = stage.world.services
    stage.move(days=8)
    async with services.database.begin() as session:
        for case in await due_erasures(session, services.context.now()):
            await erase(session, stage.world.context, case)
        for model in (CaseMedium, CaseSource):
            assert (await session.scalars(select(model))).all() == []


async def test_an_account_that_must_wait_is_told_to_those_whose_read_it_was(stage: Stage) -> None:
    advocate, other = await stage.world.advocate(), await stage.world.advocate("second", "Centre B")
    await stage.watch(await stage.world.vouched(advocate), "@channel")
    await stage.run()
    await stage.watch(await stage.world.vouched(other), "@channel")
    stage.platform.errors.append(RateLimited(900.0))
    await stage.run()
    waits = [(await one.get("/operations/health"))["platforms"][0]["waits_until"] for one in (advocate, other)]
    assert waits[0] is None and waits[1] is not None
    unavailable = [(await one.get("/operations/health"))["sources_unavailable"] for one in (advocate, other)]
    assert unavailable == [0, 1]
