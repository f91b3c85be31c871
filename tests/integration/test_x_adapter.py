"""The X adapter over real HTTP: who is watched, and what is new there."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import PlatformFault, SourceUnavailable
from monitor.demo.x.world import Account, XPost
from monitor.platforms.base import MediaKind, Page, PlatformName, SourceRef
from tests.support.x_parts import LONG_AGO, Parts, make_x, x_parts
from tests.support.x_troubles import FaultKind


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    async with x_parts() as made:
        yield made


def source_of(account: Account) -> SourceRef:
    return SourceRef(PlatformName.X, account.username, account.id)


async def walk(parts: Parts, source: SourceRef, cursor: str | None, *, limit: int) -> list[Page]:
    """Pages until there are no more."""
    pages: list[Page] = []
    while not pages or pages[-1].more:
        pages.append(await parts.x.page(source, pages[-1].cursor if pages else cursor, since=LONG_AGO, limit=limit))
    return pages


def ids(*pages: Page) -> list[str]:
    return [post.id for page in pages for post in page.posts]


def posts(parts: Parts, account: Account, count: int, *, start: datetime | None = None) -> list[XPost]:
    first = start or datetime(2025, 5, 1, tzinfo=UTC)
    return [parts.world.post(account, f"post {n}", at=first + timedelta(minutes=n)) for n in range(count)]


async def test_handle_resolves_to_id_and_spelling_of_the_platform(parts: Parts) -> None:
    account = parts.world.account("Watched_One", name="A title")
    source = await parts.x.resolve("watched_one")
    assert (source.handle, source.remote_id, source.title) == ("Watched_One", account.id, "A title")


@pytest.mark.parametrize(
    ("state", "reason"), [("missing", "gone"), ("suspended", "restricted"), ("protected", "private")]
)
async def test_account_that_is_not_public_is_unavailable_by_name(parts: Parts, state: str, reason: str) -> None:
    if state != "missing":
        setattr(parts.world.account("someone"), state, True)
    with pytest.raises(SourceUnavailable) as caught:
        await parts.x.resolve("someone")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("state", "reason"), [("missing", "gone"), ("suspended", "restricted"), ("protected", "private")]
)
async def test_account_that_stops_being_public_is_unavailable(parts: Parts, state: str, reason: str) -> None:
    account = parts.world.account("someone")
    parts.world.post(account, "text")
    if state == "missing":
        del parts.world.accounts[account.id]
    else:
        setattr(account, state, True)
    with pytest.raises(SourceUnavailable) as caught:
        await parts.x.page(source_of(account), None, since=LONG_AGO)
    assert caught.value.reason == reason


@pytest.mark.parametrize("handle", ["", "two words", "../tweets", "지킴이", "a" * 40, "a/b", "a?b"])
async def test_impossible_handle_is_refused_without_a_call(parts: Parts, handle: str) -> None:
    with pytest.raises(SourceUnavailable):
        await parts.x.resolve(handle)
    assert parts.world.calls == []


async def test_first_watch_starts_at_since_and_later_pages_after_the_cursor(parts: Parts) -> None:
    account = parts.world.account("someone")
    old, new = posts(parts, account, 2)
    page = await parts.x.page(source_of(account), None, since=new.at)
    assert ids(page) == [new.id]
    assert (page.cursor, page.more) == (new.id, False)
    later = parts.world.post(account, "later")
    page = await parts.x.page(source_of(account), page.cursor, since=LONG_AGO)
    assert ids(page) == [later.id]
    assert old.id not in ids(page)


async def test_posts_come_oldest_first_with_all_their_fields(parts: Parts) -> None:
    account = parts.world.account("someone")
    first = parts.world.post(account, "a caption", [b"one", b"two"], at=datetime(2025, 5, 1, 12, 0, 0, 250000, UTC))
    second = parts.world.post(account, "no photo", at=datetime(2025, 5, 1, 13, tzinfo=UTC))
    page = await parts.x.page(source_of(account), None, since=LONG_AGO)
    assert ids(page) == [first.id, second.id]
    post = page.posts[0]
    assert post.url == f"https://x.com/someone/status/{first.id}"
    assert post.posted_at == first.at and post.posted_at.tzinfo is UTC
    assert (post.author_id, post.caption, post.group_id) == (account.id, "a caption", first.id)
    assert [medium.id for medium in post.media] == [medium.key for medium in first.media]
    assert {medium.kind for medium in post.media} == {MediaKind.PHOTO}
    assert len(post.response_sha256) == 64 and post.response_sha256 != page.posts[1].response_sha256
    assert page.posts[1].media == ()


@pytest.mark.parametrize("kind", ["video", "animated_gif"])
async def test_moving_pictures_are_seen_as_videos(parts: Parts, kind: str) -> None:
    account = parts.world.account("someone")
    parts.world.post(account, "text", [b"bytes"], kind=kind)
    page = await parts.x.page(source_of(account), None, since=LONG_AGO)
    assert [medium.kind for medium in page.posts[0].media] == [MediaKind.VIDEO]


async def test_reposts_are_left_out_and_empty_pages_keep_the_cursor(parts: Parts) -> None:
    account = parts.world.account("someone")
    assert (await parts.x.page(source_of(account), None, since=LONG_AGO)).cursor is None
    parts.world.post(account, "not theirs", [b"photo"], repost=True)
    page = await parts.x.page(source_of(account), "17", since=LONG_AGO)
    assert (page.posts, page.cursor, page.more) == ((), "17", False)


async def test_no_post_is_lost_over_many_answers_of_the_platform(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = posts(parts, account, 251)
    page = await parts.x.page(source_of(account), None, since=LONG_AGO, limit=1000)
    assert ids(page) == [post.id for post in made]
    assert (page.cursor, page.more) == (made[-1].id, False)
    assert parts.calls_to("/2/users/") == 3


@pytest.mark.parametrize("limit", [1, 3, 5, 7, 10, 40])
@pytest.mark.parametrize("watched_before", [False, True])
async def test_no_post_is_lost_or_repeated_when_there_are_more_than_asked_for(
    parts: Parts, limit: int, watched_before: bool
) -> None:
    account = parts.world.account("someone")
    made = posts(parts, account, 23)
    cursor = made[2].id if watched_before else None
    expected = made[3:] if watched_before else made
    pages = await walk(parts, source_of(account), cursor, limit=limit)
    assert all(len(page.posts) <= limit for page in pages)
    assert all(ids(page) == sorted(ids(page), key=int) for page in pages)
    assert sorted(ids(*pages), key=int) == [post.id for post in expected]
    assert pages[-1].cursor == made[-1].id


async def test_posts_made_while_catching_up_are_read_afterwards(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = posts(parts, account, 12)
    first = await parts.x.page(source_of(account), None, since=LONG_AGO, limit=5)
    assert first.more
    newer = parts.world.post(account, "while catching up")
    rest = await walk(parts, source_of(account), first.cursor, limit=5)
    seen = ids(first, *rest)
    assert sorted(seen, key=int) == [post.id for post in made]
    assert ids(await parts.x.page(source_of(account), rest[-1].cursor, since=LONG_AGO)) == [newer.id]


async def test_gap_closes_even_when_its_posts_were_deleted_meanwhile(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = posts(parts, account, 12)
    first = await parts.x.page(source_of(account), None, since=LONG_AGO, limit=5)
    for post in made[:7]:
        parts.world.remove(post.id)
    page = await parts.x.page(source_of(account), first.cursor, since=LONG_AGO, limit=5)
    assert (page.posts, page.cursor, page.more) == ((), made[-1].id, False)


async def test_first_watch_that_is_cut_into_pages_never_reaches_behind_since(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = posts(parts, account, 20)
    since = made[8].at
    pages = [await parts.x.page(source_of(account), None, since=since, limit=5)]
    while pages[-1].more:
        pages.append(await parts.x.page(source_of(account), pages[-1].cursor, since=since, limit=5))
    assert sorted(ids(*pages), key=int) == [post.id for post in made[8:]]


async def test_since_of_this_very_moment_is_no_mistake(parts: Parts) -> None:
    account = parts.world.account("someone")
    parts.world.post(account, "before", at=parts.clock.now() - timedelta(seconds=10))
    page = await parts.x.page(source_of(account), None, since=parts.clock.now() + timedelta(seconds=5))
    assert page.posts == ()


async def test_source_without_id_is_resolved_on_the_way(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = parts.world.post(account, "text")
    page = await parts.x.page(SourceRef(PlatformName.X, "someone"), None, since=LONG_AGO)
    assert ids(page) == [made.id]


async def test_edited_post_comes_again_as_a_new_one(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = parts.world.post(account, "text", [b"photo"], at=datetime(2025, 5, 1, tzinfo=UTC))
    page = await parts.x.page(source_of(account), None, since=LONG_AGO)
    before = made.id
    edited = parts.world.edit(before, "other text")
    again = await parts.x.page(source_of(account), page.cursor, since=LONG_AGO)
    assert ids(again) == [edited.id] != [before]


async def test_post_by_id_is_found_and_hashes_as_in_the_timeline(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = parts.world.post(account, "text", [b"photo"])
    page = await parts.x.page(source_of(account), None, since=LONG_AGO)
    post = await parts.x.post(source_of(account), made.id)
    # The name that they have now: the timeline is asked without its users, who cost.
    assert post == replace(page.posts[0], author_name=account.name)
    assert post is not None and await parts.x.read(post.media[0], max_bytes=100) == b"photo"


async def test_post_that_does_not_exist_is_none(parts: Parts) -> None:
    account = parts.world.account("someone")
    assert await parts.x.post(source_of(account), "12345") is None
    assert await parts.x.post(source_of(account), "not-an-id") is None
    assert parts.calls_to("/2/tweets") == 1


async def test_post_of_another_account_is_not_read_under_this_source(parts: Parts) -> None:
    watched, other = parts.world.account("watched"), parts.world.account("other")
    foreign = parts.world.post(other, "text")
    assert await parts.x.post(source_of(watched), foreign.id) is None


async def test_post_of_a_protected_account_is_unavailable_not_missing(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = parts.world.post(account, "text")
    parts.world.protect(account)
    with pytest.raises(SourceUnavailable):
        await parts.x.post(source_of(account), made.id)


async def test_check_names_host_and_account_without_the_token(parts: Parts) -> None:
    line = await parts.x.check()
    assert parts.double.media_host in line and parts.x.account in line
    assert "test-bearer" not in line + parts.x.account
    assert parts.x.account == make_x(parts.double).account != make_x(parts.double, bearer="other").account


async def test_adapter_serves_several_event_loops(parts: Parts) -> None:
    parts.world.account("someone")

    async def elsewhere() -> str:
        try:
            return (await parts.x.resolve("someone")).handle
        finally:
            await parts.x.close()

    assert (await parts.x.resolve("someone")).handle == "someone"
    assert await asyncio.to_thread(asyncio.run, elsewhere()) == "someone"
    assert (await parts.x.resolve("someone")).handle == "someone"


async def test_nothing_is_logged_even_at_debug(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    account = parts.world.account("someone")
    parts.world.post(account, "a private caption", [b"photo"])
    with caplog.at_level(logging.DEBUG):
        page = await parts.x.page(await parts.x.resolve("someone"), None, since=LONG_AGO)
        await parts.x.read(page.posts[0].media[0], max_bytes=100)
        await parts.x.post_status(source_of(account), page.posts[0].id, ())
    logged = " ".join(record.getMessage() for record in caplog.records)
    for secret in ("test-bearer", "private caption", "/status/", "/media/", "someone", page.posts[0].id):
        assert secret not in logged


async def test_cursor_that_was_not_ours_is_a_mistake_of_the_caller(parts: Parts) -> None:
    account = parts.world.account("someone")
    with pytest.raises(ValueError, match="invalid literal"):
        await parts.x.page(source_of(account), "not-a-cursor", since=LONG_AGO)


async def test_answer_with_neither_posts_nor_count_is_a_fault_not_an_empty_page(parts: Parts) -> None:
    account = parts.world.account("someone")
    parts.world.fail("/2/", FaultKind.NOTHING)
    with pytest.raises(PlatformFault):
        await parts.x.page(source_of(account), None, since=LONG_AGO)
