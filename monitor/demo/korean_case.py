"""The demo's adult in Korea goes the Korean way: the request under Korea's own law, then the Commission.

They know of one more copy and enter its link. The platform is asked under Article 22-5; nobody waits for its answer,
the next step is filed by hand, and the copy is followed until it is gone.
"""

import asyncio
import time
from typing import Any

from monitor.demo.driver import PASS_SECONDS
from monitor.demo.run import DemoRun
from monitor.demo.world.plan import PLACES
from monitor.platforms.base import PlatformName

ROUTE, STEP = "kr_tba22_5", "kr_commission"
_PLACE = next(one for one in reversed(PLACES) if one.platform is PlatformName.TELEGRAM)
_DETAILED = ("similar scene", "landscape", "abstract")
_REFERENCE = "2026-1377-0042"


async def korean_case(run: DemoRun, *, seconds: float) -> dict[str, Any]:
    """Play it through: how many requests left, how many steps were filed, how many copies are gone."""
    end, advocate = time.monotonic() + seconds, run.driver.advocate
    sighting = await _confirmed(run, end)
    if sighting is None:
        return {"korean_sent": 0, "korean_filed": 0, "korean_removed": 0}
    path = f"/copies/{sighting}"
    copy = await advocate.call("GET", path)
    asked_on = False
    while copy["copy"]["state"] != "removed" and time.monotonic() < end:
        for notice in await _notices(run, sighting):
            if notice["state"] == "prepared":
                await run.driver.look_and_send(notice["notice_id"])
            elif notice["state"] == "sent" and not asked_on:
                copy = await advocate.call("POST", f"{path}/next-steps", {"notice_id": notice["notice_id"]})
                if STEP in {one["step"] for one in copy["steps"]}:
                    await advocate.call("POST", f"{path}/filings", {"step": STEP, "reference": _REFERENCE})
                asked_on = True
        await asyncio.sleep(PASS_SECONDS)
        copy = await advocate.call("GET", path)
    left = [notice for notice in await _notices(run, sighting) if notice["sent_at"]]
    removed = int(copy["copy"]["state"] == "removed")
    return {"korean_sent": len(left), "korean_filed": len(copy["filings"]), "korean_removed": removed}


async def _confirmed(run: DemoRun, end: float) -> str | None:
    """The copy's id, confirmed with the Korean request written. None where the link was not read in time."""
    driver, person = run.driver, run.driver.persons[0]
    while (url := run.world.posted_at(_PLACE, _DETAILED)) is None:
        if time.monotonic() > end:
            return None
        await asyncio.sleep(PASS_SECONDS)
    await person.api.call("POST", f"/cases/{person.case_id}/links", {"url": url, "kind": "intimate"})
    while time.monotonic() < end:
        for found in await driver.sightings("open"):
            if found["case_id"] == person.case_id and found["url"] == url:
                body = {"basis": "caption-context", "routes": [ROUTE]}
                await driver.advocate.call("POST", f"/sightings/{found['sighting_id']}/confirm", body)
                return str(found["sighting_id"])
        await asyncio.sleep(PASS_SECONDS)
    return None


async def _notices(run: DemoRun, sighting: str) -> list[dict[str, Any]]:
    return [one for one in await run.driver.notices() if one["sighting_id"] == sighting and one["route"] == ROUTE]
