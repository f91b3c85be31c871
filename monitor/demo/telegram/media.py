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
    """Photos and documents by id. The file reference is one for all."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._next_id = 5000
        self._files: dict[tuple[int, str], bytes] = {}
        self.reference = os.urandom(8)

    def photo(self, sizes: Sizes) -> Any:
        """A photo in one or more sizes."""
        photo_id = self._id()
        lines: list[Any] = []
        for letter, (width, height, data) in sizes.items():
            self._files[photo_id, letter] = data
            lines.append(t.PhotoSize(letter, width, height, len(data)))
        described = t.Photo(
            id=photo_id, access_hash=9, file_reference=self.reference, date=self._now(), sizes=lines, dc_id=HOME_DC
        )
        return t.MessageMediaPhoto(photo=described)

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
        return t.MessageMediaDocument(document=described)

    def read(self, location: Any, offset: int, limit: int) -> bytes | None:
        """A part of a file; None when there is none such."""
        data = self._files.get((location.id, location.thumb_size))
        return None if data is None else data[offset : offset + limit]

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id
