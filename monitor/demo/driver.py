"""Plays the people of the demo through the HTTP API: three persons, their advocate, the official at X's form.

Every pass looks at the state anew and does what is open, so a program that is killed in between changes nothing.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp

from monitor.demo.api_client import ApiClient, ApiProblem
from monitor.demo.world.plan import PLACES
from monitor.demo.world.world import DemoWorld
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, WHOLE_SET
from monitor.fingerprints.image import hash_picture, register

ROUTE_OF = dict(
    zip((place.handle for place in PLACES), ("telegram_report", "us_tida", "x_tida", "x_tida"), strict=True)
)
KOREAN_WAYS = {"x_tida": "kr_tba22_5_x"}
"""What an adult in Korea takes in place of a way of another country's law."""
PASS_SECONDS = 0.5
INTAKES = (
    {"country": "KR", "language": "ko", "signature": "데모 서명 하나", "contact": "person-one@people.invalid"},
    {"country": "US", "language": "en", "signature": "Demo Signature Two", "contact": "person-two@people.invalid"},
    {"country": "KR", "language": "ko", "signature": "데모 서명 셋", "contact": "person-three@people.invalid"},
)
_KINDS = ("intimate", "intimate", "faked")


@dataclass(frozen=True, slots=True)
class AdvocateAccount:
    """What the demo's advocate knows by heart."""

    login: str
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the demo with the case they opened."""

    number: int
    case_id: str
    passphrase: str
    api: ApiClient


class Driver:
    """One run of the demo. `prepare`, then `work_once` as often as wanted, or `work_until_done`."""

    def __init__(self, world: DemoWorld, http: httpx.AsyncClient, account: AdvocateAccount) -> None:
        self._world, self._http, self._account = world, http, account
        self.advocate = ApiClient(http)
        self.persons: list[Person] = []
        self.unexpected: list[str] = []
        """Sightings that nobody recognises: the chain found what is no copy."""
        self.settled: list[str] = []
        """Notices whose outcome only a person could find out."""
        self._references: dict[str, str] = {}

    # Before

    async def prepare(self) -> None:
        """The advocate logs in; three persons open cases, are vouched for, register a picture and give consents."""
        await self.log_in()
        codes = (await self.advocate.call("POST", "/codes", {"count": 2, "days": 90}))["codes"]
        for number, code in enumerate((*codes, None)):
            self.persons.append(await self.open_case(number, code))
        self._world.start_watching()

    async def log_in(self) -> None:
        """A one-time code works once, so a second log-in waits for the next."""
        totp = pyotp.TOTP(self._account.totp_secret)
        body = {"login": self._account.login, "password": self._account.password, "totp": totp.now()}
        self.advocate.token = (await self.advocate.call("POST", "/log-ins/advocate", body))["token"]

    async def open_case(self, number: int, code: str | None) -> Person:
        """Person `number` opens a case with a helpline's code, or without one and is vouched for by the advocate."""
        intake = INTAKES[number]
        api = ApiClient(self._http)
        body = {"language": intake["language"]} | ({"code": code} if code else {})
        opened = await api.call("POST", "/cases", body)
        case_id, api.token = opened["case_id"], opened["token"]
        if code is None:
            await self.advocate.call("POST", f"/cases/{case_id}/vouch")
        await api.call("PUT", f"/cases/{case_id}/intake", whole_intake(intake, number))
        code_of_picture = await asyncio.to_thread(lambda: register(hash_picture(self._world.persons[number])))
        fingerprint = {
            "pdq": code_of_picture.hex,
            "quality": code_of_picture.quality,
            "kind": _KINDS[number],
            "version": FINGERPRINT_VERSION,
            "set": WHOLE_SET,
        }
        await api.call("POST", f"/cases/{case_id}/fingerprints", fingerprint)
        for place in PLACES:
            consent = {"platform": place.platform, "source": place.handle, "purposes": ["watch", "follow"], "days": 365}
            await api.call("POST", f"/cases/{case_id}/consents", consent)
        return Person(number, case_id, opened["passphrase"], api)

    # The advocate's work

    async def work_once(self) -> None:
        """Decide what is open, submit what is prepared, settle what is in doubt."""
        await self.decide()
        for sighting in await self.sightings("confirmed"):
            # A confirmation is one transaction with its notice; this is for one whose route was refused at first.
            if sighting["sighting_id"] not in {notice["sighting_id"] for notice in await self.notices()}:
                route = {"routes": [self._way(sighting)]}
                await self.advocate.call("POST", f"/sightings/{sighting['sighting_id']}/notices", route)
        for notice in await self.notices(state="prepared"):
            await self.look_and_send(notice["notice_id"])
        for notice in await self.notices(state="in_doubt"):
            await self._settle(notice["notice_id"], notice["sighting_id"])

    async def decide(self) -> None:
        """Confirm what a person recognises, dismiss the rest; notices are written with the decision, and sent later."""
        for sighting in await self.sightings("open"):
            await self._decide(sighting)

    async def work_until_done(self, expected: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """Work until the summary holds `expected`, or the time is over. Returns the last summary."""
        end, summary = time.monotonic() + seconds, dict[str, Any]()
        while time.monotonic() < end:
            try:
                await self.work_once()
                summary = await self.summary()
            except httpx.TransportError:
                pass  # the program is being restarted; the next pass sees where things stand
            except ApiProblem as problem:
                if problem.status < 500 and problem.code not in _PASSED_BY:
                    raise
            if all(summary.get(name) == value for name, value in expected.items()):
                break
            await asyncio.sleep(PASS_SECONDS)
        return summary

    async def sightings(self, state: str) -> list[dict[str, Any]]:
        """The queue: open, confirmed or dismissed."""
        return await self.advocate.every("/sightings", "sightings", state=state)

    async def notices(self, **query: Any) -> list[dict[str, Any]]:
        """The advocate's notices, for example `state="prepared"`."""
        return await self.advocate.every("/notices", "notices", **query)

    async def summary(self) -> dict[str, Any]:
        """What the operator sees."""
        found: dict[str, Any] = await self.advocate.call("GET", "/operations/summary")
        return found

    async def wait_until_told(self, *, seconds: float) -> dict[str, int]:
        """What the platform's desk answered and wrote, as the advocate reads it; waits until both are there."""
        end = time.monotonic() + seconds
        while True:
            told = await self._told()
            if (told["refused"] and told["replies"]) or time.monotonic() > end:
                return told
            await asyncio.sleep(2 * PASS_SECONDS)

    async def _told(self) -> dict[str, int]:
        by_mail = [notice["notice_id"] for notice in await self.notices() if notice["route"] == "us_tida"]
        notices = [await self.advocate.call("GET", f"/notices/{notice_id}") for notice_id in by_mail]
        answers = [one["kind"] for notice in notices for one in notice["answers"]]
        replies = [one for notice in notices for one in notice["mails"] if one["kind"] == "reply"]
        return {"answers": len(answers), "refused": answers.count("refused"), "replies": len(replies)}

    async def see_reupload(self, *, seconds: float) -> int:
        """A reported file is posted again, and person and advocate let it be reported by itself: how many were.

        Nobody decides meanwhile; waits until its notice left.
        """
        mails = [one for one in await self.notices() if one["route"] == "us_tida" and one["sent_at"]]
        known = {one["sighting_id"]: one for one in await self.sightings("confirmed")}
        first = known[mails[0]["sighting_id"]]
        path = f"/cases/{first['case_id']}/resending"
        person = next(one for one in self.persons if one.case_id == first["case_id"])
        for side in (person.api, self.advocate):
            await side.call("PUT", path, {"on": True})
        self._world.repost(first["url"])
        end = time.monotonic() + seconds
        while True:
            resent = (await self.advocate.call("GET", "/resent"))["resent"]
            left = sum(all(notice["state"] == "sent" for notice in one["notices"]) for one in resent if one["notices"])
            if left or time.monotonic() > end:
                return left
            await asyncio.sleep(PASS_SECONDS)

    async def _decide(self, sighting: dict[str, Any]) -> None:
        case_of = {person.case_id: person.number for person in self.persons}
        path = f"/sightings/{sighting['sighting_id']}"
        if self._world.owner(sighting["url"]) != case_of.get(sighting["case_id"], -1):
            self.unexpected.append(sighting["sighting_id"])
            await self.advocate.call("POST", f"{path}/dismiss", {"reason": "not-the-picture"})
            return
        body = {"basis": "caption-context", "routes": [self._way(sighting)]}
        await self.advocate.call("POST", f"{path}/confirm", body)

    def _way(self, sighting: dict[str, Any]) -> str:
        """By which way a copy is reported: an adult in Korea goes the Korean one where there is one."""
        route = ROUTE_OF[sighting["source"]]
        home = {person.case_id: INTAKES[person.number]["country"] for person in self.persons}
        return KOREAN_WAYS.get(route, route) if home.get(sighting["case_id"]) == "KR" else route

    async def look_and_send(self, notice_id: str) -> None:
        """The advocate reads exactly what would leave, then sends it; a form is filled in by hand."""
        looked = await self.advocate.call("GET", f"/notices/{notice_id}/preview")
        if looked["may_send"]:
            try:
                await self.advocate.call("POST", f"/notices/{notice_id}/send", {"digest": looked["digest"]})
            except ApiProblem as problem:
                if problem.code != "leaves-changed":
                    raise
                # A look at the post came between, and its time stands in the text: they read it anew the next time.
        elif looked["channel"] == "form":
            await self._submit(notice_id)

    async def _submit(self, notice_id: str) -> None:
        """A human at the platform's form: fill it in once, then write the reference down."""
        if notice_id not in self._references:
            notice = await self.advocate.call("GET", f"/notices/{notice_id}")
            answer = await self._http.post(notice["content"]["recipient"], data=notice["content"]["fields"])
            answer.raise_for_status()
            self._references[notice_id] = answer.json()["reference"]
        body = {"reference": self._references[notice_id]}
        await self.advocate.call("POST", f"/notices/{notice_id}/submission", body)

    async def _settle(self, notice_id: str, sighting_id: str) -> None:
        """The advocate asks the platform by telephone, so to speak: did it arrive?"""
        known = await self.sightings("confirmed")
        url = next(sighting["url"] for sighting in known if sighting["sighting_id"] == sighting_id)
        arrived = self._world.reports_of(url) > 0
        await self.advocate.call("POST", f"/notices/{notice_id}/settle", {"arrived": arrived})
        self.settled.append(notice_id)


_PASSED_BY = frozenset({"already-decided", "notice-state", "already-written", "leaves-changed"})
"""Answers to a step that was done before: the answer to it was lost with the connection."""


def whole_intake(intake: dict[str, str], number: int) -> dict[str, Any]:
    """What person `number` tells, as the API takes it."""
    return intake | {
        "age_group": "adult",
        "sender_role": "person",
        "mandate_reference": "",
        "good_faith_facts": f"Demo facts {number}: I never agreed that anybody publishes this.",
        "content_identification": f"Demo identification {number}: one person before a coloured background.",
        "permission_to_send": True,
        "timing": "now",
    }
