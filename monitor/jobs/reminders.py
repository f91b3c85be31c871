"""Before a clock ends, of a notice, a filing or a duty: an alert to whoever is in charge, and one mail a day."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.models.notices import NoticeClock
from db.models.people import Organisation
from db.models.pulses import Pulse
from db.models.sources import Alert
from db.organisation_names import name_key
from db.queries.clocks import RunningClock, clocks_to_tell, told_and_running
from db.session import Database
from monitor.actions.clocks import (
    OpenDuty,
    clocks_that_run,
    filed_clocks,
    open_duties,
    steps_to_file_in_time,
)
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import DeliveryError
from monitor.delivery.smtp_operator import OperatorMail

log = logging.getLogger(__name__)

AHEAD = timedelta(hours=48)
"""What ends within so long stands in the day's mail."""
_EVERY = timedelta(hours=24)
_RETRY = timedelta(minutes=5)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def remind(database: Database, context: DomainContext) -> None:
    """Tell of each clock that is near its end, once; end what was told of a clock that does not run any more."""
    now = context.now()
    async with database.read() as session:
        due = await clocks_to_tell(session, now)
    for clock, organisation_id, in_charge in due:
        # One by one: others change alerts in their own order.
        async with database.begin() as session:
            mine = (NoticeClock.notice_id == clock.notice_id, NoticeClock.kind == clock.kind)
            first = update(NoticeClock).where(*mine, NoticeClock.reminded_at.is_(None)).values(reminded_at=now)
            if (await session.execute(first.returning(NoticeClock.kind))).first() is None:
                continue
            await context.alert(
                session,
                AlertKind.DEADLINE_NEAR,
                clock.notice_id,
                clock.kind,
                organisation_id=organisation_id,
                advocate_id=in_charge or None,
            )
    await _end_told(database, context, now)
    await _remind_of_filings(database, context, now)
    await _remind_of_duties(database, context, now)


async def _remind_of_filings(database: Database, context: DomainContext, now: datetime) -> None:
    """The same of what people filed by hand, reckoned from when they filed it, and of what they may file until then."""
    async with database.read() as session:
        filings = await filed_clocks(session, now)
        steps = await steps_to_file_in_time(session, now)
        query = select(Alert.subject).where(Alert.kind == AlertKind.FILING_NEAR, Alert.resolved_at.is_(None))
        told = set((await session.scalars(query)).all())
    near: dict[str, tuple[str, str | None, str]] = {}
    for one in filings:
        due = [clock for clock in one.clocks if clock.remind_at <= now < clock.ends_at]
        if due and one.filing.sighting_id not in near:
            near[one.filing.sighting_id] = (one.advocate_id, one.organisation_id, due[0].kind)
    for step, clock in steps:
        if clock.remind_at <= now:
            near.setdefault(step.sighting_id, (step.advocate_id, step.organisation_id, clock.kind))
    for sighting_id in sorted(near.keys() - told):
        in_charge, organisation_id, kind = near[sighting_id]
        async with database.begin() as session:
            await context.alert(
                session,
                AlertKind.FILING_NEAR,
                sighting_id,
                kind,
                organisation_id=organisation_id,
                advocate_id=in_charge or None,
            )
    for sighting_id in sorted(told - near.keys()):
        async with database.begin() as session:
            await context.resolve(session, AlertKind.FILING_NEAR, sighting_id)


async def _remind_of_duties(database: Database, context: DomainContext, now: datetime) -> None:
    """Tell of a duty before its time is over, and when it is: also of a copy that is gone or closed."""
    kinds = (AlertKind.DUTY_NEAR, AlertKind.DUTY_OVER)
    async with database.read() as session:
        duties = await open_duties(session, context)
        query = select(Alert.kind, Alert.subject).where(Alert.kind.in_(kinds), Alert.resolved_at.is_(None))
        told = {(AlertKind(kind), subject) for kind, subject in await session.execute(query)}
    due: dict[tuple[AlertKind, str], OpenDuty] = {}
    for one in duties:
        if one.clock.remind_at <= now:
            kind = AlertKind.DUTY_NEAR if now < one.clock.ends_at else AlertKind.DUTY_OVER
            due[kind, one.copy.sighting_id] = one
    for (kind, sighting_id), one in sorted(due.items(), key=lambda each: each[0]):
        if (kind, sighting_id) in told:
            continue
        async with database.begin() as session:
            await context.alert(
                session,
                kind,
                sighting_id,
                "police-to-be-told",
                organisation_id=one.copy.home.id,
                advocate_id=one.copy.advocate_id or None,
            )
    for kind, sighting_id in sorted(told - due.keys()):
        async with database.begin() as session:
            await context.resolve(session, kind, sighting_id)


