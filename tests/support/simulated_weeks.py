"""The platform with eight behaviours on a clock that jumps: weeks of every copy's work in seconds, in one process.

The jobs are the program's own, on a real database; what the engine does to them is done here, its worst included: a job
runs twice, or dies once its report has left. `tests/support/simulated_run.py` plays the same with real programs.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from db.models.copies import Filing
from db.models.notices import Escalation, Notice, NoticeClock
from db.models.sightings import Sighting
from db.queries.actors import AdvocateActor
from db.queries.copies import Scope
from db.queries.platform_side import link_about
from monitor.actions.access import get_notice, get_sighting
from monitor.actions.confirm import confirm
from monitor.actions.copies import Copy, standing_in
from monitor.actions.file_step import FiledStep, file_step, prepare_next_steps, record_answer
from monitor.actions.steps import steps_to_file
from monitor.actions.take_routes import take_routes
from monitor.core.errors import RuleBroken
from monitor.delivery.base import Outgoing, Receipt
from monitor.evidence.seals import seal_heads
from monitor.evidence.verify import verify_ledger
from monitor.jobs.escalate import Escalator
from monitor.jobs.follow_copy import CopyFollowUp
from monitor.jobs.reminders import remind
from monitor.jobs.send import Sender
from monitor.mailbox.report import Finding, ReportKind
from monitor.mailbox.trust import Proof
from monitor.model.copies import FilingAnswer
from monitor.model.facts import AgeGroup, Basis
from monitor.model.platform_answers import Answer, AnswerKind, WhyRefused
from monitor.notices.copy_state import BAD, CopyState, Why
from monitor.notices.platform_answers import BY_LINK, take_answer
from monitor.notices.returned import MailAbout, note_mail
from monitor.notices.stopping import withdraw_notice
from monitor.notices.writing import settle
from monitor.platforms.base import PostStatus, Presence, SourceRef
from monitor.sources.media_reader import MediaReader
from monitor.work.tasks import Task
from tests.support.domain_world import (
    DomainWorld,
    FakePlatform,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
    make_sighting,
)
from tests.support.leaving import look_and_send
from tests.support.simulated_platform import BACK_HOURS, MINOR, PERSONS, PROMPT_HOURS, SLOW_HOURS, Behaviour

PEOPLE_EVERY = timedelta(hours=6)
TICK_EVERY = timedelta(hours=2)
TWICE, DIES = 0.1, 0.05
"""Shares of jobs that run once more, and of reports after which whoever sent them dies unheard."""
_UNREAD: Any = MediaReader(None, 1)  # type: ignore[arg-type]  # nothing stands in a picture's place here
_POLICE, _PLATFORM, _OTHER = "kr_police", "telegram_stopca", "kr_d4u"


class Died(BaseException):
    """kill -9, as far as this process can tell."""


@dataclass(slots=True)
class Post:
    """One post with a copy."""

    behaviour: Behaviour
    minor: bool
    kept: bool
    sighting_id: str = ""
    confirmed: bool = False
    reports: Counter[str] = field(default_factory=Counter)
    """By notice, and of a person's by step."""
    gone_at: datetime | None = None
    back_at: datetime | None = None


