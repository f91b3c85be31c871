"""Notices as they stand after weeks of work, written straight into the database: for what is counted over them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.types import new_id
from monitor.platforms.base import PlatformName
from tests.support.domain_world import START, DomainWorld, make_case, make_sighting


@dataclass
class Desk:
    """One case of one centre, and the notices about its copies."""

    world: DomainWorld
    session: AsyncSession
    case: Case
    posts: int = 0

    @classmethod
    async def opened(cls, world: DomainWorld, session: AsyncSession, advocate: Advocate) -> "Desk":
        """With a case that the advocate vouched for."""
        return cls(world, session, await make_case(session, world.context, advocate))

    async def copy(self, *, gone_after: timedelta | None = None, **options: Any) -> Sighting:
        """A confirmed copy; `gone_after`: from START, when it was first found gone."""
        self.posts += 1
        row = await make_sighting(self.session, self.world.context, self.case, post_id=str(self.posts), **options)
        row.state = "confirmed"
        if gone_after is not None:
            row.gone_since, row.removed_at = START + gone_after, START + gone_after + timedelta(hours=2)
        await self.session.flush()
        return row

    async def notice(
        self,
        state: str,
        *,
        route: str = "us_tida",
        platform: PlatformName = PlatformName.TELEGRAM,
        sighting: Sighting | None = None,
        left: datetime | None = START,
        gone_after: timedelta | None = None,
        deadline: timedelta = timedelta(hours=48),
    ) -> Notice:
        """A notice in this state, about a copy of its own where none is given."""
        about = sighting or await self.copy(gone_after=gone_after, platform=platform)
        row = Notice(
            id=new_id(),
            case_id=self.case.id,
            sighting_id=about.id,
            platform=platform,
            route=route,
            language="en",
            state=state,
            content=b"",
            created_by="a",
            created_at=START,
            sent_at=left,
            deadline_at=None if left is None else left + deadline,
        )
        self.session.add(row)
        await self.session.flush()
        return row
