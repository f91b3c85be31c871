"""The age is asked for each picture and decides for each copy; what was posted with it and the centre open routes."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update

from api.pages.forms import form_token
from db.models.cases import Case, Fingerprint
from db.models.notices import Notice
from db.models.people import Organisation
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from monitor.cases.consents import give_consent
from monitor.fingerprints.hashes.values import Hash, HashedMedium, PictureView
from monitor.fingerprints.regions.codes import Regions
from monitor.matching.verdict import Match, Verdict
from monitor.model.notice_states import NoticeState
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sightings.record import Unmatched, write_sighting
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.domain_world import START

MATCH = Match("", "", "intimate", Verdict.CONFIDENT, 4, "whole", 0, 90, False, "whole picture: 4 of 256 bits differ")


async def force(world: ApiWorld, notice_id: str, state: NoticeState) -> None:
    """Bring a notice where the sender would have brought it."""
    async with world.services.database.begin() as session:
        values = {"state": state, "sent_at": world.clock.now()}
        await session.execute(update(Notice).where(Notice.id == notice_id).values(**values))


async def register(person: Caller, pdq: str, **more: Any) -> str:
    body = {"pdq": pdq, "quality": 90, "kind": "intimate", **more}
    return str((await person.post(f"/cases/{person.case_id}/fingerprints", body))["fingerprint_id"])


def shown(pdq: str) -> HashedMedium:
    """What is hashed of a post that shows the whole picture with this code."""
    view = PictureView("whole", 0, Hash(bytes.fromhex(pdq), 90))
    return HashedMedium(800, 600, "JPEG", sha256(pdq.encode()).hexdigest(), (view,), bytes(8))


async def found(world: ApiWorld, person: Caller, post_id: str, fingerprint: str, pdq: str = PDQ) -> str:
    """A copy of this picture, written as the crawler writes it."""
    async with world.services.database.begin() as session:
        case = await session.get_one(Case, person.case_id)
        consent, _ = await give_consent(
            session,
            world.context,
            case,
            platform=PlatformName.TELEGRAM,
            source="examplechannel",
            purposes=(Purpose.WATCH, Purpose.FOLLOW),
        )
        source = await session.get_one(Source, consent.source_id)
        source.remote_id, source.access, source.account = "77", "88", "telegram"
        media = Media(f"photo:{post_id}", MediaKind.PHOTO)
        post = Post(post_id, f"https://t.me/examplechannel/{post_id}", START, (media,))
        match = replace(MATCH, fingerprint_id=fingerprint, case_id=case.id)
        await write_sighting(session, world.context, source.id, post, media, shown(pdq), match)
        query = select(Sighting.id).where(Sighting.case_id == case.id, Sighting.post_id == post_id)
        return (await session.scalars(query)).one()


async def linked(world: ApiWorld, person: Caller, post_id: str, pdq: str = PDQ) -> str:
    """What stands behind a link that the person entered, as the link's reader writes it."""
    await found(world, person, "0", await register(person, "5a" * 32), "5a" * 32)  # the place is known
    async with world.services.database.begin() as session:
        known = (await session.scalars(select(Sighting).where(Sighting.post_id == "0"))).one()
        media = Media(f"photo:{post_id}", MediaKind.PHOTO)
        post = Post(post_id, f"https://t.me/examplechannel/{post_id}", START, (media,))
        match = Unmatched(person.case_id, "intimate")
        await write_sighting(session, world.context, known.source_id, post, media, shown(pdq), match)
        query = select(Sighting.id).where(Sighting.case_id == person.case_id, Sighting.post_id == post_id)
        return (await session.scalars(query)).one()


async def confirm(advocate: Caller, sighting: str, *routes: str, **more: Any) -> Any:
    body = {"basis": "caption-context", "routes": list(routes), **more}
    return await advocate.confirm(sighting, body)


def other(pdq: str) -> str:
    return pdq[::-1]


