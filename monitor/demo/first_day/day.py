"""The steps of a case's life as people and jobs take them, on a clock that stands where the story is.

Each step is the domain's own call in a transaction of its own, by whoever takes it: what stands in the database, and in
the ledger, is what the programs themselves would have written then.
"""

import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import AdvocateActor, PersonActor
from db.session import Database
from monitor.actions.access import get_notice, get_sighting
from monitor.actions.change_intake import change_intake
from monitor.actions.close_copy import close_copy
from monitor.actions.confirm import confirm
from monitor.actions.desk import call_case, hand_over
from monitor.actions.file_step import FiledStep, file_step, record_answer
from monitor.actions.messages import write_message
from monitor.actions.steps import steps_to_file
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.opening import NewPassphrase, open_case, vouch
from monitor.context.context import DomainContext, SharedContext
from monitor.core.clock import Clock
from monitor.demo.first_day.ways import CutOff, Ending, Eyes, WayOut
from monitor.demo.world.small_pictures import edited, hash_of, hashed, painted
from monitor.demo.world.world import DemoWorld, Posted
from monitor.evidence.by import By, Door
from monitor.jobs.escalate import Escalator
from monitor.jobs.follow_up import FollowUp
from monitor.jobs.send import Sender
from monitor.matching.verdict import judge
from monitor.matching.watch_set import Watched
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.facts import AgeGroup, Basis, Intake, PictureKind, Timing
from monitor.model.states import Dismissal, Purpose
from monitor.notices.filing import answer_due
from monitor.notices.leaving import what_leaves
from monitor.notices.sending import send_notice
from monitor.platforms.base import Media, MediaKind, PlatformName, Post, Presence
from monitor.sightings.record import write_sighting
from monitor.sightings.review import dismiss
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from monitor.sources.names import resolved

_UNREAD: Any = MediaReader(None, 1)  # type: ignore[arg-type]  # no picture stands in another one's place here
_DAYS = 365.0
BOTH = (Purpose.WATCH, Purpose.FOLLOW)


class DayClock:
    """In a Clock's place: stands where the story is. What is to follow comes when the demo's own clock passes there."""

    def __init__(self, world: Clock) -> None:
        self._world, self.at, self.speed = world, world.now(), 1.0

    def now(self) -> datetime:
        """The time that the story has reached."""
        return self.at

    def time_to_undo(self, span: timedelta) -> timedelta:
        """Nobody clicks in a story."""
        return span

    def real_seconds(self, span: timedelta | float) -> float:
        """Until the world has reached what is `span` away from here."""
        span = span if isinstance(span, timedelta) else timedelta(seconds=span)
        return self._world.real_seconds(self.at + span - self._world.now())


@dataclass(frozen=True, slots=True)
class Told:
    """A case of the story."""

    number: int
    """From 1: it names everything of the case that would have a name."""
    case_id: str
    title: str
    """What the case shows, for the page that the demo prints."""
    picture: bytes = field(repr=False)
    opens: bool = True
    """False: it was erased in the end, and its person cannot come back to it."""


