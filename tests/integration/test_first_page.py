"""What a person sees first, without any script: help for the young, contacts by country and hour, no trace."""

import gzip
import re
from datetime import UTC, datetime

from tests.support.api_world import ApiWorld

PERSONS = ("/", "/case", "/privacy", "/safe", "/elsewhere", "/report", "/evidence")
TELLING = re.compile(r"Jikimi|지킴이|사진|유포|picture|case|사건|피해|safe|안전|report|신고", re.IGNORECASE)


def _title(page: str) -> str:
    (title,) = re.findall("<title>(.*)</title>", page)
    return str(title)


async def test_no_title_tells_anything_and_a_tap_on_a_language_leaves_no_mark(sqlite_world: ApiWorld) -> None:
    for path in PERSONS:
        for language in ("ko", "en"):
            answer = await sqlite_world.http.get(f"{path}?lang={language}")
            assert answer.status_code == 200
            assert _title(answer.text) == {"ko": "안내", "en": "Information"}[language]
            assert not TELLING.search(_title(answer.text))
            assert "set-cookie" not in answer.headers
            own = re.findall(r'href="(/(?!static|a/|evidence)[^"#]*)', answer.text)
            assert own and all("lang=" in address for address in own), own
    kept = await sqlite_world.http.get("/advocate/login?lang=en")  # people at work keep it for their next visit
    assert "jikimi_language=en" in kept.headers["set-cookie"]


async def test_the_young_find_their_own_people_on_the_first_page_in_each_language(sqlite_world: ApiWorld) -> None:
    korean = (await sqlite_world.http.get("/", headers={"Accept-Language": "ko"})).text
    young = korean[korean.index('id="young"') : korean.index('id="contacts"')]
    assert "19세 미만인가요?" in korean.partition('id="young"')[0]  # one tap away, above everything else
    for way in ('href="tel:1388"', 'href="sms:1388"', "카카오톡에서"):
        assert way in young
    assert young.index("1388") < young.index("1366") < young.index("takeitdown.ncmec.org")
    british = (await sqlite_world.http.get("/", headers={"Accept-Language": "en-GB,en;q=0.8"})).text
    young = british[british.index('id="young"') : british.index('id="contacts"')]
    assert "childline.org.uk/remove" in young and "0800 1111" in young and "1388" not in young
    american = (await sqlite_world.http.get("/?country=US", headers={"Accept-Language": "en-GB"})).text
    young = american[american.index('id="young"') : american.index('id="contacts"')]
    assert young.index("1-800-843-5678") < young.index("TakeItDown.ftc.gov")
    for page in (korean, british, american):
        rest = page[page.index('id="contacts"') :]
        assert all(known in rest for known in ("1366", "0345 6000 459", "esafety.gov.au", "911"))
    assert "<script" not in re.sub(r"<script[^>]* src=[^>]*></script>", "", korean)


async def test_the_page_says_who_answers_at_this_hour(sqlite_world: ApiWorld) -> None:
    def moved(*, hour: int) -> None:
        sqlite_world.clock.time = datetime(2027, 1, 4, hour, 30, tzinfo=UTC)  # a Monday in London

    moved(hour=11)
    at_work = (await sqlite_world.http.get("/?country=GB&lang=en")).text
    moved(hour=17)
    in_the_evening = (await sqlite_world.http.get("/?country=GB&lang=ko")).text
    own, later = (page.partition('id="contacts"')[2].partition("<details")[0] for page in (at_work, in_the_evening))
    assert "open now" in own and own.index("0345 6000 459") < own.index("999")
    assert "내일 10:00에 열어요" in later and later.index("999") < later.index("0345 6000 459")


async def test_pages_for_everybody_are_packed_and_hold_nothing_of_a_visitor(sqlite_world: ApiWorld) -> None:
    marked = "/case?lang=en&problem=zqxmark&done=zqxmark&from=zqxmark&country=zqxmark"
    http = sqlite_world.http
    async with http.stream("GET", marked, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip" and "accept-encoding" in answer.headers["vary"]
    page = gzip.decompress(raw).decode()
    assert "zqxmark" not in page
    plain = await http.get(marked, headers={"Accept-Encoding": "gzip;q=0", "User-Agent": "zqxmark"})
    assert "content-encoding" not in plain.headers and plain.text == page
    for path in ("/report", "/api/cases", "/advocate/login"):  # with a secret in them, or for one reader
        assert "content-encoding" not in (await http.get(path, headers={"Accept-Encoding": "gzip"})).headers


async def test_a_link_elsewhere_is_kept_listed_ticked_and_goes_into_the_hand_off(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    case = f"/cases/{person.case_id}"
    for url in ("https://www.instagram.com/p/abc/", "https://t.me/+firstroom", "https://t.me/+secondroom"):
        await person.post(f"{case}/links", {"url": url, "kind": "intimate"})
    await person.post(f"{case}/links", {"url": "Some closed room", "kind": "faked", "room": True})
    refused = await person.refused("POST", f"{case}/links", {"url": "no address", "kind": "faked"})
    assert refused == (422, "link-unreadable")
    links = {one["url"]: one for one in (await person.get(f"{case}/links"))["links"]}
    assert {one["state"] for one in links.values()} == {"routed"} and len(links) == 4
    helps = {url: one["help"] for url, one in links.items()}
    assert helps.pop("https://www.instagram.com/p/abc/") == "instagram" and set(helps.values()) == {"rooms"}
    assert links["Some closed room"]["reason"] == "room-name"
    first = f"{case}/links/{links['https://www.instagram.com/p/abc/']['link_id']}/done"
    assert (await person.put(first, {"done": True}))["state"] == "done"
    assert (await person.put(first, {"done": True}))["state"] == "done"  # twice is once
    public = await person.post(f"{case}/links", {"url": "https://t.me/example/12", "kind": "intimate"})
    assert (await person.refused("PUT", f"{case}/links/{public['link_id']}/done", {"done": True}))[1] == "link-state"
    pack = (await person.call("GET", f"{case}/hand-off/text?language=en")).text
    for said in ("instagram.com/p/abc", "t.me/+secondroom", "Some closed room", "reported there by the person"):
        assert said in pack
    assert pack.count("reported there by the person") == 1 and "t.me/example/12" not in pack
    assert (await person.put(first, {"done": False}))["state"] == "routed"
    stranger = await sqlite_world.person()
    assert (await stranger.refused("PUT", first, {"done": True}))[0] == 404


async def test_elsewhere_and_safety_say_what_to_do_in_both_languages(sqlite_world: ApiWorld) -> None:
    for language, said in (("en", "Please do not pay"), ("ko", "돈을 보내지 말고")):
        safe = (await sqlite_world.http.get(f"/safe?lang={language}&country=KR")).text
        # Whom to call stands where the danger is named; and a child, who finds nobody else here, finds somebody too.
        calls = [safe.index(f'href="tel:{number}"') for number in ("112", "109")]
        assert said in safe and calls == sorted(calls) and calls[-1] < safe.index(said) < safe.index('href="tel:1388"')
        page = (await sqlite_world.http.get(f"/elsewhere?lang={language}&country=GB")).text
        needed = ("stopncii.org", "takeitdown.ncmec.org", "d4u.stop.or.kr", 'id="instagram"', 'id="bots"', "t.me/+")
        assert [one for one in needed if one not in page] == []
