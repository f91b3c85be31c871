"""The long trial: programs, doubles and people for some simulated weeks, killed meanwhile; then all is judged."""

import asyncio
import contextlib
import re
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self

import httpx

from monitor.core.clock import Clock
from monitor.demo.processes import ROOT
from monitor.demo.run import DemoRun
from tests.support.imap_server import PASSWORD, USER, TestMailbox, imap_server
from tests.support.simulated_people import POLICE, SimulatedPeople
from tests.support.simulated_platform import AUTHSERV, Behaviour, Scenario, SimulatedPost, SimulatedWorld

PASS_MINUTES = 60.0
"""Domain time between two passes of the people."""
CRAWL_HOURS = 7.0
"""Domain time between two readings of a source."""
MAILBOX_HOURS = 2.0
LAST_PASSES_SECONDS = 60.0
"""Real seconds after the last day, for what was due in its last hours."""
_VERIFY_SECONDS = 600
LATE = timedelta(hours=24)
"""Domain time that the next step may take after a deadline: with a program dead for seconds, hours pass here."""
_REMINDED = (Behaviour.SLOW, Behaviour.SILENT, Behaviour.CLAIMS)
"""Of these every first clock runs to its end."""
_OPEN = {True: "sent", False: "escalated"}
"""How a copy stands about which a person filed something that is in time: a minor's, an adult's."""


class SimulatedRun(DemoRun):
    """`async with SimulatedRun(folder, scenario, speed=2592) as run:` with `run.people`."""

    people: SimulatedPeople

    def __init__(
        self, folder: Path, scenario: Scenario, *, speed: float, environment: Mapping[str, str], workers: int = 3
    ) -> None:
        super().__init__(folder / "demo", speed=speed, environment=environment, workers=workers)
        self.scenario, self._beside = scenario, folder
        self.mailbox: TestMailbox | None = None

    async def __aenter__(self) -> Self:
        self.mailbox = await self._stack.enter_async_context(imap_server(self._beside))
        await super().__aenter__()
        assert isinstance(self.world, SimulatedWorld)
        self.people = SimulatedPeople(self.world, self.http, self.staff)
        return self

    def make_world(self, clock: Clock) -> SimulatedWorld:
        """The one with eight behaviours."""
        assert self.mailbox is not None
        return SimulatedWorld(clock, self.scenario, self.mailbox)

    def write_config(self, folder: Path, clock: Clock, *, port: int) -> Path:
        """Sources are read some times a day, and mail that comes back is in a mailbox of its own."""
        assert self.mailbox is not None
        path = super().write_config(folder, clock, port=port)
        imap = f"""[imap]
host = "127.0.0.1"
port = {self.mailbox.port}
tls = "none"
username = "{USER}"
password = "{PASSWORD}"
authserv_id = "{AUTHSERV}"
interval_minutes = {60 * MAILBOX_HOURS}
"""
        text = re.sub(r"\[imap\]\n(?:[^\n]+\n)+", imap, path.read_text(encoding="utf-8"))
        crawl = f"[crawl]\ninterval_minutes = {60 * CRAWL_HOURS}\n"
        text = re.sub(r"\[crawl\]\ninterval_minutes = [^\n]+\n", crawl, text)
        path.write_text(text, encoding="utf-8")
        return path


class Kills:
    """kill -9 again and again: every fifth time of all programs, when a report arrived and nobody heard so yet."""

    def __init__(self, run: SimulatedRun, random: Random, *, kills: int, seconds: float) -> None:
        """So many over so many real seconds."""
        self._run, self._random, self._kills, self._seconds = run, random, kills, seconds
        self._armed, self._dead = False, asyncio.Event()
        self.done = self.unheard = 0
        world = run.world
        assert isinstance(world, SimulatedWorld)
        world.on_arrival.append(self._arrived)

    async def go_on(self) -> None:
        """Until all are done."""
        began = time.monotonic()
        names = self._run.programs.names
        while self.done < self._kills:
            left = self._kills - self.done
            share = max(0.0, self._seconds - (time.monotonic() - began)) / left
            at = time.monotonic() + share * self._random.uniform(0.2, 1.8)
            if self.done % 5 == 4:
                self._armed = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._dead.wait(), 1.5 * share)
            if self._dead.is_set():
                dead = names
                self._dead.clear()
            else:
                dead = (self._random.choice(names),)
                self._run.programs.kill(*dead)
            self._armed = False
            self.done += 1
            for name in dead:
                await self._run.programs.restart(name)
            await asyncio.sleep(max(0.0, at - time.monotonic()))

    def _arrived(self) -> None:
        if self._armed and not self._dead.is_set():
            self._armed = False
            for name in self._run.programs.names:
                self._run.programs.kill(name)
            self.unheard += 1
            self._dead.set()


