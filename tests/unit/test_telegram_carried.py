"""Whatever Telegram's types can put into a message is read, recorded as not inspected, or left out for a stated reason.

The library's own types are walked: a new layer that brings a new place for a picture fails here until somebody decides.
"""

import inspect
import re
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from telethon.tl import types as t

from monitor.platforms.base import MediaKind, PlatformName, SourceRef, nearness
from monitor.platforms.telegram import carried as rules
from monitor.platforms.telegram.carried import LEFT_OUT, MISSING, READ, UNREAD, carried
from monitor.platforms.telegram.parsing import MOST, media_of

_DECIDED = (*READ, *UNREAD)
_FILE_FIELD = re.compile(
    r"(photo|document|video|audio|image|picture|sticker|emoji|icon|cover|thumb|file|media|story|wallpaper)(_\w+)?_id$"
    r"|^(audio|cover|document|icon|image|media|photo|picture|sticker|story|thumb|video)_id$"
    r"|^(bytes|dc_id|file_reference|html|mime_type|stripped_thumb|vcard)$"
)
_FILE_NAME = re.compile(r"Photo|Document|Video|Image|Picture|Sticker|Story|Media|WallPaper|Thumb|File|Unsupported")
SOURCE = SourceRef(PlatformName.TELEGRAM, "somewhere", "1500000000", "5", "Somewhere")
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def schema(kind: type) -> type:
    """The type as the schema made it: the library wraps messages in classes of its own."""
    return next(one for one in kind.__mro__ if one.__module__ == "telethon.tl.types")


def parameters(kind: type) -> dict[str, inspect.Parameter]:
    """None for a type without fields, which takes none."""
    told = inspect.signature(schema(kind)).parameters.values()
    return {one.name: one for one in told if one.kind is one.POSITIONAL_OR_KEYWORD}


@cache
def fields(kind: type) -> dict[str, tuple[type, ...]]:
    """Every field of a type, and of which types it may be; of none where it is a plain value."""
    told = {}
    for parameter in parameters(kind).values():
        groups = [_group(name) for name in re.findall(r"\bType[A-Z]\w+", str(parameter.annotation))]
        told[parameter.name] = tuple(one for group in groups for one in typing.get_args(group) or (group,))
    return told


def _group(name: str) -> Any:
    """The schema has rooms of its own; types name each other without them."""
    rooms = (t, *(room for room in vars(t).values() if inspect.ismodule(room)))
    return next(getattr(room, one) for one in (name, name[len("Type") :]) for room in rooms if hasattr(room, one))


def kept(kind: type) -> Iterator[tuple[str, tuple[type, ...]]]:
    for name, kinds in fields(kind).items():
        if f"{kind.__name__}.{name}" not in LEFT_OUT:
            yield name, tuple(one for one in kinds if one.__name__ not in LEFT_OUT)


@cache
def reachable() -> dict[type, set[type]]:
    """Every type that a message can hold and that is walked, and what it holds."""
    found: dict[type, set[type]] = {}
    waiting: list[type] = [t.Message, t.MessageService]
    while waiting:
        kind = waiting.pop()
        if kind in found:
            continue
        found[kind] = {one for _, kinds in kept(kind) for one in kinds}
        if kind not in UNREAD:
            waiting += found[kind]
    return found


def leading() -> set[type]:
    """Those through which something is reached that is read or recorded."""
    found = {kind for kind in reachable() if kind in _DECIDED}
    while more := {kind for kind, held in reachable().items() if kind not in found and held & found}:
        found |= more
    return found


def blind_spots() -> list[str]:
    lead, blind = leading(), []
    for kind in reachable():
        if kind in _DECIDED or any(of is kind for of, _ in MISSING):
            continue
        if _FILE_NAME.search(kind.__name__) and kind not in lead:
            blind.append(kind.__name__)
        plain = (name for name, _ in kept(kind) if not fields(kind)[name])
        blind += [f"{kind.__name__}.{name}" for name in plain if _FILE_FIELD.search(name)]
    return sorted(blind)


def test_no_type_of_a_message_is_a_blind_spot() -> None:
    assert len(reachable()) > 200  # the walk did not stop at the door
    assert blind_spots() == [], "decide: read it, record it (UNREAD), or say in LEFT_OUT why not"


