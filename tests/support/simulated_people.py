"""The people of the long trial: five persons, and an advocate who acts on whatever waits, through the HTTP API alone.

Each pass asks which copies stand still and does what a person does about each; a program that is killed in between
changes nothing, for the next pass looks anew.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from monitor.demo.api_client import ApiClient, ApiProblem
from monitor.demo.driver import AdvocateAccount, Driver, Person, whole_intake
from monitor.demo.world.edits import jpeg
from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, WHOLE_SET
from monitor.fingerprints.image import hash_picture, register
from monitor.platforms.base import PlatformName
from tests.support.simulated_platform import MINOR, PERSONS, Behaviour, SimulatedPost, SimulatedWorld, pictures

POLICE = "kr_police"
TOLD_FIRST = {PlatformName.TELEGRAM: "telegram_stopca", PlatformName.X: "x_cse"}
OTHER_WAYS = ("ncmec_take_it_down", "iwf_report", "kr_regional", "kr_d4u")
"""Where a minor's copy goes next."""
HEARD_AFTER = timedelta(hours=12)
"""When a person who told a platform by hand hears what it says."""
LOOKED_AT = timedelta(hours=12)
"""When a person does not wait any longer for the look that a deadline brings."""
_AT_ONCE = 3
_PASSED_BY = frozenset(
    {"already-decided", "notice-state", "already-written", "leaves-changed", "copy-gone", "copy-closed"}
)
"""Answers to what was done before, or is not to be done any more."""


