"""Advocates, their organisations, log-ins."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import unless_held
from db.models.accounts import Passkey, RecoveryCode
from db.models.cases import Case
from db.models.people import Advocate, Login, LoginThrottle, Organisation
from db.organisation_names import name_key
from db.queries.stops import not_stopped
from db.types import new_id

SAME_VISIT = timedelta(minutes=30)
LOOKS_APART = timedelta(minutes=2)
"""Within that a person who looks again is not noted anew: reading writes seldom."""


async def organisation_named(session: AsyncSession, name: str) -> Organisation:
    """The organisation called `name`, however it is typed, made now if there is none."""
    found = await find_organisation(session, name)
    if found is not None:
        return found
    key = name_key(name)
    await insert_unless_there(session, Organisation, id=new_id(), name=" ".join(name.split()), name_key=key)
    return (await session.scalars(select(Organisation).where(Organisation.name_key == key))).one()


async def find_organisation(session: AsyncSession, name: str) -> Organisation | None:
    """The organisation called `name`, if there is one: exactly so, else with other case, spaces or letters.

    Two that were alike before this was looked at are told apart by their exact names alone.
    """
    exact = await session.scalar(select(Organisation).where(Organisation.name == name.strip()))
    if exact is not None:
        return exact
    return await session.scalar(select(Organisation).where(Organisation.name_key == name_key(name)))


async def alike_organisations(session: AsyncSession) -> Sequence[str]:
    """Names that differ only in case, spaces or letters: kept apart from before this was looked at."""
    return [one.name for one in await organisations(session) if one.name_key != name_key(one.name)]


async def count_active(session: AsyncSession, organisation_id: str | None) -> int:
    """How many advocates of an organisation may log in."""
    active = (Advocate.organisation_id == organisation_id, Advocate.disabled_at.is_(None), ~Advocate.operator)
    return await session.scalar(select(func.count(Advocate.id)).where(*active)) or 0


async def organisations(session: AsyncSession) -> Sequence[Organisation]:
    """Every organisation, by name."""
    return (await session.scalars(select(Organisation).order_by(Organisation.name))).all()


async def advocates(session: AsyncSession) -> Sequence[tuple[Advocate, Organisation]]:
    """Every advocate with the organisation, by log-in name."""
    query = select(Advocate, Organisation).join(Organisation, Organisation.id == Advocate.organisation_id)
    return [(one, organisation) for one, organisation in await session.execute(query.order_by(Advocate.login))]


async def advocate_called(session: AsyncSession, login: str) -> Advocate | None:
    """The advocate with this log-in name, unless disabled or stopped."""
    active = (Advocate.disabled_at.is_(None), not_stopped(Advocate.id))
    return await session.scalar(select(Advocate).where(Advocate.login == login, *active))


async def advocate_known(session: AsyncSession, login: str) -> Advocate | None:
    """The advocate with this log-in name, whatever became of them."""
    return await session.scalar(select(Advocate).where(Advocate.login == login))


async def active_advocate(session: AsyncSession, advocate_id: str) -> Advocate | None:
    """The advocate with this id, unless disabled or stopped."""
    active = (Advocate.disabled_at.is_(None), not_stopped(Advocate.id))
    return await session.scalar(select(Advocate).where(Advocate.id == advocate_id, *active))


async def has_accounts(session: AsyncSession, organisation_id: str, *, operators: bool) -> bool:
    """Whether an organisation has accounts of operators that may log in, or else ever had one of an advocate."""
    theirs = select(Advocate.id).where(Advocate.organisation_id == organisation_id, Advocate.operator == operators)
    if operators:
        theirs = theirs.where(Advocate.disabled_at.is_(None))
    return await session.scalar(theirs.limit(1)) is not None


async def forget_ways_in(session: AsyncSession, advocate_id: str) -> None:
    """Passkeys and recovery codes of an account open nothing any more."""
    await session.execute(delete(Passkey).where(Passkey.advocate_id == advocate_id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.advocate_id == advocate_id))


async def leads(session: AsyncSession, organisation_id: str) -> Sequence[Advocate]:
    """The leads of an organisation who are not disabled."""
    mine = (Advocate.organisation_id == organisation_id, Advocate.lead, Advocate.disabled_at.is_(None))
    return (await session.scalars(select(Advocate).where(*mine).order_by(Advocate.created_at, Advocate.id))).all()


async def who_answers(session: AsyncSession, organisation_id: str | None) -> Advocate | None:
    """Who of an organisation is named where nobody is in charge: its first lead, or else who has worked there longest.
    One who is stopped comes last. None: nobody works there."""
    mine = (Advocate.organisation_id == organisation_id, Advocate.disabled_at.is_(None), ~Advocate.operator)
    order = (not_stopped(Advocate.id).desc(), Advocate.lead.desc(), Advocate.created_at, Advocate.id)
    return await session.scalar(select(Advocate).where(*mine).order_by(*order).limit(1))


async def works_at(session: AsyncSession, advocate_id: str, organisation_id: str) -> bool:
    """Whether this is an advocate of the organisation who may log in."""
    mine = (Advocate.organisation_id == organisation_id, Advocate.disabled_at.is_(None), ~Advocate.operator)
    return await session.scalar(select(Advocate.id).where(Advocate.id == advocate_id, *mine)) is not None


def led_organisations() -> Select[str]:
    """Ids of the organisations that have a lead who is not disabled."""
    return select(Advocate.organisation_id).where(Advocate.lead, Advocate.disabled_at.is_(None))


async def names_of(session: AsyncSession, advocate_ids: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """Name and organisation of advocates, disabled ones too."""
    query = select(Advocate.id, Advocate.name, Organisation.name).join(
        Organisation, Organisation.id == Advocate.organisation_id
    )
    rows = await session.execute(query.where(Advocate.id.in_(set(advocate_ids))))
    return {one: (name, organisation) for one, name, organisation in rows}


async def work_names_of(session: AsyncSession, advocate_ids: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """The name for work, or else the own one, and the organisation of advocates: what persons are told."""
    name = func.coalesce(Advocate.work_alias, Advocate.name)
    query = select(Advocate.id, name, Organisation.name).join(Organisation, Organisation.id == Advocate.organisation_id)
    rows = await session.execute(query.where(Advocate.id.in_(set(advocate_ids))))
    return {one: (called, organisation) for one, called, organisation in rows}


async def names_seen_in(
    session: AsyncSession, advocate_ids: Iterable[str], organisation_id: str | None
) -> Mapping[str, tuple[str, str]]:
    """What the organisation's people read: their own colleagues' names, those of others as persons are told them."""
    theirs = func.coalesce(Advocate.work_alias, Advocate.name)
    name = case((Advocate.organisation_id == organisation_id, Advocate.name), else_=theirs)
    query = select(Advocate.id, name, Organisation.name).join(Organisation, Organisation.id == Advocate.organisation_id)
    rows = await session.execute(query.where(Advocate.id.in_(set(advocate_ids))))
    return {one: (called, organisation) for one, called, organisation in rows}


async def working_organisations(session: AsyncSession) -> Sequence[Organisation]:
    """Organisations that have an advocate, by name."""
    query = select(Organisation).where(
        Organisation.id.in_(select(Advocate.organisation_id).where(Advocate.disabled_at.is_(None), ~Advocate.operator))
    )
    return (await session.scalars(query.order_by(Organisation.name))).all()


async def case_to_log_in(session: AsyncSession, case_id: str) -> Case | None:
    """The case behind a case id, unless erased."""
    return await session.scalar(select(Case).where(Case.id == case_id, Case.state != "erased"))


async def note_visit(session: AsyncSession, case: Case, now: datetime) -> None:
    """The person of a case comes back: what happened since they were here last is news to them. `now`: domain time.

    Whoever logs in again within SAME_VISIT, because the page was locked or closed, never left.
    """
    last, told = case.visited_at, {"visited_at": now}
    if last is None or now - last >= SAME_VISIT:
        told["news_since"] = last or case.opened_at
    await session.execute(update(Case).where(Case.id == case.id).values(**told))


async def note_look(session: AsyncSession, case_id: str, now: datetime) -> None:
    """The person of a case looks at it: they were here. In a transaction of its own, which waits for nothing else.
    `now`: domain time."""
    mine = (Case.id == case_id, Case.visited_at.is_(None) | (Case.visited_at < now))
    await session.execute(update(Case).where(*mine).values(visited_at=now))


def is_another_look(case: Case, now: datetime) -> bool:
    """Whether that is to be noted."""
    return case.visited_at is None or now - case.visited_at >= LOOKS_APART


async def use_totp_step(session: AsyncSession, advocate_id: str, step: int, *, secret: bytes) -> bool:
    """Take a 30-second step of the one-time code; False when it, or a later one, was used before.

    `secret`: as it was sealed when the code was checked. A phone that was replaced meanwhile opens nothing any more.
    """
    taken = await session.execute(
        update(Advocate)
        .where(Advocate.id == advocate_id, Advocate.totp_last_step < step, Advocate.totp_secret == secret)
        .values(totp_last_step=step)
        .returning(Advocate.id)
    )
    return taken.scalar_one_or_none() is not None


async def begin_login(
    session: AsyncSession,
    token_hash: str,
    *,
    role: str,
    subject_id: str,
    now: datetime,
    expires_at: datetime,
    browser: str = "",
) -> None:
    """Keep a log-in. `now` is real time."""
    kept = {"role": role, "subject_id": subject_id, "created_at": now, "expires_at": expires_at, "browser": browser}
    session.add(Login(token_hash=token_hash, **kept))
    await session.flush()


async def note_proof(session: AsyncSession, token_hash: str, now: datetime) -> None:
    """Whoever is logged in proved who they are. `now` is real time."""
    await session.execute(update(Login).where(Login.token_hash == token_hash).values(proved_at=now))


async def live_login(session: AsyncSession, token_hash: str, now: datetime) -> Login | None:
    """The log-in of a token, unless it is over. `now` is real time."""
    return await session.scalar(select(Login).where(Login.token_hash == token_hash, Login.expires_at > now))


async def advocate_logged_in(session: AsyncSession, token_hash: str, now: datetime) -> tuple[Login, Advocate] | None:
    """A live log-in and the advocate behind it, as `live_login` and `active_advocate` find them. `now` is real time."""
    mine = (Login.role == "advocate", Login.token_hash == token_hash, Login.expires_at > now)
    query = select(Login, Advocate).join(Advocate, Login.subject_id == Advocate.id).where(*mine)
    found = (await session.execute(query.where(Advocate.disabled_at.is_(None), not_stopped(Advocate.id)))).first()
    return None if found is None else (found[0], found[1])


async def end_login(session: AsyncSession, token_hash: str) -> None:
    """Log out."""
    await session.execute(delete(Login).where(Login.token_hash == token_hash))


async def end_logins_of(session: AsyncSession, subject_id: str) -> None:
    """Log an advocate or a case out everywhere."""
    await session.execute(delete(Login).where(Login.subject_id == subject_id))


async def forget_old(session: AsyncSession, *, logins_before: datetime, throttles_before: datetime) -> None:
    """Drop log-ins that are over and failures that no longer count."""
    await forget_logins(session, before=logins_before)
    old = select(LoginThrottle.key).where(LoginThrottle.updated_at < throttles_before)
    await session.execute(delete(LoginThrottle).where(LoginThrottle.key.in_(unless_held(old))))


async def forget_logins(session: AsyncSession, *, before: datetime) -> None:
    """Drop log-ins that are over."""
    # What somebody else holds is left for the next time: tidying waits for nobody, so it is part of no deadlock.
    over = unless_held(select(Login.token_hash).where(Login.expires_at < before))
    await session.execute(delete(Login).where(Login.token_hash.in_(over)))