def test_new_place_for_a_picture_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it would be in a layer with three things more."""
    for name in ("PageBlockPhoto", "MessageMediaVenue", "MessageEntityCustomEmoji"):
        monkeypatch.delitem(LEFT_OUT, name)
    reachable.cache_clear()
    try:
        told = blind_spots()
    finally:
        reachable.cache_clear()
    assert {"PageBlockPhoto", "PageBlockPhoto.photo_id"} < set(told)
    assert {"MessageMediaVenue", "MessageEntityCustomEmoji.document_id"} < set(told)


def test_walk_goes_wherever_the_types_lead() -> None:
    """It steps over what leads nowhere; this test's own reading of the types says that it steps over nothing else."""
    for kind in leading() - set(_DECIDED):
        ways = {name for name, kinds in kept(kind) if leading().intersection(kinds)}
        assert ways == set(rules.ways(kind)), kind


def test_every_reason_is_about_something_that_can_be_met() -> None:
    known = {kind.__name__ for kind in reachable()}
    held = {one.__name__ for kind in reachable() for kinds in fields(kind).values() for one in kinds}
    for name, reason in LEFT_OUT.items():
        kind, _, field = name.partition(".")
        assert kind in known | held, name
        assert not field or field in fields(getattr(t, kind)), name
        assert len(reason) > 10
    assert all(len(code) <= 32 for code in (*UNREAD.values(), *MISSING.values()))
    met = {*UNREAD, *(kind for kind, _ in MISSING), *(kind for kind, _ in rules.SAYS)}
    assert met <= set(reachable())


def test_library_keeps_every_field_where_the_walk_looks() -> None:
    for kind in (t.Message, t.MessageService):
        made = message() if kind is t.Message else service(t.MessageActionPinMessage())
        assert set(fields(kind)) <= set(vars(made))


def message(media: Any = None, **given: Any) -> Any:
    return t.Message(id=7, peer_id=t.PeerChannel(1_500_000_000), date=NOW, message="x", media=media, **given)


def service(action: Any) -> Any:
    return t.MessageService(id=7, peer_id=t.PeerChannel(1_500_000_000), date=NOW, action=action)


def photo(number: int, **given: Any) -> Any:
    sizes = [t.PhotoSize("y", 10, 10, 100)]
    return t.Photo(id=number, access_hash=1, file_reference=b"", date=NOW, sizes=sizes, dc_id=2, **given)


def document(number: int, mime: str = "video/mp4") -> Any:
    return t.Document(
        id=number, access_hash=1, file_reference=b"", date=NOW, mime_type=mime, size=9, dc_id=2, attributes=[]
    )


def ids(made: Any) -> list[str]:
    return [medium.id for medium in media_of(made, SOURCE)]


@pytest.mark.parametrize("kind", sorted((kind for kind in reachable() if t.Photo in reachable()[kind]), key=str))
def test_photo_is_found_wherever_the_types_allow_one(kind: type) -> None:
    """Every type that may hold a photo is made with one, put into whatever may hold it, up to a message."""
    assert any(one.thing.id == 4242 for one in carried(_wrapped(_filled(kind, t.Photo, photo(4242)))) if not one.unread)


@pytest.mark.parametrize("kind", sorted((kind for kind in reachable() if t.Document in reachable()[kind]), key=str))
def test_document_is_found_wherever_the_types_allow_one(kind: type) -> None:
    made = _wrapped(_filled(kind, t.Document, document(4242)))
    assert any(one.thing.id == 4242 for one in carried(made) if not one.unread)


@pytest.mark.parametrize("kind", sorted(set(UNREAD) & set(reachable()), key=str))
def test_what_cannot_be_read_is_recorded_with_its_reason(kind: Any) -> None:
    (seen,) = [
        one
        for one in media_of(_wrapped(_blank(kind)), SOURCE)
        if one.unread == UNREAD[kind] and one.kind is MediaKind.UNSUPPORTED
    ]
    assert seen.token is None and len(seen.id) <= 64


def _blank(kind: type, **given: Any) -> Any:
    """One of a type, its plain fields filled with anything."""
    made = {}
    for parameter in parameters(kind).values():
        told = str(parameter.annotation)
        if parameter.name in given or parameter.default is not parameter.empty:
            continue
        if (kinds := fields(kind)[parameter.name]) and "List" not in told:
            made[parameter.name] = _blank(min(kinds, key=lambda one: len(fields(one))))
        else:
            plain = {"List": [], "datetime": NOW, "str": "x", "bytes": b"", "float": 1.0, "bool": True}
            made[parameter.name] = next((value for name, value in plain.items() if name in told), 1)
    return kind(**made, **given)


def _filled(kind: type, held: type, value: Any) -> Any:
    """One of a type that holds `value` in a field that may be `held`."""
    name = next(name for name, kinds in kept(kind) if held in kinds)
    listed = "List" in str(parameters(kind)[name].annotation)
    return _blank(kind, **{name: [value] if listed else value})


