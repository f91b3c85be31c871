"""Which hosts the X adapter may talk to: loopback, or the real ones once X approved the use in writing."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from yarl import URL

from monitor.core.endpoints import is_loopback
from monitor.core.errors import ConfigError

APPROVAL = (
    "X's developer agreement bars investigating or tracking its users without approval in writing: put the date and "
    "reference of that approval into [x] written_approval, or use a host on loopback"
)


@dataclass(frozen=True, slots=True)
class Hosts:
    """`api_origin` is scheme, host and port without a path; `media` holds `host` or `host:port`, in lower case."""

    api_origin: str
    media: frozenset[str]

    def may_read(self, url: URL) -> bool:
        """Media come from a listed host only, encrypted unless the host is this machine."""
        if url.host is None or url.user is not None or url.scheme not in {"http", "https"}:
            return False
        if url.scheme == "http" and not is_loopback(url.host):
            return False
        # A listed name without a port means the scheme's own port, so that no other service there is reached.
        named = {f"{url.host}:{url.port}"} | ({url.host} if url.is_default_port() else set())
        return bool(named & self.media)


def check_hosts(api_base: str, media_hosts: tuple[str, ...], written_approval: str) -> Hosts:
    """The hosts as configured. Raises ConfigError for a malformed one, and for a real one without the approval."""
    origin = _api_origin(api_base)
    media = frozenset(entry.strip().lower() for entry in media_hosts)
    names = [urlsplit(origin).hostname or "", *(_media_name(entry) for entry in media)]
    if not written_approval.strip() and not all(is_loopback(name) for name in names):
        key = "api_base" if not is_loopback(names[0]) else "media_hosts"
        raise ConfigError(f"[x] {key}: {APPROVAL}")
    return Hosts(api_origin=origin, media=media)


def _api_origin(api_base: str) -> str:
    parts = _split(api_base, "[x] api_base")
    if parts.scheme not in {"http", "https"} or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ConfigError("[x] api_base: expected https://HOST[:PORT] with nothing after it")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ConfigError("[x] api_base: only a host on loopback may be reached without https")
    return f"{parts.scheme}://{parts.netloc}"


def _media_name(entry: str) -> str:
    parts = _split(f"//{entry}", "[x] media_hosts")
    if parts.path or parts.query or parts.fragment:
        raise ConfigError("[x] media_hosts: expected a list of HOST or HOST:PORT")
    return parts.hostname or ""


def _split(text: str, key: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises when it is no number
    except ValueError:
        raise ConfigError(f"{key}: not an address") from None
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ConfigError(f"{key}: expected a host, without a user name")
    return parts
