"""The Telegram adapter reads media into memory, capped, and says why it could not."""

import os
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from telethon.tl import types as t

from db.models.sources import INSPECTED, PARTIAL
from monitor.core.errors import NotInspected, PlatformError
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.media import hash_medium
from monitor.platforms.base import Media, MediaKind, Presence
from monitor.platforms.telegram.adapter import Telegram
from monitor.sources.media_reader import MediaReader, ReadMedium
from monitor.sources.turns import Turn
from tests.support.clips import scenes, video
from tests.support.telegram_adapter import LONG_AGO, PICTURE, Stage, ref, stage
from tests.support.waves import encoded

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
    for media, prefix, why in [
        (world.document(b"0" * 100, "audio/ogg", "voice.ogg"), "document:", "unsupported"),
        (world.document(b"0" * 100, "application/x-tgsticker", "sticker.tgs"), "document:", "unsupported"),
        (world.paid(), "paid:", "paid"),
        (gone, "photo:9", "unsupported"),
        (t.MessageMediaPhoto(), "other:", "expired"),
        (t.MessageMediaUnsupported(), "other:", "unknown-kind"),
        (t.MessageMediaStory(peer=t.PeerChannel(1), id=4), "story:4", "story"),
    ]:
        telegram, _, _, (seen,) = await posted(play, media)
        assert seen.kind is MediaKind.UNSUPPORTED
        assert seen.id.startswith(prefix)
        assert await refused(telegram, seen) == why
    assert world.count("upload.getFile") == 0


async def test_places_and_polls_hold_no_picture(play: Stage):
    _, _, _, media = await posted(play, t.MessageMediaDice(value=6, emoticon="x"))
    assert media == ()


async def test_link_preview_is_read_and_named_as_such(play: Stage):
    telegram, _, _, (media,) = await posted(play, play.world.preview({"y": (1280, 960, PICTURE)}))
    assert media.id.startswith("preview:")
    assert media.kind is MediaKind.PHOTO
    assert await telegram.read(media, max_bytes=MANY) == PICTURE


def _photo(play: Stage, data: bytes) -> Any:
    return play.world.photo({"y": (1280, 960, data)}).photo


def _page(**holds: Any) -> Any:
    """A link preview of a page that Telegram keeps a copy of."""
    return t.MessageMediaWebPage(t.WebPage(id=1, url="https://example.org/", display_url="", hash=0, **holds))


def _poll(answers: list[Any], solution: Any) -> Any:
    told = [t.PollAnswer(t.TextWithEntities(f"{n}", []), bytes([n]), media=one) for n, one in enumerate(answers)]
    poll = t.Poll(id=1, question=t.TextWithEntities("?", []), answers=told, hash=0, quiz=True)
    return t.MessageMediaPoll(poll=poll, results=t.PollResults(solution_media=solution))


def _places(play: Stage) -> dict[str, tuple[dict[str, Any], list[bytes]]]:
    """Fields of messages in which Telegram shows a picture or a video, and the files there."""
    world = play.world

    def film(data: bytes) -> Any:
        return world.video(data).document

    cached = t.Page(
        url="https://example.org/",
        blocks=[t.PageBlockPhoto(photo_id=1, caption=t.PageCaption(t.TextEmpty(), t.TextEmpty()))],
        photos=[_photo(play, b"first"), _photo(play, b"second")],
        documents=[film(b"third")],
    )
    rich = t.RichMessage(blocks=[], photos=[_photo(play, b"rich")], documents=[])
    stickers = t.WebPageAttributeStickerSet(stickers=[world.document(b"sticker", "image/webp", "a.webp").document])
    quoted = t.MessageReplyHeader(quote=True, reply_media=t.MessageMediaPhoto(photo=_photo(play, b"quoted")))
    story = t.StoryItem(
        id=3, date=world.now(), expire_date=world.now(), media=t.MessageMediaPhoto(photo=_photo(play, b"story"))
    )
    answers, solution = [t.MessageMediaPhoto(photo=_photo(play, b"yes")), None], _photo(play, b"why")
    lives = t.MessageMediaPhoto(live_photo=True, photo=_photo(play, b"stands"), video=film(b"lives"))
    covered = t.MessageMediaDocument(document=film(b"below"), video_cover=_photo(play, b"cover"))
    places: dict[str, tuple[Any, list[bytes]]] = {
        "preview of a video": (_page(document=film(b"film")), [b"film"]),
        "preview of both": (_page(photo=_photo(play, b"still"), document=film(b"moves")), [b"still", b"moves"]),
        "page behind a preview": (_page(cached_page=cached), [b"first", b"second", b"third"]),
        "sticker set": (_page(attributes=[stickers]), [b"sticker"]),
        "story behind a preview": (_page(attributes=[t.WebPageAttributeStory(t.PeerChannel(1), 3, story)]), [b"story"]),
        "story": (t.MessageMediaStory(t.PeerChannel(1), 3, story=story), [b"story"]),
        "poll": (_poll(answers, t.MessageMediaPhoto(photo=solution)), [b"yes", b"why"]),
        "live photo": (lives, [b"stands", b"lives"]),
        "cover": (covered, [b"below", b"cover"]),
        "game": (t.MessageMediaGame(t.Game(1, 2, "g", "g", "g", _photo(play, b"game"))), [b"game"]),
    }
    shown = {name: ({"media": media}, files) for name, (media, files) in places.items()}
    return shown | {
        "rich message": ({"rich_message": rich}, [b"rich"]),
        "quoted from another chat": ({"reply_to": quoted}, [b"quoted"]),
    }


