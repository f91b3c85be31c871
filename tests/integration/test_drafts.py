"""What is entered before a case is open: kept at once for one browser, for a day; opened whole and once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from api.admission import Visit
from api.budgets import LIMITS, Act, Budget, Budgets, Limits
from api.routes import drafts
from api.routes.cases import check_helpline_code
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.drafts import Draft, DraftItem
from db.models.ledger import LedgerEntry
from db.models.people import VouchCode
from db.models.sources import Consent
from db.types import new_id
from monitor.app.bootstrap import Services
from monitor.cases.drafts import KEPT_FOR, draft_behind, end_drafts
from monitor.cases.intake import read_intake
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.regions.codes import Regions
from monitor.model.guardians import PRIVACY_VERSION
from tests.support.api_world import PDQ, ApiWorld, Caller, api_world, good
from tests.support.draft_browser import AGREED, ANSWERS, COOKIE, LINK, PICTURE, PLACE, DraftBrowser
from tests.support.statements import statements_of

OTHER = "3c" * 32


async def cases(world: ApiWorld) -> list[Case]:
    async with world.services.database.read() as session:
        return list(await session.scalars(select(Case)))


async def count(world: ApiWorld, model: Any) -> int:
    async with world.services.database.read() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_everything_entered_is_there_again_for_this_browser_and_for_no_other(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    looked = await browser.call("GET")
    assert looked.json()["state"] == "none" and "set-cookie" not in looked.headers, "a visit leaves no mark"
    first = await browser.call("PUT", "", ANSWERS)
    told = first.headers["set-cookie"].lower()
    assert all(word in told for word in ("httponly", "secure", "samesite=strict", "path=/"))
    assert "max-age" not in told and "expires" not in told, "of this session of the browser"
    kept = await browser.put("pictures", PICTURE)
    place = await browser.put("places", PLACE)
    link = await browser.put("links", LINK)
    await browser.tell(step="step-notice", unfinished={"url": "https://t.me/half"})
    shown = await browser.see()
    assert shown["state"] == "begun" and shown["answers"]["signature"] == "Typed Signature"
    assert (shown["answers"]["step"], shown["answers"]["unfinished"]) == ("step-notice", {"url": "https://t.me/half"})
    assert (shown["pictures"], shown["places"], shown["links"]) == ([kept], [place], [link])
    assert PDQ not in str(shown), "a hash is never told"
    assert await cases(sqlite_world) == [], "nothing is opened by entering it"

    for cookie in ("", "made-up", browser.cookie[:-1]):
        other = DraftBrowser(sqlite_world, cookie)
        assert (await other.see())["state"] == "none"
        assert await other.refused("PUT", f"/links/{new_id()}", LINK) == (404, "draft-gone")
        assert await other.refused("POST", "/open", {"key": shown["key"]}) == (404, "draft-gone")
        assert await other.refused("POST", "/typed-back", {"passphrase": "x"}) == (404, "draft-gone")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert await browser.refused("GET", **foreign) == (404, "not-found")
    assert await browser.refused("DELETE", **foreign) == (404, "not-found")
    assert (await browser.see())["state"] == "begun"


async def test_nothing_entered_lies_open_and_the_key_store_alone_opens_none_of_it(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.fill_in()
    async with sqlite_world.services.database.read() as session:
        row = (await session.scalars(select(Draft))).one()
        items = (await session.scalars(select(DraftItem))).all()
    stored = repr([{**vars(one)} for one in (row, *items)])
    for word in ("Typed Signature", "somechannel", "example.org", PDQ, browser.cookie):
        assert word not in stored
    context = sqlite_world.services.context
    async with sqlite_world.services.database.read() as session:
        assert await draft_behind(session, context, browser.cookie, datetime.now(UTC)) is not None
    # Without the browser's half the store's key opens nothing.
    half = context.keys.get(row.key_name)
    with pytest.raises(Exception, match="does not open"):
        half.open(row.content, f"draft:{row.id}")


async def test_the_case_ends_whole_and_once_however_often_it_is_opened(world: ApiWorld) -> None:
    browser = DraftBrowser(world)
    await browser.fill_in()
    await browser.tell(any_centre=True)
    await browser.put("pictures", {**PICTURE, "pdq": OTHER, "age_group": "minor"})
    key = (await browser.see())["key"]
    # Twice at the same moment, and again: one case, one answer.
    both = await asyncio.gather(*(browser.call("POST", "/open", {"key": key}) for _ in range(3)))
    opened = [answer.json() for answer in both if answer.status_code == 200]
    assert opened and all(one == opened[0] for one in opened)
    again = (await browser.call("POST", "/open", {"key": key})).json()
    shown = await browser.see()
    assert again == opened[0] == shown["opened"] and shown["state"] == "opened"
    assert (shown["answers"], shown["pictures"]) == (None, []), "nothing of the answers is left in the draft"
    (case,) = await cases(world)
    assert case.id == again["case_id"] and again["left_out"] == [] and case.any_centre and case.origin_tag
    async with world.services.database.read() as session:
        prints = (await session.scalars(select(Fingerprint).order_by(Fingerprint.added_at, Fingerprint.id))).all()
        consents = sorted(one.purpose for one in await session.scalars(select(Consent)))
        links = (await session.scalars(select(KnownLink))).all()
        told = await world.context.ledger.told(session, case.id)
    assert sorted((one.kind, one.age_group or "") for one in prints) == [("intimate", ""), ("intimate", "minor")]
    assert consents == ["follow", "watch"] and [one.state for one in links] == ["entered"]
    intake = read_intake(world.context, case)
    assert (intake.age_group, intake.signature, intake.contact) == ("adult", "Typed Signature", "person@example.org")
    assert intake.permission_to_send_at is not None
    kinds = [one.row.kind for one in told]
    assert kinds[:3] == [EntryKind.CASE_OPENED, EntryKind.PRIVACY_AGREED, EntryKind.INTAKE_CHANGED]
    agreed = told[1].facts or {}
    assert (agreed["version"], agreed["language"], agreed["guardian"]) == (PRIVACY_VERSION, "en", "not-needed")
    assert all(one.by is not None and one.by.who == "person" for one in told)

    # What was opened takes nothing more, and is not thrown away unseen.
    assert await browser.refused("PUT", "", ANSWERS) == (409, "draft-opened")
    assert await browser.refused("PUT", f"/links/{new_id()}", LINK) == (409, "draft-opened")
    assert await browser.refused("DELETE") == (409, "draft-opened")
    wrong = {"passphrase": " ".join(reversed(again["passphrase"].split()))}
    assert await browser.refused("POST", "/typed-back", wrong) == (422, "passphrase-differs")
    assert (await browser.see())["opened"] == again, "they are shown again until they were typed back"
    back = await browser.call("POST", "/typed-back", {"passphrase": again["passphrase"].upper().replace(" ", "")})
    assert back.status_code == 200 and browser.cookie == ""
    person = Caller(world.http, back.json()["token"], case.id)
    assert (await person.get(f"/cases/{case.id}"))["fingerprints"] == 2
    assert await count(world, Draft) == await count(world, DraftItem) == 0
    late = DraftBrowser(world, browser.cookie)
    assert await late.refused("POST", "/open", {"key": key}) == (404, "draft-gone"), "late, it opens nothing"
    assert len(await cases(world)) == 1
    logged_in = await world.nobody().post("/log-ins/person", {"case_id": case.id, "passphrase": again["passphrase"]})
    assert logged_in["token"]


async def test_what_was_changed_meanwhile_is_not_opened_unseen(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.fill_in()
    seen = (await browser.see())["key"]
    other_tab = DraftBrowser(sqlite_world, browser.cookie)
    await other_tab.tell(age_group="unsure")
    assert await browser.refused("POST", "/open", {"key": seen}) == (409, "draft-changed")
    assert (await browser.open())["state"] == "open"


async def test_a_page_whose_draft_was_thrown_away_or_replaced_writes_nothing_anew(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    name = (await browser.tell())["draft"]
    assert name == (await browser.see())["draft"] and name not in browser.cookie
    theirs = {"Jikimi-Draft": name}
    assert (await browser.call("PUT", "", ANSWERS, **theirs)).status_code == 200
    # Its day is over: the browser still has its cookie, so its page goes on with what it holds.
    async with sqlite_world.services.database.begin() as session:
        await session.execute(text("update drafts set expires_at = '2020-01-01 00:00:00'"))
    assert await browser.refused("PUT", f"/links/{new_id()}", LINK, **theirs) == (404, "draft-gone")
    anew = good(await browser.call("PUT", "", ANSWERS, **theirs))
    assert anew["anew"] and anew["draft"] != name
    theirs = {"Jikimi-Draft": anew["draft"]}
    # Thrown away in another window, and begun by somebody else afterwards: the page that is still open adds nothing.
    await browser.call("DELETE")
    for _ in range(2):
        before = await count(sqlite_world, Draft)
        for method, path, body in (("PUT", "", ANSWERS), ("PUT", f"/links/{new_id()}", LINK), ("DELETE", "", None)):
            assert await browser.refused(method, path, body, **theirs) == (404, "draft-gone")
        assert await browser.refused("GET", **theirs) == (404, "draft-gone")
        assert await count(sqlite_world, Draft) == before
        await browser.tell()


async def test_an_empty_case_and_an_untold_age_do_not_open_silently(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell(age_group=None)
    assert await browser.refused("POST", "/open", {"key": (await browser.see())["key"]}) == (422, "age-untold")
    await browser.tell()
    assert await browser.refused("POST", "/open", {"key": (await browser.see())["key"]}) == (422, "draft-empty")
    assert (await browser.open(empty=True))["state"] == "open"


async def test_each_item_is_one_and_can_be_corrected_and_taken_out(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    mine = new_id()
    await browser.put("pictures", PICTURE, mine)
    again = await browser.put("pictures", PICTURE, mine)
    assert again["id"] == mine, "sent twice because an answer was lost"
    assert (await browser.put("pictures", PICTURE))["id"] == mine, "the same picture chosen again"
    changed = await browser.call("PATCH", f"/pictures/{mine}", {"kind": "faked", "age_group": "unsure"})
    assert (changed.json()["kind"], changed.json()["age_group"]) == ("faked", "unsure")
    first = await browser.put("places", {**PLACE, "purposes": ["watch"]})
    other = {"source": "https://t.me/SomeChannel", "days": 90, "purposes": ["follow"]}
    second = await browser.put("places", {**PLACE, **other})
    assert (first["replaced"], second["replaced"]) == ("", first["id"])
    link = await browser.put("links", LINK)
    await browser.put("links", {**LINK, "url": "http://t.me/s/somechannel/5"})
    shown = await browser.see()
    assert [len(shown[name]) for name in ("pictures", "places", "links")] == [1, 1, 1]
    assert (shown["places"][0]["purposes"], shown["places"][0]["days"]) == (["watch", "follow"], 90)
    for item_id in (shown["links"][0]["id"], link["id"], mine, mine):
        assert (await browser.call("DELETE", f"/items/{item_id}")).status_code == 204
    shown = await browser.see()
    assert [len(shown[name]) for name in ("pictures", "places", "links")] == [0, 1, 0]
    for kind, body, code in (
        ("places", {**PLACE, "source": "t.me/+abcdefgh"}, "source-unreadable"),
        ("places", {**PLACE, "source": "@one_one, @two_two"}, "one-at-a-time"),
        ("links", {**LINK, "url": "https://t.me/name/1 https://t.me/name/2"}, "one-at-a-time"),
        ("links", {**LINK, "url": "\N{GRINNING FACE}", "room": True}, "link-unreadable"),
        ("links", {**LINK, "url": "javascript:alert(1)"}, "link-unreadable"),
        ("links", {**LINK, "url": "https://t.me/name/1?comment=2"}, "link-to-comment"),
        ("pictures", {**PICTURE, "quality": 1}, "picture-too-plain"),
        ("pictures", {**PICTURE, "picture": "data:image/png;base64,AAAA"}, "media-refused"),
    ):
        assert await browser.refused("PUT", f"/{kind}/{new_id()}", body) == (422, code)
    assert await browser.refused("PUT", "/pictures/not-an-id", PICTURE) == (404, "not-found")
    assert (await browser.call("DELETE")).status_code == 204 and browser.cookie == ""
    assert await count(sqlite_world, Draft) == await count(sqlite_world, DraftItem) == 0


async def test_picture_chosen_again_keeps_what_was_told_of_it_and_takes_what_is_told_now(
    sqlite_world: ApiWorld,
) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    slim = {"set": "slim", "regions": Regions("slim", 40, 30, (0, 3), b"\x55" * 64).as_json()}
    await browser.put("pictures", {**PICTURE, "age_group": "minor", "label": "by the sea"})
    richer = await browser.put("pictures", {**PICTURE, **slim, "label": ""})
    assert (richer["age_group"], richer["label"], richer["set"]) == ("minor", "by the sea", "slim")
    # The poorer codes again: what is told now counts, and nothing is lost.
    told = await browser.put("pictures", {**PICTURE, "kind": "faked", "age_group": "unsure", "label": ""})
    assert (told["age_group"], told["label"], told["set"]) == ("unsure", "by the sea", "slim")
    (kept,) = (await browser.see())["pictures"]
    assert (kept["kind"], kept["age_group"], kept["label"], kept["set"]) == ("faked", "unsure", "by the sea", "slim")
    await browser.open()
    async with sqlite_world.services.database.read() as session:
        (row,) = (await session.scalars(select(Fingerprint))).all()
    assert (row.kind, row.age_group, row.set_name) == ("faked", "unsure", "slim")


async def test_nothing_is_kept_before_it_was_agreed_to_and_of_a_child_before_a_guardian(
    sqlite_world: ApiWorld,
) -> None:
    browser = DraftBrowser(sqlite_world)
    for agreement, code in (
        ({**AGREED, "version": "2020-01-01"}, "agree-first"),
        ({**AGREED, "under_age": True}, "guardian-first"),
    ):
        assert await browser.refused("PUT", "", {**ANSWERS, "agreement": agreement}) == (422, code)
    by_code = {**ANSWERS, "agreement": {**AGREED, "under_age": True, "guardian": "centre"}}
    for code in ("", "aaaa-bbbb-cccc"):
        assert await browser.refused("PUT", "", {**by_code, "code": code}) == (403, "guardian-code-invalid")
    assert browser.cookie == "" and await count(sqlite_world, Draft) == 0

    await browser.tell(agreement={**AGREED, "under_age": True, "guardian": "agreed"}, age_group="minor")
    await browser.put("pictures", PICTURE)
    opened = await browser.open()
    async with sqlite_world.services.database.read() as session:
        told = await sqlite_world.context.ledger.told(session, opened["case_id"])
        case = await session.get_one(Case, opened["case_id"])
    facts = told[1].facts or {}
    assert (told[1].row.kind, facts["under_age"], facts["guardian"]) == (EntryKind.PRIVACY_AGREED, True, "agreed")
    # Of a child no signature, address or permission is kept, whatever came along.
    intake = read_intake(sqlite_world.context, case)
    assert (intake.age_group, intake.signature, intake.contact) == ("minor", "", "")
    assert intake.permission_to_send_at is None and intake.good_faith_facts == ""


async def test_answers_that_were_not_changed_stay_as_another_window_left_them(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell(unfinished={"source": "@half"})
    await browser.tell(contact="new@example.org", code="aaaa", changed=["contact"])
    kept = await browser.tell(signature="Another", unfinished={"url": "https://t.me/half"}, changed=["unfinished"])
    shown = (await browser.see())["answers"]
    assert shown == kept["answers"]
    assert (shown["contact"], shown["signature"], shown["code"]) == ("new@example.org", ANSWERS["signature"], "")
    assert shown["unfinished"] == {"source": "@half", "url": "https://t.me/half"}
    assert (await browser.refused("PUT", "", {**ANSWERS, "changed": ["outcome"]}))[0] == 422


async def test_age_that_was_corrected_stands_and_nothing_more_is_kept_before_a_guardian(
    sqlite_world: ApiWorld,
) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    item = await browser.put("pictures", PICTURE)
    younger = {**AGREED, "under_age": True}
    await browser.tell(agreement=younger, step="step-agree", changed=["agreement", "step"])
    assert (await browser.see())["answers"]["agreement"]["under_age"]
    more = {**ANSWERS, "agreement": younger, "contact": "more@example.org", "changed": ["contact"]}
    assert await browser.refused("PUT", "", more) == (422, "guardian-first")
    assert await browser.refused("PUT", f"/links/{new_id()}", LINK) == (422, "guardian-first")
    opening = {"key": (await browser.see())["key"]}
    assert await browser.refused("POST", "/open", opening) == (422, "guardian-first")
    assert (await browser.call("DELETE", f"/items/{item['id']}")).status_code == 204, "what is kept can be taken out"
    await browser.tell(agreement={**younger, "guardian": "agreed"}, changed=["agreement"])
    await browser.put("links", LINK)


async def test_a_code_that_was_told_before_stands_for_no_guardian_unless_it_is_good(sqlite_world: ApiWorld) -> None:
    good_one = (await (await sqlite_world.advocate()).post("/codes", {"count": 1, "days": 7}))["codes"][0]
    browser = DraftBrowser(sqlite_world)
    # Of somebody older a code is only looked at when the case is opened; a scanned paper fills in an old one.
    await browser.tell(code="aaaa-bbbb-cccc")
    await browser.put("pictures", PICTURE)
    by_code = {**AGREED, "under_age": True, "guardian": "centre"}
    for before in ({"under_age": True}, {"under_age": True, "guardian": "agreed"}, {}):
        await browser.tell(agreement={**AGREED, **before}, changed=["agreement"])
        told = {**ANSWERS, "agreement": by_code, "changed": ["agreement"]}
        assert await browser.refused("PUT", "", told) == (403, "guardian-code-invalid")
        assert (await browser.see())["answers"]["agreement"] == {**AGREED, **before}
    await browser.tell(agreement={**AGREED, "under_age": True}, changed=["agreement"])
    assert await browser.refused("PUT", f"/links/{new_id()}", LINK) == (422, "guardian-first")
    # A good one stands for a guardian, whichever of the two was told first; then it is not asked about again.
    await browser.tell(agreement=by_code, code=good_one, changed=["agreement", "code"])
    await browser.put("links", LINK)
    async with sqlite_world.services.database.begin() as session:
        (await session.scalars(select(VouchCode))).one().used_at = datetime.now(UTC)
    await browser.tell(agreement=by_code, age_group="minor", changed=["age_group"])


async def test_two_windows_put_no_code_that_nobody_checked_in_a_guardians_place(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    good_one = (await (await sqlite_world.advocate()).post("/codes", {"count": 1, "days": 7}))["codes"][0]
    browser = DraftBrowser(sqlite_world)
    await browser.tell(code=good_one)
    real, other = check_helpline_code, DraftBrowser(sqlite_world, browser.cookie)

    async def slowly(services: Services, visit: Visit, code: str) -> None:
        await real(services, visit, code)
        await other.tell(code="aaaa-bbbb-cccc", changed=["code"])  # while the first window's is checked

    monkeypatch.setattr(drafts, "check_helpline_code", slowly)
    by_code = {**AGREED, "under_age": True, "guardian": "centre"}
    told = {**ANSWERS, "agreement": by_code, "changed": ["agreement"]}
    assert await browser.refused("PUT", "", told) == (409, "draft-changed")
    answers = (await browser.see())["answers"]
    assert (answers["agreement"]["guardian"], answers["code"]) == ("not-needed", "aaaa-bbbb-cccc")


async def test_a_centres_code_stands_in_for_the_guardian_and_opens_it_vouched(world: ApiWorld) -> None:
    advocate = await world.advocate()
    code = (await advocate.post("/codes", {"count": 1, "days": 7}))["codes"][0]
    browser = DraftBrowser(world)
    agreement = {**AGREED, "under_age": True, "guardian": "centre"}
    child = {"agreement": agreement, "age_group": "minor", "code": f" {code.upper()} "}
    await browser.tell(**child)
    await browser.put("pictures", PICTURE)
    for name in ("zchannel", "achannel", "mchannel"):
        await browser.put("places", {**PLACE, "source": f"@{name}"})
    # Used up meanwhile: nothing is opened, nothing is lost.
    async with world.services.database.begin() as session:
        row = (await session.scalars(select(VouchCode))).one()
        row.used_at = datetime.now(UTC)
    key = (await browser.see())["key"]
    assert await browser.refused("POST", "/open", {"key": key}) == (403, "guardian-code-invalid")
    assert len((await browser.see())["places"]) == 3 and await cases(world) == []
    async with world.services.database.begin() as session:
        (await session.scalars(select(VouchCode))).one().used_at = None
    opened = await browser.open()
    assert opened["state"] == "vouched"
    (case,) = await cases(world)
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case.id)
        assert (await session.scalars(select(VouchCode))).one().used_by_case == case.id
    vouched = next(one for one in told if one.row.kind == EntryKind.CASE_VOUCHED)
    assert vouched.by is not None and vouched.by.who == "code" and case.vouched_at is not None
    assert (await advocate.get(f"/cases/{case.id}"))["fingerprints"] == 1


async def test_a_draft_is_gone_after_a_day_with_the_key_of_its_hour(world: ApiWorld) -> None:
    browser, context = DraftBrowser(world), world.services.context
    await browser.fill_in()
    now = datetime.now(UTC)
    async with world.services.database.read() as session:
        name = (await session.scalars(select(Draft))).one().key_name
    await end_drafts(world.services.database, context, now + KEPT_FOR - timedelta(minutes=1))
    assert len((await browser.see())["links"]) == 1
    async with world.services.database.read() as session:
        late = now + KEPT_FOR + timedelta(seconds=1)
        assert await draft_behind(session, context, browser.cookie, late) is None, "also before the job runs"
    await end_drafts(world.services.database, context, now + KEPT_FOR + timedelta(minutes=1))
    assert await count(world, Draft) == await count(world, DraftItem) == 0
    assert (await browser.see())["state"] == "none"
    await end_drafts(world.services.database, context, now + KEPT_FOR + timedelta(hours=1, minutes=1))
    assert name not in context.keys.names("drafts:")
    async with world.services.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


async def test_strangers_keep_within_budgets_and_work_beyond_them(prepared_sqlite_url: str, tmp_path: Path) -> None:
    spent = Limits(Budget(2.5, 0.0), Budget(2.5, 0.0))
    budgets = Budgets({**LIMITS, Act.DRAFT: spent, Act.PLACE: spent})
    async with api_world(prepared_sqlite_url, tmp_path, budgets=budgets) as world:
        browser = DraftBrowser(world)
        await browser.tell()
        await browser.tell(step="step-places")  # no new draft
        for number in range(2):
            await browser.put("links", {**LINK, "url": f"https://t.me/somechannel/{number + 1}"})
        needed = await browser.call("PUT", f"/links/{new_id()}", {**LINK, "url": "https://t.me/somechannel/9"})
        assert needed.status_code == 429 and needed.json()["work"]["challenge"]
        assert len((await browser.see())["links"]) == 2
        await DraftBrowser(world).tell()
        assert await DraftBrowser(world).refused("PUT", "", ANSWERS) == (429, "work-needed")


async def test_a_draft_holds_no_more_than_a_case(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    async with sqlite_world.services.database.begin() as session:
        draft_id = (await session.scalars(select(Draft))).one().id
        there = {"draft_id": draft_id, "kind": "place", "mark": "", "content": b"", "number": 1}
        session.add_all(DraftItem(id=new_id(), **there) for _ in range(50))
    assert await browser.refused("PUT", f"/places/{new_id()}", PLACE) == (409, "too-many-sources")
    async with sqlite_world.services.database.begin() as session:
        await session.execute(text("update drafts set size = 8 * 1024 * 1024 - 100"))
    assert await browser.refused("PUT", f"/links/{new_id()}", LINK) == (409, "draft-full")


async def test_bodies_that_no_page_sends_are_refused_and_never_a_fault(sqlite_world: ApiWorld) -> None:
    browser = DraftBrowser(sqlite_world)
    await browser.tell()
    item = new_id()
    bodies: list[tuple[str, str, Any]] = [
        ("PUT", "", ANSWERS),
        ("PUT", f"/pictures/{item}", PICTURE),
        ("PATCH", f"/pictures/{item}", {"kind": "faked"}),
        ("PUT", f"/places/{item}", PLACE),
        ("PUT", f"/links/{item}", LINK),
        ("POST", "/open", {"key": "x"}),
        ("POST", "/typed-back", {"passphrase": "x"}),
    ]
    for method, path, body in bodies:
        spoiled: list[Any] = [[], "text", 12, {**body, "unknown": 1}, {**body, next(iter(body)): {"a": [1]}}]
        for bad in spoiled:
            assert (await browser.call(method, path, bad)).status_code == 422, (method, path, bad)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"{COOKIE}={browser.cookie}"}
        answer = await sqlite_world.http.request(method, f"/case/draft{path}", content=b"a=b", headers=form)
        assert answer.status_code == 415, "no form of another site gets through"
    odd = {**ANSWERS, "signature": "a\x00b"}
    assert await browser.refused("PUT", "", odd) == (422, "invalid")
    assert await browser.refused("PUT", "", {**ANSWERS, "step": "elsewhere"}) == (422, "invalid")
    assert await browser.refused("PUT", f"/places/{item}", {**PLACE, "days": 4000.0}) == (422, "invalid")
    assert (await browser.see())["answers"]["signature"] == "Typed Signature"


def _code(number: int) -> str:
    """Of another picture each time, with as many bits set as a picture has."""
    return "".join(f"{number:02x}{number ^ 255:02x}" for _ in range(16))


async def test_opening_asks_as_little_of_the_database_for_many_pictures_as_for_few(sqlite_world: ApiWorld) -> None:
    asked: list[int] = []
    for number in (2, 24):
        browser = DraftBrowser(sqlite_world)
        await browser.tell()
        for one in range(number):
            await browser.put("pictures", {**PICTURE, "pdq": _code(one)})
            await browser.put("links", {**LINK, "url": f"https://t.me/somechannel/{one + 5}"})
        with statements_of(sqlite_world.services.database) as statements:
            opened = await browser.open()
        asked.append(len(statements))
        assert opened["left_out"] == []
        async with sqlite_world.services.database.read() as session:
            told = await sqlite_world.context.ledger.told(session, opened["case_id"])
            found = select(Fingerprint.id).where(Fingerprint.case_id == opened["case_id"])
            prints = set(await session.scalars(found))
        added = {(one.facts or {})["fingerprint"] for one in told if one.row.kind == EntryKind.FINGERPRINT_ADDED}
        assert added == prints and len(prints) == number
        assert [one.row.seq for one in told] == list(range(1, len(told) + 1)), "one chain, without a gap"
    assert asked[0] == asked[1], "each picture and link would be a statement while everybody else waits to write"
