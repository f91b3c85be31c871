"""The JSON of X's API v2 as the double gives it: posts, media, users, and problems in their real shapes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitor.demo.x.world import Account, MediaFile, XPost

PROBLEMS = "https://api.twitter.com/2/problems"
Json = dict[str, Any]

UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}


def invalid(parameter: str, value: str, message: str) -> Json:
    """The body of a 400."""
    return {
        "errors": [{"parameters": {parameter: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}/invalid-request",
    }


def not_found_error(kind: str, parameter: str, value: str) -> Json:
    """A partial error: there is no such thing."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}/resource-not-found",
    }


def not_authorized(kind: str, parameter: str, value: str) -> Json:
    """A partial error: it may be there, but this token may not see it."""
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to see the {kind} with {parameter}: [{value}].",
        "title": "Authorization Error",
        "resource_type": kind,
        "section": "data",
        "parameter": parameter,
        "resource_id": value,
        "type": f"{PROBLEMS}/not-authorized-for-resource",
    }


def suspended(parameter: str, value: str) -> Json:
    """A partial error: X suspended the user. It has the type of a missing one."""
    return not_found_error("user", parameter, value) | {
        "detail": f"User has been suspended: [{value}].",
        "title": "Forbidden",
    }


def user_json(account: Account, fields: Iterable[str]) -> Json:
    """A user with the fields asked for."""
    user: Json = {"id": account.id, "name": account.name, "username": account.username}
    if "protected" in fields:
        user["protected"] = account.protected
    return user


def post_json(post: XPost, fields: Iterable[str], *, expanded: bool) -> Json:
    """A post with the fields asked for; `expanded`: its media come along."""
    shown: Json = {"id": post.id, "text": post.text, "edit_history_tweet_ids": post.versions}
    optional: Json = {"author_id": post.account.id, "conversation_id": post.versions[0], "created_at": stamp(post.at)}
    if post.withheld:
        optional["withheld"] = {"copyright": False, "country_codes": post.withheld}
    optional |= post.fields
    if post.media:
        optional["attachments"] = {"media_keys": [medium.key for medium in post.media]}
    wanted = set(fields) | ({"attachments"} if expanded else set())
    return shown | {name: value for name, value in optional.items() if name in wanted}


def media_along(post: XPost, expansions: Iterable[str]) -> list[MediaFile]:
    """The media that come along with a post."""
    article = post.beside if "article.media_entities" in expansions else []
    return [*(post.media if "attachments.media_keys" in expansions else []), *article]


def media_json(medium: MediaFile, fields: Iterable[str], *, base: str) -> Json:
    """A medium with the fields asked for; `base` is where the files are."""
    shown: Json = {"media_key": medium.key, "type": medium.kind}
    preview = "url" if medium.kind == "photo" else "preview_image_url"
    optional: Json = {preview: f"{base}/media/{medium.name}.jpg", "width": 1200, "height": 900}
    if medium.kind != "photo":
        optional["variants"] = _variants(medium, base)
    return shown | {name: value for name, value in optional.items() if name in fields}


def _variants(medium: MediaFile, base: str) -> list[Json]:
    """A playlist and one file for a video with its smaller kin; an animated picture is one file without a rate."""
    place = f"{base}/video/{medium.name}"
    if medium.kind == "animated_gif":
        return [{"content_type": "video/mp4", "bit_rate": 0, "url": f"{place}/orig/v.mp4"}]
    files = [{"content_type": "video/mp4", "bit_rate": 2_176_000, "url": f"{place}/1280x720/v.mp4"}]
    if medium.large is not None:
        files.append({"content_type": "video/mp4", "bit_rate": 632_000, "url": f"{place}/320x568/v.mp4"})
    return [{"content_type": "application/x-mpegURL", "url": f"{place}/pl/v.m3u8"}, *files]


def stamp(moment: datetime) -> str:
    """A time as X writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
