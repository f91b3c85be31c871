"""The Telegram adapter reads media into memory, capped, and says why it could not."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telethon.tl import types as t

from monitor.core.errors import NotInspected, PlatformError
from monitor.platforms.base import Media, MediaKind
from monitor.platforms.telegram.adapter import Telegram
from tests.support.telegram_adapter import LONG_AGO, PICTURE, Stage, ref, stage

MANY = 50_000_000


@pytest.fixture
async def play() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def posted(play: Stage, media: Any) -> tuple[Telegram, Any, Any, tuple[Media, ...]]:
    """A post with `media` in a fresh channel, and the adapter's view of it."""
    channel = play.world.channel(f"source_{len(play.world.channels)}")
    message = play.world.post(channel, "x", media)
    telegram = play.telegram()
    page = await telegram.page(ref(channel), "0", since=LONG_AGO)
    return telegram, channel, message, page.posts[0].media


async def refused(telegram: Telegram, media: Media, max_bytes: int = MANY) -> str:
    with pytest.raises(NotInspected) as caught:
        await telegram.read(media, max_bytes=max_bytes)
    return caught.value.reason


async def test_largest_size_is_read_in_one_call(play: Stage):
    sizes = {"y": (1280, 960, PICTURE), "w": (2560, 1920, os.urandom(300_000)), "m": (320, 240, b"small")}
    telegram, _, _, (media,) = await posted(play, play.world.photo(sizes))
    before = play.world.count()
    assert await telegram.read(media, max_bytes=MANY) == sizes["w"][2]
    assert media.size == 300_000
    assert play.world.count() == before + 1


async def test_progressive_size_is_read_whole(play: Stage):
    telegram, _, _, (media,) = await posted(play, play.picture())
    assert media.kind is MediaKind.PHOTO
    assert media.size == len(PICTURE)
    assert await telegram.read(media, max_bytes=MANY) == PICTURE


@pytest.mark.parametrize("size", [1, 512 * 1024 - 1, 512 * 1024, 512 * 1024 + 1, 1_500_000])
async def test_image_document_is_read_across_chunks(play: Stage, size: int):
    data = os.urandom(size)
    telegram, _, _, (media,) = await posted(play, play.world.document(data, "image/png", "a.png"))
    assert (media.kind, media.mime, media.size) == (MediaKind.DOCUMENT, "image/png", size)
    assert await telegram.read(media, max_bytes=size) == data


async def test_videos_are_read(play: Stage):
    sticker = play.world.document(b"webm", "video/webm", "sticker.webm")
    animated = play.world.document(b"gif", "application/octet-stream", "")
    animated.document.attributes.append(t.DocumentAttributeAnimated())
    round_one = play.world.video(b"round")
    round_one.document.attributes[-1].round_message = True
    for made, data in [(sticker, b"webm"), (animated, b"gif"), (round_one, b"round"), (play.world.video(b"v"), b"v")]:
        telegram, _, _, (media,) = await posted(play, made)
        assert media.kind is MediaKind.VIDEO
        assert await telegram.read(media, max_bytes=MANY) == data


async def test_video_sent_as_a_file_of_no_type_is_read(play: Stage):
    made = play.world.document(b"bytes", "application/octet-stream", "Clip.MOV")
    telegram, _, _, (media,) = await posted(play, made)
    assert media.kind is MediaKind.DOCUMENT
    assert await telegram.read(media, max_bytes=MANY) == b"bytes"


async def test_video_above_the_cap_is_too_large_and_not_asked_for(play: Stage):
    telegram, _, _, (media,) = await posted(play, play.world.video(b"0" * 2000))
    assert await refused(telegram, media, max_bytes=1000) == "too-large"
    assert play.world.count("upload.getFile") == 0


async def test_announced_size_above_the_cap_is_not_asked_for(play: Stage):
    telegram, _, _, (media,) = await posted(play, play.picture())
    assert await refused(telegram, media, max_bytes=1000) == "too-large"
    assert play.world.count("upload.getFile") == 0


