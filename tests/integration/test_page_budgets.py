"""What a page may cost at 300 cases and 2,000 sightings: every page of an advocate, in bytes and in statements.

A page that stands in neither table fails: whoever adds one says how it is reached.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.integration.test_page_access import ordered, reported
from tests.support.api_world import PDQ, ApiWorld
from tests.support.crowded_centre import CrowdedCentre, crowd, lived_sighting
from tests.support.page_routes import page_routes
from tests.support.statements import statements_of

MOST_BYTES, MOST_STATEMENTS = 60_000, 12

PAGES = {
    "/advocate/account": ("",),
    "/advocate/account/app": ("",),
    "/advocate/account/prove": ("",),
    "/advocate/alerts": ("",),
    "/advocate/audit": ("",),
    "/advocate/cases": ("", "?q=channel", "?tag=school", "?sort=name", "?page=5"),
    "/advocate/cases/waiting": ("",),
    "/advocate/cases/{case_id}": ("",),
    "/advocate/cases/{case_id}/copies": ("", "?page=2"),
    "/advocate/cases/{case_id}/notes": ("",),
    "/advocate/cases/{case_id}/person": ("",),
    "/advocate/cases/{case_id}/record": ("",),
    "/advocate/cases/{case_id}/watch": ("",),
    "/advocate/gathered": ("", "?by=file"),
    "/advocate/gathered/{kind}/{sighting_id}": ("",),
    "/advocate/linking/{source_id}/copies": ("",),
    "/advocate/cases/{case_id}/entered": ("",),
    "/advocate/cases/{case_id}/messages": ("",),
    "/advocate/cases/{case_id}/names": ("",),
    "/advocate/cases/{case_id}/police": ("",),
    "/advocate/centre": ("",),
    "/advocate/centre/places": ("",),
    "/advocate/clocks": ("",),
    "/advocate/colleagues": ("",),
    "/advocate/copies": ("", "?state=removed", "?state=running"),
    "/advocate/copies/{copy_id}": ("",),
    "/advocate/evidence": ("",),
    "/advocate/evidence/{package_id}": ("",),
    "/advocate/figures": ("",),
    "/advocate/items/{sighting_id}": ("",),
    "/advocate/items/{sighting_id}/hand-off": ("",),
    "/advocate/linking": ("",),
    "/advocate/linking/{source_id}": ("",),
    "/advocate/notices": ("", "?group=running", "?group=done"),
    "/advocate/notices/{notice_id}": ("",),
    "/advocate/overview": ("",),
    "/advocate/passphrases": ("",),
    "/advocate/rest": ("",),
    "/advocate/transfers": ("",),
    "/advocate/places": ("",),
    "/advocate/place-reports/{place_report_id}": ("",),
    "/advocate/reports": ("",),
    "/advocate/reports/{report_id}": ("",),
    "/advocate/resent": ("",),
    "/advocate/sightings/{sighting_id}": ("",),
    "/advocate/stop": ("",),
    "/advocate": ("", "?state=confirmed", "?state=dismissed"),
}
"""Each page and the questions that make it longest."""
FILES = {
    "/advocate/bulk-sheet",
    "/advocate/help",  # the guide: the same for everybody, and read once
    "/advocate/cases/{case_id}/hand-off/text",
    "/advocate/cases/{case_id}/hand-off/pdf",
    "/advocate/figures/table.csv",
}
"""What is downloaded: as long as what it holds."""


@contextmanager
def key_store_asked(world: ApiWorld) -> Iterator[list[str]]:
    """Every statement of the key store, which is a database of its own."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    engine = world.services.keys._engine  # it has no other door
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def a_monday(world: ApiWorld) -> CrowdedCentre:
    """A centre with everything in it."""
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    case = f"/cases/{person.case_id}"
    for label in ("blue room", "mirror", "garden"):
        body = {"pdq": PDQ, "quality": 90, "kind": "intimate", "label": label}
        await person.post(f"{case}/fingerprints", body)
    for text in ("Hello.", "Is there news?", "Thank you."):
        await person.post(f"{case}/messages", {"text": text})
        await advocate.post(f"{case}/messages", {"text": f"We are here. {text}"})
    first = [await lived_sighting(world, person, number) for number in (17, 18, 19)]
    written = await advocate.confirm(first[0], {"basis": "caption-context"})
    centre = await crowd(world, advocate, person, first[0])
    centre.ids = {
        "case_id": person.case_id,
        "kind": "file",
        "sighting_id": first[1],
        "copy_id": first[0],
        "notice_id": written["notices"][0]["notice_id"],
        "report_id": await reported(world, advocate),
        "package_id": await ordered(world, person.case_id),
        "source_id": (await world.row(first[0])).source_id,
    }
    report = await advocate.post(f"/linking/{centre.ids['source_id']}/reports", {"route": "telegram_peer"})
    centre.ids["place_report_id"] = report["report_id"]
    await advocate.post("/centre/places", {"platform": "telegram", "sources": [f"@kept{at}place" for at in range(40)]})
    return centre


async def test_every_page_of_an_advocate_holds_its_budget(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    walked = {path for method, path in page_routes(world) if method == "GET" and path.startswith("/advocate/")}
    known = {re.sub("{copy_id}", "{sighting_id}", path) for path in PAGES} | FILES | {"/advocate/login"}
    assert walked | {"/advocate"} == known
    centre = await a_monday(world)
    table: list[tuple[str, int, int, int]] = []
    for path, questions in PAGES.items():
        for question in questions:
            address = path.format(**centre.ids) + question
            for language in ("ko", "en"):
                headers = {"Accept-Language": language, "Cookie": f"__Host-jikimi_login={centre.advocate.token}"}
                with statements_of(world.services.database) as asked, key_store_asked(world) as keys:
                    answer = await world.http.get(address, headers=headers)
                name = f"{path}{question} {language}" + (f" {answer.status_code}" if answer.is_error else "")
                table.append((name, len(answer.content), len(asked), len(keys)))
    lines = (f"{size:7} bytes {asked:4} statements {keys:4} of keys  {name}" for name, size, asked, keys in table)
    told = "\n".join(lines)
    print(told)
    over = [name for name, *_ in table if name[-1].isdigit()]
    for name, size, count, _keys in table:
        over += [name] if size >= MOST_BYTES or count > MOST_STATEMENTS else []
    assert over == [], told
