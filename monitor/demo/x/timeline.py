"""GET /2/users/:id/tweets as the double answers it: newest first, bounded by ids and times, in pages."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.demo.x.answers import Json, media_along, media_json, post_json
from monitor.demo.x.world import XPost

FIELDS = {"expansions", "tweet.fields", "media.fields", "user.fields", "place.fields", "poll.fields"}
_BOUNDS = {"since_id", "until_id", "start_time", "end_time", "max_results", "pagination_token", "exclude"}


class BadQuery(Exception):
    """A parameter that X answers with 400."""

    def __init__(self, parameter: str, value: str, message: str) -> None:
        super().__init__(message)
        self.parameter, self.value, self.message = parameter, value, message


def listed(query: Mapping[str, str], name: str) -> list[str]:
    """A comma-separated parameter."""
    return [part for part in query.get(name, "").split(",") if part]


def reject_unknown(query: Mapping[str, str], known: set[str]) -> None:
    """X answers a parameter it does not know with 400."""
    for name in query:
        if name not in known:
            raise BadQuery(name, query[name], f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]")


@dataclass(frozen=True, slots=True)
class Timeline:
    """One question about a timeline. Ids are exclusive, times inclusive."""

    query: Mapping[str, str]
    since_id: int
    until_id: int | None
    start: datetime | None
    end: datetime | None
    size: int

    @classmethod
    def parse(cls, query: Mapping[str, str], *, now: datetime) -> "Timeline":
        """Raises BadQuery."""
        reject_unknown(query, FIELDS | _BOUNDS)
        start, until = _moment(query, "start_time"), _number(query, "until_id")
        if start is not None and start > now:
            raise BadQuery("start_time", query["start_time"], "Invalid 'start_time': must be earlier than 'end_time'")
        size = _number(query, "max_results") or 10
        if not 5 <= size <= 100:
            raise BadQuery("max_results", str(size), f"The `max_results` value [{size}] is not between 5 and 100")
        token = _token(query)
        until = min((bound for bound in (until, token) if bound is not None), default=None)
        return cls(query, _number(query, "since_id") or 0, until, start, _moment(query, "end_time"), size)

    def answer(self, own: Iterable[XPost], *, base: str) -> Json:
        """The answer over an account's `own` posts."""
        found = sorted((post for post in own if self._holds(post)), key=lambda post: int(post.id), reverse=True)
        shown = found[: self.size]
        if not shown:
            return {"meta": {"result_count": 0}}
        expansions = listed(self.query, "expansions")
        expanded = "attachments.media_keys" in expansions
        meta: Json = {"result_count": len(shown), "newest_id": shown[0].id, "oldest_id": shown[-1].id}
        if len(found) > self.size:
            meta["next_token"] = base64.urlsafe_b64encode(shown[-1].id.encode()).decode()
        fields, sizes = listed(self.query, "tweet.fields"), listed(self.query, "media.fields")
        body: Json = {"data": [post_json(post, fields, expanded=expanded) for post in shown], "meta": meta}
        media = [media_json(medium, sizes, base=base) for post in shown for medium in media_along(post, expansions)]
        return body | ({"includes": {"media": media}} if media else {})

    def _holds(self, post: XPost) -> bool:
        number = int(post.id)
        if number <= self.since_id or (self.until_id is not None and number >= self.until_id):
            return False
        if (self.start is not None and post.at < self.start) or (self.end is not None and post.at > self.end):
            return False
        return not (post.repost and "retweets" in listed(self.query, "exclude"))


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise BadQuery(name, text, f"The `{name}` query parameter value [{text}] is not valid")
    return int(text)


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    try:
        return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise BadQuery(name, text or "", f"The `{name}` query parameter value [{text}] is not valid") from None


def _token(query: Mapping[str, str]) -> int | None:
    text = query.get("pagination_token")
    try:
        return None if text is None else int(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError):
        raise BadQuery("pagination_token", text or "", "The `pagination_token` value is not valid") from None