@on_sqlite
async def test_age_of_the_picture_that_matched_decides_and_the_answer_for_all_where_none_was_given(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    young = await register(person, PDQ, age_group="minor")
    grown = await register(person, other(PDQ))
    of_young = await found(world, person, "1", young)
    of_grown = await found(world, person, "2", grown, other(PDQ))
    skipped = (await confirm(advocate, of_young, "us_tida"))["skipped"]
    assert [(one["route"], one["reason"]) for one in skipped] == [("us_tida", "minor-or-unsure")]
    written = (await confirm(advocate, of_grown, "us_tida"))["notices"]
    assert [one["state"] for one in written] == ["queued"]
    shown = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    assert {one["fingerprint_id"]: one["age_group"] for one in shown} == {young: "minor", grown: None}
    # What joined from the copy follows the picture that led to it.
    async with world.services.database.read() as session:
        joined = select(Fingerprint.age_group).where(Fingerprint.sighting_id == of_young)
        assert set(await session.scalars(joined)) == {"minor"}


@on_sqlite
async def test_unanswered_counts_as_minor_and_one_picture_may_be_an_adults(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "unsure"})
    adult, unanswered = await register(person, PDQ, age_group="adult"), await register(person, other(PDQ))
    # Of who may be a child nothing for a notice is kept, before some picture is an adult's.
    assert not (await person.get(f"/cases/{person.case_id}/intake"))["permission_to_send"]
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": "unsure"})
    of_adult = await found(world, person, "1", adult)
    of_other = await found(world, person, "2", unanswered, other(PDQ))
    assert [one["state"] for one in (await confirm(advocate, of_adult, "us_tida"))["notices"]] == ["queued"]
    assert (await confirm(advocate, of_other, "us_tida"))["skipped"][0]["reason"] == "minor-or-unsure"
    # The same for all, said again, does not stop what the person said of one picture.
    kept = await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": "minor"})
    assert kept["notices_stopped"] == 0


@on_sqlite
async def test_telling_that_a_picture_is_a_minors_stops_its_notices_and_no_others(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    one, two = await register(person, PDQ), await register(person, other(PDQ))
    stops, goes = [
        (await confirm(advocate, await found(world, person, post, picture, pdq), "us_tida"))["notices"][0]["notice_id"]
        for post, picture, pdq in (("1", one, PDQ), ("2", two, other(PDQ)))
    ]
    left = (await confirm(advocate, await found(world, person, "3", one), "us_tida"))["notices"][0]["notice_id"]
    await force(world, left, NoticeState.SENT)
    path = f"/cases/{person.case_id}/fingerprints/{one}/age"
    assert (await person.put(path, {"age_group": "minor"}))["age_group"] == "minor"
    told = {notice: await advocate.get(f"/notices/{notice}") for notice in (stops, goes, left)}
    assert [told[notice]["state"] for notice in (stops, goes)] == ["withdrawn", "queued"]
    assert told[stops]["reason"] == "minor-or-unsure" and told[left]["for_minor"]["left"]
    async with world.services.database.read() as session:
        query = select(Alert.subject).where(Alert.kind == "sent-for-minor", Alert.resolved_at.is_(None))
        assert set(await session.scalars(query)) == {left}
    # An adult after all: nobody needs to put anything right.
    await person.put(path, {"age_group": None})
    async with world.services.database.read() as session:
        assert set(await session.scalars(query)) == set()
    kinds = [one["kind"] for one in (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]]
    assert kinds.count("picture-age-told") == 2


@on_sqlite
async def test_advocate_may_say_that_it_may_be_a_minors_and_never_that_it_is_an_adults(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "unsure"})
    picture = await register(person, PDQ)
    path = f"/cases/{person.case_id}/fingerprints/{picture}/age"
    assert await advocate.refused("PUT", path, {"age_group": "adult"}) == (403, "only-the-person")
    assert (await advocate.put(path, {"age_group": "unsure"}))["age_group"] == "unsure"
    assert await advocate.refused("PUT", path, {"age_group": None}) == (403, "only-the-person")
    body = {"pdq": other(PDQ), "quality": 90, "kind": "intimate", "age_group": "adult"}
    refused = await advocate.refused("POST", f"/cases/{person.case_id}/fingerprints", body)
    assert refused == (403, "only-the-person")
    stranger = await world.person()
    assert (await stranger.refused("PUT", path, {"age_group": "adult"}))[0] == 404


