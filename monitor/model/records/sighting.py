"""The evidence of a sighting as it is sealed: the post and its medium as they were when they were found."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import AwareDatetime

from monitor.fingerprints.hashes.values import FINGERPRINT_VERSION, HashedMedium
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.hash_fields import Frames, PdqHex, PhashHex, Quality
from monitor.model.records.observed import ObservedPart, address_of
from monitor.model.records.record import Record, RecordPart
from monitor.platforms.base import Media, Post


class FittingPart(RecordPart):
    """A registered box and the code of what fitted it in the post: what a *no* teaches."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom, from 0 to 1 of the registered picture."""
    code: PdqHex
    distance: int


class SightingRecord(Record):
    """Hashes and facts, never a picture."""

    PLACE: ClassVar[str] = "sighting:{}"

    url: str
    caption: str | None
    author_id: str | None
    group_id: str | None
    edited_at: AwareDatetime | None
    response_sha256: str
    media_sha256: str
    media_id: str
    width: int
    height: int
    format: str
    pdq: PdqHex
    quality: Quality
    phash: PhashHex
    version: str
    """Of the fingerprint: FINGERPRINT_VERSION then."""
    frames: Frames = ()
    """Of a video, after the first: they join the watch when it is confirmed. Older rows have none."""
    media_index: int | None = None
    """Which of the post's media it is, from 0. Older rows do not tell."""
    observed: ObservedPart | None = None
    """What else was recorded when it was found. Older rows have none."""
    fitting: tuple[FittingPart, ...] = ()
    """Of a picture that was found for review. Older rows have none."""
    place_title: str | None = None
    """What the channel called itself when it was read for this case. Older rows do not tell."""

    @classmethod
    def of(
        cls,
        post: Post,
        media: Media,
        hashed: HashedMedium,
        observed: ObservedPart | None = None,
        fitting: Sequence[FittingPart] = (),
        *,
        place_title: str | None = None,
    ) -> Self:
        """The evidence of what stands at `post` now."""
        hashes = MediumHashes.of(hashed)
        return cls(
            url=post.url,
            caption=post.caption,
            author_id=post.author_id,
            group_id=post.group_id,
            edited_at=post.edited_at,
            response_sha256=post.response_sha256,
            media_sha256=hashed.sha256,
            media_id=media.id,
            width=hashed.width,
            height=hashed.height,
            format=hashed.format,
            pdq=hashes.pdq,
            quality=hashes.quality,
            phash=hashes.phash,
            version=FINGERPRINT_VERSION,
            frames=hashes.frames,
            media_index=next((at for at, one in enumerate(post.media) if one.id == media.id), None),
            observed=observed,
            fitting=tuple(fitting),
            place_title=place_title,
        )

    @property
    def hashes(self) -> MediumHashes:
        """What joins the watch when the sighting is confirmed."""
        return MediumHashes(self.pdq, self.quality, self.phash, self.frames)

    def without_text(self, platform: str, post_id: str) -> Self:
        """Ids, times and hashes: what may stay of a deleted post where its text and names may not."""
        url = address_of(platform, self.url, post_id)
        return self.model_copy(
            update={
                "url": url,
                "caption": None,
                "place_title": None,
                "observed": self.observed and self.observed.without_text(),
            }
        )

    def for_ledger(self, platform: str, post_id: str) -> dict[str, Any]:
        """The evidence in the ledger, which is never rewritten: of X without text and names.

        Without a video's frames, since it names the file's SHA-256, and without the answer, since it has its own.
        """
        names = platform != "x"
        kept = self if names else self.without_text(platform, post_id)
        facts = kept.model_dump(
            exclude={"record_version", "frames", "observed", "media_index", "fitting", "place_title"}
        )
        facts["observed"] = self.observed and self.observed.for_ledger(names=names)
        return facts | {"edited_at": self.edited_at and self.edited_at.isoformat()}
