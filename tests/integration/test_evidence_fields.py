"""What the adapters tell of a post for the evidence, over the doubles: author, origin, the answer, the clock."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from telethon.tl import types as t

from monitor.platforms.base import ForwardOrigin, PlatformName, Post, SourceRef
from tests.support.telegram_adapter import LONG_AGO, PICTURE, ref, stage
from tests.support.x_parts import x_parts


def answer_of(post: Post) -> str:
    """The canonical response, whose hash stands beside it."""
    assert hashlib.sha256(post.response).hexdigest() == post.response_sha256
    json.loads(post.response)
    return post.response.decode()


def is_now(offset: timedelta | None) -> bool:
    """The double's clock is this machine's: what lies between is the way of the answer."""
    return offset is not None and abs(offset) < timedelta(seconds=5)


@pytest.mark.parametrize("by_number", [True, False])
async def test_telegram_tells_author_origin_and_answer_and_its_time(by_number: bool) -> None:
    async with stage() as play:
        origin = play.world.channel("origin_one", "Where it began")
        channel = play.world.channel("source_one", "A channel's title")
        made = play.world.post(channel, "caption", play.picture(), forwarded_from=origin)
        telegram = play.telegram()
        if by_number:
            post = await telegram.post(ref(channel), str(made.id))
        else:
            (post,) = (await telegram.page(ref(channel), None, since=LONG_AGO)).posts
        assert post is not None
        assert (post.author_id, post.author_handle, post.author_name) == (
            str(channel.id),
            "source_one",
            "A channel's title",
        )
        at = made.fwd_from.date.replace(microsecond=0)
        assert post.forwarded == ForwardOrigin(str(origin.id), None, "origin_one", "Where it began", "1", at)
        (medium,) = post.media
        assert (medium.variant, medium.size, medium.largest) == ("photo size y, 1280x960", len(PICTURE), None)
        answer = answer_of(post)
        assert "caption" in answer and "file_reference" not in answer and "PhotoStrippedSize" not in answer
        assert is_now(post.clock_offset)


async def test_of_a_group_telegram_tells_who_wrote_and_nobody_who_passed_by() -> None:
    async with stage() as play:
        group = play.world.channel("group_one", "A group", group=True)
        writer, hidden = play.world.user("writer"), play.world.user("commenter")
        writer.last_name = "Family"
        made = play.world.post(group, "text", play.picture())
        made.from_id = t.PeerUser(writer.id)
        made.fwd_from = t.MessageFwdHeader(date=datetime.now(UTC), from_name="Hidden account")
        made.replies = t.MessageReplies(replies=1, replies_pts=1, recent_repliers=[t.PeerUser(hidden.id)])
        made.entities = [t.MessageEntityMentionName(0, 4, hidden.id)]
        post = await play.telegram().post(ref(group), str(made.id))
        assert post is not None
        assert (post.author_id, post.author_handle, post.author_name) == (str(writer.id), "writer", "Somebody Family")
        assert post.forwarded is not None and post.forwarded.name == "Hidden account"
        assert (post.forwarded.channel_id, post.forwarded.user_id) == (None, None)
        assert str(hidden.id) not in answer_of(post)


async def test_origins_behind_the_first_answer_are_told_too() -> None:
    """A page after a cursor takes two answers, each with the channels that its own posts name."""
    async with stage() as play:
        origin = play.world.channel("origin_one", "Where it began")
        channel = play.world.channel("source_one")
        play.world.post(channel, "old", forwarded_from=origin)
        for number in range(120):
            play.world.post(channel, f"filler {number}")
        page = await play.telegram().page(ref(channel), "0", since=LONG_AGO)
        assert page.posts[0].forwarded is not None and page.posts[0].forwarded.name == "Where it began"


async def test_x_tells_author_and_answer_without_whom_it_mentions_and_its_time() -> None:
    async with x_parts() as parts:
        account = parts.world.account("some_one", name="Displayed Name")
        made = parts.world.post(account, "text @other", [b"photo"])
        made.fields["entities"] = {
            "mentions": [{"username": "other", "id": "31337"}],
            "annotations": [{"normalized_text": "Somebody Known"}],
            "hashtags": [{"tag": "tagged"}],
        }
        source = SourceRef(PlatformName.X, "some_one", account.id, title="Old Name")
        post = await parts.x.post(source, made.id)
        assert post is not None
        assert (post.author_id, post.author_handle, post.author_name) == (account.id, "some_one", "Displayed Name")
        assert post.forwarded is None and is_now(post.clock_offset)
        answer = answer_of(post)
        assert "tagged" in answer and "31337" not in answer and "Somebody Known" not in answer
        (page,) = (await parts.x.page(source, None, since=LONG_AGO)).posts
        assert (page.author_name, page.response_sha256) == ("Old Name", post.response_sha256)


async def test_x_names_the_largest_form_and_reads_exactly_that() -> None:
    async with x_parts() as parts:
        account = parts.world.account("some_one")
        photo = parts.world.post(account, "photo", [b"p" * 500])
        photo.media[0].large = b"q" * 20
        video = parts.world.post(account, "video", [b"v" * 900], kind="video")
        video.media[0].large = b"w" * 30
        source = SourceRef(PlatformName.X, "some_one", account.id)
        largest = []
        for made in (photo, video):
            post = await parts.x.post(source, made.id)
            assert post is not None
            largest.append(post.media[0].largest)
        for form, whole in zip(largest, (b"p" * 500, b"v" * 900), strict=True):
            assert form is not None and form.largest is None
            assert await parts.x.read(form, max_bytes=1000) == whole
        assert [one.variant for one in largest if one] == ["orig", "mp4, 720 pixels, 2176000 bit/s"]
        with pytest.raises(Exception, match="too-large"):
            assert largest[0] is not None
            await parts.x.read(largest[0], max_bytes=100)
