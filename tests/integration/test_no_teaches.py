"""After a *no* the same boxes with the same in them do not come again for that case; opening it again undoes that."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.locking import lock_rows
from db.models.sightings import Sighting
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.demo.world.pictures import registered
from monitor.fingerprints.image import hash_picture
from monitor.matching.verdict import FittingBox, Match, Verdict
from monitor.model.facts import PictureKind
from monitor.model.states import Dismissal, Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sightings.rate_gate import FoundMatch, write_matches
from monitor.sightings.review import dismiss, reopen
from monitor.sources.sources import locked
from tests.support.databases import on_sqlite
from tests.support.domain_world import INSPECTION, START, DomainWorld, domain_world, make_advocate, make_case

BAR = (0.0, 0.0, 1.0, 0.2)
FACE = (0.1, 0.3, 0.6, 0.8)
CODE = bytes(range(32))


def near(bits: int) -> bytes:
    return (int.from_bytes(CODE) ^ ((1 << bits) - 1)).to_bytes(32)


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


class Scene:
    """Two cases that watch one source."""

    def __init__(self, world: DomainWorld) -> None:
        self.world = world
        self.fingerprints: list[str] = []
        self.cases: list[str] = []
        self.source = self.advocate = ""

    async def begin(self) -> "Scene":
        async with self.world.database.begin() as session:
            advocate = await make_advocate(session)
            self.advocate = advocate.id
            for number in range(2):
                case = await make_case(session, self.world.context, advocate)
                whole = hash_picture(registered(2)[number]).whole
                row = await add_fingerprint(
                    session, self.world.context, case, pdq=whole.hex, quality=90, kind=PictureKind.INTIMATE
                )
                given = await give_consent(
                    session,
                    self.world.context,
                    case,
                    platform=PlatformName.TELEGRAM,
                    source="channel",
                    purposes=[Purpose.WATCH],
                )
                self.source = given[0].source_id
                self.fingerprints.append(row.id)
                self.cases.append(case.id)
        return self

    def match(self, boxes: Sequence[FittingBox], *, case: int = 0, verdict: Verdict = Verdict.REVIEW) -> Match:
        """What fits in these boxes."""
        return Match(
            fingerprint_id=self.fingerprints[case],
            case_id=self.cases[case],
            kind="intimate",
            verdict=verdict,
            distance=boxes[0].distance,
            view="region",
            orientation=0,
            quality=90,
            identical=False,
            how="region",
            boxes=tuple(boxes),
        )

    async def find(
        self, post: str, boxes: Sequence[FittingBox], *, case: int = 0, verdict: Verdict = Verdict.REVIEW
    ) -> bool:
        """Write what fits; whether it became a sighting."""
        match = self.match(boxes, case=case, verdict=verdict)
        medium = Media(f"photo:{post}", MediaKind.PHOTO)
        found = FoundMatch(match, Post(post, f"https://t.me/channel/{post}", START, (medium,)), medium, INSPECTION)
        async with self.world.database.begin() as session:
            await locked(session, self.source)
            await write_matches(session, self.world.context, self.source, [found])
        async with self.world.database.read() as session:
            query = select(Sighting).where(Sighting.post_id == post, Sighting.case_id == self.cases[case])
            return await session.scalar(query) is not None

    async def decide(self, post: str, reason: Dismissal | None) -> None:
        """Dismiss a sighting, or open it again."""
        async with self.world.database.begin() as session:
            (row,) = await lock_rows(session, select(Sighting).where(Sighting.post_id == post))
            if reason is None:
                await reopen(session, self.world.context, row, by=self.advocate)
            else:
                await dismiss(session, self.world.context, row, by=self.advocate, reason=reason)


async def test_no_teaches_that_pair_of_boxes_for_that_case_until_it_is_opened_again(world: DomainWorld) -> None:
    scene = await Scene(world).begin()
    bar = FittingBox(BAR, CODE, 40)
    assert await scene.find("1", [bar])
    assert await scene.find("2", [bar]), "nobody has said no yet"
    await scene.decide("1", Dismissal.NOT_THE_PICTURE)

    assert not await scene.find("3", [FittingBox(BAR, near(20), 38)])
    assert await scene.find("4", [bar], case=1), "another case learns nothing from it"
    assert await scene.find("5", [FittingBox(FACE, CODE, 40)]), "another box"
    assert await scene.find("6", [FittingBox(BAR, near(90), 44)]), "something else in the same box"
    assert await scene.find("7", [bar, FittingBox(FACE, near(90), 44)]), "more than what was dismissed"
    assert await scene.find("8", [FittingBox(BAR, near(10), 30)]), "it fits better than what was dismissed"
    assert await scene.find("9", [bar], verdict=Verdict.CONFIDENT), "what is sure always comes"
    await scene.decide("1", None)
    assert await scene.find("3", [FittingBox(BAR, near(20), 38)])


async def test_only_a_no_about_the_picture_teaches(world: DomainWorld) -> None:
    scene = await Scene(world).begin()
    bar = FittingBox(BAR, CODE, 40)
    assert await scene.find("1", [bar])
    await scene.decide("1", Dismissal.PERSON_DECLINED)

    assert await scene.find("2", [bar])


@on_sqlite
async def test_five_hundred_uploads_of_one_picture_in_one_source_are_all_found(world: DomainWorld) -> None:
    """Whatever else was dismissed: what strangers post, however often, is no reason to hide it."""
    world.context = replace(world.context, most_matches_an_hour=1000)
    scene = await Scene(world).begin()
    assert await scene.find("1", [FittingBox(BAR, CODE, 40)])
    await scene.decide("1", Dismissal.NOT_THE_PICTURE)
    medium = Media("photo:1", MediaKind.PHOTO)
    posts = [Post(str(n), f"https://t.me/channel/{n}", START, (medium,)) for n in range(1000, 1500)]
    match = scene.match([FittingBox(FACE, CODE, 20), FittingBox(BAR, CODE, 40)])
    for start in range(0, 500, 50):
        async with world.database.begin() as session:
            await locked(session, scene.source)
            found = [FoundMatch(match, post, medium, INSPECTION) for post in posts[start : start + 50]]
            written = await write_matches(session, world.context, scene.source, found)
            assert not written.quarantined and not written.failed
    async with world.database.read() as session:
        query = select(func.count()).select_from(Sighting).where(Sighting.state == "open")
        assert await session.scalar(query) == 500
