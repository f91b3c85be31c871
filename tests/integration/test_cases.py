"""Opening, vouching, consenting, entering links, erasing: on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from db.locking import lock_one
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.ledger import LedgerEntry
from db.models.notices import Notice
from db.models.people import VouchCode
from db.models.sightings import Sighting
from db.queries.actors import PersonActor
from db.queries.consents import fingerprints_to_compare, sources_to_read
from db.queries.sightings import lock_notices_about
from db.types import new_id
from monitor.actions.erase import ask_erasure, cancel_erasure
from monitor.actions.withdraw_consent import withdraw_consent
from monitor.cases import erasure
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.intake import fill_intake, read_intake
from monitor.cases.links import enter_link
from monitor.cases.opening import code_hash, open_case, vouch
from monitor.cases.passphrase import matches, normalise
from monitor.core.errors import KeyDestroyed, RuleBroken
from monitor.model.facts import PictureKind, Timing
from monitor.model.notice_states import NoticeState
from monitor.model.states import CaseState, Purpose
from monitor.notices.writing import lift_hold
from monitor.platforms.base import PlatformName
from tests.support.databases import on_sqlite
from tests.support.domain_world import DomainWorld, domain_world, make_advocate, make_case, make_sighting, notice_tasks
from tests.support.leaving import look_and_send, write_and_send

PDQ = "f0" * 32


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


@on_sqlite
async def test_passphrase_has_seven_words_and_only_its_hash_is_stored(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case, passphrase = await open_case(session, world.context, language="ko")
    assert len(passphrase.split()) == 7
    assert case.passphrase_hash.startswith("$argon2id$")
    assert await matches(normalise("  " + passphrase.replace(" ", "  ")), case.passphrase_hash)
    assert not await matches(normalise(passphrase + " x"), case.passphrase_hash)


async def test_one_time_code_opens_a_vouched_case_and_works_once(world: DomainWorld) -> None:
    now = world.clock.now()
    world.clock.move(hours=1)
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        session.add(
            VouchCode(
                code_hash=code_hash("abcd-efgh"),
                organisation_id=advocate.organisation_id,
                created_at=now,
                expires_at=now.replace(year=2027),
            )
        )
    async with world.database.begin() as session:
        case, _ = await open_case(session, world.context, language="en", code="ABCD EFGH")
        assert case.state == CaseState.VOUCHED
    with pytest.raises(RuleBroken, match="code-invalid"):
        async with world.database.begin() as session:
            await open_case(session, world.context, language="en", code="abcdefgh")


async def test_nothing_is_read_before_somebody_vouched(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, None)
        await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="@somewhere", purposes=[Purpose.WATCH]
        )
        await enter_link(session, world.context, case, url="https://t.me/somewhere/5", kind=PictureKind.FAKED)
        assert await sources_to_read(session, world.clock.now()) == []
        assert world.tasks == []
        await vouch(session, world.context, case, advocate.id)
        assert len(await sources_to_read(session, world.clock.now())) == 1
        assert [task.workflow for task in world.tasks] == ["crawl", "look_back", "read_link"]


@on_sqlite
async def test_members_only_link_is_routed_and_never_read(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        private = await enter_link(
            session, world.context, case, url="https://t.me/c/123456/7", kind=PictureKind.INTIMATE
        )
        elsewhere = await enter_link(
            session, world.context, case, url="https://example.org/a", kind=PictureKind.INTIMATE
        )
    assert (private.state, private.reason) == ("routed", "members-only")
    assert (elsewhere.state, elsewhere.reason) == ("routed", "other-site")
    assert world.tasks == []


@on_sqlite
async def test_same_post_in_another_spelling_is_one_link_and_no_address_is_refused(world: DomainWorld) -> None:
    spellings = ("https://t.me/Somewhere/5", "http://t.me/somewhere/5?single", "t.me/s/somewhere/5")
    async with world.database.begin() as session:
        case = await make_case(session, world.context, None)
        links = [await enter_link(session, world.context, case, url=url, kind=PictureKind.FAKED) for url in spellings]
        assert len({link.id for link in links}) == 1
        with pytest.raises(RuleBroken, match="link-unreadable"):
            await enter_link(session, world.context, case, url="javascript:alert(1)", kind=PictureKind.FAKED)


@on_sqlite
async def test_link_to_a_comment_is_refused_and_never_taken_for_the_post(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        for url in ("https://t.me/somewhere/5?comment=7", "tg://resolve?domain=somewhere&post=5&comment=7"):
            with pytest.raises(RuleBroken, match="link-to-comment"):
                await enter_link(session, world.context, case, url=url, kind=PictureKind.FAKED)
        assert (await session.scalars(select(KnownLink))).all() == []
    assert world.tasks == []


async def test_consent_ends_by_itself(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        await give_consent(
            session, world.context, case, platform=PlatformName.X, source="someone", purposes=[Purpose.WATCH], days=2
        )
        assert len(await sources_to_read(session, world.clock.now())) == 1
        world.clock.move(days=2)
        assert await sources_to_read(session, world.clock.now()) == []


async def test_only_fingerprints_with_consent_to_this_source_are_compared(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        here, there = [await make_case(session, world.context, advocate) for _ in range(2)]
        kept = await add_fingerprint(session, world.context, here, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        await add_fingerprint(session, world.context, there, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        ask = {"platform": PlatformName.TELEGRAM, "purposes": [Purpose.WATCH]}
        (consent,) = await give_consent(session, world.context, here, source="channelone", **ask)  # type: ignore[arg-type]
        await give_consent(session, world.context, there, source="channeltwo", **ask)  # type: ignore[arg-type]
        rows = await fingerprints_to_compare(session, consent.source_id, world.clock.now())
    assert [row_id for row_id, _ in rows] == [kept.id]


async def test_withdrawn_consent_stops_queued_notice(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=None, by=advocate.id)
        assert notice.state == NoticeState.QUEUED
        consent_id = await session.scalar(text("select id from consents where purpose = 'watch'"))
    async with world.database.begin() as session:
        assert await withdraw_consent(session, world.context, case, str(consent_id)) == 1
    async with world.database.read() as session:
        stopped = await session.get_one(Notice, notice.id)
        assert (stopped.state, stopped.reason) == (NoticeState.WITHDRAWN, "consent-withdrawn")


async def test_notice_stopped_with_its_consent_leaves_once_the_person_allows_it_again(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (first,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
        consent_id = await session.scalar(text("select id from consents where purpose = 'watch'"))
        await withdraw_consent(session, world.context, case, str(consent_id))
    async with world.database.begin() as session:
        with pytest.raises(RuleBroken, match="consent-withdrawn"):
            await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
        world.clock.move(minutes=1)
        await give_consent(
            session,
            world.context,
            case,
            platform=PlatformName.TELEGRAM,
            source="examplechannel",
            purposes=[Purpose.WATCH],
        )
    async with world.database.begin() as session:
        sighting = await lock_one(session, Sighting, sighting.id)
        await lock_notices_about(session, sighting.id)
        (again,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    assert (again.id, again.state, again.attempt) == (first.id, NoticeState.QUEUED, 2)
    assert world.tasks[-1].id == f"send-{first.id}-2"


async def test_police_first_holds_the_notice_until_the_person_lifts_it(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate, timing=Timing.WAIT_FOR_POLICE)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
        assert notice.state == NoticeState.HELD
        assert notice_tasks(world.tasks) == []
        assert await lift_hold(session, world.context, case) == 1
        assert notice.state == NoticeState.PREPARED
        # Lifting a wait sends nothing by itself: weeks may have passed, so somebody looks at it first.
        assert notice_tasks(world.tasks) == []
        await fill_intake(session, world.context, case, replace(read_intake(world.context, case), timing=Timing.NOW))
        await look_and_send(session, world.context, notice, by=advocate.id)
        assert notice.state == NoticeState.QUEUED
        assert [task.id for task in notice_tasks(world.tasks)] == [f"send-{notice.id}-1"]


async def test_same_picture_twice_is_one_fingerprint_and_plain_ones_are_refused(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, None)
        first = await add_fingerprint(session, world.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        again = await add_fingerprint(session, world.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        assert again.id == first.id
        with pytest.raises(RuleBroken, match="picture-too-plain"):
            await add_fingerprint(session, world.context, case, pdq="0f" * 32, quality=49, kind=PictureKind.INTIMATE)


async def test_no_plain_text_of_a_person_is_in_the_database(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate, contact="secret-contact@example.org")
        await add_fingerprint(session, world.context, case, pdq=PDQ, quality=90, kind=PictureKind.INTIMATE)
        await enter_link(session, world.context, case, url="https://t.me/hiddenplace/99", kind=PictureKind.FAKED)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        await write_and_send(session, world.context, sighting, routes=None, by=advocate.id)
        stored = repr(
            [
                (await lock_one(session, Case, case.id)).intake,
                (await session.scalars(select(Fingerprint.payload))).first(),
            ]
        )
        for table in ("ledger_entries", "notices", "known_links", "fingerprints", "sightings", "cases"):
            rows = await session.execute(text(f"select * from {table}"))  # noqa: S608  # fixed names
            stored += repr([tuple(row) for row in rows])
    for secret in ("secret-contact", "hiddenplace/99", PDQ, bytes.fromhex(PDQ).hex(), "mirror picture"):
        assert secret not in stored


async def test_erased_case_is_stopped_at_once_and_unreadable_after_the_delay(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        await make_sighting(session, world.context, case, confirmed_by=advocate)
        await ask_erasure(session, world.context, case, PersonActor(case.id))
        assert await sources_to_read(session, world.clock.now()) == []
        assert await erasure.due_erasures(session, world.clock.now()) == []
        world.clock.move(days=7)
        (due,) = await erasure.due_erasures(session, world.clock.now())
        await erasure.erase(session, world.context, due)
    erasure.destroy_key(world.context, case.id)
    async with world.database.read() as session:
        with pytest.raises(KeyDestroyed):
            world.context.key(case.id)
        rows = (await session.scalars(select(LedgerEntry).where(LedgerEntry.case_id == case.id))).all()
        assert len(rows) > 3
        assert [row for row in rows[:-1] if row.payload is not None] == []


async def test_erasure_can_be_taken_back(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        await ask_erasure(session, world.context, case, PersonActor(case.id))
        await cancel_erasure(session, world.context, case, PersonActor(case.id))
        assert (case.state, case.erase_at) == (CaseState.VOUCHED, None)
        assert read_intake(world.context, case).country == "KR"


@on_sqlite
async def test_values_of_one_case_do_not_open_in_another(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        one, two = [await make_case(session, world.context, None) for _ in range(2)]
        two.intake = one.intake
        with pytest.raises(Exception, match="does not open"):
            read_intake(world.context, two)
    assert new_id() != new_id()