@on_sqlite
async def test_richer_fingerprint_of_the_same_picture_keeps_its_copies_and_its_age(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    poor = await register(person, PDQ, age_group="unsure")
    copy = await found(world, person, "1", poor)
    rich = await register(person, PDQ, set="slim", regions=Regions("slim", 40, 30, (0, 3), b"\x55" * 64).as_json())
    assert rich != poor
    assert (await world.row(copy)).fingerprint_id == rich and (await world.row(copy)).age_group == "unsure"
    await person.put(f"/cases/{person.case_id}/fingerprints/{rich}/age", {"age_group": "adult"})
    assert (await world.row(copy)).age_group == "adult"


async def ages_of(world: ApiWorld, *sightings: str) -> list[str | None]:
    return [(await world.row(one)).age_group for one in sightings]


@on_sqlite
async def test_picture_of_a_minor_is_one_in_whatever_way_a_copy_of_it_arrives(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)  # an adult, as they said of all others
    await register(person, PDQ, age_group="minor")
    grown = await register(person, other(PDQ))
    # By a link, with no other copy known; and by a fingerprint of which nothing was told, which fits it as well.
    by_link = await linked(world, person, "8")
    by_other = await found(world, person, "9", grown)
    apart = await found(world, person, "10", grown, other(PDQ))
    assert await ages_of(world, by_link, by_other, apart) == ["minor", "minor", None]
    for sighting in (by_link, by_other):
        skipped = (await confirm(advocate, sighting, "us_tida"))["skipped"]
        assert [(one["route"], one["reason"]) for one in skipped] == [("us_tida", "minor-or-unsure")]
    assert [one["state"] for one in (await confirm(advocate, apart, "us_tida"))["notices"]] == ["queued"]
    # What joined from it follows.
    async with world.services.database.read() as session:
        joined = select(Fingerprint.age_group).where(Fingerprint.sighting_id.in_([by_link, by_other]))
        assert set(await session.scalars(joined)) == {"minor"}


@on_sqlite
async def test_age_that_is_told_later_reaches_what_came_by_a_link_and_back(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    picture = await register(person, PDQ)
    by_link = await linked(world, person, "8")
    (queued,) = (await confirm(advocate, by_link, "us_tida"))["notices"]
    path = f"/cases/{person.case_id}/fingerprints/{picture}/age"
    await person.put(path, {"age_group": "minor"})
    assert (await advocate.get(f"/notices/{queued['notice_id']}"))["state"] == "withdrawn"
    assert await ages_of(world, by_link) == ["minor"]
    await person.put(path, {"age_group": "adult"})
    assert await ages_of(world, by_link) == ["adult"]
    # Another picture of theirs, which was said to be a minor's, fits the same copy: that protects it.
    again = await register(person, other(PDQ), age_group="minor")
    both = await found(world, person, "9", again)
    await person.put(path, {"age_group": "adult"})
    assert await ages_of(world, both) == ["minor"]


@on_sqlite
async def test_picture_registered_as_a_minors_reaches_what_a_link_led_to_before(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    by_link = await linked(world, person, "8")
    (queued,) = (await confirm(advocate, by_link, "us_tida"))["notices"]
    await register(person, PDQ, age_group="unsure")
    assert (await advocate.get(f"/notices/{queued['notice_id']}"))["state"] == "withdrawn"
    assert await ages_of(world, by_link) == ["unsure"]


@on_sqlite
async def test_copy_written_by_an_older_program_is_protected_before_anything_leaves(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await register(person, PDQ, age_group="minor")
    first, second, third = [await linked(world, person, post) for post in ("7", "8", "9")]
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id.in_([second, third])).values(age_group=None))
    skipped = (await confirm(advocate, second, "us_tida"))["skipped"]
    assert [(one["route"], one["reason"]) for one in skipped] == [("us_tida", "minor-or-unsure")]
    # A notice that was written already, too.
    async with world.services.database.begin() as session:
        await session.execute(update(Fingerprint).values(age_group=None))
        await session.execute(update(Sighting).where(Sighting.id.in_([first, second])).values(age_group=None))
    (queued,) = (await confirm(advocate, third, "us_tida"))["notices"]
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id == first).values(age_group="minor"))
        await session.execute(update(Notice).values(state=NoticeState.PREPARED))
    path = f"/notices/{queued['notice_id']}"
    digest = (await advocate.get(f"{path}/preview"))["digest"]
    assert await advocate.refused("POST", f"{path}/send", {"digest": digest}) == (409, "minor-or-unsure")