class SimulatedPeople(Driver):
    """`prepare`, then `work_once` again and again."""

    def __init__(self, world: SimulatedWorld, http: httpx.AsyncClient, account: AdvocateAccount) -> None:
        super().__init__(world, http, account)
        self.world = world
        self.odd: Counter[str] = Counter()
        """What nobody should meet, by what it was."""
        self.refused: Counter[str] = Counter()
        """What the program refused."""
        self.done: Counter[str] = Counter()
        self._order = Random(1)
        self._by_hand: set[tuple[str, str]] = set()
        """Copies of which the platform was told by hand, and in which step's name."""
        self._unwritten: dict[tuple[str, str], tuple[str, datetime]] = {}
        """Steps that were taken and perhaps not written down, since the program died meanwhile: address, when."""
        self._to_hear: dict[str, tuple[str, str, datetime]] = {}
        """Filings to which the platform answers a person: copy, address, when."""
        self._urls: dict[str, str] = {}
        """Of confirmed copies."""

    async def prepare(self) -> None:
        """Five persons open cases with codes, register their pictures and agree to every place."""
        await self.log_in()
        codes = (await self.advocate.call("POST", "/codes", {"count": PERSONS, "days": 90}))["codes"]
        for number, code in enumerate(codes):
            self.persons.append(await self.open_case(number, code))
        self.world.start_watching()

    async def open_case(self, number: int, code: str | None) -> Person:
        """Person `number`; the last is a minor."""
        api = ApiClient(self._http)
        language = "ko" if number % 2 == 0 else "en"
        opened = await api.call("POST", "/cases", {"language": language, "code": code})
        case_id, api.token = opened["case_id"], opened["token"]
        told = {"country": "KR" if number % 2 == 0 else "US", "language": language}
        signing = {"signature": f"Signature {number}", "contact": f"person-{number}@people.invalid"}
        minor = {"signature": "", "contact": "", "age_group": "minor"}
        intake = whole_intake(told | signing, number) | (minor if number == MINOR else {})
        await api.call("PUT", f"/cases/{case_id}/intake", intake)
        for image in pictures(self.world.scenario.seed)[number]:
            code_of_picture = register(await asyncio.to_thread(hash_picture, jpeg(image, 92)))
            known = {"version": FINGERPRINT_VERSION, "set": WHOLE_SET, "kind": "intimate"}
            body = known | {"pdq": code_of_picture.hex, "quality": code_of_picture.quality}
            await api.call("POST", f"/cases/{case_id}/fingerprints", body)
        for place in self.world.places:
            consent = {"platform": place.platform, "source": place.handle, "purposes": ["watch", "follow"], "days": 365}
            await api.call("POST", f"/cases/{case_id}/consents", consent)
        return Person(number, case_id, opened["passphrase"], api)

    # A pass

    async def work_once(self) -> None:
        """Decide what is open, then do what each copy that stands still waits for. Raises httpx.TransportError."""
        for sighting in await self._listed(self.sightings("open")):
            await self._carefully("decide", self._decide(sighting))
        for sighting_id, step in list(self._unwritten):
            await self._carefully("write down", self._write_down(sighting_id, step))
        for filing_id, (sighting_id, url, at) in list(self._to_hear.items()):
            if at <= self.world.clock.now():
                await self._carefully("hear", self._hear(filing_id, sighting_id, url))
                self._to_hear.pop(filing_id)
        standing = (await self._listed(self.advocate.call("GET", "/copies", limit=500)))["copies"]
        self._order.shuffle(standing)  # where a program dies in the middle of each pass, not the same ones always wait
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(copy: dict[str, Any]) -> None:
            async with turns:
                await self._carefully(f"{copy['state']}/{copy['why']}", self._deal_with(copy))

        results = await asyncio.gather(*(one(copy) for copy in standing), return_exceptions=True)
        trouble = [result for result in results if isinstance(result, BaseException)]
        if trouble:
            raise trouble[0]

    async def _listed(self, asking: Awaitable[Any]) -> Any:
        """A list, or the pass ends and the next one asks again."""
        try:
            return await asking
        except ApiProblem as problem:
            self.odd[f"{problem.status} {problem.code}"] += 1
            raise httpx.RemoteProtocolError(str(problem.status)) from None

    async def _carefully(self, what: str, doing: Any) -> None:
        """A refusal of one copy keeps nobody from the next; what should not be refused is counted."""
        try:
            await doing
        except ApiProblem as problem:
            if problem.status >= 500:
                self.odd[f"{what}: {problem.status} {problem.code}"] += 1
                raise httpx.RemoteProtocolError(str(problem.status)) from None
            if problem.code not in _PASSED_BY:
                self.refused[f"{what}: {problem.code}"] += 1

    async def _decide(self, sighting: dict[str, Any]) -> None:
        number = {person.case_id: person.number for person in self.persons}[sighting["case_id"]]
        path, found = f"/sightings/{sighting['sighting_id']}", self.world.post_at(sighting["url"])
        if found is None or found[1].person != number:
            self.unexpected.append(sighting["sighting_id"])
            await self.advocate.call("POST", f"{path}/dismiss", {"reason": "not-the-picture"})
            return
        post = found[1]
        routes = [] if post.minor else [route_of(post)]
        await self.advocate.call("POST", f"{path}/confirm", {"basis": "caption-context", "routes": routes})
        self._urls[sighting["sighting_id"]] = sighting["url"]

    async def _deal_with(self, copy: dict[str, Any]) -> None:
        sighting_id, notice_id = copy["sighting_id"], copy["notice_id"]
        match copy["state"], copy["why"]:
            case "ready", "notice-written":
                await self.look_and_send(notice_id)
            case "waiting", "form-prepared":
                await self.look_and_send(notice_id)
            case "ready", "minors-routes":
                await self._take_minors_routes(copy)
            case "ready", "route-free":
                # Of one that came back, or of a decision whose answer was lost.
                await self._write(copy)
            case "in-doubt", "in-doubt":
                await self._settle(notice_id, sighting_id)
            case "in-doubt", "bounced":
                await self._go_another_way(copy)
            case "in-doubt", "failed":
                await self.advocate.call("POST", f"/notices/{notice_id}/retry")
            case "waiting", "refused" | "need-more":
                await self._go_on_from_no(copy)
            case "waiting", "answer-to-read":
                await self.advocate.call("POST", f"/notices/{notice_id}/mails-read")
            case "overdue", "deadline-passed" if (
                self.world.clock.now() - datetime.fromisoformat(copy["since"]) < LOOKED_AT
            ):
                return  # the look that is due sees how it stands
            case "overdue", "duty-to-report":
                await self._take_minors_routes(copy)
            case "waiting", "duty-still-open":  # it was gone before that was written down
                whole = await self.advocate.call("GET", f"/copies/{sighting_id}")
                await self._file(sighting_id, whole["url"], POLICE)
            case "overdue", _:
                await self._go_on(copy)
            case state, why:
                self.odd[f"{state}/{why}"] += 1
                return
        self.done[f"{copy['state']}/{copy['why']}"] += 1

    async def _post_of(self, sighting_id: str) -> tuple[str, SimulatedPost]:
        if sighting_id not in self._urls:
            self._urls[sighting_id] = (await self.advocate.call("GET", f"/copies/{sighting_id}"))["url"]
        found = self.world.post_at(self._urls[sighting_id])
        assert found is not None
        return self._urls[sighting_id], found[1]

    async def _write(self, copy: dict[str, Any]) -> None:
        _, post = await self._post_of(copy["sighting_id"])
        body = {"routes": [route_of(post)]}
        await self.advocate.call("POST", f"/sightings/{copy['sighting_id']}/notices", body)

    async def _settle(self, notice_id: str, sighting_id: str) -> None:
        """The advocate asks the platform by telephone, so to speak: did it arrive?"""
        looked = await self.advocate.call("GET", f"/notices/{notice_id}/preview")
        if looked["channel"] == "email":
            arrived = self.world.message_ids[looked["envelope"]["message_id"]] > 0
        else:
            url, _ = await self._post_of(sighting_id)
            found = self.world.post_at(url)
            arrived = found is not None and self.world.in_app[found[0]] > 0
        await self.advocate.call("POST", f"/notices/{notice_id}/settle", {"arrived": arrived})
        self.settled.append(notice_id)

    async def _go_another_way(self, copy: dict[str, Any]) -> None:
        """The mail came back: the report inside the app goes instead, and the mail is given up."""
        body = {"routes": ["telegram_report"]}
        await self.advocate.call("POST", f"/sightings/{copy['sighting_id']}/notices", body)
        await self.advocate.call("POST", f"/notices/{copy['notice_id']}/withdraw")

    async def _go_on_from_no(self, copy: dict[str, Any]) -> None:
        """They refuse: the next step is prepared now, and filed."""
        path = f"/copies/{copy['sighting_id']}"
        if copy["notice_id"] is not None:
            whole = await self.advocate.call("GET", path)
            if copy["notice_id"] in whole["can_prepare"]:
                await self.advocate.call("POST", f"{path}/next-steps", {"notice_id": copy["notice_id"]})
        await self._go_on(copy)

    async def _go_on(self, copy: dict[str, Any]) -> None:
        """A step that was not filed yet; where all were, the one whose time ran out once more."""
        sighting_id = copy["sighting_id"]
        whole = await self.advocate.call("GET", f"/copies/{sighting_id}")
        steps, filed = [one["step"] for one in whole["steps"]], [one["step"] for one in whole["filings"]]
        first = TOLD_FIRST[PlatformName(copy["platform"])]
        if copy["minor"] and first in steps and first not in filed:
            await self._file(sighting_id, whole["url"], first)  # the program was killed before it was written down
            return
        again = [one["step"] for one in whole["filings"] if one["filing_id"] == copy["filing_id"]]
        if copy["why"] == "filing-unanswered" and again:
            await self._file(sighting_id, whole["url"], again[0])
            return
        ways = OTHER_WAYS if copy["minor"] else tuple(steps)
        new = [step for step in ways if step in steps and step not in filed]
        if new or steps:
            await self._file(sighting_id, whole["url"], (new or steps)[0])

    async def _take_minors_routes(self, copy: dict[str, Any]) -> None:
        """The police, and the platform's own way for minors: a person tells them, and writes down that they did."""
        sighting_id = copy["sighting_id"]
        whole = await self.advocate.call("GET", f"/copies/{sighting_id}")
        filed = {one["step"] for one in whole["filings"]}
        for step in (POLICE, TOLD_FIRST[PlatformName(copy["platform"])]):
            if step not in filed:
                await self._file(sighting_id, whole["url"], step)

    async def _file(self, sighting_id: str, url: str, step: str) -> None:
        found = self.world.post_at(url)
        assert found is not None
        _, post = found
        if post.minor and step != POLICE and (sighting_id, step) not in self._by_hand:
            self._by_hand.add((sighting_id, step))
            if post.behaviour is not Behaviour.BOUNCES or step not in TOLD_FIRST.values():
                self.world.told(url)
        self._unwritten[sighting_id, step] = url, self.world.clock.now()
        body = {"step": step, "reference": f"R-{len(self._by_hand)}"}
        whole = await self.advocate.call("POST", f"/copies/{sighting_id}/filings", body)
        del self._unwritten[sighting_id, step]
        self._listen(whole, sighting_id, url, post, step)

    def _listen(self, whole: dict[str, Any], sighting_id: str, url: str, post: SimulatedPost, step: str) -> None:
        """Where the platform answers a person, it does so later."""
        if post.minor and step in TOLD_FIRST.values() and post.behaviour in _HEARD:
            filing = next(one for one in whole["filings"] if one["step"] == step)
            self._to_hear[filing["filing_id"]] = (sighting_id, url, self.world.clock.now() + HEARD_AFTER)

    async def _write_down(self, sighting_id: str, step: str) -> None:
        """What was done and perhaps not written down, with its time: the copy may be gone meanwhile."""
        url, at = self._unwritten[sighting_id, step]
        _, post = await self._post_of(sighting_id)
        whole = await self.advocate.call("GET", f"/copies/{sighting_id}")
        if step not in {one["step"] for one in whole["filings"]}:
            body = {"step": step, "reference": "R-late", "filed_at": at.isoformat()}
            whole = await self.advocate.call("POST", f"/copies/{sighting_id}/filings", body)
        del self._unwritten[sighting_id, step]
        self._listen(whole, sighting_id, url, post, step)

    async def _hear(self, filing_id: str, sighting_id: str, url: str) -> None:
        """What the platform says to the person who told it."""
        _, post = await self._post_of(sighting_id)
        if post.behaviour is Behaviour.BOUNCES:
            # Their mail came back: they go another way.
            whole = await self.advocate.call("GET", f"/copies/{sighting_id}")
            steps = {one["step"] for one in whole["steps"]} - {one["step"] for one in whole["filings"]}
            await self._file(sighting_id, url, next(step for step in OTHER_WAYS if step in steps))
        else:
            body = {"answer": _HEARD[post.behaviour]}
            await self.advocate.call("POST", f"/copies/{sighting_id}/filings/{filing_id}/answer", body)


_HEARD = {Behaviour.REFUSES: "refused", Behaviour.CLAIMS: "removed", Behaviour.BOUNCES: ""}
"""By behaviour, where it says anything to a person who told it by hand."""


def route_of(post: SimulatedPost) -> str:
    """The first route that an adult's copy takes."""
    if post.place.platform is PlatformName.X:
        return "x_tida"
    return "telegram_report" if post.by_app else "us_tida"
