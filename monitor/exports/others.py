"""A notice may have named several posts. Those that are none of a package's copies are left out of what it tells of it.

One that was confirmed by mistake may be a stranger's, and whoever gets the package has no business there.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.context.context import DomainContext
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.sighting import SightingRecord
from monitor.notices.fields import clean
from monitor.notices.texts import Words, in_language

LEFT_OUT: Words = {"en": "[another post, not in this package]", "ko": "[이 자료에 없는 다른 게시물]"}
"""Stands where the address of one was."""
_TELLING = 8
"""Digits from which on a post's number alone leads to it."""


@dataclass(frozen=True, slots=True)
class Others:
    """The addresses of posts that a package does not tell of."""

    addresses: tuple[re.Pattern[str], ...] = field(default=(), repr=False)
    mark: str = ""

    def without(self, text: str) -> str:
        """The text with a mark in place of each of them."""
        for one in self.addresses:
            text = one.sub(lambda _: self.mark, text)
        return text

    def are_named_in(self, facts: Mapping[str, Any]) -> bool:
        """Does an entry of the ledger name one? What was written there cannot be changed, only left closed."""
        if not self.addresses:
            return False
        text = json.dumps(facts, ensure_ascii=False, default=str)
        return any(one.search(text) for one in self.addresses)


async def others_of(
    session: AsyncSession,
    context: DomainContext,
    notices: Sequence[Notice],
    copies: Collection[str],
    *,
    language: str,
) -> Others:
    """What these notices name beside `copies`, the ids of the package's own."""
    named = set[str]()
    for one in notices:
        named.update(context.open_record(NoticeRecord, one.case_id, one.id, one.content).sightings)
    query = select(Sighting, Source).join(Source, Source.id == Sighting.source_id)
    rows = (await session.execute(query.where(Sighting.id.in_(named | set(copies))))).all()
    told = {sighting.id: _addresses(context, sighting, source) for sighting, source in rows}
    # Two pictures may stand in one post: its address is the package's where one of them is.
    own = {address for sighting_id in copies for address in told.get(sighting_id, ())}
    hidden = {address for sighting_id in named - set(copies) for address in told.get(sighting_id, ())} - own
    # The longest first, so that no part of an address is left over.
    ordered = sorted(hidden, key=lambda address: (-len(address), address))
    return Others(tuple(_pattern(address) for address in ordered), in_language(LEFT_OUT, language))


def _addresses(context: DomainContext, sighting: Sighting, source: Source) -> frozenset[str]:
    url = context.open_record(SightingRecord, sighting.case_id, sighting.id, sighting.evidence).url
    number = {sighting.post_id} if len(sighting.post_id) >= _TELLING else set[str]()
    return frozenset({url, clean(url), f"{source.handle}/{sighting.post_id}", *number} - {""})


def _pattern(address: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(address)}(?!\w)", re.IGNORECASE)
