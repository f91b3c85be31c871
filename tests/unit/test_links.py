"""Links and names that people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.platforms.base import Link, PlatformName
from monitor.platforms.links import links_in, names_comment, names_in, parse_link, source_handle

TELEGRAM, X = PlatformName.TELEGRAM, PlatformName.X
_WEB = "https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2F"


@pytest.mark.parametrize(
    ("url", "handle", "post_id"),
    [
        ("https://t.me/some_name/123", "some_name", "123"),
        ("http://t.me/some_name/123?single", "some_name", "123"),
        ("t.me/some_name/123?single&t=4", "some_name", "123"),
        ("  https://t.me/s/some_name/123  ", "some_name", "123"),
        ("https://www.t.me/some_name/123/", "some_name", "123"),
        ("https://telegram.me/some_name/123#top", "some_name", "123"),
        ("https://telegram.dog/some_name/123", "some_name", "123"),
        ("HTTPS://T.ME/Some_Name/123", "Some_Name", "123"),
        ("https://t.me/some_group/5/123", "some_group", "123"),
        ("https://somename.t.me/123", "somename", "123"),
        ("tg://resolve?domain=some_name&post=123", "some_name", "123"),
        (
            "https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dsome_name%26post%3D123",
            "some_name",
            "123",
        ),
        ("https://t.me/some_name/123\u200b", "some_name", "123"),
        ("\ufeffhttps://t.me/some_name/123 \u200e", "some_name", "123"),
    ],
)
def test_public_telegram_link_names_channel_and_post(url: str, handle: str, post_id: str):
    assert parse_link(url) == Link(TELEGRAM, handle, post_id, public=True)


@pytest.mark.parametrize(
    ("url", "handle", "post_id"),
    [
        ("https://t.me/c/1234567890/55", "1234567890", "55"),
        ("https://t.me/c/1234567890/7/55?single", "1234567890", "55"),
        ("tg://privatepost?channel=1234567890&post=55", "1234567890", "55"),
        ("https://t.me/+AbCdEf123", "", ""),
        ("https://t.me/joinchat/AbCdEf123", "", ""),
        ("tg://join?invite=AbCdEf", "", ""),
        ("https://web.telegram.org/a/#-1001234567890_55", "1234567890", "55"),
        (
            "https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fprivatepost%3Fchannel%3D1234567890%26post%3D55",
            "1234567890",
            "55",
        ),
    ],
)
def test_closed_telegram_link_is_known_as_not_public(url: str, handle: str, post_id: str):
    assert parse_link(url) == Link(TELEGRAM, handle, post_id, public=False)


@pytest.mark.parametrize(
    ("url", "handle"),
    [
        ("https://x.com/name/status/1234567890123456789", "name"),
        ("https://twitter.com/name/status/1234567890123456789?s=20", "name"),
        ("https://mobile.twitter.com/name/statuses/1234567890123456789", "name"),
        ("www.x.com/name/status/1234567890123456789/photo/2", "name"),
        ("https://x.com/i/status/1234567890123456789", "i"),
        ("https://x.com/i/web/status/1234567890123456789", "i"),
        ("https://fxtwitter.com/name/status/1234567890123456789", "name"),
        ("https://vxtwitter.com/name/status/1234567890123456789", "name"),
        ("https://fixupx.com/name/status/1234567890123456789/en", "name"),
        ("https://www.fixvx.com/name/status/1234567890123456789", "name"),
    ],
)
def test_x_link_names_account_and_post(url: str, handle: str):
    assert parse_link(url) == Link(X, handle, "1234567890123456789")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a link",
        "https://t.me/",
        "https://t.me/some_name",
        "https://t.me/some_name/0",
        "https://t.me/some_name/12x",
        "https://t.me/some_name/123/45/6",
        "https://t.me/addstickers/123",
        "https://t.me@example.org/some_name/123",
        "https://user@t.me/some_name/123",
        "https://t.me.example.org/some_name/123",
        "https://example.org/t.me/some_name/123",
        "https://t.me:8443/some_name/123",
        "https://t.me:port/some_name/123",
        "https://[t.me/some_name/123",
        "javascript://t.me/some_name/123",
        "ftp://t.me/some_name/123",
        "https://t.me/some_name/123\n456",
        "https://x.com/name",
        "https://x.com/name/status/abc",
        "https://x.com/search/status/123",
        "https://x.com/a_name_that_is_too_long/status/123",
        "https://nitter.example/name/status/123",
        "https://fxtwitter.com.example/name/status/123",
        "https://pic.x.com/AbCdEf",
        "https://web.telegram.org/k/#@some_name",
        "https://web.telegram.org/a/#777000_5",
        "https://web.telegram.org/k/#?tgaddr=https%3A%2F%2Ft.me%2Fsome_name%2F1",
        "https://web.telegram.org/some_name/123",
        "https://web.telegram.org.example/a/#-1001234567890_55",
        "tg://settings",
    ],
)
def test_anything_else_names_no_post(url: str):
    assert parse_link(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://t.me/some_name/123?comment=456",
        "https://t.me/some_name/123?single&comment=456",
        "https://t.me/some_name/123?thread=1&amp;comment=456",
        "https://t.me/s/some_name/123?comment=456",
        "https://some_name.t.me/123?comment=456",
        "https://telegram.me/some_name/123?Comment=456",
        "t.me/some_name/123?comment=",
        "tg://resolve?domain=some_name&post=123&comment=7",
        "https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dsome_name%26post%3D123%26comment%3D7",
        "https://t.me/some_name/123?comment=456\u200b",
    ],
)
def test_link_to_a_comment_is_never_the_post_above_it(url: str):
    assert names_comment(url)
    assert parse_link(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://t.me/some_name/123?single",
        "https://t.me/comment/123",
        "https://t.me/some_name/123#comment=4",
        "https://x.com/name/status/123?comment=4",
        "https://example.org/?comment=4",
        "tg://resolve?domain=comment&post=1",
        "",
    ],
)
def test_other_links_name_no_comment(url: str):
    assert not names_comment(url)


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("@some_name", "some_name"),
        ("\uff20some_name", "some_name"),
        ("@some_name\u200b", "some_name"),
        ("https://web.telegram.org/k/#@some_name", "some_name"),
        ("https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dsome_name%26post%3D123", "some_name"),
        ("https://web.telegram.org/a/#-1001234567890_55", None),
        ("https://web.telegram.org/k/", None),
        ("some_name", "some_name"),
        (" t.me/some_name ", "some_name"),
        ("https://t.me/s/some_name", "some_name"),
        ("https://t.me/some_name/123", "some_name"),
        ("https://somename.t.me", "somename"),
        ("auct", "auct"),
        ("abc", None),
        ("1name", None),
        ("name_", None),
        ("na__me", None),
        ("a" * 33, None),
        ("한국어이름", None),
        ("t.me/joinchat/abc", None),
        ("t.me/+abc", None),
        ("@t.me/some_name", None),
        ("https://x.com/some_name", None),
        ("", None),
    ],
)
def test_telegram_name_follows_telegrams_rules(text: str, handle: str | None):
    assert source_handle(TELEGRAM, text) == handle


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("@name", "name"),
        ("_1", "_1"),
        ("https://x.com/name", "name"),
        ("https://x.com/@name/", "name"),
        ("twitter.com/name?lang=ko", "name"),
        ("https://x.com/name/status/123", "name"),
        ("a" * 15, "a" * 15),
        ("a" * 16, None),
        ("na-me", None),
        ("https://x.com/home", None),
        ("https://x.com/", None),
        ("https://t.me/name", None),
    ],
)
def test_x_name_follows_xs_rules(text: str, handle: str | None):
    assert source_handle(X, text) == handle


POST = "https://t.me/examplechannel/14"


@pytest.mark.parametrize(
    "pasted",
    [
        f"이거 봐 {POST}",
        f"{POST}\n이거 봐",
        f"링크:{POST}이에요",
        f"{POST}.",
        f"({POST})",
        f"[here]({POST}), please",
        f"\u201c{POST}\u201d",
        "".join(chr(ord(sign) + 0xFEE0) for sign in POST),
        "https://t.me/exam\u200bple\u3164channel/14",
        "봐 t.me/examplechannel/14",
    ],
)
def test_the_words_and_signs_around_a_shared_link_are_no_part_of_it(pasted: str):
    assert parse_link(pasted) == Link(TELEGRAM, "examplechannel", "14")


@pytest.mark.parametrize("between", ["", " ", "\n", ", "])
def test_two_links_in_one_paste_are_two_and_name_no_one_post(between: str):
    both = f"{POST}{between}https://x.com/name/status/1"
    assert links_in(both) == (POST, "https://x.com/name/status/1") and parse_link(both) is None
    inner = "https://web.archive.org/web/2026/https://x.com/name/status/1"
    assert links_in(inner) == (inner,)
    assert links_in("https://example.org/A_(b)") == ("https://example.org/A_(b)",)


@pytest.mark.parametrize(
    "typed", ["＠ｅｘａｍｐｌｅｃｈａｎ", "@ examplechan", "@exam\u200bplechan", "여기 (@examplechan)."]
)
def test_name_is_understood_as_it_is_typed(typed: str):
    assert source_handle(TELEGRAM, typed) == "examplechan"


@pytest.mark.parametrize(
    "typed", ["@one_one, @two_two", "@one_one @two_two", "one_one,two_two", "t.me/one_one t.me/two_two"]
)
def test_several_names_are_no_one_place(typed: str):
    assert len(names_in(typed)) == 2 and source_handle(TELEGRAM, typed) is None


@given(st.one_of(st.text(), st.text().map(lambda text: f"https://t.me/{text}"), st.from_regex(r"[a-z]+://.*")))
def test_no_text_breaks_the_parser(text: str):
    link = parse_link(text)
    if link is not None and link.public:
        assert link.post_id.isdecimal()
        assert link.handle
    for platform in PlatformName:
        source_handle(platform, text)
