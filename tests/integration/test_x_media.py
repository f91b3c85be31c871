"""The X adapter reading photos: in memory, capped, from listed hosts only."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from monitor.core.errors import NotInspected, PlatformFault, RateLimited
from monitor.demo.x.world import XPost
from monitor.platforms.base import Media, MediaKind, PlatformName, Presence, SourceRef, nearness
from monitor.platforms.x.parsing import to_post
from monitor.platforms.x.variants import variants_of
from tests.support.x_parts import LONG_AGO, Parts, make_x, patience_of, x_parts
from tests.support.x_troubles import FaultKind


@pytest.fixture
async def parts(request: pytest.FixtureRequest) -> AsyncIterator[Parts]:
    async with x_parts(patience=patience_of(request)) as made:
        yield made


async def post_photo(parts: Parts, body: bytes) -> tuple[XPost, Media]:
    account = parts.world.account("someone")
    made = parts.world.post(account, "text", [body])
    page = await parts.x.page(SourceRef(PlatformName.X, "someone", account.id), None, since=LONG_AGO)
    return made, page.posts[0].media[0]


def photo(url: object) -> Media:
    return Media(id="3_1", kind=MediaKind.PHOTO, token=url)


async def reason_of(parts: Parts, media: Media, max_bytes: int = 1000) -> str:
    with pytest.raises(NotInspected) as caught:
        await parts.x.read(media, max_bytes=max_bytes)
    return caught.value.reason


async def test_photo_is_read_in_its_original_size(parts: Parts) -> None:
    body = bytes(range(256)) * 1000
    made, medium = await post_photo(parts, body)
    made.media[0].large = b"smaller"
    assert await parts.x.read(medium, max_bytes=len(body)) == body
    assert parts.world.calls[-1].query == {"name": "orig"}


async def test_upload_that_is_too_large_is_read_in_the_smaller_size(parts: Parts) -> None:
    made, medium = await post_photo(parts, b"x" * 5000)
    made.media[0].large = b"smaller"
    assert await parts.x.read(medium, max_bytes=1000) == b"smaller"


async def test_photo_over_the_cap_in_every_size_is_too_large(parts: Parts) -> None:
    _, medium = await post_photo(parts, b"x" * 1001)
    assert await reason_of(parts, medium, 1000) == "too-large"


async def test_photo_of_unannounced_length_is_cut_off_at_the_cap(parts: Parts) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        except ConnectionError:
            return response

    async with serve(endless) as host:
        x = make_x(parts.double, media_hosts=(host,))
        with pytest.raises(NotInspected, match="too-large"):
            await x.read(photo(f"http://{host}/media/a.jpg"), max_bytes=200_000)
        await x.close()


async def test_photo_of_a_removed_post_is_gone(parts: Parts) -> None:
    made, medium = await post_photo(parts, b"photo")
    parts.world.remove(made.id)
    assert await reason_of(parts, medium) == "gone"


async def test_empty_photo_is_empty(parts: Parts) -> None:
    _, medium = await post_photo(parts, b"")
    assert await reason_of(parts, medium) == "empty"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (FaultKind.SHORT, "connection-lost"),
        (FaultKind.CUT, "connection-lost"),
        (FaultKind.HANG, "timeout"),
        (FaultKind.UNAVAILABLE, "http-503"),
    ],
)
async def test_photo_that_breaks_off_is_a_fault_to_try_again(parts: Parts, fault: FaultKind, code: str) -> None:
    _, medium = await post_photo(parts, b"photo" * 1000)
    parts.world.fail("/media/", fault, times=2 if fault is FaultKind.CUT else 1)
    with pytest.raises(PlatformFault, match=code):
        await parts.x.read(medium, max_bytes=10_000)
    assert await parts.x.read(medium, max_bytes=10_000) == b"photo" * 1000


async def test_limit_on_photos_is_kept_apart_and_remembered(parts: Parts) -> None:
    _, medium = await post_photo(parts, b"photo")
    parts.world.fail("/media/", FaultKind.RATE_LIMIT_SILENT)
    for _ in range(2):
        with pytest.raises(RateLimited):
            await parts.x.read(medium, max_bytes=1000)
    assert parts.calls_to("/media/") == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/media/a.jpg",  # another port
        "http://localhost/media/a.jpg",
        "https://example.org/media/a.jpg",
        "http://pbs.twimg.com/media/a.jpg",  # not encrypted
        "http://user@HOST/media/a.jpg",
        "file:///etc/passwd",
        "ftp://HOST/a.jpg",
        "/media/a.jpg",
        "http://[broken",
        "",
        None,
        7,
    ],
)
async def test_photo_from_elsewhere_is_never_fetched(parts: Parts, url: object) -> None:
    if isinstance(url, str):
        url = url.replace("HOST", parts.double.media_host)
    assert await reason_of(parts, photo(url)) == "unsupported"
    assert parts.world.calls == []


async def post_video(parts: Parts, body: bytes, *, kind: str = "video") -> tuple[XPost, SourceRef]:
    account = parts.world.account("someone")
    return parts.world.post(account, "text", [body], kind=kind), SourceRef(PlatformName.X, "someone", account.id)


async def medium_of(parts: Parts, source: SourceRef) -> Media:
    return (await parts.x.page(source, None, since=LONG_AGO)).posts[0].media[0]


@pytest.mark.parametrize("kind", ["video", "animated_gif"])
async def test_video_is_read_from_its_file_and_never_from_its_playlist(parts: Parts, kind: str) -> None:
    _, source = await post_video(parts, b"video", kind=kind)
    medium = await medium_of(parts, source)
    assert (medium.kind, medium.mime) == (MediaKind.VIDEO, "video/mp4")
    assert await parts.x.read(medium, max_bytes=1000) == b"video"
    assert parts.world.calls[-1].path.endswith("/v.mp4")


async def test_smallest_sufficient_file_of_a_video_is_read(parts: Parts) -> None:
    made, source = await post_video(parts, b"x" * 500)
    made.media[0].large = b"smaller"
    assert await parts.x.read(await medium_of(parts, source), max_bytes=1000) == b"smaller"


async def test_video_over_the_cap_is_too_large(parts: Parts) -> None:
    _, source = await post_video(parts, b"x" * 1001)
    assert await reason_of(parts, await medium_of(parts, source), 1000) == "too-large"


def test_files_of_a_video_are_tried_from_the_smallest_sufficient_down() -> None:
    def file(size: str, rate: int, kind: str = "video/mp4") -> dict[str, object]:
        return {"content_type": kind, "bit_rate": rate, "url": f"https://h/vid/{size}/a.mp4"}

    listed = [
        file("1280x720", 2176000),
        file("pl", 0, "application/x-mpegURL"),
        file("320x180", 256000),
        file("640x360", 832000),
        file("480x270", 300000),
    ]

    found = variants_of({"variants": listed})

    assert [variant.short for variant in found] == [360, 270, 180]
    assert variants_of({"variants": [{"content_type": "video/mp4"}, 7]}) == ()
    assert variants_of({}) == ()


async def test_video_without_a_file_is_not_fetched(parts: Parts) -> None:
    assert await reason_of(parts, Media(id="7_1", kind=MediaKind.UNSUPPORTED)) == "unsupported"


async def test_redirect_within_the_listed_hosts_is_followed_and_others_are_not(parts: Parts) -> None:
    made, _ = await post_photo(parts, b"photo")
    inside = f"{parts.double.api_base}/media/{made.media[0].name}.jpg"
    targets = {"in": inside, "out": "http://127.0.0.1:9/x.jpg", "loop": "/loop", "bad": "http://[broken", "none": ""}

    async def redirect(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": targets[request.path[1:]]})

    async with serve(redirect) as host:
        x = make_x(parts.double, media_hosts=(host, parts.double.media_host))
        assert await x.read(photo(f"http://{host}/in"), max_bytes=1000) == b"photo"
        for name in ("out", "loop", "bad", "none"):
            with pytest.raises(NotInspected, match="unsupported"):
                await x.read(photo(f"http://{host}/{name}"), max_bytes=1000)
        await x.close()


async def test_compressed_answer_is_not_unpacked(parts: Parts) -> None:
    async def bomb(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"not really gzip", headers={"Content-Encoding": "gzip"})

    async with serve(bomb) as host:
        x = make_x(parts.double, media_hosts=(host,))
        assert await x.read(photo(f"http://{host}/a.jpg"), max_bytes=1000) == b"not really gzip"
        await x.close()


class serve:  # noqa: N801 - reads as a verb
    """One handler on a free port; gives host and port."""

    def __init__(self, handler: object) -> None:
        self._app = web.Application()
        self._app.router.add_get("/{path:.*}", handler)  # type: ignore[arg-type]

    async def __aenter__(self) -> str:
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


async def test_pictures_of_an_article_are_read(parts: Parts) -> None:
    account = parts.world.account("someone")
    made = parts.world.post(account, "https://t.co/a", [b"attached"])
    lent = parts.world.post(account, "lends its files", [b"cover", b"within"])
    made.beside, lent.media = lent.media, []
    cover, within = (medium.key for medium in made.beside)
    made.fields["article"] = {"title": "7_1", "cover_media": cover, "media_entities": [within, cover]}
    source = SourceRef(PlatformName.X, "someone", account.id, title=account.name)

    post = await parts.x.post(source, made.id)

    assert post is not None
    assert [await parts.x.read(medium, max_bytes=1000) for medium in post.media] == [b"attached", b"cover", b"within"]
    page = await parts.x.page(source, None, since=LONG_AGO)
    assert next(one for one in page.posts if one.id == made.id) == post
    status = await parts.x.post_status(source, made.id, (within,))
    assert (status.presence, status.media_ids) == (Presence.LIVE, tuple(medium.id for medium in post.media))


async def test_what_a_post_shows_and_does_not_hand_out_is_recorded(parts: Parts) -> None:
    account = parts.world.account("someone")
    picture = {"url": "https://pbs.twimg.com/news_img/1/a.jpg", "width": 800, "height": 320}
    link = {"url": "https://t.co/a", "expanded_url": "https://example.org/", "images": [picture, picture]}
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"referenced_tweets": [{"type": "quoted", "id": "77"}]}, [("quoted:77", "quoted-post")]),
        ({"referenced_posts": [{"type": "quoted", "id": "77"}]}, [("quoted:77", "quoted-post")]),
        ({"referenced_tweets": [{"type": "retweeted", "id": "78"}]}, [("quoted:78", "repost")]),
        ({"referenced_tweets": [{"type": "replied_to", "id": "79"}]}, []),
        ({"entities": {"urls": [link, {"url": "https://t.co/b"}]}}, [("card:{}-0", "link-picture")]),
        ({"article": {"title": "words"}}, [("article:{}", "article")]),
        ({"entities": {"hashtags": [{"tag": "3_1"}]}, "referenced_tweets": "odd", "article": None}, []),
    ]
    for fields, told in cases:
        made = {"id": "5", "created_at": "2026-11-26T00:00:00Z", "attachments": {"media_keys": []}, **fields}
        post = to_post(made, {}, handle="someone")
        unread = [(medium.id, medium.unread) for medium in post.media if medium.kind is MediaKind.UNSUPPORTED]
        assert unread == [(media_id.format("5"), why) for media_id, why in told], fields
        assert all(nearness(media_id) == (0 if why == "article" else 1) for media_id, why in unread)
    quoting = parts.world.post(account, "look", [b"own"])
    quoting.fields |= {"referenced_tweets": [{"type": "quoted", "id": "77"}], "entities": {"urls": [link]}}
    page = await parts.x.page(SourceRef(PlatformName.X, "someone", account.id), None, since=LONG_AGO)
    assert [one.unread for one in page.posts[0].media[1:]] == ["quoted-post", "link-picture"]
    assert [await reason_of(parts, medium) for medium in page.posts[0].media[1:]] == ["quoted-post", "link-picture"]
