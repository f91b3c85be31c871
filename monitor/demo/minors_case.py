"""The demo's fourth person: under age when pictured. Nothing is sent by the program; their helper takes it there.

They know where it stands and enter the link. Everything is prepared as soon as the copy is confirmed; the helper tells
the police and Telegram's own desk, writes down what was filed, and the copy is followed until it is gone.
"""

import asyncio
import time
from typing import Any

from monitor.demo.api_client import ApiClient
from monitor.demo.driver import PASS_SECONDS, whole_intake
from monitor.demo.run import DemoRun
from monitor.demo.world.plan import PLACES
from monitor.platforms.base import PlatformName

_INTAKE = {"country": "KR", "language": "ko", "signature": "", "contact": ""}
_DETAILED = ("similar scene", "landscape", "abstract")
"""Pictures that can be told from others."""
_REFERENCE = "2026-112-0017"


async def minors_case(run: DemoRun, *, seconds: float) -> dict[str, Any]:
    """Play it through: how many texts were prepared, how many were filed, how many copies are gone."""
    end = time.monotonic() + seconds
    sighting = await open_minors_case(run, seconds=seconds)
    if sighting is None:
        return {"minors_prepared": 0, "minors_filed": 0, "minors_removed": 0}
    copy = await run.driver.advocate.call("GET", f"/copies/{sighting}")
    prepared = len(copy["steps"])
    for step, reference in (("kr_police", _REFERENCE), ("telegram_stopca", "")):
        text = next(one["body"] for one in copy["steps"] if one["step"] == step)
        if step == "telegram_stopca":
            run.world.told_by_hand(text)
        body = {"step": step, "reference": reference}
        copy = await run.driver.advocate.call("POST", f"/copies/{sighting}/filings", body)
    while copy["copy"]["state"] != "removed" and time.monotonic() < end:
        await asyncio.sleep(2 * PASS_SECONDS)
        copy = await run.driver.advocate.call("GET", f"/copies/{sighting}")
    removed = int(copy["copy"]["state"] == "removed")
    return {"minors_prepared": prepared, "minors_filed": len(copy["filings"]), "minors_removed": removed}


async def open_minors_case(run: DemoRun, *, seconds: float) -> str | None:
    """The case with its one copy, confirmed; the copy's id. None where the link was not read in time."""
    end, driver = time.monotonic() + seconds, run.driver
    code = (await driver.advocate.call("POST", "/codes", {"count": 1, "days": 90}))["codes"][0]
    api = ApiClient(run.http)
    opened = await api.call("POST", "/cases", {"language": "ko", "code": code})
    case_id, api.token = opened["case_id"], opened["token"]
    await api.call("PUT", f"/cases/{case_id}/intake", whole_intake(_INTAKE, 3) | {"age_group": "minor"})
    place = next(one for one in PLACES if one.platform is PlatformName.TELEGRAM)
    consent = {"platform": place.platform, "source": place.handle, "purposes": ["watch", "follow"], "days": 365}
    await api.call("POST", f"/cases/{case_id}/consents", consent)
    while (url := run.world.posted_at(place, _DETAILED)) is None:
        if time.monotonic() > end:
            return None
        await asyncio.sleep(PASS_SECONDS)
    await api.call("POST", f"/cases/{case_id}/links", {"url": url, "kind": "intimate"})
    while time.monotonic() < end:
        for found in await driver.sightings("open"):
            if found["case_id"] == case_id:
                body = {"basis": "caption-context", "routes": []}
                await driver.advocate.call("POST", f"/sightings/{found['sighting_id']}/confirm", body)
                return str(found["sighting_id"])
        await asyncio.sleep(PASS_SECONDS)
    return None
