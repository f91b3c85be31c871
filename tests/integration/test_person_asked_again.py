"""What cannot be undone by whoever holds the phone needs the passphrase in the call itself."""

from tests.support.api_world import ApiWorld


async def test_what_destroys_asks_the_passphrase_again_and_wrong_ones_count(sqlite_world: ApiWorld) -> None:
    person, other = await sqlite_world.person(), await sqlite_world.person()
    advocate = await sqlite_world.advocate()
    case = f"/cases/{person.case_id}"
    for name in ("@first_place", "@second_place"):
        await person.post(f"{case}/consents", {"platform": "telegram", "source": name, "purposes": ["watch", "follow"]})
    for path in (f"{case}/erasure", f"{case}/consents/withdrawal"):
        for body in (None, {}, {"passphrase": ""}, {"passphrase": other.passphrase}):
            assert await person.refused("POST", path, body) == (403, "passphrase-needed"), (path, body)
        assert (await other.refused("POST", path, {"passphrase": person.passphrase}))[0] == 404
    assert (await person.get(case))["state"] == "open"
    assert {one["live"] for one in (await person.get(f"{case}/consents"))["consents"]} == {True}
    rest = {"listed": False, "stopped_notices": 0}
    typed = {"passphrase": f"  {person.passphrase.upper().replace(' ', ', ')} "}
    assert await person.post(f"{case}/consents/withdrawal", typed) == {"withdrawn": 2, **rest}
    assert await person.post(f"{case}/consents/withdrawal", typed) == {"withdrawn": 0, **rest}
    assert {one["live"] for one in (await person.get(f"{case}/consents"))["consents"]} == {False}
    await advocate.post(f"{case}/vouch")
    assert (await advocate.post(f"{case}/erasure"))["waits_for_person"], "an advocate has no passphrase, and only asks"
    assert (await person.post(f"{case}/erasure", typed))["state"] == "erasing"
    guesses = [
        (await other.call("POST", f"/cases/{other.case_id}/erasure", {"passphrase": f"guess {n}"})) for n in range(30)
    ]
    assert guesses[0].status_code == 403 and guesses[-1].status_code == 429
    assert (await other.get(f"/cases/{other.case_id}"))["state"] == "open"


async def test_number_and_words_open_a_case_however_they_are_typed(sqlite_world: ApiWorld) -> None:
    person, nobody = await sqlite_world.person(), sqlite_world.nobody()
    number, words = person.case_id, person.passphrase
    for typed_number, typed_words in (
        (" ".join(number[at : at + 4] for at in range(0, 26, 4)), words),
        (f"{number[:5].upper()}-{number[5:]}", words.replace(" ", "")),
        ("".join(chr(ord(sign) + 0xFEE0) for sign in number), words.replace(" ", ",  ")),
        (number, "\u200b".join(words)),
    ):
        logged_in = await nobody.post("/log-ins/person", {"case_id": typed_number, "passphrase": typed_words})
        assert logged_in["token"]
    wrong = {"case_id": number, "passphrase": f"{words} extra"}
    assert (await nobody.refused("POST", "/log-ins/person", wrong))[0] == 401


async def test_leaving_takes_our_cookies_away_and_no_others(sqlite_world: ApiWorld) -> None:
    cookies = "jikimi_language=en; __Host-jikimi_draft=secret; theirs=1"
    answer = await sqlite_world.http.post("/leave", headers={"Cookie": cookies})
    assert answer.status_code == 204 and answer.headers["clear-site-data"] == '"cache", "storage"'
    ended = answer.headers.get_list("set-cookie")
    assert {one.split("=")[0] for one in ended} == {"jikimi_language", "__Host-jikimi_draft"}
    assert all("Max-Age=0" in one for one in ended)
    # At a log-out what was entered for another case stays: it belongs to no log-in.
    answer = await sqlite_world.http.post("/leave?draft=stays", headers={"Cookie": cookies})
    assert {one.split("=")[0] for one in answer.headers.get_list("set-cookie")} == {"jikimi_language"}
