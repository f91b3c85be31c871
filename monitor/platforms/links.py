"""Links and names that people paste: which post or which channel they mean. Pure; nothing is looked up.

Hosts must match exactly, so that `https://t.me@example.org/` or `t.me.example.org` name nothing.
"""

import re
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
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""What programs put around a link that they copy: no one sees it, and no name holds it."""
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
    text = _cleaned(text)
    name = text.removeprefix("@")
    if "/" in name or "." in name:
        if text.startswith("@"):
            return None
        name = _name_in(platform, text)
    if platform is PlatformName.TELEGRAM:
        return name if _TELEGRAM_NAME.fullmatch(name) and name.lower() not in _TELEGRAM_RESERVED else None
    return name if _X_NAME.fullmatch(name) and name.lower() not in _X_RESERVED else None


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
    """Without what nobody sees around it; Korean keyboards write a wide @."""
    return text.strip().strip(_INVISIBLE).strip().replace("\N{FULLWIDTH COMMERCIAL AT}", "@")


def _split(url: str) -> SplitResult | None:
    text = _cleaned(url)
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