async def _end_told(database: Database, context: DomainContext, now: datetime) -> None:
    async with database.read() as session:
        query = select(Alert.subject).where(Alert.kind == AlertKind.DEADLINE_NEAR, Alert.resolved_at.is_(None))
        told = (await session.scalars(query)).all()
        over = sorted(set(told) - await told_and_running(session, now)) if told else []
    for notice_id in over:
        async with database.begin() as session:
            await context.resolve(session, AlertKind.DEADLINE_NEAR, notice_id)


class ClockDigest:
    """A tick: once a day each organisation that has an address is told what ends soon, and who is in charge."""

    def __init__(
        self, database: Database, context: DomainContext, mails: Mapping[str, OperatorMail], public_url: str
    ) -> None:
        """`mails`: by the organisation's name."""
        self._database, self._context, self._mails, self._public_url = database, context, mails, public_url

    async def tick(self) -> None:
        """Send what is due, outside every transaction."""
        async with self._database.read() as session:
            query = select(Organisation.id, Organisation.name).order_by(Organisation.id)
            organisations = (await session.execute(query)).all()
        for organisation_id, called in organisations:
            name = self._name_of(called)
            if name is None:
                continue
            clocks = await self._due(organisation_id)
            if not clocks or not await self._take_turn(organisation_id):
                continue
            try:
                await self._mails[name].send(subject_of(clocks), body_of(clocks, self._public_url))
            except DeliveryError as error:
                log.error("the mail about deadlines did not leave: %s; see [alerts] and [smtp]", error.reason)
                async with self._database.begin() as session:
                    await self._set(session, organisation_id, self._context.now() - _EVERY + _RETRY)

    def _name_of(self, called: str) -> str | None:
        """The name by which the settings mean this organisation, typed as it may be."""
        wanted = name_key(called)
        return called if called in self._mails else next((one for one in self._mails if name_key(one) == wanted), None)

    async def _due(self, organisation_id: str) -> Sequence[RunningClock]:
        """What ends soon, where the last mail is a day ago; else nothing."""
        now = self._context.now()
        async with self._database.read() as session:
            turn = await session.get(Pulse, _row(organisation_id))
            if turn is not None and now < turn.at + _EVERY:
                return ()
            return await clocks_that_run(session, self._context, organisation_id, before=now + AHEAD)

    async def _take_turn(self, organisation_id: str) -> bool:
        """Whichever worker comes first has the turn."""
        now = self._context.now()
        async with self._database.begin() as session:
            turn = await insert_or_lock(session, Pulse, unique="id", id=_row(organisation_id), at=_LONG_AGO)
            if now < turn.at + _EVERY:
                return False
            turn.at = now
            return True

    async def _set(self, session: AsyncSession, organisation_id: str, at: datetime) -> None:
        turn = await insert_or_lock(session, Pulse, unique="id", id=_row(organisation_id), at=_LONG_AGO)
        turn.at = at


def _row(organisation_id: str) -> str:
    return f"clocks-{organisation_id}"


def subject_of(clocks: Sequence[RunningClock]) -> str:
    """How many end soon."""
    return f"Jikimi: {len(clocks)} deadlines end within two days / 이틀 안에 끝나는 기한 {len(clocks)}건"


def body_of(clocks: Sequence[RunningClock], public_url: str) -> str:
    """When each ends and who is in charge, in both languages. No case, no place, no person is named."""
    counts = Counter(clock.advocate or "-" for clock in clocks)
    ends = [f"{one.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC  {one.kind}  {one.advocate or '-'}" for one in clocks]
    charge = ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
    page = f"{public_url}/advocate/clocks"
    english = ["These deadlines end within two days, or are over:", "\n".join(ends), f"In charge: {charge}.", page]
    korean = [
        f"이틀 안에 끝나거나 이미 지난 기한이 {len(clocks)}건 있습니다. 위 시각은 UTC입니다.",
        f"담당: {charge}.",
        page,
    ]
    return "\n\n".join([*english, "-" * 8, *korean]) + "\n"
