"""Figures of notices: counted by both databases alike, each notice once, and of one centre only."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.models.cases import Fingerprint
from db.models.copies import Filing
from db.models.mailboxes import NoticeMail
from db.models.platform_side import PlatformAnswer
from db.queries.figures import standing_hours
from db.queries.tenants import OrganisationTenant
from db.types import new_id
from monitor.exports.route_figures import figures_by_platform_and_route, figures_by_route
from monitor.platforms.base import PlatformName
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_sighting
from tests.support.figures_world import Desk
from tests.support.statements import statements_of

HOUR = timedelta(hours=1)
NOW = START + 60 * HOUR


@pytest.fixture
async def domain(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def test_every_notice_that_left_is_counted_once_for_what_came_of_it(domain: DomainWorld) -> None:
    async with domain.database.begin() as session:
        advocate = await make_advocate(session)
        desk = await Desk.opened(domain, session, advocate)
        for hours in (2, 3, 40):
            await desk.notice("removed", gone_after=hours * HOUR - timedelta(minutes=20))
        await desk.notice("lapsed")
        await desk.notice("sent", left=START + 50 * HOUR)
        await desk.notice("sent")  # its time is over, and nobody has looked yet
        await desk.notice("failed")  # it came back
        await desk.notice("failed", left=None)  # it never left
        await desk.notice("queued", left=None)
        (await desk.notice("withdrawn")).reason = "retracted"
        (await desk.notice("withdrawn", left=None)).reason = "withdrawn-by-advocate"
        answered = await desk.notice("lapsed")
        for number in range(2):  # two answers about one notice are one that was answered
            session.add(
                NoticeMail(
                    id=new_id(),
                    case_id=desk.case.id,
                    notice_id=answered.id,
                    digest=str(number),
                    kind="reply",
                    reason="answered",
                    proven=True,
                    at=NOW,
                )
            )
        wrong = await desk.copy()
        await desk.notice("sent", sighting=wrong, left=START + 50 * HOUR)
        wrong.state = "dismissed"
        await desk.notice("removed", route="x_tida", platform=PlatformName.X, gone_after=5 * HOUR)
    tenant = OrganisationTenant(advocate.organisation_id)
    async with domain.database.read() as session:
        found = await figures_by_route(session, tenant, now=NOW)
    assert set(found) == {"us_tida", "x_tida"}
    us = found["us_tida"]
    counts = (us.sent, us.acknowledged, us.removed, us.refused, us.bounced, us.silent, us.waiting, us.wrong)
    assert counts == (10, 1, 3, 0, 1, 2, 3, 1) and us.retracted == 1
    assert dict(us.hours) == {2: 1, 3: 1, 40: 1}
    assert (us.median_hours, us.p90_hours, us.removed_share, us.wrong_per_100) == (3, 40, 3 / 7, 10.0)


async def test_what_the_recipient_answered_counts_by_its_last_word(domain: DomainWorld) -> None:
    async with domain.database.begin() as session:
        advocate = await make_advocate(session)
        desk = await Desk.opened(domain, session, advocate)
        for state, answers in (
            ("lapsed", ("acknowledged", "refused")),
            ("lapsed", ("refused", "acknowledged")),
            ("sent", ("acknowledged",)),
            ("removed", ("refused",)),
        ):
            notice = await desk.notice(state, gone_after=HOUR if state == "removed" else None)
            for number, kind in enumerate(answers):
                session.add(
                    PlatformAnswer(
                        id=new_id(),
                        case_id=desk.case.id,
                        notice_id=notice.id,
                        kind=kind,
                        by="link",
                        at=START + (number + 1) * HOUR,
                    )
                )
    async with domain.database.read() as session:
        found = await figures_by_route(session, OrganisationTenant(advocate.organisation_id), now=NOW)
    us = found["us_tida"]
    assert (us.sent, us.acknowledged, us.refused, us.removed, us.silent, us.waiting) == (4, 4, 1, 1, 0, 2)


async def test_what_a_person_filed_themselves_counts_beside_notices(domain: DomainWorld) -> None:
    async with domain.database.begin() as session:
        advocate = await make_advocate(session)
        desk = await Desk.opened(domain, session, advocate)
        await desk.notice("removed", route="kr_commission", gone_after=2 * HOUR)
        for gone, answer, deadline in ((5, None, 24), (None, "refused", 24), (None, None, 24), (None, None, 400)):
            copy = await desk.copy(gone_after=None if gone is None else gone * HOUR)
            session.add(
                Filing(
                    id=new_id(),
                    case_id=desk.case.id,
                    sighting_id=copy.id,
                    step="kr_commission",
                    number=1,
                    filed_at=START,
                    filed_by=advocate.id,
                    deadline_at=START + deadline * HOUR,
                    content=b"",
                    answer=answer,
                )
            )
    async with domain.database.read() as session:
        found = await figures_by_route(session, OrganisationTenant(advocate.organisation_id), now=NOW)
    one = found["kr_commission"]
    assert (one.sent, one.removed, one.refused, one.silent, one.waiting) == (5, 2, 1, 1, 1)
    assert dict(one.hours) == {2: 1, 5: 1}


async def test_a_removed_copy_that_is_found_again_counts_as_a_re_upload(domain: DomainWorld) -> None:
    async with domain.database.begin() as session:
        advocate = await make_advocate(session)
        desk = await Desk.opened(domain, session, advocate)
        gone, stays_gone = await desk.copy(gone_after=HOUR), await desk.copy(gone_after=HOUR)
        for each in (gone, stays_gone):
            await desk.notice("removed", sighting=each)
            own = Fingerprint(
                id=new_id(),
                case_id=desk.case.id,
                kind="intimate",
                origin="confirmed",
                version="1",
                set_name="whole",
                payload=b"",
                sighting_id=each.id,
                added_at=START,
            )
            session.add(own)
            await session.flush()
            again = await make_sighting(session, domain.context, desk.case, post_id=f"again-{each.id}")
            again.fingerprint_id, again.found_at = own.id, START + 30 * HOUR
        again.state = "dismissed"  # of the second, somebody said that it is another picture
    async with domain.database.read() as session:
        found = await figures_by_route(session, OrganisationTenant(advocate.organisation_id), now=NOW)
    assert (found["us_tida"].removed, found["us_tida"].reuploaded, found["us_tida"].reupload_rate) == (2, 1, 0.5)


async def test_figures_are_of_the_own_centre_of_live_cases_and_of_the_time_asked_for(domain: DomainWorld) -> None:
    async with domain.database.begin() as session:
        ours, theirs = await make_advocate(session, "Ours"), await make_advocate(session, "Theirs")
        desk, other = await Desk.opened(domain, session, ours), await Desk.opened(domain, session, theirs)
        erased = await Desk.opened(domain, session, ours)
        await desk.notice("removed", gone_after=HOUR)
        await desk.notice("removed", left=START - 100 * HOUR, gone_after=HOUR)
        await other.notice("removed", gone_after=2 * HOUR)
        await erased.notice("removed", gone_after=3 * HOUR)
        erased.case.state = "erased"
    tenant = OrganisationTenant(ours.organisation_id)

    async def removed(of: OrganisationTenant | None, **since: Any) -> int:
        async with domain.database.read() as session:
            found = await figures_by_platform_and_route(session, of, now=NOW, **since)
        return sum(one.removed for one in found.values())

    assert await removed(tenant) == 2
    assert await removed(tenant, since=START - HOUR) == 1
    assert await removed(None) == 3  # everybody's, of cases that live


async def test_hours_a_copy_stood_count_each_copy_once_whoever_was_told(domain: DomainWorld) -> None:
    async with domain.database.begin() as session:
        advocate = await make_advocate(session)
        desk = await Desk.opened(domain, session, advocate)
        copy = await desk.copy(gone_after=4 * HOUR)
        for route in ("us_tida", "telegram_report"):
            await desk.notice("removed", sighting=copy, route=route)
    async with domain.database.read() as session:
        stood = await standing_hours(session, OrganisationTenant(advocate.organisation_id), since=None)
    assert stood == {"telegram": {28: 1}}  # it was posted a day before


async def test_figures_of_many_notices_take_as_many_statements_as_of_none(domain: DomainWorld) -> None:
    counts = []
    for many in (0, 30):
        async with domain.database.begin() as session:
            advocate = await make_advocate(session, f"Centre {many}")
            desk = await Desk.opened(domain, session, advocate)
            copy = await desk.copy(gone_after=HOUR)
            for number in range(many):
                await desk.notice("removed", sighting=copy, route=f"route-{number}")
        with statements_of(domain.database) as statements:
            async with domain.database.read() as session:
                found = await figures_by_route(session, OrganisationTenant(advocate.organisation_id), now=NOW)
        assert len(found) == many
        counts.append(len(statements))
    assert counts == [1, 1]