class Platform(FakePlatform):
    """Each post as its time has made it."""

    def __init__(self, now: Callable[[], datetime], random: Random) -> None:
        super().__init__()
        self._now, self._random = now, random
        self.of: dict[str, Post] = {}

    def stands(self, post: Post) -> bool:
        """Is it there now?"""
        gone = post.gone_at is not None and self._now() >= post.gone_at
        return not gone or (post.back_at is not None and self._now() >= post.back_at)

    def told(self, post_id: str, what: str) -> None:
        """Of a post, by a notice or by hand."""
        post = self.of[post_id]
        post.reports[what] += 1
        hours = {Behaviour.SLOW: SLOW_HOURS}.get(post.behaviour, PROMPT_HOURS)
        never = post.behaviour in (Behaviour.SILENT, Behaviour.REFUSES, Behaviour.CLAIMS)
        if post.gone_at is None and not never and not (post.behaviour is Behaviour.PARTIAL and post.kept):
            post.gone_at = self._now() + timedelta(hours=self._random.uniform(*hours))
            if post.behaviour is Behaviour.BACK:
                post.back_at = post.gone_at + timedelta(hours=self._random.uniform(*BACK_HOURS))

    async def post_status(self, source: SourceRef, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
        """See Platform."""
        return PostStatus(Presence.LIVE if self.stands(self.of[post_id]) else Presence.DELETED, "simulated")


class Way:
    """A way out to it: mail, or the report inside the app. Sometimes whoever sent dies before the answer is kept."""

    def __init__(self, weeks: "Weeks", *, mail: bool) -> None:
        self._weeks, self._mail = weeks, mail

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        weeks, (post_id, *_) = self._weeks, outgoing.post_ids
        if self._mail and weeks.platform.of[post_id].behaviour is Behaviour.BOUNCES:
            weeks.platform.of[post_id].reports[outgoing.notice_id] += 1
            weeks.later(timedelta(hours=3), weeks.bounce, outgoing.notice_id)
        else:
            weeks.platform.told(post_id, outgoing.notice_id)
            if weeks.platform.of[post_id].behaviour in (Behaviour.REFUSES, Behaviour.CLAIMS):
                weeks.later(timedelta(hours=9), weeks.answer, outgoing.notice_id)
        if weeks.random.random() < DIES:
            weeks.deaths += 1
            raise Died
        return Receipt("ref-1", {"option_path": "A > B"})


class Weeks:
    """`async with weeks(...) as played:` then `play`."""

    def __init__(self, world: DomainWorld, *, copies: int, days: float, heads: Path, seed: int = 1) -> None:
        self._heads, self.random = heads, Random(seed)
        self.world = world
        world.context = replace(world.context, links_at="https://centre.invalid")
        self.context, self.clock, self.days = world.context, world.clock, days
        self.platform = Platform(world.clock.now, self.random)
        world.platform = self.platform
        self._copies, self._number = copies, count()
        self._agenda: list[tuple[datetime, int, Callable[..., Awaitable[None]], tuple[Any, ...]]] = []
        self.deaths = self.settled = self.looks = 0
        self.refused: Counter[str] = Counter()
        sender = Sender(
            world.database, self.context, {"smtp": Way(self, mail=True), "telegram_report": Way(self, mail=False)}
        )
        accounts = world.accounts
        following = follow_up(world, accounts=accounts)
        self._jobs: dict[str, Callable[..., Awaitable[None]]] = {
            "send": sender.send,
            "verify": following.verify,
            "follow": CopyFollowUp(world.database, self.context, accounts, _UNREAD).follow,
            "escalate": Escalator(world.database, self.context).escalate,
        }

    def later(self, after: timedelta, what: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Call it when so much time has passed."""
        heapq.heappush(self._agenda, (self.clock.time + after, next(self._number), what, arguments))

    # The course of time

    async def play(self) -> None:
        """All of it."""
        await self._begin()
        end = self.clock.time + timedelta(days=self.days)
        self.later(TICK_EVERY, self._tick)
        self.later(PEOPLE_EVERY, self._people_come)
        told = 0
        while self._agenda and self._agenda[0][0] <= end:
            at, _, what, arguments = heapq.heappop(self._agenda)
            self.clock.time = max(self.clock.time, at)
            await what(*arguments)
            self._take_tasks()
            if self.looks >= told + 1000:
                told = self.looks
                print(f"{end - self.clock.time} to go, {told} looks", flush=True)
        self.clock.time = end
        for _ in range(3):
            await self._people()

    def _take_tasks(self) -> None:
        for task in self.world.tasks:
            if task.workflow in self._jobs:
                self.later(timedelta(seconds=task.delay), self._run, task)
        self.world.tasks.clear()

    async def _run(self, task: Task) -> None:
        """As the engine does: after a death again from the start, and now and then once more than needed."""
        job = self._jobs[task.workflow]
        self.looks += task.workflow in ("verify", "follow")
        try:
            await job(*task.arguments)
        except Died:
            await job(*task.arguments)
        if self.random.random() < TWICE:
            await job(*task.arguments)

    async def _tick(self) -> None:
        await remind(self.world.database, self.context)
        self.later(TICK_EVERY, self._tick)

    async def _people_come(self) -> None:
        await self._people()
        self.later(PEOPLE_EVERY, self._people_come)

    # The platform's words

    async def bounce(self, notice_id: str) -> None:
        """A proven report that a mail did not arrive."""
        async with self.world.database.begin() as session:
            notice, *_ = await get_notice(session, self.actor, notice_id, lock=True)
            if notice.state == "sending":
                self.later(timedelta(hours=1), self.bounce, notice_id)
                return
            mail = MailAbout(f"{notice_id:0>64}", Finding(ReportKind.BOUNCE, "bounced-5.1.1"), Proof.DKIM)
            await note_mail(session, self.context, notice, mail)

    async def answer(self, notice_id: str) -> None:
        """By the link in the mail: no, or done, which is not so."""
        async with self.world.database.begin() as session:
            notice, sighting, *_ = await get_notice(session, self.actor, notice_id, lock=True)
            link = await link_about(session, notice_id)
            assert link is not None
            refuses = self.platform.of[sighting.post_id].behaviour is Behaviour.REFUSES
            said = Answer(AnswerKind.REFUSED, WhyRefused.NOT_AGAINST_RULES) if refuses else Answer(AnswerKind.REMOVED)
            await take_answer(session, self.context, link, notice, said, by=BY_LINK)

    # People

    async def _begin(self) -> None:
        async with self.world.database.begin() as session:
            advocate = await make_advocate(session)
            self.actor = AdvocateActor(advocate.id, advocate.organisation_id, advocate.name)
            self.cases = []
            for number in range(PERSONS):
                minor = {"age_group": AgeGroup.MINOR} if number == MINOR else {}
                self.cases.append(await make_case(session, self.context, advocate, **minor))
        window = timedelta(days=max(1.0, self.days - 17))
        for number in range(self._copies):
            turn, person = number // 8, (number + number // 8) % PERSONS
            post = Post(list(Behaviour)[number % 8], person == MINOR, (turn // 2) % 2 == 1)
            self.platform.of[str(number + 1)] = post
            self.later(window * self.random.random(), self._found, str(number + 1), person, turn % 4 == 1)

    async def _found(self, post_id: str, person: int, by_app: bool) -> None:
        """A crawl found it, and an advocate confirmed it."""
        post = self.platform.of[post_id]
        async with self.world.database.begin() as session:
            sighting = await make_sighting(session, self.context, self.cases[person], post_id=post_id)
            post.sighting_id = sighting.id
        mailed = post.behaviour in (Behaviour.REFUSES, Behaviour.BOUNCES, Behaviour.CLAIMS) or not by_app
        routes = () if post.minor else ("us_tida",) if mailed else ("telegram_report",)
        async with self.world.database.begin() as session:
            sighting, *_ = await get_sighting(session, self.actor, post.sighting_id, lock=True)
            await confirm(session, self.context, sighting, by=self.actor.id, basis=Basis.PERSON_VIEWED, routes=routes)

    async def standing(self) -> Sequence[Copy]:
        """Every copy that was not seen gone, in its state."""
        async with self.world.database.read() as session:
            return await standing_in(session, self.context, Scope(self.actor.organisation_id))

    async def _people(self) -> None:
        """An advocate does what each copy that stands still waits for."""
        for copy in await self.standing():
            if copy.status.state not in BAD:
                continue
            try:
                async with self.world.database.begin() as session:
                    sighting, *_ = await get_sighting(session, self.actor, copy.row.id, lock=True)
                    await self._deal_with(session, copy, sighting)
            except RuleBroken as refused:
                self.refused[f"{copy.status.state}/{copy.status.why}: {refused.reason}"] += 1
            self._take_tasks()

    async def _deal_with(self, session: Any, copy: Copy, sighting: Sighting) -> None:
        by, context, status = self.actor.id, self.context, copy.status
        notice: Any = None if status.notice_id is None else await session.get_one(Notice, status.notice_id)
        match status.state, status.why:
            case CopyState.READY, Why.WRITTEN:
                await look_and_send(session, context, notice, by=by)
            case CopyState.IN_DOUBT, Why.IN_DOUBT:
                arrived = self.platform.of[sighting.post_id].reports[notice.id] > 0
                await settle(session, context, notice, arrived=arrived, by=by)
                self.settled += 1
            case CopyState.IN_DOUBT, Why.BOUNCED:
                taken = await take_routes(session, context, sighting, ("telegram_report",), by=by)
                for one in taken.notices:
                    await look_and_send(session, context, one, by=by)
                await withdraw_notice(session, context, notice, by=by)
            case CopyState.WAITING, Why.REFUSED if notice is not None:
                await prepare_next_steps(session, context, sighting, notice, by=by)
                await self._file_next(session, copy, sighting)
            case (CopyState.WAITING, Why.REFUSED) | (CopyState.OVERDUE, _):
                await self._file_next(session, copy, sighting)
            case CopyState.READY, Why.MINORS_ROUTES:
                await self._file(session, sighting, _POLICE)
                filing = await self._file(session, sighting, _PLATFORM)
                post = self.platform.of[sighting.post_id]
                if post.behaviour is not Behaviour.BOUNCES:
                    self.platform.told(sighting.post_id, _PLATFORM)
                if post.behaviour in (Behaviour.REFUSES, Behaviour.CLAIMS, Behaviour.BOUNCES):
                    self.later(timedelta(hours=9), self._hear, sighting.id, filing.id)
            case state, why:
                self.refused[f"nobody knows what to do: {state}/{why}"] += 1

    async def _hear(self, sighting_id: str, filing_id: str) -> None:
        """What the platform says to a person who told it: no, done, or nothing, since their mail came back."""
        async with self.world.database.begin() as session:
            sighting, *_ = await get_sighting(session, self.actor, sighting_id, lock=True)
            match self.platform.of[sighting.post_id].behaviour:
                case Behaviour.BOUNCES:
                    self.platform.told(sighting.post_id, _OTHER)
                    await self._file(session, sighting, _OTHER)
                case behaviour:
                    told = FilingAnswer.REFUSED if behaviour is Behaviour.REFUSES else FilingAnswer.REMOVED
                    filing = await session.get_one(Filing, filing_id)
                    await record_answer(session, self.context, filing, told, by=self.actor.id)

    async def _file_next(self, session: Any, copy: Copy, sighting: Sighting) -> None:
        """A step that was not filed yet; else the one whose time ran out, again."""
        case = next(one for one in self.cases if one.id == sighting.case_id)
        steps = [one.step for one in await steps_to_file(session, self.context, sighting, case)]
        filed = [one.step for one in copy.filings]
        again = [one.step for one in copy.filings if one.id == copy.status.filing_id]
        new = [step for step in steps if step not in filed]
        step = again[0] if copy.status.why == Why.UNANSWERED and again else next(iter(new or steps), None)
        if step is not None:  # none before the look that the deadline brings
            await self._file(session, sighting, step)

    async def _file(self, session: Any, sighting: Sighting, step: str) -> Filing:
        return await file_step(session, self.context, sighting, FiledStep(step, "R-1"), by=self.actor.id)

    # What came of it

    async def judge(self) -> tuple[dict[str, Counter[str]], list[str], dict[str, Any]]:
        """Behaviour by end state; what is wrong; figures."""
        table: dict[str, Counter[str]] = defaultdict(Counter)
        wrong: list[str] = []
        standing = {one.row.id: one for one in await self.standing()}
        async with self.world.database.read() as session:
            sightings = {one.id: one for one in await session.scalars(select(Sighting))}
            notices = (await session.scalars(select(Notice))).all()
            clocks = (await session.scalars(select(NoticeClock))).all()
            steps = (await session.scalars(select(Escalation))).all()
            filings = (await session.scalars(select(Filing))).all()
        about = defaultdict[str, list[Notice]](list)
        for notice in notices:
            about[notice.sighting_id].append(notice)
        for post_id, post in self.platform.of.items():
            name = f"{post.behaviour}{', minor' if post.minor else ''}"
            row = sightings.get(post.sighting_id)
            if row is None:
                wrong.append(f"{name} {post_id} was lost")
                continue
            state = "removed" if row.removed_at else str(standing[row.id].status.state)
            table[name][state + (" (back)" if row.came_back_at else "")] += 1
            stays = self.platform.stands(post)
            kept = post.behaviour is Behaviour.PARTIAL and post.kept
            must_stay = kept or post.behaviour in (
                Behaviour.SILENT,
                Behaviour.REFUSES,
                Behaviour.CLAIMS,
                Behaviour.BACK,
            )
            right = ("sent" if post.minor else "escalated") if must_stay else "removed"
            if state != right or stays != must_stay:
                wrong.append(f"{name} {post_id}: {state}, should be {right}; stands {stays}")
            if bool(row.came_back_at) != (post.behaviour is Behaviour.BACK):
                wrong.append(f"{name} {post_id}: came back {row.came_back_at}")
            if must_stay and not any(one.sighting_id == row.id for one in filings):
                wrong.append(f"{name} {post_id}: nothing filed")
            if post.minor and (about[row.id] or not any(one.sighting_id == row.id for one in filings)):
                wrong.append(f"{name} {post_id}: notices {len(about[row.id])}")
            expected = Counter(one.id for one in about[row.id] if one.sent_at is not None)
            got = Counter({one: times for one, times in post.reports.items() if one not in (_PLATFORM, _OTHER)})
            if got != expected:
                wrong.append(f"{name} {post_id}: reports {got.values()}, sent {expected.values()}")
            if any(one.state in ("queued", "sending", "prepared", "in_doubt") for one in about[row.id]):
                wrong.append(f"{name} {post_id}: {[one.state for one in about[row.id]]}")
        lateness = self._deadlines(notices, clocks, steps, sightings, wrong)
        async with self.world.database.begin() as session:
            await seal_heads(session, self.context.keys, self._heads, now=self.clock.now())
        async with self.world.database.read() as session:
            report = await verify_ledger(session, heads_file=self._heads, keys=self.context.keys, now=self.clock.now())
        if not report.ok:
            wrong.append(f"the ledger: {report}")
        facts: dict[str, Any] = {
            "looks": self.looks,
            "deaths": self.deaths,
            "settled": self.settled,
            "notices": len(notices),
        }
        facts |= {"filings": len(filings), "refused": dict(self.refused), **lateness}
        return table, wrong, facts

    def _deadlines(
        self,
        notices: Sequence[Notice],
        clocks: Sequence[NoticeClock],
        steps: Sequence[Escalation],
        sightings: dict[str, Sighting],
        wrong: list[str],
    ) -> dict[str, Any]:
        """Every clock that ran out was reminded of before, and its next step was prepared when it ran out."""
        prepared: dict[str, datetime] = {}
        for step in steps:
            prepared[step.notice_id] = min(step.prepared_at, prepared.get(step.notice_id, step.prepared_at))
        ran, late = 0, timedelta(0)
        for notice in notices:
            post = self.platform.of[sightings[notice.sighting_id].post_id]
            kept = post.behaviour is Behaviour.PARTIAL and post.kept
            if not (kept or post.behaviour in (Behaviour.SLOW, Behaviour.SILENT, Behaviour.CLAIMS)):
                continue
            (clock,) = [one for one in clocks if one.notice_id == notice.id]
            ran += 1
            if clock.reminded_at is None or not clock.remind_at <= clock.reminded_at < clock.ends_at:
                wrong.append(f"{post.behaviour}: reminded {clock.reminded_at} of {clock.ends_at}")
            if notice.id not in prepared or notice.deadline_at is None:
                wrong.append(f"{post.behaviour}: no next step after {clock.ends_at}")
                continue
            late = max(late, prepared[notice.id] - notice.deadline_at)
        if late > timedelta(minutes=5):
            wrong.append(f"a next step came {late} after its deadline")
        return {"clocks that ran out": ran, "latest next step after its deadline": str(late)}


@asynccontextmanager
async def weeks(url: str, folder: Path, *, copies: int, days: float) -> AsyncIterator[Weeks]:
    """A world and what is played in it."""
    async with domain_world(url, folder) as world:
        yield Weeks(world, copies=copies, days=days, heads=folder / "heads.jsonl")
