"""The files of the make-believe Telegram, and the TL objects that describe them."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from telethon.tl import types as t

HOME_DC = 2
"""The data centre that holds everything, as Telegram numbers them."""

Sizes = Mapping[str, tuple[int, int, bytes]]
"""Telegram's size letter to (width, height, bytes): `m` 320, `x` 800, `y` 1280, `w` 2560 pixels at most."""


class Shelf:
    """Photos and documents by id. The file reference is one for all; `expire` makes every earlier one stale."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._next_id = 5000
        self._files: dict[tuple[int, str], bytes] = {}
        self._described: list[Any] = []
        self.reference = os.urandom(8)

    def photo(self, sizes: Sizes, *, progressive: bool = False, stripped: bytes = b"", dc_id: int = HOME_DC) -> Any:
        """A photo in one or more sizes; `progressive` describes the largest by its steps, as real photos are."""
        described = self._photo(sizes, progressive=progressive, stripped=stripped, dc_id=dc_id)
        return t.MessageMediaPhoto(photo=described)

    def preview(self, sizes: Sizes, *, url: str = "https://example.org/") -> Any:
        """A link preview with a picture of the linked page."""
        page = t.WebPage(id=self._id(), url=url, display_url=url, hash=0, type="article", photo=self._photo(sizes))
        return t.MessageMediaWebPage(page)

    def document(self, data: bytes, mime: str, name: str = "file") -> Any:
        """A file, as when a picture is sent without compression."""
        described = t.Document(
            id=self._id(),
            access_hash=9,
            file_reference=self.reference,
            date=self._now(),
            mime_type=mime,
            size=len(data),
            dc_id=HOME_DC,
            attributes=[t.DocumentAttributeFilename(name)],
        )
        self._files[described.id, ""] = data
        self._described.append(described)
        return t.MessageMediaDocument(document=described)

    def video(self, data: bytes, *, seconds: float = 3.0) -> Any:
        """A video as clients send it."""
        media = self.document(data, "video/mp4", "clip.mp4")
        media.document.attributes.append(t.DocumentAttributeVideo(seconds, 320, 240))
        return media

    def paid(self) -> Any:
        """A picture that only payers see."""
        return t.MessageMediaPaidMedia(stars_amount=50, extended_media=[t.MessageExtendedMediaPreview(w=320, h=240)])

    def expire(self) -> None:
        """From now on only messages that are fetched anew carry a good file reference."""
        self.reference = os.urandom(8)
        for described in self._described:
            described.file_reference = self.reference

    def read(self, location: Any, offset: int, limit: int) -> bytes | None:
        """A part of a file; None when there is none such."""
        data = self._files.get((location.id, location.thumb_size))
        return None if data is None else data[offset : offset + limit]

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _photo(self, sizes: Sizes, *, progressive: bool = False, stripped: bytes = b"", dc_id: int = HOME_DC) -> Any:
        photo_id = self._id()
        lines: list[Any] = [t.PhotoStrippedSize("i", stripped)] if stripped else []
        for letter, (width, height, data) in sizes.items():
            self._files[photo_id, letter] = data
            lines.append(t.PhotoSize(letter, width, height, len(data)))
        if progressive:
            last = lines[-1]
            steps = [last.size // 4, last.size // 2, last.size]
            lines[-1] = t.PhotoSizeProgressive(last.type, last.w, last.h, steps)
        described = t.Photo(
            id=photo_id, access_hash=9, file_reference=self.reference, date=self._now(), sizes=lines, dc_id=dc_id
        )
        self._described.append(described)
        return described
