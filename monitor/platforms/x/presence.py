"""What one answer says about a post: the rule behind `X.post_status`. Pure."""

from monitor.core.errors import PlatformFault
from monitor.platforms.base import PostStatus, Presence
from monitor.platforms.x.parsing import (
    Json,
    PartialError,
    find_post,
    media_keys,
    media_of,
    problem_for,
    response_sha256,
)


def status_of(answer: Json, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
    """Presence of `post_id`, and of at least one of `media_ids` in it, where any were known."""
    try:
        post = find_post(answer, post_id)
    except PlatformFault as fault:
        return PostStatus(Presence.UNKNOWN, str(fault))
    if post is None:
        return _missing(answer, post_id)
    keys, media = media_keys(post), media_of(answer)
    digest = response_sha256(post, (media[key] for key in keys if key in media))
    presence, reason = Presence.LIVE, "found"
    if post.get("withheld"):
        presence, reason = Presence.RESTRICTED, "withheld"
    elif media_ids and not set(keys) & set(media_ids):
        # Beside an error the media may be missing from this answer only.
        partial = bool(answer.get("errors"))
        presence, reason = (Presence.UNKNOWN, "partial-answer") if partial else (Presence.DELETED, "media-removed")
    return PostStatus(presence, reason, media_ids=keys, response_sha256=digest)


def _missing(answer: Json, post_id: str) -> PostStatus:
    problem = problem_for(answer, post_id)
    if problem is PartialError.NOT_FOUND:
        return PostStatus(Presence.DELETED, "not-found")
    if problem in {PartialError.NOT_AUTHORIZED, PartialError.SUSPENDED}:
        return PostStatus(Presence.LOGIN, str(problem))
    return PostStatus(Presence.UNKNOWN, "other-problem" if problem else "not-in-answer")
