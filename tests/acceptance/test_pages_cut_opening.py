"""The network is cut at each request of the opening, in a real browser, and the page loaded anew: the case ends whole,
with what was kept, once."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from db.models.cases import Case, Fingerprint, KnownLink
from db.models.sources import Consent
from monitor.cases.intake import read_intake
from monitor.demo.world.pictures import registered
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import AgeGroup
from tests.support.cutting_proxy import Cut, CuttingProxy, cutting_proxy
from tests.support.pages_pictures import file, hashes
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor

_PHOTO = registered(3)[2]
_MOST = 80
"""Steps, of which an undisturbed journey takes eleven."""
_WRITES = ("PUT", "POST", "PATCH", "DELETE")


def of_opening(method: str, path: str) -> bool:
    """What the page asks for while a case is opened, beside its own files."""
    return path.startswith("/case/draft") or (path.startswith("/api/") and method in _WRITES)


def kind_of(method: str, path: str) -> str:
    """A request without the id in it."""
    return f"{method} {'/'.join(path.split('/')[:4])}"


@dataclass
class Person:
    """Somebody who goes on from wherever the page stands."""

    page: Page
    proxy: CuttingProxy
    keys: tuple[str, str] | None = field(default=None, repr=False)
    shown: int = 0
    """How often the keys were shown."""

    async def until_open(self) -> None:
        """Load the page anew after each cut, until the case is in front of them."""
        await self.page.goto(f"{self.proxy.address}/case")
        for _ in range(_MOST):
            await expect(self.page.locator("#app")).to_be_visible()
            if await self.page.locator("#mine").is_visible():
                return
            cuts = len(self.proxy.cuts)
            self.proxy.quiet_since = time.monotonic()  # what is done now is asked for in a moment
            await self._next()
            await self.proxy.quiet()
            if len(self.proxy.cuts) > cuts:
                await self.page.reload()
        raise AssertionError(f"not open after {_MOST} steps: {self.proxy.seen[-20:]}")

    async def _next(self) -> None:
        here = await self.page.locator("#door, #come-back, #keys, #begin > section").evaluate_all(
            "all => all.find((one) => one.checkVisibility())?.id"
        )
        await getattr(self, f"_at_{str(here).replace('-', '_')}")()

    async def _at_door(self) -> None:
        await self.page.locator("#start" if self.keys is None else "#return").click()

    async def _at_come_back(self) -> None:
        assert self.keys is not None
        button = self.page.locator("#come-back form button").first
        if await button.is_disabled():  # it is on its way in, on a busy machine for longer than the proxy was quiet
            await self.page.wait_for_timeout(500)
            return
        await self.page.locator("#case-id").fill(self.keys[0])
        await self.page.locator("#passphrase").fill(self.keys[1])
        await button.click()

    async def _at_step_agree(self) -> None:
        await self.page.locator("#now-older").check()
        await self.page.locator("#agree-button").click()

    async def _at_step_you(self) -> None:
        await self.page.locator("#age-adult").check()
        await self.page.locator("#save-you").click()

    async def _at_step_pictures(self) -> None:
        if await self.page.locator("#kept-pictures li").count():
            await self.page.locator("[data-next=step-places]").click()
            return
        await expect(self.page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        await hashes(self.page, [file("photo.jpg", _PHOTO)])
        await self.page.locator("#kind-0-faked").check()
        await self.page.locator("#keep-pictures").click()

    async def _at_step_places(self) -> None:
        if await self.page.locator("#kept-places > li").count() == 0:
            await self.page.locator("#source").fill("@ExampleChannel")
            for purpose in ("watch", "follow"):
                await self.page.locator(f"#purpose-{purpose}").check()
            await self.page.locator("#place button").click()
        elif await self.page.locator("#kept-links li").count() == 0:
            await self.page.locator("#url").fill("https://t.me/examplechannel/12")
            await self.page.locator("#link-kind").select_option("faked")
            await self.page.locator("#link button").click()
        else:
            await self.page.locator("[data-next=step-notice]").click()

    async def _at_step_notice(self) -> None:
        await self.page.locator("#signature").fill("Typed Signature")
        await self.page.locator("#contact").fill("person@example.org")
        await self.page.locator("#permission").check()
        await self.page.locator("#notice button[data-next]").click()

    async def _at_step_open(self) -> None:
        await self.page.locator("#open button").first.click()

    async def _at_keys(self) -> None:
        told = [await self.page.locator(f"#new-{name}").text_content() for name in ("case-id", "passphrase")]
        keys = ("".join(str(told[0]).split()), str(told[1]))
        assert self.keys in (None, keys), "the same keys, however often they are shown"
        self.keys, self.shown = keys, self.shown + 1
        await self.page.locator("#wrote-down").click()
        await self.page.locator("#typed-number").fill(keys[0])
        await self.page.locator("#typed").fill(keys[1])
        await self.page.locator("#type-back button").first.click()


async def ends_whole(world: PagesWorld, person: Person) -> None:
    """One case, with everything, and the keys that were shown open it."""
    async with world.services.database.read() as session:
        (case,) = (await session.scalars(select(Case))).all()
        (print_,) = (await session.scalars(select(Fingerprint))).all()
        consents = sorted(one.purpose for one in await session.scalars(select(Consent)))
        (link,) = (await session.scalars(select(KnownLink))).all()
        steps = Counter(one.row.kind for one in await world.context.ledger.told(session, case.id))
    assert person.keys is not None and person.keys[0] == case.id
    assert (print_.kind, link.kind, consents) == ("faked", "faked", ["follow", "watch"])
    intake = read_intake(world.context, case)
    assert (intake.age_group, intake.country, intake.signature) == (AgeGroup.ADULT, "KR", "Typed Signature")
    assert intake.contact == "person@example.org" and intake.permission_to_send_at is not None
    assert steps[EntryKind.CASE_OPENED] == steps[EntryKind.PRIVACY_AGREED] == steps[EntryKind.INTAKE_CHANGED] == 1
    assert steps[EntryKind.FINGERPRINT_ADDED] == steps[EntryKind.LINK_ENTERED] == 1


async def journey(
    folder: Path, chromium_path: str, decide: Callable[[str, str], Cut | None], locale: str = "en-GB"
) -> Person:
    """Open a case while `decide` cuts; returns who did."""
    async with (
        pages_world(folder) as world,
        cutting_proxy(world.address) as proxy,
        browser(chromium_path) as started,
        visitor(started, world, locale=locale) as (_, page),
    ):
        proxy.decide = decide
        person = Person(page, proxy)
        said: list[str] = []
        await page.expose_function("heard", lambda text: said.append(text))
        await page.add_init_script(
            """addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
                 const text = document.getElementById("said")?.textContent;
                 if (text) heard(text);
               }).observe(document, { subtree: true, childList: true, characterData: true }));"""
        )
        await person.until_open()
        await ends_whole(world, person)
        if locale == "ko-KR":
            assert said and all(any("가" <= sign <= "힣" for sign in text) for text in said), said
        return person


async def test_each_request_is_cut_once_before_and_once_after_it_arrives(tmp_path: Path, chromium_path: str) -> None:
    """Each kind of request fails twice, the page is loaded anew after it, every word is in the person's language."""
    cuts: Counter[str] = Counter()

    def decide(method: str, path: str) -> Cut | None:
        if not of_opening(method, path):
            return None
        kind = kind_of(method, path)
        cuts[kind] += 1
        return {1: Cut.BEFORE, 2: Cut.AFTER}.get(cuts[kind])

    person = await journey(tmp_path, chromium_path, decide, "ko-KR")
    told = {kind_of(method, path) for method, path, _ in person.proxy.cuts}
    wanted = {"GET /case/draft", "PUT /case/draft", "POST /case/draft/open", "POST /case/draft/typed-back"}
    assert told >= wanted | {f"PUT /case/draft/{kind}" for kind in ("pictures", "places", "links")}
    assert person.shown >= 2, "the keys are shown again until they were typed back"


@pytest.mark.soak
async def test_the_case_ends_whole_whichever_request_is_cut(tmp_path: Path, chromium_path: str) -> None:
    """Every request by itself, in the order in which an undisturbed journey makes them."""
    (tmp_path / "calm").mkdir()
    calm = await journey(tmp_path / "calm", chromium_path, lambda _method, _path: None)
    count = sum(of_opening(*one) for one in calm.proxy.seen)
    assert count > 10 and calm.shown == 1
    for cut in Cut:
        for number in range(1, count + 1):
            left = [number]

            def decide(method: str, path: str, left: list[int] = left, cut: Cut = cut) -> Cut | None:
                left[0] -= of_opening(method, path)
                hit = left[0] == 0 and of_opening(method, path)
                return cut if hit else None

            folder = tmp_path / f"{cut.name}-{number}"
            folder.mkdir()
            person = await journey(folder, chromium_path, decide)
            assert len(person.proxy.cuts) <= 1
            print(number, cut, person.proxy.cuts)