@on_sqlite
async def test_picture_chosen_again_as_a_minors_stops_its_notices(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    regions = Regions("slim", 40, 30, (0, 3), b"\x55" * 64).as_json()
    for number, more in enumerate(({}, {"set": "slim", "regions": regions})):
        pdq = PDQ if number else other(PDQ)
        picture = await register(person, pdq, label="by the sea")
        copy = await found(world, person, str(number), picture, pdq)
        (queued,) = (await confirm(advocate, copy, "us_tida"))["notices"]
        again = await register(person, pdq, age_group="minor", **more)
        assert (await advocate.get(f"/notices/{queued['notice_id']}"))["state"] == "withdrawn"
        assert await ages_of(world, copy) == ["minor"]
        rows = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
        (row,) = [one for one in rows if one["fingerprint_id"] == again]
        assert (row["age_group"], row["label"]) == ("minor", "by the sea")
    # What is told of it otherwise counts as well, and what is not told stays.
    faked = await register(person, PDQ, kind="faked", label="at home")
    rows = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    (row,) = [one for one in rows if one["fingerprint_id"] == faked]
    assert (row["kind"], row["age_group"], row["label"], row["set"]) == ("faked", "minor", "at home", "slim")


@on_sqlite
async def test_what_was_posted_with_it_opens_a_route_on_the_page_and_through_json(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    picture = await register(person, PDQ)
    by_json, by_page = await found(world, person, "1", picture), await found(world, person, "2", picture)
    offers = {one["route"]: one for one in (await advocate.get(f"/sightings/{by_json}/routes"))["offers"]}
    assert offers["telegram_doxxing"]["reason"] == "nothing-posted-with"
    assert offers["kr_tba22_5"]["ticked"] and offers["telegram_report"]["ticked"] and not offers["us_tida"]["ticked"]
    assert "the strongest that may be taken now" in offers["kr_tba22_5"]["why"]
    assert offers["kr_icna44_2"]["poster_learns"] and offers["kr_tba22_5"]["counsel"]
    assert offers["kr_tba22_5"]["doubts"] == ["recipient"] and not offers["kr_tba22_5"]["confirmed"]
    taken = await confirm(advocate, by_json, "telegram_doxxing", posted_with=["insult", "name"])
    notice = await advocate.get(f"/notices/{taken['notices'][0]['notice_id']}")
    assert "the person's name, insults or threats" in notice["content"]["body"]
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}; jikimi_language=en"}
    page = (await advocate.http.get(f"/advocate/sightings/{by_page}?lang=en", headers=cookie)).text
    assert 'name="posted_with" value="school"' in page and "only with a tick above" in page
    assert "What the poster learns:" in page and "For a lawyer to settle:" in page and "(?)" in page
    assert "This route is for people or centres in other countries." in page
    form = {
        "token": form_token(advocate.token or ""),
        "basis": "caption-context",
        "posted_with": ["name"],
        "route": ["telegram_doxxing"],
    }
    answer = await advocate.http.post(f"/advocate/sightings/{by_page}/confirm", data=form, headers=cookie)
    assert answer.status_code == 303 and (await world.row(by_page)).posted_with == "name"


@on_sqlite
async def test_standing_of_the_centre_opens_the_line_for_bodies(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await found(world, person, "1", await register(person, PDQ))

    async def reason() -> str:
        offers = (await advocate.get(f"/sightings/{sighting}/routes"))["offers"]
        return next(str(one["reason"]) for one in offers if one["route"] == "kr_commission_bulk")

    async with world.services.database.begin() as session:
        await session.execute(update(Organisation).values(country="KR"))
    assert await reason() == "sender-not-entitled"
    async with world.services.database.begin() as session:
        await session.execute(update(Organisation).values(designated=True))
    assert await reason() == "allowed"


@on_sqlite
async def test_dialogue_shows_its_steps_and_takes_the_answer_in_words(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"country": "US"})
    sighting = await found(world, person, "1", await register(person, PDQ))
    (written,) = (await confirm(advocate, sighting, "telegram_tida"))["notices"]
    assert written["state"] == "prepared"
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}; jikimi_language=ko"}
    path = f"/advocate/notices/{written['notice_id']}"
    page = (await advocate.http.get(f"{path}?lang=ko", headers=cookie)).text
    assert "https://t.me/TIDABot" in page and "/start" in page and "Proceed without" in page
    assert "https://t.me/examplechannel/1" in page and "<textarea" in page
    answer = "Thank you. Your request was taken."
    await advocate.post(f"/notices/{written['notice_id']}/submission", {"reference": answer})
    told = await advocate.get(f"/notices/{written['notice_id']}")
    assert told["state"] == "sent" and told["receipt"]["answer"] == answer
