"""What happens by the clock: crawls are enqueued, heads sealed, overdue work swept up, erasures carried out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.notices import Letter, Notice
from db.models.seen import Backfill
from db.models.sightings import Sighting
from db.queries import people
from db.queries.cases import links_to_read
from db.queries.consents import sources_to_read
from db.queries.notices import lock_message
from db.queries.stops import at_work
from db.savepoints import apart
from db.session import Database
from monitor.actions.alerts import end_of_unwatched
from monitor.actions.copies import tell_standing
from monitor.actions.erase import end_unvouched
from monitor.actions.go_on import catch_up
from monitor.actions.older_ages import OlderAges
from monitor.actions.same_picture import tell_same_pictures
from monitor.cases.drafts import end_drafts
from monitor.cases.erasure import destroy_key, due_erasures, erase
from monitor.cases.in_hand import end_stale
from monitor.cases.reports import end_reports
from monitor.cases.waiting import due_endings, forget_origins, tell_overdue
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.evidence.days import day_root
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.heads import HeadsRefused
from monitor.evidence.ledger import last_of_installation
from monitor.evidence.seals import seal_heads
from monitor.exports.custody.recording import tell_ending
from monitor.exports.orders import end_packages
from monitor.history.expiry import end_seen
from monitor.jobs.place_sweep import sweep_place_reports
from monitor.jobs.platform_sweep import sweep_platform_side
from monitor.jobs.reminders import remind
from monitor.jobs.send_letter import LetterSender
from monitor.jobs.sync_deletions import SYNC_EVERY
from monitor.model.notice_states import FOLLOWED, NoticeState
from monitor.model.states import CaseState
from monitor.notices.leaving import carried_by
from monitor.notices.outcomes import alert_about, doubt
from monitor.notices.waits import FOR_A_STOP, why_waits
from monitor.sightings.alike import gather_older
from monitor.sightings.following import follow_at
from monitor.watch.same_pictures import SamePictures
from monitor.work import tasks
from monitor.work.backlog import crawls_outstanding
from monitor.work.tasks import Task
from monitor.work.worker import Worker

log = logging.getLogger(__name__)

_GRACE_S = 20.0
"""Real seconds that overdue work may wait before the sweeper asks for its workflow."""
_KEEP_FINISHED_S = 24 * 3600.0
_EVERY = timedelta(hours=1)
MOST_COPIES = 200
"""Copies that are picked up in one sweep: after an upgrade all of them are due at once."""
MOST_SYNCS = 10
"""Questions after deletions that wait at a time."""

Tick = tuple[Callable[[], Awaitable[None]], float]
"""What is called, and every how many real seconds."""


class Ticks:
    """Runs in every worker. Deterministic task ids and row locks remove the doubles, so no leader is needed."""

    def __init__(
        self,
        database: Database,
        context: DomainContext,
        worker: Worker,
        *,
        heads_file: Path,
        interval: timedelta,
        seen_for: timedelta,
        prune: Callable[[], Awaitable[None]] | None = None,
        beats: Sequence[Tick] = (),
        letters: LetterSender | None = None,
    ) -> None:
        """`prune`: lets go of what this process holds opened and no longer may. `beats`: what else ticks.

        `letters`: who sends them.
        """
        self._database, self._context, self._worker = database, context, worker
        self._heads_file, self._interval, self._seen_for = heads_file, interval, seen_for
        self._prune, self._beats, self._letters = prune, tuple(beats), letters
        self._pictures = SamePictures(context)
        self._older_ages = OlderAges()
        self._refused = True  # as the last process may have left it
        self._synced: set[str] = set()
        """What was asked for today; the engine, too, does nothing twice."""

    def schedule(self) -> list[Tick]:
        """Each tick with its period in real seconds."""
        crawl_every = min(60.0, max(0.5, self._context.clock.real_seconds(self._interval) / 2))
        slow = min(60.0, max(2.0, self._context.clock.real_seconds(_EVERY)))
        return [
            (self.crawl, crawl_every),
            (self.seal, 2.0),
            (self.sweep, slow),
            (self.tidy, slow),
            (self.publish, slow),
            *self._beats,
        ]

    async def crawl(self) -> None:
        """Enqueue what every source that a live consent covers is asked for, each once per time slot.

        A source that still waits or is being read gets nothing more: what cannot be done in a slot does not pile up.
        In no order, so that none is always the last.
        """
        now = self._context.now()
        slot = int(now.timestamp() / self._interval.total_seconds())
        recheck_slot = int(now.timestamp() / SYNC_EVERY.total_seconds())
        async with self._database.read() as session:
            sources = list(await sources_to_read(session, now))
            waiting = await crawls_outstanding(session)
        outstanding = {_whose(task_id) for task_id in waiting}
        syncs = {task_id.split("-")[1] for task_id in waiting if task_id.startswith("recheck-")}
        self._synced = {task_id for task_id in self._synced if task_id.endswith(f"-{recheck_slot}")}
        for source in sources:
            account = self._context.accounts.get(source.platform)
            if account is None:
                continue
            if source.id not in outstanding:
                await self._worker.enqueue(tasks.crawl(source.id, account, slot))
            sync = tasks.sync_deletions(source.id, account, recheck_slot)
            due = source.id not in syncs and sync.id not in self._synced
            if self._seen_for and due and len(syncs) < MOST_SYNCS:
                # A day begins for all of them at once: they take turns with the crawls, not their place.
                await self._worker.enqueue(sync)
                syncs.add(source.id)
                self._synced.add(sync.id)

    async def seal(self) -> None:
        """Sign the heads of the ledger that moved. What may not be signed over is said each time, and left alone."""
        try:
            async with self._database.begin() as session:
                await seal_heads(session, self._context.keys, self._heads_file, now=self._context.now())
        except (HeadsRefused, OSError) as error:
            # Of what the system refuses the text may hold a path: its kind is enough.
            log.error("ledger not sealed: %s", error if isinstance(error, HeadsRefused) else type(error).__name__)
            self._refused = True
            reason = "refused" if isinstance(error, HeadsRefused) else "not-written"
            async with self._database.begin() as session:
                await self._context.alert(session, AlertKind.LEDGER_UNSEALED, "heads", reason)
        else:
            if self._refused:
                async with self._database.begin() as session:
                    await self._context.resolve(session, AlertKind.LEDGER_UNSEALED, "heads")
            self._refused = False

    async def publish(self) -> None:
        """Once a day the one value over all chains goes into the installation's own chain; see `ledger day`."""
        context, day = self._context, (self._context.now() - timedelta(days=1)).date()
        async with self._database.read() as session:
            known = await last_of_installation(session, context.ledger, EntryKind.DAY_PUBLISHED)
        if known is not None and known["day"] >= day.isoformat():
            return
        value = await asyncio.to_thread(day_root, context.keys, self._heads_file, day)
        async with self._database.begin() as session:
            await context.record_installation(session, EntryKind.DAY_PUBLISHED, day=day.isoformat(), root=value)

    async def sweep(self) -> None:
        """Pick up notices whose time has come and whose workflow is not there (it failed, was lost, or was stopped)."""
        await catch_up(self._database, self._context)
        now = self._context.now()
        overdue = now - timedelta(seconds=_GRACE_S * self._context.clock.speed)
        async with self._database.read() as session:
            # What is stopped or frozen waits on purpose; what was being sent then is in doubt all the same.
            due = (Notice.due_at < overdue) & (at_work() | (Notice.state == NoticeState.SENDING))
            cut_off = (Notice.state == NoticeState.SENDING) & Notice.due_at.is_(None)
            # What the message of another notice carries is picked up with that one, until it has left.
            own = Notice.together_id.is_(None) | Notice.state.in_(FOLLOWED)
            query = select(Notice).join(Case, Case.id == Notice.case_id).where(due | cut_off, own)
            found = {self._task(notice).id: notice.id for notice in await session.scalars(query)}
        stranded = found.keys() - await self._worker.live(found)
        for task_id in stranded:
            try:
                async with self._database.begin() as session:
                    await self._pick_up(session, found[task_id], task_id)
            except JikimiError as error:  # a case whose key is gone, say: its notice keeps no other one waiting
                log.error("notice not picked up", extra={"notice_id": found[task_id], "reason": type(error).__name__})
        await self._sweep_letters(overdue)
        await self._sweep_copies(overdue)
        await self._sweep_backfills(overdue)
        await self._sweep_links()
        await gather_older(self._database, self._context)
        await self._older_ages.go_on(self._database, self._context)
        await sweep_platform_side(self._database, self._context, self._worker, overdue=overdue)
        await sweep_place_reports(self._database, self._context, self._worker)

    async def _sweep_copies(self, overdue: datetime) -> None:
        """The same for copies whose own check is due: one was lost, or an older program followed notices only."""
        async with self._database.read() as session:
            due = (Sighting.follow_due_at < overdue) & at_work()
            query = select(Sighting).join(Case, Case.id == Sighting.case_id).where(due)
            rows = (await session.scalars(query.order_by(Sighting.follow_due_at).limit(MOST_COPIES))).all()
        found = {tasks.follow(row.id, row.follow_look + 1, delay=0).id: row.id for row in rows}
        for task_id in found.keys() - await self._worker.live(found):
            async with self._database.begin() as session:
                sighting = await lock_one(session, Sighting, found[task_id])
                if tasks.follow(sighting.id, sighting.follow_look + 1, delay=0).id != task_id:
                    continue
                sighting.follow_look += 1  # the old id may be spent
                await follow_at(session, self._context, sighting, self._context.now())

    async def _sweep_letters(self, overdue: datetime) -> None:
        """The same for what follows notices."""
        if self._letters is None:
            return
        async with self._database.read() as session:
            due = (Letter.due_at < overdue) & (at_work() | (Letter.state == NoticeState.SENDING))
            query = select(Letter).join(Case, Case.id == Letter.case_id).where(due)
            found = {tasks.send_letter(one.id, one.attempt).id: one.id for one in await session.scalars(query)}
        for task_id in found.keys() - await self._worker.live(found):
            log.warning("picked up a stranded letter", extra={"letter_id": found[task_id]})
            await self._letters.pick_up(found[task_id])

    async def _sweep_links(self) -> None:
        """A link whose reading failed for a passing reason, or was lost, is read once more: each hour, until it is or
        its time is over."""
        slot = int(self._context.now().timestamp() / _EVERY.total_seconds())
        async with self._database.read() as session:
            links, waiting = await links_to_read(session), await crawls_outstanding(session)
        for link in links:
            account = self._context.accounts.get(link.platform or "")
            if account is None or any(task_id.startswith(tasks.readings_of(link.id)) for task_id in waiting):
                continue
            async with self._database.begin() as session:
                await self._context.enqueue(session, tasks.read_link_again(link.id, account, slot))

    async def _sweep_backfills(self, overdue: datetime) -> None:
        """The same for those who wait to be compared with what a source showed."""
        async with self._database.read() as session:
            # Of what is stopped or frozen, all is asked for anew when work goes on.
            theirs = select(Backfill).join(Case, (Case.id == Backfill.case_id) & at_work())
            waiting = (await session.scalars(theirs.where(Backfill.due_at < overdue))).all()
        found = {tasks.backfill(row.source_id, row.case_id, row.attempt).id: row for row in waiting}
        for task_id in found.keys() - await self._worker.live(found):
            row = found[task_id]
            async with self._database.begin() as session:
                current = await lock_one(session, Backfill, (row.case_id, row.source_id))
                if current.due_at is not None and current.attempt == row.attempt:
                    log.warning("picked up a stranded backfill", extra={"source_id": row.source_id})
                    current.attempt, current.due_at = current.attempt + 1, self._context.now()
                    task = tasks.backfill(current.source_id, current.case_id, current.attempt)
                    await self._context.enqueue(session, task)

    def _task(self, notice: Notice) -> Task:
        if notice.state in FOLLOWED:
            return tasks.verify(notice.id, notice.look + 1, delay=0)
        return tasks.send(notice.id, notice.attempt, notice.platform)

    async def _pick_up(self, session: AsyncSession, notice_id: str, task_id: str) -> None:
        notice, _ = await lock_message(session, notice_id)
        if self._task(notice).id != task_id:
            return
        if notice.state == NoticeState.SENDING:
            mates = await carried_by(session, notice)
            await doubt(session, self._context, notice, "cut-off-while-sending", mates=mates)
            return
        waits = await why_waits(session, self._context, notice)
        if waits is not None:
            notice.reason = waits if notice.state == NoticeState.QUEUED else notice.reason
            return
        waited = notice.reason in FOR_A_STOP
        # The old id may be spent, so the next attempt or check gets a new one.
        if notice.state in FOLLOWED:
            notice.look += 1
        elif notice.state == NoticeState.QUEUED:
            notice.attempt += 1
        else:
            notice.due_at = None
            return
        notice.due_at = self._context.now()
        if waited:
            notice.reason = None
        else:
            log.warning("picked up a stranded notice", extra={"notice_id": notice.id, "state": notice.state})
            await alert_about(session, self._context, AlertKind.WORK_STRANDED, notice, "picked-up-by-sweeper")
        await self._context.enqueue(session, self._task(notice))

    async def tidy(self) -> None:
        """Alert about people who wait, carry out erasures, forget what is over."""
        now = self._context.now()
        async with self._database.begin() as session:
            await tell_overdue(session, self._context)
            await end_of_unwatched(session, self._context)
            await people.forget_logins(session, before=datetime.now(UTC))
        # Apart: they lock cases, which come before everything else.
        async with self._database.begin() as session:
            await end_stale(session, self._context)
        async with self._database.begin() as session:
            await tell_ending(session, self._context)
        async with self._database.begin() as session:
            await _each(
                session, await due_endings(session, self._context), partial(end_unvouched, session, self._context)
            )
        async with self._database.begin() as session:
            await _each(session, await due_erasures(session, now), partial(erase, session, self._context))
        await self._destroy_keys()
        await remind(self._database, self._context)
        await end_reports(self._database, self._context)
        await end_drafts(self._database, self._context, datetime.now(UTC))
        await end_packages(self._database, self._context)
        await tell_standing(self._database, self._context)
        await tell_same_pictures(self._database, self._context, self._pictures)
        await asyncio.to_thread(forget_origins, self._context)
        if self._prune is not None:
            await self._prune()
        await end_seen(self._database, self._context, seen_for=self._seen_for)
        await self._worker.forget_finished(_KEEP_FINISHED_S)

    async def _destroy_keys(self) -> None:
        """After the commit, so that a death in between leaves a key to destroy, never a case without one."""
        query = select(Case).where(Case.state == CaseState.ERASED, Case.erase_at.is_not(None))
        async with self._database.read() as session:
            erased = [case.id for case in await session.scalars(query)]
        for case_id in erased:
            # Before the next transaction, and in a thread: PostgreSQL rewrites the table of keys for it.
            await asyncio.to_thread(destroy_key, self._context, case_id)
        if erased:
            async with self._database.begin() as session:
                for case in await lock_rows(session, query.where(Case.id.in_(erased))):
                    case.erase_at = None


async def _each(session: AsyncSession, cases: Sequence[Case], end: Callable[[Case], Awaitable[None]]) -> None:
    """End each of these cases. One that cannot be, since its key is lost, keeps no other one waiting."""
    for case_id, case in [(case.id, case) for case in cases]:
        async with apart(session) as tried:
            await end(case)
        if tried.error is not None:
            log.error("case not ended", extra={"case_id": case_id, "reason": type(tried.error).__name__})


def _whose(task_id: str) -> str:
    """Which source's turn a task of the crawls' queue is; nobody's that is made for one case, or asks for deletions."""
    job, _, rest = task_id.partition("-")
    source_id, _, which = rest.partition("-")
    for_case = which.startswith("for-") and not which.startswith("for-turn-")
    return "" if for_case or job != "crawl" else source_id