def _wrapped(made: Any) -> Any:
    """Put into what may hold it, by the shortest way up to a message."""
    ways: dict[type, tuple[type, ...]] = {t.Message: (), t.MessageService: ()}
    waiting: list[type] = list(ways)
    while type(made) not in ways:
        kind = waiting.pop(0)
        if kind in _DECIDED:
            continue
        for one in sorted(reachable()[kind] - set(ways), key=str):
            ways[one] = (*ways[kind], kind)
            waiting.append(one)
    for kind in reversed(ways[type(made)]):
        made = _filled(kind, type(made), made)
    return made


def test_places_of_one_message_are_told_apart() -> None:
    page = t.Page(url="u", blocks=[], photos=[photo(1), photo(2)], documents=[document(3)], part=True)
    stickers = t.WebPageAttributeStickerSet([document(5, "image/webp"), document(6, "application/x-tgsticker")])
    shown = {"photo": photo(1), "document": document(4), "cached_page": page, "attributes": [stickers]}
    web = t.WebPage(id=9, url="u", display_url="u", hash=0, **shown)
    reply = t.MessageReplyHeader(reply_media=t.MessageMediaPhoto(photo=photo(8)))
    made = message(t.MessageMediaWebPage(webpage=web), reply_to=reply)

    found = media_of(made, SOURCE)

    assert [(one.id, nearness(one.id)) for one in found] == [
        ("preview:1", 1),
        ("preview:4", 1),
        ("preview:5", 1),
        ("preview:6", 1),
        ("quoted:8", 1),
        ("other:7", 0),
        ("page:2", 2),
        ("page:3", 2),
    ]
    told = {one.id: one.unread for one in found if one.kind is MediaKind.UNSUPPORTED}
    assert told == {"preview:6": "unsupported", "other:7": "in-part"}


def test_own_picture_is_own_though_it_is_quoted_too() -> None:
    reply = t.MessageReplyHeader(reply_media=t.MessageMediaPhoto(photo=photo(8)))
    assert ids(message(t.MessageMediaPhoto(photo=photo(8)), reply_to=reply)) == ["photo:8"]


def test_cover_live_photo_and_moving_photo_are_read() -> None:
    assert ids(message(t.MessageMediaDocument(document=document(1), video_cover=photo(2)))) == ["document:1", "photo:2"]
    assert ids(message(t.MessageMediaPhoto(live_photo=True, photo=photo(1), video=document(2)))) == [
        "photo:1",
        "document:2",
    ]
    moving = photo(1, video_sizes=[t.VideoSize("v", 8, 8, 50), t.VideoSize("u", 9, 9, 70)])
    (still, moves) = media_of(service(t.MessageActionChatEditPhoto(photo=moving)), SOURCE)
    assert (still.id, moves.id, moves.kind, moves.size) == ("photo:1", "moving:1", MediaKind.VIDEO, 70)


def test_what_is_missing_is_recorded() -> None:
    for media, media_id, why in [
        (t.MessageMediaPhoto(), "other:7", "expired"),
        (t.MessageMediaDocument(), "other:7", "expired"),
        (t.MessageMediaPhoto(live_photo=True, photo=photo(1)), "other:7", "live-photo"),
        (t.MessageMediaStory(peer=t.PeerChannel(1), id=4), "story:4", "story"),
        (t.MessageMediaWebPage(t.WebPagePending(id=1, date=NOW)), "other:7", "not-told"),
    ]:
        (seen,) = [one for one in media_of(message(media), SOURCE) if one.kind is MediaKind.UNSUPPORTED]
        assert (seen.id, seen.unread) == (media_id, why)


def test_page_of_hundreds_costs_no_hundred_calls() -> None:
    page = t.Page(url="u", blocks=[], photos=[photo(number) for number in range(1, 301)], documents=[])
    web = t.WebPage(id=9, url="u", display_url="u", hash=0, cached_page=page)
    found = media_of(message(t.MessageMediaWebPage(webpage=web)), SOURCE)
    assert [one.id for one in found] == [f"page:{number}" for number in range(1, 301)]
    assert [one.kind for one in found[:MOST]] == [MediaKind.PHOTO] * MOST
    assert {(one.kind, one.unread, one.token) for one in found[MOST:]} == {(MediaKind.UNSUPPORTED, "too-many", None)}


def test_page_of_any_depth_is_walked() -> None:
    block: Any = t.PageBlockUnsupported()
    for _ in range(5000):
        block = t.PageBlockDetails(blocks=[block], title=t.TextEmpty())
    page = t.Page(url="u", blocks=[block], photos=[], documents=[])
    web = t.WebPage(id=9, url="u", display_url="u", hash=0, cached_page=page)
    assert ids(message(t.MessageMediaWebPage(webpage=web))) == ["other:7"]
