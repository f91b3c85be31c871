"""Beyond a day's budget of reviews the queue shows one line a fingerprint, with examples; what is sure never waits."""

from datetime import timedelta

from sqlalchemy import update

from db.models.sightings import Sighting
from tests.support.api_world import PDQ, ApiWorld, Caller
from tests.support.browser import Browser

BUDGET = 20


async def fitted(world: ApiWorld, person: Caller, fingerprint: str, post: str, **values: object) -> str:
    """A sighting of that fingerprint with these columns."""
    sighting = await world.sighting(person, post_id=post)
    async with world.services.database.begin() as session:
        # Each of another picture: copies of one are one line.
        changed = {"fingerprint_id": fingerprint, "verdict": "review", "alike_id": sighting, **values}
        await session.execute(update(Sighting).where(Sighting.id == sighting).values(**changed))
    return sighting


async def test_best_fits_of_a_day_are_cards_and_the_rest_is_one_line(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    bodies = {"pdq": PDQ, "quality": 90, "kind": "intimate"}
    mine = str((await person.post(f"/cases/{person.case_id}/fingerprints", bodies))["fingerprint_id"])
    # Found in this order: the farthest first.
    loose = [await fitted(world, person, mine, str(100 + n), distance=60 - n) for n in range(BUDGET + 5)]
    sure = await fitted(world, person, mine, "200", verdict="confident", distance=3)
    identical = await fitted(world, person, mine, "201", identical=True, distance=59)
    row = await world.row(loose[0])
    day_before = row.found_at - timedelta(days=1)
    earlier = await fitted(world, person, mine, "202", distance=60, found_at=day_before)
    browser = Browser(world, advocate)

    pages = [await browser.see("/advocate?lang=en")]

    cards = [one for one in (*loose, sure, identical, earlier) if any(f'id="l-{one}"' in page for page in pages)]
    assert cards == [*loose[5:], sure, identical, earlier]
    assert "one fingerprint fitted 5 more posts loosely" in pages[0]
    assert f'href="/advocate/sightings/{loose[4]}"' in pages[0], "the best of them is an example"
    assert f'href="/advocate/sightings/{loose[0]}"' not in pages[0], "three examples are enough"
    assert "느슨하게 맞은 게시물이 하루에 보여 드리는 수보다 5건 더 있어요" in await browser.see("/advocate?lang=ko")

    # Nothing is lost: all of it, by that fingerprint; and programs list everything.
    everything = [await browser.see(f"/advocate?lang=en&fingerprint={mine}&page={number}") for number in (1, 2)]
    assert all(any(f'id="l-{one}"' in page for page in everything) for one in loose)
    assert (await advocate.get("/sightings?state=open"))["total"] == BUDGET + 8

    # A no uses the budget up, so that the next in line does not take its place the same day.
    await advocate.post(f"/sightings/{loose[-1]}/dismiss", {"reason": "not-the-picture"})
    assert "one fingerprint fitted 5 more posts loosely" in await browser.see("/advocate?lang=en")


async def test_another_fingerprint_and_another_centre_have_budgets_of_their_own(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, stranger = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    for number in range(BUDGET + 2):
        await fitted(world, person, "a" * 26, str(100 + number), distance=50)
    other = await fitted(world, person, "b" * 26, "300", distance=60)

    page = await Browser(world, advocate).see("/advocate?lang=en")
    assert f'id="l-{other}"' in page
    assert "one fingerprint fitted 2 more posts loosely" in page
    assert "more posts loosely" not in await Browser(world, stranger).see("/advocate?lang=en")
