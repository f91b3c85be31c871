"""What one answer says about a post: the rule behind `X.post_status`. Pure."""

from collections.abc import Mapping
from typing import Any

from monitor.core.errors import PlatformFault
from monitor.platforms.base import PostStatus, Presence
from monitor.platforms.x.carried import Json, media_keys
from monitor.platforms.x.parsing import (
    PartialError,
    find_post,
    media_of,
    problem_for,
    response_sha256,
)

EVERYWHERE = "XX"
"""The code that X gives in place of a country for a post that is withheld in all of them."""


def status_of(answer: Json, post_id: str, media_ids: tuple[str, ...], *, handle: str = "") -> PostStatus:
    """Presence of `post_id`, and of at least one of `media_ids` in it, where any were known."""
    try:
        post = find_post(answer, post_id)
    except PlatformFault as fault:
        return PostStatus(Presence.UNKNOWN, str(fault))
    if post is None:
        return _missing(answer, post_id)
    keys, media = media_keys(post), media_of(answer)
    digest = response_sha256(post, (media[key] for key in keys if key in media))
    # An edited post answers to its old number too, and stands under the newest.
    newest = str(post["id"])
    presence, reason = (Presence.LIVE, "found") if newest == post_id else (Presence.EDITED, "newer-version")
    if post.get("withheld"):
        presence, reason = Presence.RESTRICTED, "withheld"
    elif media_ids and not set(keys) & set(media_ids):
        # Beside an error the media may be missing from this answer only. And where X ignored the fields that it was
        # asked for (it renames them now and then), no post would show media any more.
        if answer.get("errors"):
            presence, reason = Presence.UNKNOWN, "partial-answer"
        elif "created_at" not in post:
            presence, reason = Presence.UNKNOWN, "fields-missing"
        else:
            presence, reason = (Presence.REPLACED, "media-replaced") if keys else (Presence.TAKEN_OUT, "media-removed")
    return PostStatus(
        presence,
        reason,
        media_ids=keys,
        response_sha256=digest,
        # X finds a post by its number, whatever name stands before it.
        url=f"https://x.com/{handle or 'i'}/status/{newest}",
        handle=handle,
        post_id=newest,
        for_all=EVERYWHERE in _countries(post),
        countries=tuple(sorted({str(code)[:2] for code in _countries(post)} - {EVERYWHERE})),
    )


def _countries(post: Json) -> list[Any]:
    withheld = post.get("withheld")
    codes = withheld.get("country_codes") if isinstance(withheld, Mapping) else None
    return codes if isinstance(codes, list) else []


def _missing(answer: Json, post_id: str) -> PostStatus:
    problem = problem_for(answer, post_id)
    if problem is PartialError.NOT_FOUND:
        return PostStatus(Presence.DELETED, "not-found")
    if problem in {PartialError.NOT_AUTHORIZED, PartialError.SUSPENDED}:
        return PostStatus(Presence.LOGIN, str(problem))
    return PostStatus(Presence.UNKNOWN, "other-problem" if problem else "not-in-answer")
