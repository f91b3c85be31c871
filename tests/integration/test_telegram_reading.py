"""The Telegram adapter reads channels over real TCP from the double."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import ConfigError, SourceUnavailable
from monitor.platforms.base import MediaKind, Platform, Post
from tests.support.telegram_adapter import LONG_AGO, Stage, ref, stage


@pytest.fixture
async def play() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


def ids(posts: Sequence[Post]) -> list[int]:
    return [int(post.id) for post in posts]


async def read_all(telegram: Platform, channel, cursor: str | None = None, limit: int = 100) -> tuple[list[int], int]:
    """Every id from the cursor on, and the number of pages."""
    found, pages, more = [], 0, True
    while more:
        page = await telegram.page(ref(channel), cursor, since=LONG_AGO, limit=limit)
        assert len(page.posts) <= limit
        found += ids(page.posts)
        cursor, more, pages = page.cursor, page.more, pages + 1
        assert pages < 40
    return found, pages


async def test_login_is_proved_without_telling_it(play: Stage):
    telegram = play.telegram()
    assert await telegram.check() == "logged in as account 1000"
    assert telegram.account == play.telegram().account
    assert play.session not in telegram.account


@pytest.mark.parametrize("session", ["", "nonsense", "1AAAA"])
async def test_session_that_is_none_names_the_mend(play: Stage, session: str):
    with pytest.raises(ConfigError, match="telegram-login"):
        play.telegram(session=session)


async def test_name_is_resolved_once_to_number_and_access_hash(play: Stage):
    channel = play.world.channel("Some_Channel", "Some title")
    source = await play.telegram().resolve("@some_channel")
    assert source == ref(channel)
    assert str(channel.access_hash) not in repr(source)


async def test_public_group_can_be_watched_and_people_cannot(play: Stage):
    play.world.user("somebody_private")
    group = play.world.channel("some_group", group=True)
    telegram = play.telegram()
    assert (await telegram.resolve("some_group")).remote_id == str(group.id)
    with pytest.raises(SourceUnavailable, match="not-a-channel"):
        await telegram.resolve("somebody_private")
    with pytest.raises(SourceUnavailable, match="gone"):
        await telegram.resolve("nobody_has_this")


async def test_impossible_name_is_never_asked(play: Stage):
    with pytest.raises(SourceUnavailable, match="not-a-channel"):
        await play.telegram().resolve("no spaces allowed")
    assert play.world.count() == 0


async def test_posts_come_oldest_first_with_link_caption_and_picture(play: Stage):
    channel = play.world.channel("source_one")
    first = play.world.post(channel, "first", play.picture())
    play.world.post(channel, "second")
    page = await play.telegram().page(ref(channel), None, since=LONG_AGO)
    assert ids(page.posts) == [1, 2]
    assert (page.cursor, page.more) == ("2", False)
    post = page.posts[0]
    assert post.url == "https://t.me/source_one/1"
    assert post.caption == "first"
    assert post.posted_at == first.date.replace(microsecond=0)
    assert post.posted_at.tzinfo is UTC
    assert [(media.id, media.kind) for media in post.media] == [(f"photo:{first.media.photo.id}", MediaKind.PHOTO)]
    assert page.posts[1].media == ()


async def test_poll_without_news_costs_one_call_and_keeps_cursor(play: Stage):
    channel = play.world.channel("source_one")
    for _ in range(5):
        play.world.post(channel, "x")
    telegram = play.telegram()
    await telegram.check()
    before = play.world.count()
    page = await telegram.page(ref(channel), "5", since=LONG_AGO)
    assert (page.posts, page.cursor, page.more) == ((), "5", False)
    assert play.world.count() == before + 1


@pytest.mark.parametrize("limit", [7, 100])
async def test_paging_goes_on_past_gaps_and_short_answers(play: Stage, limit: int):
    channel = play.world.channel("source_one")
    wanted = []
    for round_number in range(6):
        wanted += [play.world.post(channel, "x").id for _ in range(41)]
        play.world.skip_ids(channel, 30 * round_number)
    for gone in wanted[20:60]:
        play.world.remove(channel.id, gone)
    wanted[20:60] = []
    play.world.page_cap = 23
    found, _ = await read_all(play.telegram(), channel, limit=limit)
    assert found == wanted
    found, _ = await read_all(play.telegram(), channel, cursor="100", limit=limit)
    assert found == [number for number in wanted if number > 100]


async def test_hole_of_hundreds_of_numbers_stops_nobody(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x")
    play.world.skip_ids(channel, 2500)
    wanted = [play.world.post(channel, "x").id for _ in range(130)]
    found, _ = await read_all(play.telegram(), channel, cursor="1")
    assert found == wanted


async def test_exactly_full_page_says_whether_more_follows(play: Stage):
    channel = play.world.channel("source_one")
    for _ in range(10):
        play.world.post(channel, "x")
    telegram = play.telegram()
    assert not (await telegram.page(ref(channel), "0", since=LONG_AGO, limit=10)).more
    assert (await telegram.page(ref(channel), "0", since=LONG_AGO, limit=9)).more


async def test_first_watch_starts_at_its_day(play: Stage):
    channel = play.world.channel("source_one")
    now = datetime.now(UTC)
    for hours in range(300, 0, -1):
        play.world.post(channel, "x", at=now - timedelta(hours=hours))
    page = await play.telegram().page(ref(channel), None, since=now - timedelta(hours=10.5))
    assert ids(page.posts) == list(range(291, 301))
    page = await play.telegram().page(ref(channel), None, since=now - timedelta(hours=250.5), limit=60)
    assert ids(page.posts) == list(range(51, 111))
    assert page.more


async def test_quiet_channel_sets_cursor_so_that_no_later_post_is_missed(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "old", at=datetime.now(UTC) - timedelta(days=9))
    telegram = play.telegram()
    empty = play.world.channel("source_two")
    page = await telegram.page(ref(empty), None, since=LONG_AGO)
    assert (page.posts, page.cursor, page.more) == ((), "0", False)
    page = await telegram.page(ref(channel), None, since=datetime.now(UTC) - timedelta(days=1))
    assert (page.posts, page.cursor) == ((), "1")
    later = play.world.post(channel, "new", at=datetime.now(UTC) - timedelta(days=5))
    page = await telegram.page(ref(channel), page.cursor, since=datetime.now(UTC))
    assert ids(page.posts) == [later.id]


async def test_service_messages_are_no_posts_but_move_the_cursor(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x")
    play.world.service(channel)
    page = await play.telegram().page(ref(channel), "1", since=LONG_AGO)
    assert (page.posts, page.cursor, page.more) == ((), "2", False)


async def test_album_spans_pages_under_one_group(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "alone")
    for number in range(4):
        play.world.post(channel, "album" if number == 0 else "", play.picture(), grouped_id=77)
    telegram = play.telegram()
    first = await telegram.page(ref(channel), "0", since=LONG_AGO, limit=3)
    second = await telegram.page(ref(channel), first.cursor, since=LONG_AGO, limit=3)
    assert [post.group_id for post in first.posts + second.posts] == [None, "77", "77", "77", "77"]
    assert [post.caption for post in second.posts] == [None, None]
    assert len({post.media[0].id for post in first.posts[1:] + second.posts}) == 4


async def test_replaced_picture_of_known_post_comes_back_with_its_new_id(play: Stage):
    channel = play.world.channel("source_one")
    post = play.world.post(channel, "x", play.picture())
    play.world.post(channel, "y")
    telegram = play.telegram()
    before = (await telegram.page(ref(channel), None, since=LONG_AGO)).posts[0]
    play.world.edit(post, media=play.picture(b"another"))
    newest = play.world.post(channel, "z")
    page = await telegram.page(ref(channel), "2", since=LONG_AGO)
    assert ids(page.posts) == [1, newest.id]
    assert page.cursor == str(newest.id)
    edited = page.posts[0]
    assert edited.edited_at is not None
    assert edited.media[0].id != before.media[0].id
    assert edited.response_sha256 != before.response_sha256


async def test_response_hash_ignores_file_references(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x", play.picture())
    telegram = play.telegram()
    before = await telegram.post(ref(channel), "1")
    play.world.expire_refs()
    after = await telegram.post(ref(channel), "1")
    assert before is not None and after is not None
    assert before.response_sha256 == after.response_sha256
    assert len(before.response_sha256) == 64


async def test_one_post_by_number(play: Stage):
    channel = play.world.channel("source_one")
    play.world.post(channel, "x", play.picture())
    telegram = play.telegram()
    post = await telegram.post(ref(channel), "1")
    assert post is not None
    assert await telegram.read(post.media[0], max_bytes=10**6)
    assert await telegram.post(ref(channel), "99") is None


async def test_renamed_channel_is_read_on_under_its_new_name(play: Stage):
    channel = play.world.channel("source_one")
    source = ref(channel)
    other = play.world.channel("other_one")
    play.world.hand_username(channel, other)
    play.world.rename(channel, "moved_here")
    play.world.post(channel, "x")
    telegram = play.telegram()
    page = await telegram.page(source, "0", since=LONG_AGO)
    assert page.posts[0].url == "https://t.me/moved_here/1"
    assert (await telegram.resolve("source_one")).remote_id == str(other.id) != source.remote_id


async def test_channel_without_a_public_name_is_not_read(play: Stage):
    channel = play.world.channel("source_one")
    source = ref(channel)
    play.world.post(channel, "x")
    play.world.rename(channel, None)
    with pytest.raises(SourceUnavailable, match="private"):
        await play.telegram().page(source, "0", since=LONG_AGO)


async def test_channels_that_posts_were_forwarded_from_lend_no_name(play: Stage):
    channel, origin = play.world.channel("source_one"), play.world.channel("origin_one")
    play.world.post(channel, "x", play.picture(), forwarded_from=origin)
    telegram = play.telegram()
    page = await telegram.page(ref(channel), "0", since=LONG_AGO)
    assert page.posts[0].url == "https://t.me/source_one/1"
    assert page.posts[0].author_id == str(channel.id)
    assert (await telegram.post_status(ref(channel), "1", ())).reason == "found"


async def test_closed_channel_and_foreign_access_hash_are_told_apart(play: Stage):
    channel = play.world.channel("source_one")
    telegram = play.telegram()
    with pytest.raises(SourceUnavailable, match="unknown-to-account"):
        await telegram.page(replace(ref(channel), access="1"), "0", since=LONG_AGO)
    with pytest.raises(SourceUnavailable, match="not-resolved"):
        await telegram.page(replace(ref(channel), access=None), "0", since=LONG_AGO)
    play.world.make_private(channel)
    with pytest.raises(SourceUnavailable, match="private"):
        await telegram.page(ref(channel), "0", since=LONG_AGO)
    with pytest.raises(SourceUnavailable, match="gone"):
        await telegram.resolve("source_one")


async def test_edit_is_seen_as_far_back_as_the_answer_reaches(play: Stage):
    channel = play.world.channel("edits_old")
    messages = [play.world.post(channel, f"{n}", play.picture()) for n in range(100)]
    play.world.edit(messages[1], media=play.picture(b"another"))
    telegram = play.telegram()
    page = await telegram.page(ref(channel), str(messages[-1].id), since=LONG_AGO)
    assert [post.id for post in page.posts] == [str(messages[1].id)]
    assert play.world.count("messages.getHistory") == 1