async def test_file_larger_than_announced_is_cut_off(play: Stage):
    document = play.world.document(os.urandom(3_000_000), "image/png")
    document.document.size = 1000
    telegram, _, _, (media,) = await posted(play, document)
    assert await refused(telegram, media, max_bytes=1_000_000) == "too-large"
    assert play.world.count("upload.getFile") == 2


async def test_empty_file_is_not_inspected(play: Stage):
    telegram, _, _, (media,) = await posted(play, play.world.document(b"", "image/png"))
    assert await refused(telegram, media) == "empty"


async def test_unreadable_media_are_seen_and_not_inspected(play: Stage):
    world = play.world
    gone = t.MessageMediaPhoto(photo=t.PhotoEmpty(id=9), ttl_seconds=5)
    for media, prefix in [
        (world.document(b"0" * 100, "audio/ogg", "voice.ogg"), "document:"),
        (world.document(b"0" * 100, "application/x-tgsticker", "sticker.tgs"), "document:"),
        (world.paid(), "paid:"),
        (gone, "photo:9"),
        (t.MessageMediaPhoto(), "other:"),
        (t.MessageMediaUnsupported(), "other:"),
        (t.MessageMediaStory(peer=t.PeerChannel(1), id=4), "story:4"),
    ]:
        telegram, _, _, (seen,) = await posted(play, media)
        assert seen.kind is MediaKind.UNSUPPORTED
        assert seen.id.startswith(prefix)
        assert await refused(telegram, seen) == "unsupported"
    assert world.count("upload.getFile") == 0


async def test_places_and_polls_hold_no_picture(play: Stage):
    _, _, _, media = await posted(play, t.MessageMediaDice(value=6, emoticon="x"))
    assert media == ()


async def test_link_preview_is_read_and_named_as_such(play: Stage):
    telegram, _, _, (media,) = await posted(play, play.world.preview({"y": (1280, 960, PICTURE)}))
    assert media.id.startswith("preview:")
    assert media.kind is MediaKind.PHOTO
    assert await telegram.read(media, max_bytes=MANY) == PICTURE


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_expired_reference_is_fetched_anew_once(play: Stage, kind: str):
    media = play.picture() if kind == "photo" else play.world.document(PICTURE, "image/jpeg")
    telegram, _, _, (seen,) = await posted(play, media)
    play.world.expire_refs()
    assert await telegram.read(seen, max_bytes=MANY) == PICTURE
    assert play.world.count("channels.getMessages") == 1


async def test_reference_that_stays_stale_is_a_fault_not_a_loop(play: Stage):
    telegram, _, _, (seen,) = await posted(play, play.picture())
    play.world.fault("upload.getFile", "FILE_REFERENCE_EXPIRED", times=9)
    with pytest.raises(PlatformError):
        await telegram.read(seen, max_bytes=MANY)
    assert play.world.count("upload.getFile") == 2


async def test_picture_swapped_meanwhile_is_not_mistaken_for_the_old_one(play: Stage):
    telegram, _, message, (seen,) = await posted(play, play.picture())
    play.world.edit(message, media=play.picture(b"another"))
    play.world.expire_refs()
    assert await refused(telegram, seen) == "swapped"


async def test_post_removed_meanwhile_is_gone(play: Stage):
    telegram, channel, message, (seen,) = await posted(play, play.picture())
    play.world.remove(channel.id, message.id)
    play.world.expire_refs()
    assert await refused(telegram, seen) == "gone"


async def test_file_in_another_data_centre_is_followed(play: Stage):
    telegram, _, _, (seen,) = await posted(play, play.picture())
    play.world.fault("upload.getFile", "FILE_MIGRATE_4", 303)
    assert await telegram.read(seen, max_bytes=MANY) == PICTURE
    telegram, _, _, (seen,) = await posted(play, play.world.photo({"y": (9, 9, PICTURE)}, dc_id=4))
    assert await telegram.read(seen, max_bytes=MANY) == PICTURE
    assert play.world.count("auth.importAuthorization") == 2