async def test_picture_is_read_wherever_a_message_shows_one(play: Stage):
    places = _places(play)
    channel = play.world.channel("shows_much")
    for fields, _ in places.values():
        message = play.world.post(channel, "x")
        for field, value in fields.items():
            setattr(message, field, value)
    telegram = play.telegram()

    page = await telegram.page(ref(channel), "0", since=LONG_AGO)

    for (name, (_, files)), post in zip(places.items(), page.posts, strict=True):
        assert [await telegram.read(medium, max_bytes=MANY) for medium in post.media] == files, name


async def test_what_a_message_does_not_hand_out_is_recorded(play: Stage):
    part = t.Page(url="https://example.org/", blocks=[], photos=[_photo(play, b"first")], documents=[], part=True)
    bill = t.WebDocument(url="https://example.org/a.jpg", access_hash=1, size=9, mime_type="image/jpeg", attributes=[])
    for media, told in [
        (_page(cached_page=part), ["in-part"]),
        (_page(attributes=[t.WebPageAttributeStory(t.PeerChannel(1), 3)]), ["story"]),
        (t.MessageMediaInvoice("a", "b", "KRW", 1, "s", photo=bill), ["elsewhere"]),
        (t.MessageMediaWebPage(t.WebPagePending(id=1, date=play.world.now())), ["not-told"]),
    ]:
        channel = play.world.channel(f"keeps_{len(play.world.channels)}")
        play.world.post(channel, "x").media = media
        (post,) = (await play.telegram().page(ref(channel), "0", since=LONG_AGO)).posts
        assert [one.unread for one in post.media if one.kind is MediaKind.UNSUPPORTED] == told


async def test_change_of_the_channels_picture_is_a_post(play: Stage):
    channel = play.world.channel("changes")
    pinned = play.world.service(channel)
    photo = _photo(play, PICTURE)
    message = play.world.service(channel, t.MessageActionChatEditPhoto(photo=photo))
    telegram = play.telegram()

    page = await telegram.page(ref(channel), "0", since=LONG_AGO)

    (post,) = page.posts
    assert (post.id, post.url) == (str(message.id), f"https://t.me/changes/{message.id}")
    (medium,) = post.media
    assert medium.id == f"photo:{photo.id}"
    assert await telegram.read(medium, max_bytes=MANY) == PICTURE
    assert await telegram.post(ref(channel), post.id) == post
    assert await telegram.post(ref(channel), str(pinned.id)) is None
    status = await telegram.post_status(ref(channel), post.id, (medium.id,))
    assert (status.presence, status.media_ids) == (Presence.LIVE, (medium.id,))
    assert await telegram.standing(ref(channel), [post.id]) == {post.id: (medium.id,)}
    play.world.remove(channel.id, message.id)
    status = await telegram.post_status(ref(channel), post.id, (medium.id,))
    assert status.presence is Presence.DELETED


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


class _InProcess:
    """Hashes where it stands, as a decoder would."""

    async def inspect(self, data: bytes, **_: object) -> HashedMedium:
        return hash_medium(data)


async def _inspected(play: Stage, media: Any, *, cap: int, turn: bool) -> ReadMedium:
    channel = play.world.channel(f"large_{len(play.world.channels)}")
    play.world.post(channel, "x", media)
    telegram = play.telegram()
    (post,) = (await telegram.page(ref(channel), "0", since=LONG_AGO)).posts
    reader = MediaReader(_InProcess(), cap)  # type: ignore[arg-type]
    if turn:
        return await reader.read_in_turn(telegram, post, post.media[0], Turn("source", play.world.now().date()))
    return await reader.read(telegram, post, post.media[0])


@pytest.mark.parametrize("turn", [True, False], ids=["crawl", "link"])
async def test_best_that_fits_stands_in_for_a_video_above_the_cap(play: Stage, turn: bool):
    frames = scenes(1, 2)
    film, still = video(frames), encoded(frames[0], "JPEG")
    large = play.world.video(film + bytes(50_000))
    files = [play.world.video(film + bytes(size)).document for size in (100, 2000, 60_000)]
    playlist = play.world.document(b"#EXTM3U", "application/x-mpegurl").document
    large.alt_documents = [files[0], playlist, files[1], files[2]]
    play.world.thumbnail(large, still)

    whole = await _inspected(play, large, cap=10_000_000, turn=turn)
    smaller = await _inspected(play, large, cap=len(film) + 3000, turn=turn)
    large.alt_documents = None
    thumb = await _inspected(play, large, cap=len(film) - 1, turn=turn)
    large.document.thumbs = None
    nothing = await _inspected(play, large, cap=len(film) - 1, turn=turn)

    assert [one.media.id for one in (whole, smaller, thumb, nothing)] == [f"document:{large.document.id}"] * 4
    assert [one.outcome for one in (whole, smaller, thumb, nothing)] == [INSPECTED, PARTIAL, PARTIAL, "too-large"]
    assert smaller.hashed is not None and smaller.hashed.sha256 == sha256(film + bytes(2000)).hexdigest()
    assert thumb.hashed is not None and thumb.hashed.sha256 == sha256(still).hexdigest()


async def test_lesser_form_with_a_stale_reference_is_fetched_anew(play: Stage):
    large = play.world.video(bytes(2000))
    large.alt_documents = [play.world.video(b"smaller").document]
    telegram, _, _, (media,) = await posted(play, large)
    (lesser,) = media.lesser
    play.world.expire_refs()
    large.alt_documents[0].file_reference = play.world.files.reference
    assert await telegram.read(lesser, max_bytes=1000) == b"smaller"
