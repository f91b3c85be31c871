"""The rule of consent and the queries that ask it answer alike, over generated consents on both databases."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.people import Organisation
from db.models.sources import Consent, Source
from db.queries.consents import (
    cases_consenting,
    consents,
    fingerprints_to_compare,
    sources_consented,
    sources_to_read,
    was_withdrawn,
    watched_sources,
    withdrawn_sources,
)
from db.session import Database
from monitor.model.consent import may_use, was_taken_back
from monitor.model.states import CaseState, Purpose

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TICKS = tuple(NOW + timedelta(microseconds=ticks) for ticks in (-1, 0, 1))
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Yes:
    """One consent of a case."""

    purpose: str
    given_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    paused_at: datetime | None = None
    list_consent_id: str | None = None
    """The yes to a list that it follows from."""


@dataclass(frozen=True)
class Asked:
    """A case in some state, with everything it said yes to at one source of its own."""

    state: CaseState
    consents: Sequence[Yes]

    def live(self, purpose: Purpose) -> bool:
        """What the rule says of its consents, one by one."""
        return any(may_use(self.state, one, purpose, NOW).allowed for one in self.consents)

    def kept(self) -> bool:
        """Whether what is kept of the source stays: a pause destroys nothing."""
        woken = [replace(one, paused_at=None) for one in self.consents]
        return any(may_use(self.state, one, Purpose.WATCH, NOW).allowed for one in woken)

    def taken_back(self) -> bool:
        """What the rule says of its consents to watch."""
        return was_taken_back([one for one in self.consents if one.purpose == Purpose.WATCH], NOW)


async def write(session: AsyncSession, everybody: Sequence[Asked]) -> None:
    """Each with a source and a fingerprint of its own, named by its number."""
    sources, cases, fingerprints, rows = [], [], [], []
    opened = {"language": "en", "passphrase_hash": "", "opened_at": NOW, "vouch_due_at": NOW}
    kept = {"kind": "intimate", "origin": "registered", "version": "1", "set_name": "whole", "payload": b""}
    for number, one in enumerate(everybody):
        name = str(number)
        sources.append({"id": name, "platform": "telegram", "handle": name, "posts_seen": 0, "added_at": NOW})
        cases.append({"id": name, "state": one.state, "organisation_id": "home", **opened})
        fingerprints.append({"id": name, "case_id": name, "added_at": NOW, **kept})
        rows += [
            {"id": f"{name}-{count}", "case_id": name, "source_id": name, **vars(each)}
            for count, each in enumerate(one.consents)
        ]
    homes = [{"id": "home", "name": "Centre"}]
    for model, values in (
        (Organisation, homes),
        (Source, sources),
        (Case, cases),
        (Fingerprint, fingerprints),
        (Consent, rows),
    ):
        if values:
            await session.execute(insert(model), values)


async def compare(session: AsyncSession, everybody: Sequence[Asked], *, one_by_one: int) -> None:
    """Every query against the rule; those about one case only for some, spread over all."""
    await write(session, everybody)
    names = [str(number) for number in range(len(everybody))]
    watched = {name for name, one in zip(names, everybody, strict=True) if one.live(Purpose.WATCH)}
    assert {one.id for one in await sources_to_read(session, NOW)} == watched
    kept = {name for name, one in zip(names, everybody, strict=True) if one.kept()}
    assert await watched_sources(session, names, NOW) == kept
    for name, one in list(zip(names, everybody, strict=True))[:: max(1, len(names) // one_by_one)]:
        for purpose in Purpose:
            live = one.live(purpose)
            assert await cases_consenting(session, name, purpose, NOW) == ({name} if live else set())
            assert await sources_consented(session, name, purpose, NOW) == ({name} if live else set())
            assert await consents(session, case_id=name, source_id=name, purpose=purpose, now=NOW) is live
        found = [(name, "whole")] if name in watched else []
        assert await fingerprints_to_compare(session, name, NOW) == found
        assert await fingerprints_to_compare(session, name, NOW, case_id=name) == found
        assert await was_withdrawn(session, case_id=name, source_id=name, now=NOW) is one.taken_back()
    taken_back = {(name, name) for name, one in zip(names, everybody, strict=True) if one.taken_back()}
    assert await withdrawn_sources(session, "home", NOW) == taken_back


def run(url: str, everybody: Sequence[Asked], *, one_by_one: int) -> None:
    """Compare in one transaction, which is rolled back: the database serves the next example too."""

    async def in_one_transaction() -> None:
        database = Database(url)
        try:
            async with AsyncSession(database.engine) as session:
                await compare(session, everybody, one_by_one=one_by_one)
                await session.rollback()
        finally:
            await database.close()

    asyncio.run(in_one_transaction())


def test_queries_and_the_rule_answer_alike_at_every_edge(prepared_url: str) -> None:
    """Every state of a case, with every order of beginning, end, withdrawal and now, to the microsecond."""
    ends = (*TICKS, NOW + DAY)
    everybody = [
        Asked(state, [Yes(purpose, given_at, expires_at, withdrawn_at, list_consent_id=listed)])
        for state, (purpose, listed) in product(CaseState, zip(Purpose, (None, "list"), strict=True))
        for given_at, expires_at, withdrawn_at in product((NOW - DAY, *TICKS), ends, (None, *TICKS))
    ]
    everybody += [
        Asked(CaseState.VOUCHED, [Yes(purpose, NOW - DAY, NOW + DAY, withdrawn_at, paused_at)])
        for purpose, withdrawn_at, paused_at in product(Purpose, (None, NOW), TICKS)
    ]
    run(prepared_url, everybody, one_by_one=40)


times = st.sampled_from([NOW - DAY, *TICKS, NOW + DAY])
yes = st.builds(
    Yes,
    purpose=st.sampled_from([Purpose.WATCH, Purpose.WATCH, Purpose.FOLLOW]).map(str),
    given_at=times,
    expires_at=times,
    withdrawn_at=st.one_of(st.none(), times),
    paused_at=st.sampled_from([None, None, NOW]),
    list_consent_id=st.sampled_from([None, None, "list"]),
)
# Mostly vouched for, and often several consents to one purpose: given twice, withdrawn, given again.
asked = st.builds(
    Asked,
    state=st.sampled_from([CaseState.VOUCHED, CaseState.VOUCHED, *CaseState]),
    consents=st.lists(yes, max_size=4),
)


# Without shrinking: an example is a whole database, and the assertion names the case that differs.
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
)
@given(everybody=st.lists(asked, min_size=40, max_size=40))
def test_queries_and_the_rule_answer_alike_for_several_consents(prepared_url: str, everybody: list[Asked]) -> None:
    run(prepared_url, everybody, one_by_one=40)