@dataclass
class Judgement:
    """What came of it."""

    table: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Behaviour by end state, then the figures, then what is wrong."""
        states = sorted({state for counts in self.table.values() for state in counts})
        lines = [f"{'behaviour':22}" + "".join(f"{state:>20}" for state in states)]
        for name, counts in sorted(self.table.items()):
            lines.append(f"{name:22}" + "".join(f"{counts[state] or '-':>20}" for state in states))
        lines += [f"{name}: {value}" for name, value in self.facts.items()]
        return "\n".join([*lines, *(f"WRONG {one}" for one in self.wrong[:60]), f"{len(self.wrong)} wrong"])


async def play(run: SimulatedRun, *, kills: int = 0, seed: int = 1) -> Judgement:
    """Play the scenario to its end and judge it."""
    began = time.monotonic()
    await run.people.prepare()
    clock, start = run.world.clock, run.world.clock.now()
    end = start + timedelta(days=run.scenario.days)
    seconds = clock.real_seconds(end - start)
    killing = Kills(run, Random(seed), kills=kills, seconds=0.95 * seconds) if kills else None
    task = asyncio.create_task(killing.go_on()) if killing else None
    passes, told = 0, time.monotonic()
    try:
        while clock.now() < end or (task is not None and not task.done()):
            passes += await _pass(run)
            if task is None or task.done():
                run.programs.check()
            if time.monotonic() - told > 60:
                told = time.monotonic()
                day = (clock.now() - start) / timedelta(days=1)
                _say(f"day {day:.1f}, {passes} passes, kills {killing.done if killing else 0}, {run.people.done}")
            await asyncio.sleep(_between_passes(run))
        if task is not None:
            await task
    finally:
        if task is not None:
            task.cancel()
    await _finish(run)
    judgement = await Judge(run).judge()
    judgement.facts |= {
        "kills": killing.done if killing else 0,
        "of them unheard reports": killing.unheard if killing else 0,
        "settled by a person": len(run.people.settled),
        "passes": passes,
        "refused": dict(run.people.refused),
        "odd": dict(run.people.odd),
        "database": "sqlite" if run.sqlite else f"postgresql, {len(run.programs.names)} workers",
        "simulated days": round((clock.now() - start) / timedelta(days=1), 1),
        "real seconds": round(time.monotonic() - began),
        "processor seconds of the doubles and people": round(time.process_time()),
    }
    await run.programs.stop()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    judgement.facts["processor seconds of the programs"] = round(used.ru_utime + used.ru_stime)
    return judgement


def _between_passes(run: SimulatedRun) -> float:
    """Real seconds."""
    return run.world.clock.real_seconds(timedelta(minutes=PASS_MINUTES))


async def _pass(run: SimulatedRun) -> int:
    """1 where it was a whole one."""
    try:
        await run.people.work_once()
    except httpx.TransportError:
        return 0
    return 1


async def _finish(run: SimulatedRun) -> None:
    """Until nothing waits for a person, or some passes later."""
    end = time.monotonic() + LAST_PASSES_SECONDS
    while time.monotonic() < end:
        if await _pass(run):
            page = await run.people.advocate.call("GET", "/copies", limit=500)
            if not page["copies"]:
                return
        await asyncio.sleep(_between_passes(run))


def _say(text: str) -> None:
    print(text, flush=True)


class Judge:
    """Judges by what the doubles saw and what the API tells."""

    def __init__(self, run: SimulatedRun) -> None:
        assert isinstance(run.world, SimulatedWorld)
        self._run, self._world, self._api = run, run.world, run.people.advocate
        self._found = Judgement()
        self._ended = run.world.clock.now()
        """Nobody works from then on, and the clock goes on."""

    async def judge(self) -> Judgement:
        """All of it."""
        copies = await self._copies()
        sightings = {one["sighting_id"]: one for one in await self._run.people.sightings("confirmed")}
        notices = await self._run.people.notices()
        about = defaultdict[str, list[dict[str, Any]]](list)
        for notice in notices:
            about[notice["sighting_id"]].append(notice)
        expected = self._run.scenario.copies
        self._is("copies posted", sum(1 + len(p.more) for p in self._world.simulated.values() if p.person is not None))
        self._require(len(sightings) == expected, f"{len(sightings)} sightings confirmed, should be {expected}")
        open_ones, dismissed = await self._run.people.sightings("open"), await self._run.people.sightings("dismissed")
        self._require(not open_ones and not dismissed, f"{len(open_ones)} open, {len(dismissed)} dismissed")
        for missing in sightings.keys() - copies.keys():
            # Its state changed while the lists were read.
            copies[missing] = (await self._api.call("GET", f"/copies/{missing}"))["copy"]
        self._require(set(copies) == set(sightings), "what is no confirmed sighting stands among the copies")
        minors = 0
        for sighting_id, sighting in sightings.items():
            found = self._world.post_at(sighting["url"])
            if found is None or sighting_id not in copies:
                self._found.wrong.append(f"{sighting_id} is at no post")
                continue
            minors += found[1].minor
            await self._judge_copy(copies[sighting_id], sighting, about[sighting_id], *found)
        self._is("minors' copies", minors)
        await self._judge_deadlines(notices, sightings)
        self._judge_reports(notices, sightings)
        self._require(await self._ledger() == 0, "`python -m monitor ledger verify` found something")
        return self._found

    async def _copies(self) -> dict[str, dict[str, Any]]:
        copies: dict[str, dict[str, Any]] = {}
        states = ["overdue", "in-doubt", "waiting", "not-allowed", "ready", "escalated", "sent", "erasing", "closed"]
        for state in [*states, "removed"]:
            got = 0
            while True:
                page = await self._api.call("GET", "/copies", state=state, limit=500, offset=got or None)
                copies |= {one["sighting_id"]: one for one in page["copies"]}
                got += len(page["copies"])
                if len(page["copies"]) < 500:
                    break
        return copies

    async def _judge_copy(
        self,
        copy: dict[str, Any],
        sighting: dict[str, Any],
        notices: list[dict[str, Any]],
        link: Any,
        post: SimulatedPost,
    ) -> None:
        name = f"{post.behaviour}{', minor' if post.minor else ''}"
        state = copy["state"]
        self._found.table[name][f"{state}{' (back)' if sighting['came_back_at'] else ''}"] += 1
        stands = self._world.stands(link, sighting["media_id"])
        who = f"{name} {link.platform}/{link.handle}/{link.post_id} {copy['sighting_id']}"
        stays = post.behaviour in (Behaviour.SILENT, Behaviour.REFUSES, Behaviour.CLAIMS, Behaviour.BACK)
        if post.behaviour is Behaviour.PARTIAL:
            stays = stands if post.more else post.kept
        self._require(stands == stays, f"{who}: the platform did not do what it should: {stands}")
        if not stays:
            self._require(state == "removed", f"{who}: {state}, {copy['why']}; it is gone")
            self._require(sighting["removed_at"] is not None, f"{who}: no receipt")
        else:
            just = state == "overdue" and self._ended - _time(copy["since"]) < LATE
            self._require(state == _OPEN[post.minor] or just, f"{who}: {state}, {copy['why']}; it stands")
            whole = await self._api.call("GET", f"/copies/{copy['sighting_id']}")
            self._require(bool(whole["filings"]), f"{who}: nobody filed a next step")
            looked = self._ended - _time(sighting["looked_at"] or sighting["decided_at"])
            self._require(looked < timedelta(days=9), f"{who}: not looked at for {looked}, {sighting['looked_at']}")
        self._require(bool(sighting["came_back_at"]) == (post.behaviour is Behaviour.BACK), f"{who}: back or not?")
        if post.minor:
            self._require(not notices, f"{who}: notices were written")
            self._require(self._world.by_hand[link] > 0, f"{who}: nobody told the platform")
            filings = (await self._api.call("GET", f"/copies/{copy['sighting_id']}"))["filings"]
            self._require({POLICE} < {one["step"] for one in filings}, f"{who}: filings {len(filings)}")
            if post.behaviour in (Behaviour.REFUSES, Behaviour.CLAIMS):
                self._require(any(one["answer"] for one in filings), f"{who}: no answer recorded")
            return
        states = sorted(notice["state"] for notice in notices)
        if post.behaviour is Behaviour.BOUNCES:
            self._require(len(notices) == 2 and "withdrawn" in states, f"{who}: notices {states}")
        else:
            self._require(len(notices) == 1, f"{who}: notices {states}")
        if post.behaviour in (Behaviour.REFUSES, Behaviour.CLAIMS):
            whole = await self._api.call("GET", f"/notices/{notices[0]['notice_id']}")
            said = {one["kind"] for one in whole["answers"]}
            wanted = {"refused"} if post.behaviour is Behaviour.REFUSES else {"removed"}
            self._require(said == wanted, f"{who}: it answered {said}")

    async def _judge_deadlines(self, notices: list[dict[str, Any]], sightings: dict[str, Any]) -> None:
        """Every clock that ran to its end was reminded of before, and what followed it was prepared in time."""
        clocks, late = 0, {"none": timedelta(0)}
        margins: list[timedelta] = []
        for notice in notices:
            sighting = sightings.get(notice["sighting_id"])
            found = self._world.post_at(sighting["url"]) if sighting else None
            if found is None or notice["deadline_at"] is None:
                continue
            post = found[1]
            kept = post.behaviour is Behaviour.PARTIAL and notice["state"] == "lapsed"
            if not (post.behaviour in _REMINDED or kept):
                continue
            told = (await self._api.call("GET", f"/notices/{notice['notice_id']}/clocks"))["clocks"]
            answers = [one for one in told if one["kind"] == "answer"]
            self._require(bool(answers), f"notice {notice['notice_id']} has no clock")
            for one in answers:
                clocks += 1
                reminded = one["reminded_at"] and _time(one["reminded_at"])
                self._require(
                    bool(reminded) and reminded <= _time(one["ends_at"]),
                    f"{post.behaviour} notice {notice['notice_id']}: reminded {reminded}, ends {one['ends_at']}",
                )
                if reminded:
                    margins.append(_time(one["ends_at"]) - reminded)
            whole = await self._api.call("GET", f"/notices/{notice['notice_id']}")
            prepared = [_time(one["prepared_at"]) for one in whole["escalations"]]
            self._require(bool(prepared), f"{post.behaviour} notice {notice['notice_id']}: no next step was prepared")
            if prepared:
                late[f"{post.behaviour} notice {notice['notice_id']}"] = min(prepared) - _time(notice["deadline_at"])
        self._is("clocks that ran out", clocks)
        self._is("latest reminder before the end, hours", _hours(min(margins, default=timedelta(0))))
        spans = sorted(late.values())
        self._is("longest from deadline to next step, hours", _hours(spans[-1]))
        self._is("half of them within, hours", _hours(spans[len(spans) // 2]))
        for which, span in late.items():
            self._require(span < LATE, f"{which}: the next step was prepared {span} after its deadline")

    def _judge_reports(self, notices: list[dict[str, Any]], sightings: dict[str, Any]) -> None:
        """One report at the doubles for each notice that says sent, and none for any other."""
        world, forms, in_app = self._world, Counter[Any](), Counter[Any]()
        mails = dict(world.mails)
        for notice in notices:
            found = world.post_at(sightings[notice["sighting_id"]]["url"])
            assert found is not None
            link, who = found[0], f"notice {notice['notice_id']} ({notice['route']}, {notice['state']})"
            self._require(notice["state"] not in ("queued", "sending", "prepared"), f"{who} did not leave")
            left = notice["sent_at"] is not None
            if notice["route"] == "us_tida":
                self._require(mails.pop(notice["notice_id"], 0) == left, f"{who}: mails {world.mails}"[:200])
            elif notice["route"] == "telegram_report":
                in_app[link] += left
            else:
                forms[link] += left
        self._require(not mails, f"{len(mails)} notices came by mail that nobody knows of")
        for what, seen, sent in (("in the app", world.in_app, in_app), ("by form", world.by_form, forms)):
            for link in {*seen, *sent}:
                self._require(
                    seen[link] == sent[link], f"{link.handle}/{link.post_id} {what}: {seen[link]}, {sent[link]}"
                )
        self._require(not world.astray, f"reports of what is nobody's: {world.astray}")
        self._is("notices", len(notices))
        self._is("reports at the doubles", {"mail": sum(world.mails.values()), "app": sum(world.in_app.values())})
        self._found.facts["reports at the doubles"]["form"] = sum(world.by_form.values())
        self._is("told by hand for minors", sum(world.by_hand.values()))

    async def _ledger(self) -> int:
        command = [sys.executable, "-m", "monitor", "ledger", "verify", "--config", str(self._run.config)]
        environment = dict(self._run.environment)

        def verify() -> int:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, timeout=_VERIFY_SECONDS, stdout=subprocess.DEVNULL, check=False
            )
            return done.returncode

        return await asyncio.to_thread(verify)

    def _require(self, so: bool, otherwise: str) -> None:
        if not so:
            self._found.wrong.append(otherwise)

    def _is(self, name: str, value: Any) -> None:
        self._found.facts[name] = value


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _hours(span: timedelta) -> float:
    return round(span / timedelta(hours=1), 1)
