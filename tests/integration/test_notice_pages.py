"""What an advocate reads on the page of a notice that did not leave, or will not: why, in their language."""

import re
from collections.abc import Awaitable, Callable

import pytest

from monitor.core.errors import DeliveryRefused
from monitor.jobs.send import Sender
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.browser import Browser
from tests.support.domain_world import FakeDelivery

_REASON = re.compile(r"<p>(Reason|이유): (.*?)</p>")

End = Callable[[ApiWorld, Caller, Caller, str], Awaitable[object]]
"""What ends a notice: the world, its advocate, its person, its id."""


async def advocate_takes_it_back(_world: ApiWorld, advocate: Caller, _person: Caller, notice_id: str) -> None:
    await advocate.post(f"/notices/{notice_id}/withdraw")


async def person_takes_consent_back(_world: ApiWorld, _advocate: Caller, person: Caller, _notice_id: str) -> None:
    path = f"/cases/{person.case_id}/consents"
    for consent in (await person.get(path))["consents"]:
        await person.delete(f"{path}/{consent['consent_id']}")


async def person_takes_permission_back(_world: ApiWorld, _advocate: Caller, person: Caller, _notice_id: str) -> None:
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "permission_to_send": False})


async def server_refuses_it(world: ApiWorld, _advocate: Caller, _person: Caller, notice_id: str) -> None:
    delivery = FakeDelivery()
    delivery.errors = [DeliveryRefused("recipient-refused-550")]
    await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice_id, 1)


@pytest.mark.parametrize(
    ("end", "state", "english", "korean"),
    [
        (
            advocate_takes_it_back,
            "withdrawn",
            "An advocate took this notice back.",
            "상담원이 이 요청을 거두었어요.",
        ),
        (
            person_takes_consent_back,
            "withdrawn",
            "The person took back their consent to this place. Please ask them first.",
            "본인이 이곳에 대한 동의를 취소했어요. 먼저 본인에게 물어봐 주세요.",
        ),
        (
            person_takes_permission_back,
            "withdrawn",
            "The person has not allowed sending. Please ask them.",
            "본인이 아직 신고를 보내도 된다고 하지 않았어요. 본인에게 물어봐 주세요.",
        ),
        # What a mail server said has no words in any language: whoever mends it reads the code.
        (server_refuses_it, "failed", "recipient-refused-550", "recipient-refused-550"),
    ],
)
async def test_page_says_why_a_notice_ended(
    sqlite_world: ApiWorld, end: End, state: str, english: str, korean: str
) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    body = {"basis": "person-viewed", "routes": ["us_tida"]}
    written = await advocate.post(f"/sightings/{await world.sighting(person)}/confirm", body)
    notice_id = written["notices"][0]["notice_id"]
    page = f"/advocate/notices/{notice_id}"
    browser = Browser(world, advocate)
    assert _REASON.findall(await browser.see(f"{page}?lang=en")) == []  # nothing ended it yet
    await end(world, advocate, person, notice_id)
    assert (await advocate.get(f"/notices/{notice_id}"))["state"] == state
    assert _REASON.findall(await browser.see(f"{page}?lang=en")) == [("Reason", english)]
    assert _REASON.findall(await browser.see(f"{page}?lang=ko")) == [("이유", korean)]