@dataclass
class Day:
    """Everything that happened before the programs of the demo begin."""

    database: Database
    shared: SharedContext
    world: DemoWorld
    clock: DayClock
    advocate: AdvocateActor
    colleague: AdvocateActor
    """Whose work is stopped at the end of the story."""
    passphrase: NewPassphrase
    seed: int
    cases: list[Told] = field(default_factory=list)
    posted: dict[str, tuple[int, Posted]] = field(default_factory=dict)
    """Where each sighting's post stands: number of its place, and the post."""

    def __post_init__(self) -> None:
        names = self.shared.accounts
        known = {place.handle: self.world.named(place) for place in self.world.first_places}
        self.eyes = {name: Eyes(name, names[name], known) for name in PlatformName if name in names}
        self.accounts = Accounts(self.eyes, self.database.url)
        self.way = WayOut()
        self.now = self.clock.at

    # Who acts, and when

    def ago(self, *, days: float = 0, hours: float = 0) -> None:
        """Go to a time of the story, before the demo begins."""
        self.clock.at = self.now - timedelta(days=days, hours=hours)

    def later(self, *, minutes: float = 0, hours: float = 0) -> None:
        """Let time pass, but never beyond the beginning of the demo."""
        self.clock.at = min(self.now, self.clock.at + timedelta(minutes=minutes, hours=hours))

    @property
    def person(self) -> DomainContext:
        """The person's own hand."""
        return self.shared.acting(By.person(Door.API))

    def hand(self, actor: AdvocateActor | None = None) -> DomainContext:
        """An advocate's."""
        return self.shared.acting(By.advocate((actor or self.advocate).id, Door.PAGE))

    def job(self, name: str) -> DomainContext:
        """The program's."""
        return self.shared.acting(By.program(name))

    # The person

    async def opened(self, title: str, *, language: str = "ko", any_centre: bool = False, **intake: Any) -> Told:
        """Somebody opens a case and fills in everything."""
        number = len(self.cases) + 1
        async with self.database.begin() as session:
            case, _ = await open_case(
                session, self.person, language=language, any_centre=any_centre, passphrase=self.passphrase
            )
            told = Told(number, case.id, title, painted(self.seed, number))
            self.cases.append(told)
            permitted = intake.pop("permitted", True)
            given = _intake(number, language, **intake)
            await change_intake(session, self.person, case, PersonActor(case.id), given, permitted=permitted)
        return told

    async def register(self, case: Told, kind: PictureKind = PictureKind.INTIMATE) -> None:
        """Their picture's fingerprint."""
        code = hash_of(case.picture)
        async with self.database.begin() as session:
            row = await lock_one(session, Case, case.case_id)
            await add_fingerprint(
                session, self.person, row, pdq=code.hex, quality=code.quality, kind=kind, label=f"{case.number}"
            )

    async def agree(self, case: Told, *places: int) -> None:
        """They say yes to some of the demo's further places."""
        for number in places:
            place = self.world.first_places[number]
            async with self.database.begin() as session:
                row = await lock_one(session, Case, case.case_id)
                yes = partial(give_consent, platform=place.platform, source=place.handle, purposes=BOTH, days=_DAYS)
                given = await yes(session, self.person, row)
                source = await session.get_one(Source, given[0].source_id)
            if place.platform in self.eyes:
                await resolved(self.database, source, self.eyes[place.platform], self.clock.at, for_person=True)

    async def says(self, case: Told, text: str) -> None:
        """They write to their centre."""
        await self._message(self.person, PersonActor(case.case_id), case, text)

    async def writes(self, case: Told, text: str) -> None:
        """The centre writes to them."""
        await self._message(self.hand(), self.advocate, case, text)

    async def _message(self, context: DomainContext, actor: PersonActor | AdvocateActor, case: Told, text: str) -> None:
        async with self.database.begin() as session:
            await write_message(session, context, await lock_one(session, Case, case.case_id), actor, text)

    # The centre

    async def vouched(
        self,
        title: str,
        *places: int,
        kind: PictureKind = PictureKind.INTIMATE,
        by: AdvocateActor | None = None,
        **told: Any,
    ) -> Told:
        """A case with a picture and places, for which somebody vouched an hour later."""
        case = await self.opened(title, **told)
        await self.register(case, kind)
        await self.agree(case, *places)
        self.later(hours=1)
        async with self.database.begin() as session:
            row = await lock_one(session, Case, case.case_id)
            await vouch(session, self.hand(by), row, (by or self.advocate).id)
        async with self.database.begin() as session:
            row = await lock_one(session, Case, case.case_id)
            # A number and a word for work: a name that says nothing of anybody.
            tags = ("데모", "English" if row.language == "en" else "한국어")
            await call_case(session, self.hand(), row, self.advocate, name=f"데모 {case.number:02}", tags=tags)
            if case.number % 2:
                await hand_over(session, self.hand(), row, self.advocate, to=self.advocate.id)
        return case

    async def confirmed(
        self, sighting: str, *routes: str, by: AdvocateActor | None = None, basis: Basis = Basis.PERSON_VIEWED
    ) -> list[str]:
        """It is a copy. Returns the notices that were written, by these routes."""
        self.later(hours=2)
        actor = by or self.advocate
        async with self.database.begin() as session:
            row, *_ = await get_sighting(session, actor, sighting, lock=True)
            taken = await confirm(session, self.hand(by), row, by=actor.id, basis=basis, routes=routes)
            if len(taken.notices) != len(routes):
                raise ValueError(f"of {routes} these could not be taken: {taken.skipped}")
            return [one.id for one in taken.notices]

    async def dismissed(self, sighting: str, reason: Dismissal) -> None:
        """It is none, or nothing is to be done."""
        self.later(hours=2)
        async with self.database.begin() as session:
            row, *_ = await get_sighting(session, self.advocate, sighting, lock=True)
            await dismiss(session, self.hand(), row, by=self.advocate.id, reason=reason)

    async def sent(self, notice: str, *, by: AdvocateActor | None = None) -> None:
        """They look at what would leave, and press send."""
        self.later(minutes=20)
        actor = by or self.advocate
        async with self.database.begin() as session:
            row, *_ = await get_notice(session, actor, notice, lock=True)
            leaving = await what_leaves(session, self.hand(by), row)
            await send_notice(session, self.hand(by), row, digest=leaving.digest, by=actor.id)

    async def filed(self, sighting: str, step: str, answer: FilingAnswer | None = None, *, reference: str = "") -> None:
        """They took a step themselves; and, a day later, what was answered."""
        self.later(hours=3)
        told = FiledStep(step, reference=reference)
        async with self.database.begin() as session:
            row, *_ = await get_sighting(session, self.advocate, sighting, lock=True)
            filing = await file_step(session, self.hand(), row, told, by=self.advocate.id)
        if answer is None:
            return
        self.later(hours=24)
        async with self.database.begin() as session:
            await get_sighting(session, self.advocate, sighting, lock=True)
            again = await session.merge(filing)
            await record_answer(session, self.hand(), again, answer, by=self.advocate.id)

    async def unhurried_step(self, sighting: str) -> str:
        """Of the steps that were prepared for this copy the first that is given the most time."""
        async with self.database.begin() as session:
            row, _, case = await get_sighting(session, self.advocate, sighting)
            steps = await steps_to_file(session, self.hand(), row, case)
            return max(steps, key=lambda one: answer_due(one.step, one.prepared_at)).step

    async def closed(self, sighting: str, reason: Closing) -> None:
        """Nothing more is done about it."""
        self.later(hours=5)
        async with self.database.begin() as session:
            row, *_ = await get_sighting(session, self.advocate, sighting, lock=True)
            await close_copy(session, self.hand(), row, reason, by=self.advocate.id)

    # The program

    async def found(self, case: Told, place: int, edit: str = "re-encoded", caption: str = "") -> str:
        """A crawl found the case's picture at a place, posted some hours before."""
        where = self.world.first_places[place]
        data = edited(self.seed, case.number, edit)
        posted = self.world.post_small(where, data, caption or f"글 {case.number}", self.clock.at)
        self.later(hours=3)
        seen, posted_at = hashed(data), posted.at
        media = Media(posted.media_id, MediaKind.PHOTO, "image/jpeg", len(data))
        post = Post(
            posted.post_id,
            posted.url,
            posted_at,
            (media,),
            author_id=posted.author_id,
            caption=posted.caption,
            author_handle=where.handle,
        )
        async with self.database.read() as session:
            query = select(Source.id).where(Source.platform == where.platform, Source.handle == where.handle)
            source_id = (await session.scalars(query)).one()
            known = select(Fingerprint).where(Fingerprint.case_id == case.case_id, Fingerprint.removed_at.is_(None))
            rows = (await session.scalars(known.where(Fingerprint.origin == "registered"))).all()
        code = hash_of(case.picture).code
        matches = judge(seen, [Watched(row.id, row.case_id, code, row.kind) for row in rows])  # type: ignore[arg-type]  # one of three kinds
        async with self.database.begin() as session:
            await write_sighting(session, self.job("crawl"), source_id, post, media, seen, matches[0])
            mine = (Sighting.case_id == case.case_id, Sighting.source_id == source_id, Sighting.post_id == post.id)
            sighting: str = (await session.scalars(select(Sighting.id).where(*mine))).one()
        self.posted[sighting] = (place, posted)
        return sighting

    def remove(self, sighting: str) -> None:
        """The platform takes the post away."""
        place, posted = self.posted[sighting]
        self.world.remove_small(self.world.first_places[place], posted)

    async def left(self, notice: str, ending: Ending = Ending.ARRIVES) -> None:
        """A minute later it leaves, and that ends so."""
        self.later(minutes=2)
        self.way.ending = ending
        sender = Sender(self.database, self.job("send"), {"smtp": self.way, "telegram_report": self.way})
        async with self.database.read() as session:
            attempt = (await session.get_one(Notice, notice)).attempt
        with contextlib.suppress(CutOff):  # it is seen by whoever looks next
            await sender.send(notice, attempt)

    async def looked(self, notice: str, presence: Presence, *, times: int = 1) -> None:
        """The copy is checked when its time has come, so often."""
        async with self.database.read() as session:
            row = await session.get_one(Notice, notice)
            platform = PlatformName(row.platform)
        eyes = self.eyes[platform]
        eyes.presence = presence
        checks = FollowUp(self.database, self.job("verify"), self.accounts, _UNREAD)
        for _ in range(times):
            async with self.database.read() as session:
                row = await session.get_one(Notice, notice)
            self.clock.at = min(self.now, max(self.clock.at, row.due_at or self.clock.at))
            await checks.verify(notice, row.look + 1)

    async def lapsed(self, notice: str) -> None:
        """Its time is over with the copy still there, and the next step is prepared."""
        async with self.database.read() as session:
            deadline = (await session.get_one(Notice, notice)).deadline_at
        self.clock.at = min(self.now, max(self.clock.at, deadline or self.clock.at))
        await self.looked(notice, Presence.LIVE)
        await Escalator(self.database, self.job("escalate")).escalate(notice)


def _intake(number: int, language: str, **told: Any) -> Intake:
    """Everything that a person tells. Nobody has a name here: who it is says the number."""
    korean = language == "ko"
    whole = {
        "age_group": AgeGroup.ADULT,
        "country": "KR" if korean else "US",
        "language": language,
        "signature": f"서명 {number}" if korean else f"Signature {number}",
        "good_faith_facts": "누구에게도 공개를 허락한 적이 없어요." if korean else "I never agreed to this.",
        "content_identification": "여러 색의 무늬가 있는 그림이에요." if korean else "Patches of many colours.",
        "contact": f"person-{number}@people.invalid",
        "timing": Timing.NOW,
    }
    return Intake(**{**whole, **told})
