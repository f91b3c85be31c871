"""Is a post still on X? Every shape of answer, over real HTTP; odd shapes straight through the rule."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitor.demo.x.answers import not_authorized, not_found_error, suspended
from monitor.platforms.base import PlatformName, Presence, SourceRef
from monitor.platforms.x.presence import status_of
from tests.support.x_parts import Parts, x_parts

SOURCE = SourceRef(PlatformName.X, "someone", "1000000")


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    async with x_parts() as made:
        made.world.account("someone")
        yield made


async def post_status(parts: Parts, post_id: str, *media: str) -> tuple[Presence, str]:
    seen = await parts.x.post_status(SOURCE, post_id, media)
    return seen.presence, seen.reason


async def test_post_that_is_there_is_live(parts: Parts) -> None:
    made = parts.world.post(parts.world.accounts["1000000"], "text", [b"one", b"two"])
    keys = tuple(medium.key for medium in made.media)
    seen = await parts.x.post_status(SOURCE, made.id, keys)
    assert (seen.presence, seen.media_ids) == (Presence.LIVE, keys)
    post = await parts.x.post(SOURCE, made.id)
    assert post is not None and seen.response_sha256 == post.response_sha256
    assert await post_status(parts, made.id) == (Presence.LIVE, "found")
    assert await post_status(parts, made.id, "3_other", keys[1]) == (Presence.LIVE, "found")


async def test_removed_post_is_deleted(parts: Parts) -> None:
    made = parts.world.post(parts.world.accounts["1000000"], "text")
    parts.world.remove(made.id)
    assert await post_status(parts, made.id) == (Presence.DELETED, "not-found")


async def test_post_whose_pictures_went_is_no_deleted_post(parts: Parts) -> None:
    made = parts.world.post(parts.world.accounts["1000000"], "text", [b"one"])
    key = made.media[0].key
    assert await post_status(parts, made.id, "3_other") == (Presence.REPLACED, "media-replaced")
    parts.world.remove_media(made.id)
    assert await post_status(parts, made.id, key) == (Presence.TAKEN_OUT, "media-removed")


async def test_withheld_post_is_restricted_whatever_its_media(parts: Parts) -> None:
    made = parts.world.post(parts.world.accounts["1000000"], "text", [b"one"])
    parts.world.withhold(made.id, "KR", "DE")
    told = await parts.x.post_status(SOURCE, made.id, (made.media[0].key,))
    assert (told.countries, told.for_all) == (("DE", "KR"), False)
    assert await post_status(parts, made.id, made.media[0].key) == (Presence.RESTRICTED, "withheld")
    parts.world.remove_media(made.id)
    assert await post_status(parts, made.id, "3_1") == (Presence.RESTRICTED, "withheld")


@pytest.mark.parametrize("state", ["protected", "suspended"])
async def test_post_of_a_hidden_account_is_behind_a_login(parts: Parts, state: str) -> None:
    account = parts.world.accounts["1000000"]
    made = parts.world.post(account, "text")
    setattr(account, state, True)
    assert await post_status(parts, made.id) == (Presence.LOGIN, "not-authorized")


async def test_edited_post_is_found_by_its_old_id(parts: Parts) -> None:
    made = parts.world.post(parts.world.accounts["1000000"], "text")
    old = made.id
    parts.world.edit(old, "other text")
    assert await post_status(parts, old) == (Presence.EDITED, "newer-version")
    newest = (await parts.x.post_status(SOURCE, old, ())).post_id
    assert newest != old and (await parts.x.post_status(SOURCE, old, ())).url.endswith(f"/someone/status/{newest}")


async def test_what_is_no_id_is_unknown_without_a_call(parts: Parts) -> None:
    assert await post_status(parts, "1/../2") == (Presence.UNKNOWN, "not-an-id")
    assert parts.world.calls == []


NOT_FOUND = not_found_error("tweet", "ids", "7")
MADE = "2026-11-24T03:00:00.000Z"
ELSEWHERE = "https://api.x.com/2/problems/"


@pytest.mark.parametrize(
    ("answer", "presence"),
    [
        ({"errors": [NOT_FOUND]}, Presence.DELETED),
        ({"errors": [NOT_FOUND | {"type": ELSEWHERE + "resource-not-found"}]}, Presence.DELETED),
        ({"errors": [not_found_error("tweet", "ids", "8"), NOT_FOUND], "data": []}, Presence.DELETED),
        ({"errors": [not_authorized("tweet", "ids", "7")]}, Presence.LOGIN),
        (
            {"errors": [not_authorized("tweet", "ids", "7") | {"type": ELSEWHERE + "not-authorized-for-resource"}]},
            Presence.LOGIN,
        ),
        # A suspended account has the type of a missing one.
        ({"errors": [suspended("ids", "7")]}, Presence.LOGIN),
        ({"errors": [NOT_FOUND | {"title": "Something new"}]}, Presence.UNKNOWN),
        ({"errors": [NOT_FOUND | {"type": ELSEWHERE + "disconnected"}]}, Presence.UNKNOWN),
        ({"errors": [NOT_FOUND | {"type": None}]}, Presence.UNKNOWN),
        ({"errors": [NOT_FOUND | {"section": "includes"}]}, Presence.UNKNOWN),
        ({"errors": [not_found_error("tweet", "ids", "8")]}, Presence.UNKNOWN),
        ({"errors": ["text"]}, Presence.UNKNOWN),
        ({"errors": []}, Presence.UNKNOWN),
        ({}, Presence.UNKNOWN),
        ({"data": []}, Presence.UNKNOWN),
        ({"data": {"id": "7"}}, Presence.UNKNOWN),
        ({"data": ["7"]}, Presence.UNKNOWN),
        ({"data": [{"id": 7}]}, Presence.UNKNOWN),
        ({"data": [{"id": "8"}]}, Presence.UNKNOWN),
        ({"meta": {"result_count": 0}}, Presence.UNKNOWN),
        # The media may be missing because of the error beside it.
        ({"data": [{"id": "7"}], "errors": [not_found_error("media", "attachments", "3_1")]}, Presence.UNKNOWN),
        ({"data": [{"id": "7", "created_at": MADE}]}, Presence.TAKEN_OUT),
        ({"data": [{"id": "7", "created_at": MADE, "attachments": {"media_keys": ["3_2"]}}]}, Presence.REPLACED),
        # An answer that ignores the fields that were asked for says nothing of media.
        ({"data": [{"id": "7", "text": "text", "edit_history_tweet_ids": ["7"]}]}, Presence.UNKNOWN),
        ({"data": [{"id": "7"}]}, Presence.UNKNOWN),
        ({"data": [{"id": "7", "attachments": {"media_keys": ["3_1"]}}]}, Presence.LIVE),
    ],
)
def test_only_a_plain_word_of_the_platform_makes_a_post_deleted(answer: dict[str, Any], presence: Presence) -> None:
    assert status_of(answer, "7", ("3_1",)).presence is presence


def test_edited_post_is_known_by_the_fields_new_name_too() -> None:
    answer = {"data": [{"id": "9", "edit_history_post_ids": ["7", "9"], "attachments": {"media_keys": ["3_1"]}}]}
    seen = status_of(answer, "7", ("3_1",))
    assert (seen.presence, seen.post_id) == (Presence.EDITED, "9")
