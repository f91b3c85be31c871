"""Links and names that people paste: which post or which channel they mean. Pure; nothing is looked up.

Hosts must match exactly, so that `https://t.me@example.org/` or `t.me.example.org` name nothing.
"""

import re
import unicodedata
from urllib.parse import SplitResult, parse_qs, urlsplit

from monitor.platforms.base import Link, PlatformName

_TELEGRAM_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_TELEGRAM_WEB = "web.telegram.org"
_X_HOSTS = frozenset({"x.com", "twitter.com", "fixupx.com", "fixvx.com", "fxtwitter.com", "vxtwitter.com"})
"""The last four show X's posts under X's own paths, so that other services preview them."""
_TELEGRAM_NAME = re.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]{2,30}[A-Za-z0-9]")
"""5 to 32 letters, digits and underscores; names sold at auction have 4. https://core.telegram.org/method/account.checkUsername"""
_X_NAME = re.compile(r"[A-Za-z0-9_]{1,15}")
"""https://help.x.com/en/managing-your-account/x-username-rules"""
# fmt: off
_TELEGRAM_RESERVED = frozenset(
    {
        "addemoji", "addlist", "addstickers", "addtheme", "boost", "confirmphone", "contact", "giftcode", "invoice",
        "iv", "joinchat", "login", "proxy", "setlanguage", "share", "socks"
    }
)
_X_RESERVED = frozenset(
    {
        "about", "compose", "explore", "hashtag", "home", "i", "intent", "jobs", "login", "logout", "messages",
        "notifications", "privacy", "search", "settings", "share", "signup", "tos"
    }
)
# fmt: on
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_X_ID = re.compile(r"[1-9][0-9]{0,18}")
_WEB_NUMBER = re.compile(r"-100([1-9][0-9]{0,12})_([1-9][0-9]{0,9})")
_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Hangul that nobody sees; with all that Unicode calls a format, no name and no link holds it."""
_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " "}
"""Korean and Japanese keyboards write letters and signs in full width."""
_LINKS = re.compile(
    # One link ends where the next begins, but for an address that stands inside another: `/https://`, `=https://`.
    r"(?P<whole>(?:https?|tg)://\S+?)(?=(?<![/=?&%#])(?:https?|tg)://|\s|$)"
    r"|(?<![A-Za-z0-9@./_-])(?P<bare>(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}/\S*|www\.\S+)",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"(?:https?|tg)://\S+[^\S\r\n]*[\r\n]\s*[0-9]", re.IGNORECASE)
"""A link whose number may go on in the next line: half of it would name another post."""
_AFTER = ".,;:!?'\"`\u2026\u3001\u3002\u00b7\u2019\u201d\u300d\u300f\u300b\u3009\u3011>"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_MENTION = re.compile(r"@\s*[^\s,;@\u3001]+")
_PRIVATE_TELEGRAM = Link(PlatformName.TELEGRAM, handle="", post_id="", public=False)


def parse_link(url: str) -> Link | None:
    """The post that a link names; None when it names no post of a platform that we know.

    Links into closed Telegram channels (`t.me/c/...`) and invitations (`t.me/+...`) come back with `public` False; an
    invitation has neither handle nor post id. An X link without a name (`x.com/i/status/...`) has the handle `i`.
    A link to a comment names no post: the one that stands in it is the post above.
    """
    parts = _split(url)
    if parts is None or names_comment(url):
        return None
    if parts.scheme == "tg":
        return _telegram_app(parts)
    host, path = _host(parts), [part for part in parts.path.split("/") if part]
    if host in _X_HOSTS:
        return _x(path)
    if host in _TELEGRAM_HOSTS:
        return _telegram(path)
    if host == _TELEGRAM_WEB:
        return _telegram_web(parts)
    name, _, rest = host.partition(".")
    return _telegram([name, *path]) if rest == "t.me" else None


def names_comment(url: str) -> bool:
    """Whether a link names a comment below a post in Telegram: `t.me/name/123?comment=456`.

    https://core.telegram.org/api/links#message-links
    """
    parts = _split(url)
    if parts is None:
        return False
    host = _host(parts)
    if host == _TELEGRAM_WEB:
        return names_comment(_address_in(parts))
    telegram = parts.scheme == "tg" or host in _TELEGRAM_HOSTS or host.partition(".")[2] == "t.me"
    # Copied out of a page's source, an ampersand may come as "&amp;".
    keys = {key.lower().removeprefix("amp;") for key in parse_qs(parts.query, keep_blank_values=True)}
    return telegram and "comment" in keys


def source_handle(platform: PlatformName, text: str) -> str | None:
    """The name, without @, that `@name`, `name`, `t.me/name` or `https://x.com/name` means; None when it cannot be one.

    A link to a post means the channel or account that it stands in.
    """
    named = names_in(text)
    if len(named) != 1:
        return None
    text = named[0]
    name = text.removeprefix("@").strip()
    if "/" in name or "." in name:
        if text.startswith("@"):
            return None
        name = _name_in(platform, text)
    if platform is PlatformName.TELEGRAM:
        return name if _TELEGRAM_NAME.fullmatch(name) and name.lower() not in _TELEGRAM_RESERVED else None
    return name if _X_NAME.fullmatch(name) and name.lower() not in _X_RESERVED else None


def names_in(text: str) -> tuple[str, ...]:
    """The names and links of places that stand in what somebody typed: `@one, @two` are two."""
    text = _cleaned(text)
    links = links_in(text)
    rest = _LINKS.sub(" ", text) if links else text
    named = [*links, *_MENTION.findall(rest)] or re.split(r"[,;\u3001]", text)
    return tuple(name for one in named if (name := _unwrapped(one.strip().lstrip("([{<\"'"))))


def links_in(text: str) -> tuple[str, ...]:
    """The links in what somebody pasted, without the words and signs around them; one may do without https://."""
    text = _cleaned(text)
    if _BROKEN.search(text):
        return ()
    return tuple(_ascii_of_ours(_unwrapped(found.group())) for found in _LINKS.finditer(text))


