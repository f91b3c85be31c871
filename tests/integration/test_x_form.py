"""The demo's take-down form: a person hands it in, and gets a reference."""

from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from tests.support.x_parts import Parts, x_parts

LINK = "https://x.com/someone/status/1"
FIELDS = {"post_urls": f"{LINK}\nhttps://x.com/someone/status/2", "on_behalf_of": "self", "contact": "a@b.invalid"}


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    async with x_parts() as made:
        yield made


async def hand_in(parts: Parts, fields: Mapping[str, str]) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.post(parts.double.form_url, data=fields) as response:
        return response.status, await response.json()


async def test_form_gives_a_reference_and_counts_each_post(parts: Parts) -> None:
    seen: list[Mapping[str, str]] = []
    parts.world.on_form = seen.append
    status, answer = await hand_in(parts, {**FIELDS, "signature": "A Person", "statement": "not consensual"})
    assert (status, answer["reference"]) == (201, "TID-000001")
    assert seen[0]["statement"] == "not consensual"
    assert parts.world.submitted == {LINK: 1, "https://x.com/someone/status/2": 1}
    _, answer = await hand_in(parts, {**FIELDS, "signature": "A Person"})
    assert answer["reference"] == "TID-000002"
    assert parts.world.submitted[LINK] == 2


async def test_callback_may_be_awaited(parts: Parts) -> None:
    async def remove(fields: Mapping[str, str]) -> None:
        parts.world.remove(made.id)

    made = parts.world.post(parts.world.account("someone"), "text")
    parts.world.on_form = remove
    await hand_in(parts, {**FIELDS, "signature": "A Person"})
    assert parts.world.posts == {}


async def test_form_with_an_empty_field_is_sent_back(parts: Parts) -> None:
    status, answer = await hand_in(parts, {**FIELDS, "signature": "  "})
    assert (status, answer["fields"]) == (422, ["signature"])
    assert parts.world.submissions == []


async def test_a_request_under_korean_law_is_taken_too(parts: Parts) -> None:
    asked = {
        "urls": LINK,
        "type": "불법촬영물",
        "requester": "Centre A",
        "contact": "a@b.invalid",
        "reason": "동의 없음",
    }
    status, answer = await hand_in(parts, asked)
    assert (status, parts.world.submitted) == (201, {LINK: 1})
    status, answer = await hand_in(parts, {**asked, "reason": ""})
    assert (status, answer["fields"]) == (422, ["reason"])


async def test_form_can_be_opened_by_a_person(parts: Parts) -> None:
    async with aiohttp.ClientSession() as session, session.get(parts.double.form_url) as response:
        page = await response.text()
    assert all(f'name="{name}"' in page for name in ("post_urls", "on_behalf_of", "contact", "signature"))
