"""Pages that are the same for everybody: worked out once a minute, kept plain and packed, sent without further work.

Nothing of a visitor stands in them, neither a secret nor anything that a visitor or a link chose. So packing them tells
nothing by its length (CRIME, BREACH), and one copy serves all.
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from api.assets.store import unpacks
from api.i18n import LANGUAGES
from api.pages.rendering import keeping_language, language_of, render_text
from monitor.notices.contacts import CONTACTS, ELSEWHERE

MOST_KEPT = 64
"""Pages times languages times countries of a minute."""

Values = Callable[[str, str, datetime], Mapping[str, Any]]
"""What a page needs, by language, country and time."""


@dataclass(slots=True)
class SharedPages:
    """Of one application."""

    _kept: dict[tuple[str, ...], tuple[bytes, bytes]] = field(default_factory=dict)
    _minute: int = 0

    def answer(self, request: Request, template: str, values: Values, now: datetime, part: str = "") -> Response:
        """The page, in the visitor's language and for their country."""
        language, country = language_of(request), country_of(request)
        asked = request.query_params.get("lang", "") in LANGUAGES
        minute = int(now.timestamp()) // 60
        if minute != self._minute or len(self._kept) >= MOST_KEPT:
            self._kept.clear()
            self._minute = minute
        key = (template, part, language, country, str(asked))
        if key not in self._kept:
            context = {
                "lang": language,
                "languages": [(code, f"{request.url.path}?lang={code}") for code in LANGUAGES],
                "to": partial(keeping_language, request),
                "here": country,
                "problem": "",
                "done": "",
                **values(language, country, now),
            }
            plain = render_text(language, template, context).encode()
            self._kept[key] = (plain, gzip.compress(plain, 6, mtime=0))
        plain, packed = self._kept[key]
        takes = unpacks(request.headers.get("accept-encoding", ""))
        headers = {"vary": "accept-encoding, accept-language"} | ({"content-encoding": "gzip"} if takes else {})
        return Response(packed if takes else plain, headers=headers, media_type="text/html")


def country_of(request: Request) -> str:
    """The country whose contacts come first: of the address, else of the browser's first language, else Korea for
    Korean and no one country for others."""
    known = CONTACTS.countries
    asked = request.query_params.get("country", "").upper()
    if asked in known:
        return asked
    if language_of(request) == "ko":
        return "KR"
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    region = first.rpartition("-")[2].upper() if "-" in first else ""
    return region if region in known else ELSEWHERE