def _unwrapped(link: str) -> str:
    """Without the full stop or bracket that belongs to the sentence; a bracket that the link opened stays."""
    while link and (link[-1] in _AFTER or (link[-1] in _PAIRS and link.count(link[-1]) > link.count(_PAIRS[link[-1]]))):
        link = link[:-1]
    return link


def _ascii_of_ours(link: str) -> str:
    """Words written right behind a link do not belong to it where the platform's own links hold none."""
    plain = re.match(r"[!-~]*", link)
    known = plain is not None and plain.end() < len(link) and _is_ours(plain.group())
    return plain.group() if known and plain is not None else link


def _is_ours(link: str) -> bool:
    try:
        host = _host(urlsplit(link if "://" in link else f"https://{link}"))
    except ValueError:
        return False
    return host in _TELEGRAM_HOSTS | _X_HOSTS


def _name_in(platform: PlatformName, url: str) -> str:
    parts = _split(url)
    if parts is None:
        return ""
    host, path = _host(parts), [part for part in parts.path.split("/") if part]
    if platform is PlatformName.X:
        return path[0].removeprefix("@") if host in _X_HOSTS and path else ""
    if host == _TELEGRAM_WEB:
        link = _telegram_web(parts)
        return link.handle if link and link.public else parts.fragment.removeprefix("@")
    if host in _TELEGRAM_HOSTS:
        shown = path[1:] if path[:1] == ["s"] else path
        return shown[0] if shown else ""
    name, _, rest = host.partition(".")
    return name if rest == "t.me" else ""


def _cleaned(text: str) -> str:
    """Without what nobody sees, and in letters of ordinary width."""
    seen = (char for char in text if char not in _FILLERS and unicodedata.category(char) != "Cf")
    return "".join(seen).translate(_WIDE).strip()


def _split(url: str) -> SplitResult | None:
    links = links_in(url)
    if len(links) > 1:
        return None
    text = links[0] if links else _cleaned(url)
    if not text or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        credentials, port = "@" in parts.netloc, parts.port
    except ValueError:
        return None
    allowed = parts.scheme in ("http", "https", "tg") and not credentials and port in (None, 80, 443)
    return parts if allowed else None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    for prefix in ("www.", "mobile.", "m."):
        if host.removeprefix(prefix) in _TELEGRAM_HOSTS | _X_HOSTS:
            return host.removeprefix(prefix)
    return host


def _telegram(path: list[str]) -> Link | None:
    if path and (path[0].startswith("+") or path[0] == "joinchat"):
        return _PRIVATE_TELEGRAM
    if path and path[0] == "c":
        return _telegram_closed(path[1:])
    if path and path[0] == "s":
        path = path[1:]
    # A group with topics puts the topic's number between name and message.
    if len(path) not in (2, 3) or not all(_NUMBER.fullmatch(part) for part in path[1:]):
        return None
    handle = source_handle(PlatformName.TELEGRAM, path[0])
    return None if handle is None else Link(PlatformName.TELEGRAM, handle, path[-1])


def _telegram_closed(path: list[str]) -> Link | None:
    if len(path) not in (2, 3) or not all(part.isdecimal() for part in path):
        return None
    return Link(PlatformName.TELEGRAM, handle=path[0], post_id=path[-1], public=False)


def _telegram_web(parts: SplitResult) -> Link | None:
    """`web.telegram.org/a/#-100..._55` and `.../k/#?tgaddr=tg://...`: what stands behind the # says what is open."""
    if (found := _WEB_NUMBER.fullmatch(parts.fragment)) is not None:
        return _telegram_closed([*found.groups()])
    inner = _split(_address_in(parts))
    return _telegram_app(inner) if inner is not None and inner.scheme == "tg" else None


def _address_in(parts: SplitResult) -> str:
    return parse_qs(parts.fragment.removeprefix("?")).get("tgaddr", [""])[0]


def _telegram_app(parts: SplitResult) -> Link | None:
    values = {key: found[0] for key, found in parse_qs(parts.query).items()}
    if parts.netloc == "resolve":
        return _telegram([values.get("domain", ""), values.get("post", "")])
    if parts.netloc == "privatepost":
        return _telegram_closed([values.get("channel", ""), values.get("post", "")])
    return _PRIVATE_TELEGRAM if parts.netloc == "join" else None


def _x(path: list[str]) -> Link | None:
    if path[:2] == ["i", "web"]:
        path = ["i", *path[2:]]
    if len(path) < 3 or path[1] not in ("status", "statuses") or not _X_ID.fullmatch(path[2]):
        return None
    handle = "i" if path[0] == "i" else source_handle(PlatformName.X, path[0])
    return None if handle is None else Link(PlatformName.X, handle, path[2])
