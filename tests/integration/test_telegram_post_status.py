"""Is the post still there? Only Telegram's own word counts for gone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from monitor.core.errors import PlatformError
from monitor.platforms.base import PostStatus, Presence
from monitor.platforms.telegram.adapter import Telegram
from tests.support.telegram_adapter import Stage, ref, stage


@pytest.fixture
async def play() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


@pytest.fixture
def telegram(play: Stage) -> Telegram:
    return play.telegram()


@pytest.fixture
def channel(play: Stage) -> Any:
    return play.world.channel("source_one")


@pytest.fixture
def message(play: Stage, channel: Any) -> Any:
    return play.world.post(channel, "x", play.picture())


async def post_status(telegram: Telegram, channel: Any, message: Any, *media: str) -> PostStatus:
    return await telegram.post_status(ref(channel), str(message.id), media or (f"photo:{message.media.photo.id}",))


async def test_post_with_its_picture_is_live(telegram: Telegram, channel: Any, message: Any):
    found = await post_status(telegram, channel, message)
    assert (found.presence, found.reason) == (Presence.LIVE, "found")
    assert found.media_ids == (f"photo:{message.media.photo.id}",)
    assert len(found.response_sha256) == 64


async def test_removed_post_is_deleted(play: Stage, telegram: Telegram, channel: Any, message: Any):
    play.world.remove(channel.id, message.id)
    found = await post_status(telegram, channel, message)
    assert (found.presence, found.reason) == (Presence.DELETED, "message-empty")


async def test_text_with_another_picture_or_none_is_no_deleted_post(
    play: Stage, telegram: Telegram, channel: Any, message: Any
):
    known = f"photo:{message.media.photo.id}"
    play.world.edit(message, media=play.picture(b"another"))
    found = await post_status(telegram, channel, message, known)
    assert (found.presence, found.reason) == (Presence.REPLACED, "media-replaced")
    assert found.media_ids == (f"photo:{message.media.photo.id}",)
    play.world.take_media(message)
    found = await post_status(telegram, channel, message, known)
    assert (found.presence, found.reason) == (Presence.TAKEN_OUT, "media-taken-out")


async def test_medium_that_cannot_be_read_now_is_unknown(play: Stage, telegram: Telegram, channel: Any, message: Any):
    from telethon.tl import types as t

    known = f"photo:{message.media.photo.id}"
    message.media = t.MessageMediaUnsupported()
    found = await post_status(telegram, channel, message, known)
    assert (found.presence, found.reason) == (Presence.UNKNOWN, "media-unreadable")


async def test_odd_post_costs_itself_when_many_are_asked_for(
    play: Stage, telegram: Telegram, channel: Any, message: Any
):
    from telethon.tl import types as t

    odd = play.world.post(channel, "x", play.picture(b"another"))
    odd.media.photo.sizes = [t.PhotoSizeProgressive(type="y", w=1280, h=960, sizes=[])]
    told = await telegram.standing(ref(channel), [str(message.id), str(odd.id)])
    assert told == {str(message.id): (f"photo:{message.media.photo.id}",)}


async def test_preview_that_the_answer_leaves_out_is_no_picture_that_went(
    play: Stage, telegram: Telegram, channel: Any, message: Any
):
    """A link's preview is loaded anew now and then, and the page behind it does not come with every answer."""
    from telethon.tl import types as t

    def page(**holds: Any) -> Any:
        web = t.WebPage(id=1, url="https://example.org/", display_url="", hash=0, **holds)
        return t.MessageMediaWebPage(web)

    message.media = t.MessageMediaWebPage(t.WebPageEmpty(id=1))
    for known in ("preview:7", "page:7"):
        found = await post_status(telegram, channel, message, known)
        assert (found.presence, found.reason) == (Presence.UNKNOWN, "preview-not-told")
    message.media = page()
    found = await post_status(telegram, channel, message, "page:7")
    assert (found.presence, found.reason) == (Presence.UNKNOWN, "preview-not-told")
    # Shown without a picture, the preview has none any more; without a preview nothing is shown at all.
    assert (await post_status(telegram, channel, message, "preview:7")).presence is Presence.TAKEN_OUT
    play.world.take_media(message)
    assert (await post_status(telegram, channel, message, "page:7")).presence is Presence.TAKEN_OUT


async def test_withheld_post_or_channel_is_restricted(play: Stage, telegram: Telegram, channel: Any, message: Any):
    play.world.restrict(channel, message.id, platform="ios")
    found = await post_status(telegram, channel, message)
    assert (found.presence, found.reason, found.for_all) == (Presence.RESTRICTED, "message-restricted", False)
    message.restriction_reason = None
    play.world.restrict(channel)
    found = await post_status(telegram, channel, message)
    assert (found.presence, found.reason, found.for_all) == (Presence.RESTRICTED, "channel-restricted", True)


async def test_closed_channel_is_never_taken_for_gone(play: Stage, telegram: Telegram, channel: Any, message: Any):
    play.world.make_private(channel)
    found = await post_status(telegram, channel, message)
    assert (found.presence, found.reason) == (Presence.LOGIN, "channel-private")


async def test_renamed_channel_still_shows_the_post(play: Stage, telegram: Telegram, channel: Any, message: Any):
    source = ref(channel)
    play.world.rename(channel, "moved_here")
    found = await telegram.post_status(source, str(message.id), ())
    assert (found.presence, found.reason) == (Presence.LIVE, "found-under-new-name")
    assert (found.url, found.handle) == (f"https://t.me/moved_here/{message.id}", "moved_here")


async def test_channel_unknown_to_this_account_is_unknown(telegram: Telegram, channel: Any, message: Any):
    found = await telegram.post_status(replace(ref(channel), access="1"), str(message.id), ())
    assert (found.presence, found.reason) == (Presence.UNKNOWN, "unknown-to-account")


async def test_only_empty_messages_count_as_deleted(play: Stage, telegram: Telegram, channel: Any, message: Any):
    gone, service = play.world.post(channel, "y", play.picture()), play.world.service(channel)
    play.world.remove(channel.id, gone.id)
    asked = [str(one.id) for one in (message, gone, service)]
    shown = {str(message.id): (f"photo:{message.media.photo.id}",), str(gone.id): None}
    assert await telegram.standing(ref(channel), asked) == shown
    # Of a withheld post, or one that holds what cannot be read, nothing is said.
    play.world.restrict(channel, message.id)
    assert str(message.id) not in (await telegram.standing(ref(channel), asked) or {})


async def test_no_error_counts_as_deleted(play: Stage, telegram: Telegram, channel: Any, message: Any):
    play.world.fault("channels.getMessages", "INTERNAL", 500, times=9)
    with pytest.raises(PlatformError):
        await telegram.standing(ref(channel), [str(message.id)])


async def test_service_message_in_its_place_is_unknown(play: Stage, telegram: Telegram, channel: Any):
    found = await post_status(telegram, channel, play.world.service(channel), "photo:1")
    assert found.presence is Presence.UNKNOWN


@pytest.mark.parametrize("error", [("INTERNAL", 500), ("RPC_CALL_FAIL", 400), ("FLOOD_WAIT_9", 420), ("ODD", 400)])
async def test_error_is_raised_never_read_as_gone(
    play: Stage, telegram: Telegram, channel: Any, message: Any, error: tuple[str, int]
):
    play.world.fault("channels.getMessages", *error, times=9)
    with pytest.raises(PlatformError):
        await post_status(telegram, channel, message)
