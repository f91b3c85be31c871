"""The demo's first day: forty cases that show every state, quickly built; its pages in Korean; help on each of them."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select

from api.pages.guide import SECTIONS
from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.copies import Scope
from monitor.actions.copies import standing_in
from monitor.cases.intake import read_intake
from monitor.evidence.seals import seal_heads
from monitor.evidence.verify import verify_ledger
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.notice_states import NoticeState
from monitor.model.states import CaseState, Dismissal, SightingState
from monitor.notices.copy_state import CopyState
from tests.support.first_day_world import Built, first_day

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALLOWED = frozenset(
    [
        "jikimi",
        "telegram",
        "stopca",
        "ftc",
        "dsa",
        "iwf",
        "ncmec",
        "ofcom",
        "osa",
        "kst",
        "utc",
        "sha256",
        "x",
        "kb",
        "mb",
        "am",
        "pm",
        "take",
        "it",
        "down",
        "icna",
        "tba",
        "digital",
        "demo",
        "advocate",
        "colleague",
        "centre",
        "english",
        "pdf",
        "csv",
        "xlsx",
        "json",
        "age",
        "age1",
        "d4u",
        "message-id",
        "references",
        "sha-256",
        "https",
        *("ccri", "rainn", "stopncii", "public_url"),
    ]
)
"""Names of bodies, laws, formats and units that Korean texts write so, and names that people here chose."""
_NOT_WORDS = re.compile(
    r"https?://\S+|\S+@\S+|@\w+|demo_first_\w+|[a-z2-7]{26}|…[a-z2-7]+|\w+\.\w+(?:\.\w+)*|(?:python|make) [-\w. ]+"
)
_THEIR_WORDS = re.compile(r"Patches of many colours\.|I never agreed to this\.|Signature \d+|TID-\d+")
"""What English-speaking persons of the story typed, and a platform's number."""
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Built]:
    """One for all of these tests: nothing here changes it but what reading writes."""
    async with first_day(tmp_path_factory.mktemp("first-day")) as made:
        yield made


async def test_there_are_forty_cases_and_every_state_is_shown_by_one(built: Built) -> None:
    """Derived from the enums: whoever adds a state adds a case that shows it."""
    assert len(built.day.cases) == 40
    async with built.services.database.read() as session:
        rows = (await session.scalars(select(Sighting))).all()
        notices = set(await session.scalars(select(Notice.state)))
        assert set(await session.scalars(select(Case.state))) == set(CaseState)
        assert {row.state for row in rows} == set(SightingState)
        assert {row.dismissal for row in rows} == {None, *Dismissal}
        assert notices == set(NoticeState)
        assert set(await session.scalars(select(Filing.answer))) == {None, *FilingAnswer}
        assert set(await session.scalars(select(CopyClosing.reason))) == set(Closing)
        stands = await standing_in(session, built.context, Scope(built.home))
    shown = {one.status.state for one in stands} | {CopyState.REMOVED for row in rows if row.removed_at}
    assert shown == set(CopyState)


async def test_the_words_open_every_case_but_the_one_that_is_said_to_open_no_more(built: Built) -> None:
    shut = [one for one in built.day.cases if not one.opens]
    assert [one.title for one in shut] == ["was erased"]
    for one in (*shut, built.day.cases[0], built.day.cases[-1]):
        body = {"case_id": one.case_id, "passphrase": built.day.passphrase}
        answer = await built.http.post("/api/log-ins/person", json=body)
        assert answer.is_success == one.opens, (one.title, answer.text)


async def test_what_was_built_is_what_the_programs_would_have_written(built: Built) -> None:
    """The ledger verifies, names whoever did each step, and holds no step before the one that it follows."""
    heads = built.folder / "ledger-heads.jsonl"
    keys, now = built.services.keys, built.context.now()
    async with built.services.database.begin() as session:
        await seal_heads(session, keys, heads, now=now)
    async with built.services.database.read() as session:
        report = await verify_ledger(session, heads_file=heads, keys=keys, now=now, cases=True)
        assert report.faults == ()
        for case_id in await session.scalars(select(Case.id).where(Case.state != CaseState.ERASED)):
            told = await built.context.ledger.told(session, case_id)
            assert all(one.by is not None for one in told)
            times = [one.row.at for one in told]
            assert times == sorted(times)


async def test_nobody_has_a_name_and_every_address_is_made_up(built: Built) -> None:
    for case in built.day.cases:
        async with built.services.database.read() as session:
            row = await session.get_one(Case, case.case_id)
            if row.state == CaseState.ERASED:
                continue
            intake = read_intake(built.context, row)
        if intake.age_group.counts_as_minor:
            assert intake.signature == "" == intake.contact, "none is asked of a child"
            continue
        assert re.fullmatch(r"(서명|Signature) [0-9]+", intake.signature)
        assert intake.contact.endswith(".invalid")


async def test_pages_in_korean_hold_no_code_and_no_english_and_each_says_what_it_is_for(built: Built) -> None:
    """Every kind of page that links lead to, over cases in every state."""
    wrong, helped, walked = set[tuple[str, str]](), set[str](), 0
    async for address, html, told in built.walk("ko", most=4):
        walked += 1
        kind = re.sub(r"[a-z2-7]{26}", "ID", address)
        for text in told.words:
            wrong |= {(kind, f"{word} in: {text[:70]}") for word in foreign(text)}
        found = [link for link in told.links if link.startswith("/advocate/help#")]
        assert all(link.partition("#")[2] in SECTIONS for link in found)
        if '<details class="help">' in html:
            helped.add(kind)
            assert found
        else:
            wrong.add((kind, "has no help"))
    assert wrong == set()
    assert walked > 80 and len(helped) > 20


def foreign(text: str) -> list[str]:
    """Words of a Korean text in Latin letters, but for names."""
    plain = _NOT_WORDS.sub(" ", _THEIR_WORDS.sub(" ", text))
    return [word for word in _LATIN.findall(plain) if word.lower() not in ALLOWED and len(word) > 2]
