"""Figures through every door: page, JSON, CSV, the public page, and the EU's hours that a command loads."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.__main__ import main
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.public_figures import public_rows
from monitor.model.route_figures import RouteFigures
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import START, DomainWorld
from tests.support.figures_world import Desk
from tests.support.page_visits import page
from tests.support.statements import statements_of
from tests.unit.test_transparency_csv import lines, statement

HOUR = timedelta(hours=1)


async def desk_of(world: ApiWorld, session: Any, person: Caller) -> Desk:
    """A desk with the case of somebody who came in by the doors."""
    from db.models.cases import Case

    domain = DomainWorld(world.services.database, world.context, world.clock, [])
    return Desk(domain, session, await session.get_one(Case, person.case_id))


async def with_notices(world: ApiWorld, *states: tuple[str, str, int | None], persons: int = 1) -> Caller:
    """(route, state, gone after so many hours) for cases of one centre in turn; its advocate."""
    world.clock.time = START + 60 * HOUR
    advocate = await world.advocate()
    callers = [await world.vouched(advocate) for _ in range(persons)]
    for turn, person in enumerate(callers):
        async with world.services.database.begin() as session:
            desk = await desk_of(world, session, person)
            for route, state, hours in states[turn::persons]:
                await desk.notice(state, route=route, gone_after=None if hours is None else hours * HOUR)
    return advocate


SOME = (
    *(("us_tida", "removed", hours) for hours in (2, 5, 30)),
    ("us_tida", "lapsed", None),
    ("telegram_report", "removed", 3),
)


async def test_an_advocate_sees_figures_as_page_json_and_csv_and_they_agree(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await with_notices(world, *SOME)
    told = await advocate.get("/figures?days=all")
    by_route = {one["route"]: one for one in told["routes"]}
    us = by_route["us_tida"]
    assert (us["sent"], us["removed"], us["silent"], us["median_hours"], us["p90_hours"]) == (4, 3, 1, 5, 30)
    assert (us["removed_share"], us["reupload_rate"], us["wrong_per_100"]) == (0.75, 0.0, 0.0)
    (ours,) = told["standing"]
    assert (ours["platform"], ours["whose"], ours["copies"], ours["median_hours"]) == ("telegram", "ours", 4, 27)
    answer = await advocate.call("GET", "/figures/table.csv?days=all")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["route"], row["sent"], row["median_hours"]) for row in rows] == [
        ("telegram_report", "1", "3"),
        ("us_tida", "4", "5"),
    ]
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}"}
    file = await world.http.get("/advocate/figures/table.csv?days=all", headers=cookie)
    assert file.text == answer.text and "attachment" in file.headers["content-disposition"]
    shown = await page(world, advocate, "/advocate/figures?days=all")
    assert shown.count('<svg class="plot"') == 3 and shown.count("<table") == 3
    for named in re.findall(r'aria-labelledby="([a-z-]+ [a-z-]+)"', shown):
        assert all(f'id="{one}"' in shown for one in named.split())
    assert "style=" not in shown  # the policy of our pages would drop it
    row = re.search(r"TAKE IT DOWN.*?</tr>", shown[shown.index("<table") :], re.DOTALL)
    assert row and re.findall(r"<td>(\d+)</td>", row[0]) == ["4", "0", "3", "0", "0", "1", "0", "0"]


async def test_figures_are_of_the_time_asked_for_and_an_empty_time_says_so(sqlite_world: ApiWorld) -> None:
    advocate = await with_notices(sqlite_world, *SOME)
    sqlite_world.clock.time = START + timedelta(days=200)
    assert (await advocate.get("/figures?days=90"))["routes"] == []
    assert len((await advocate.get("/figures"))["routes"]) == 2
    assert await advocate.refused("GET", "/figures?days=7") == (422, "invalid")
    assert "nothing to count yet" in await page(sqlite_world, advocate, "/advocate/figures?days=90")
    assert "<table" in await page(sqlite_world, advocate, "/advocate/figures?days=nonsense")


async def test_another_centre_and_a_person_see_none_of_it(sqlite_world: ApiWorld) -> None:
    await with_notices(sqlite_world, *SOME)
    other = await sqlite_world.advocate("second", "Centre B")
    assert (await other.get("/figures?days=all"))["routes"] == []
    person = await sqlite_world.vouched(other)
    for path in ("/figures", "/figures/table.csv"):
        assert await person.refused("GET", path) == (403, "advocates-only")
        assert await sqlite_world.nobody().refused("GET", path) == (401, "not-logged-in")


async def test_a_page_of_figures_takes_as_many_statements_for_many_notices_as_for_few(sqlite_world: ApiWorld) -> None:
    advocate, counts = await with_notices(sqlite_world, *SOME), list[int]()
    for turn in range(2):
        if turn:
            person = await sqlite_world.vouched(advocate)
            async with sqlite_world.services.database.begin() as session:
                desk = await desk_of(sqlite_world, session, person)
                for number in range(25):
                    await desk.notice("removed", route=f"route-{number}", gone_after=number * HOUR)
        with statements_of(sqlite_world.services.database) as statements:
            await advocate.get("/figures?days=all")
        counts.append(len(statements))
    assert counts[0] == counts[1] > 4


# For everybody.


def public(world: ApiWorld) -> None:
    """As an operator who switches it on."""
    settings = world.services.settings
    object.__setattr__(settings, "web", settings.web.model_copy(update={"public_figures": True}))


async def test_public_figures_are_not_there_unless_the_operator_switched_them_on(sqlite_world: ApiWorld) -> None:
    nobody = sqlite_world.nobody()
    assert await nobody.refused("GET", "/figures/public") == (404, "not-found")
    answer = await sqlite_world.http.get("/figures", headers={"Accept-Language": "en"})
    assert answer.status_code == 404 and "<table" not in answer.text
    public(sqlite_world)
    assert (await nobody.get("/figures/public"))["routes"] == []
    answer = await sqlite_world.http.get("/figures", headers={"Accept-Language": "en"})
    assert answer.status_code == 200 and "too few notices" in answer.text


async def test_public_figures_leave_small_numbers_out_and_are_made_once_an_hour(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    many = (
        [("us_tida", "removed", 2)] * 13 + [("us_tida", "lapsed", None)] * 4 + [("telegram_report", "lapsed", None)] * 9
    )
    await with_notices(world, *many, persons=5)
    public(world)
    (row,) = (await world.nobody().get("/figures/public"))["routes"]
    assert (row["route"], row["sent"], row["removed"], row["silent"]) == ("us_tida", 15, 10, None)
    assert (row["median_hours"], row["reupload_percent"]) == (2, None)
    shown = (await world.http.get("/figures", headers={"Accept-Language": "en"})).text
    assert "fewer than 10" in shown and "Centre A" not in shown
    with statements_of(world.services.database) as statements:
        for _ in range(3):
            await world.nobody().get("/figures/public")
    assert statements == []


async def test_public_figures_tell_of_no_route_that_few_persons_are_behind(sqlite_world: ApiWorld) -> None:
    await with_notices(sqlite_world, *[("us_tida", "removed", 2)] * 40, persons=4)
    public(sqlite_world)
    assert (await sqlite_world.nobody().get("/figures/public"))["routes"] == []


def test_public_hours_tell_of_no_single_removal() -> None:
    """Watched from day to day, an exact median would name the hour that one removal took."""
    for exact, told in ((1, 1), (4, 6), (13, 24), (49, 72), (73, 96), (97, 120)):
        (row,) = public_rows({("x", "x_tida"): RouteFigures(sent=20, removed=20, hours={exact: 20}, cases=5)})
        assert (row.median_hours, row.p90_hours) == (told, told)


@pytest.mark.parametrize("number", [0, 9, 10, 14, 15, 61])
def test_a_public_number_is_left_out_below_ten_and_rounded_down_to_fives(number: int) -> None:
    counts = dict.fromkeys(("acknowledged", "removed", "refused", "silent", "reuploaded"), number)
    figures = RouteFigures(sent=100, cases=9, hours={6: number} if number else {}, **counts)
    (row,) = public_rows({("x", "x_tida"): figures})
    told = None if number < 10 else number - number % 5
    assert (row.acknowledged, row.removed, row.refused, row.silent) == (told,) * 4
    assert row.median_hours == (None if told is None else 6)
    assert public_rows({("x", "x_tida"): RouteFigures(sent=9, removed=9, cases=9)}) == ()


# Beside other people's hours.


async def test_an_operator_loads_the_eus_hours_and_they_stand_beside_ours(
    sqlite_world: ApiWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = sqlite_world
    file, other = tmp_path / "sor-1.csv", tmp_path / "no-such.csv"
    rows = [statement(platform_name="Telegram"), statement(platform_name="Telegram", content_date="2026-01-02")]
    rows += [statement(platform_name="Telegram", source_type="SOURCE_VOLUNTARY", content_date="2026-01-12")] * 3
    file.write_text("".join(lines(*rows, statement(platform_name="Pinterest"))), encoding="utf-8")
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{world.services.settings.database.url}"\n'.replace("+aiosqlite", ""))
    options = ["--config", str(config)]
    advocate = await with_notices(world, *SOME)
    before = (await advocate.get("/figures?days=all"))["standing"]
    import asyncio

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["figures", *arguments, *options])
        return code, capsys.readouterr().out

    assert await asyncio.to_thread(run, "load", str(file)) == (0, "sor-1.csv: 6 rows, 5 decisions counted\n")
    assert await asyncio.to_thread(run, "load", str(file)) == (0, "sor-1.csv: loaded before\n")
    code, said = await asyncio.to_thread(run, "load", str(other))
    assert code == 1 and "refused: no-such.csv: columns are missing: platform_name" in said
    assert "2026-01-12 to 2026-01-12  6 rows  5 decisions" in (await asyncio.to_thread(run, "list"))[1]
    told = await advocate.get("/figures?days=all")
    beside = [(one["whose"], one["copies"], one["median_hours"], one["p90_hours"]) for one in told["standing"]]
    assert beside == [("ours", 4, 27, 54), ("noticed", 2, 48, 240), ("unasked", 3, 0, 0)]
    assert told["published_from"].startswith("2026-01-12")
    shown = await page(world, advocate, "/advocate/figures?days=all")
    assert "EU database, after a notice" in shown and "2026-01-12" in shown
    assert await asyncio.to_thread(run, "forget") == (0, "dropped: 1 files\n")
    assert (await advocate.get("/figures?days=all"))["standing"] == before
    async with world.services.database.read() as session:
        kinds = [entry.row.kind for entry in await world.context.ledger.told(session, "installation")]
    assert kinds.count(EntryKind.PUBLISHED_LOADED) == kinds.count(EntryKind.PUBLISHED_FORGOTTEN) == 1
