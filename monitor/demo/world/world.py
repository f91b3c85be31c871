"""The demo world: two channels and two accounts that post pictures, a mail server, teams that remove what is reported.

Everything that time brings (new posts, removals) happens right before a double answers a request, by the domain clock
alone: a slow machine sees the same world as a fast one.
"""

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import Any, Self

from PIL import Image

from monitor.core.clock import Clock
from monitor.demo.authority.double import AuthorityDouble
from monitor.demo.mail.catcher import Caught, MailCatcher
from monitor.demo.mail.mailbox import DemoMailbox
from monitor.demo.telegram.double import TelegramDouble
from monitor.demo.telegram.web import TelegramWebDouble
from monitor.demo.telegram.world import TelegramWorld
from monitor.demo.world.pictures import Sample, feed, registered
from monitor.demo.world.plan import FIRST_PLACES, PLACES, Place, Planned, plan, stubborn
from monitor.demo.world.platform_desk import PlatformDesk
from monitor.demo.world.safety_team import SafetyTeam
from monitor.demo.x.double import XDouble
from monitor.demo.x.world import XWorld
from monitor.platforms.base import Link, PlatformName, SourceRef
from monitor.platforms.links import parse_link

_JPEG = b"\xff\xd8"
_LINK = re.compile(r"https://(?:t\.me|x\.com)/[A-Za-z0-9_/]+")


@dataclass(frozen=True, slots=True)
class Posted:
    """A post of the first day, as the platform's adapter would name it."""

    post_id: str
    media_id: str
    url: str = field(repr=False)
    author_id: str | None
    caption: str = field(repr=False)
    at: datetime


class DemoWorld:
    """`async with DemoWorld(clock, seed=1) as world:` runs the doubles on free ports of 127.0.0.1."""

    places: Sequence[Place] = PLACES
    first_places: Sequence[Place] = FIRST_PLACES

    def __init__(self, clock: Clock, *, seed: int = 1, samples: Sequence[Sample] | None = None) -> None:
        """`samples`: what is posted instead of the sixty pictures of the seed."""
        self.clock = clock
        self._seed = seed
        self.planned = plan(feed(seed) if samples is None else samples, seed)
        self.posted: dict[Link, Planned] = {}
        self.safety = SafetyTeam(now=clock.now, seed=seed)
        self.telegram_world = TelegramWorld(now=self._punctual_now, on_report=self._reported_in_app)
        self.x_world = XWorld(now=self._punctual_now)
        self.x_world.on_form = lambda fields: self._reported_by_links(fields.get("post_urls") or fields.get("urls", ""))
        self.telegram = TelegramDouble(self.telegram_world)
        self.web = TelegramWebDouble(self.telegram_world)
        self.x = XDouble(self.x_world)
        self.mail = MailCatcher(on_mail=self._reported_by_mail)
        self.mailbox = DemoMailbox()
        self.desk = PlatformDesk(self.mailbox)
        self.authority = AuthorityDouble(now=clock.now)
        self._stubborn = stubborn(self.planned, seed)
        self._mailed: dict[Link, str] = {}
        """The notice by whose mail a post was reported."""
        self._watched_since: datetime | None = None
        self._waiting = list(self.planned)
        self._rooms: dict[Place, Any] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for place in self.places:
            make = self.telegram_world.channel if place.platform is PlatformName.TELEGRAM else self.x_world.account
            self._rooms[place] = make(place.handle)
        for service in (self.telegram, self.web, self.x, self.mail, self.mailbox, self.desk, self.authority):
            await self._stack.enter_async_context(service)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def start_watching(self) -> None:
        """From now on the posts are there, the later ones when their time comes."""
        self._watched_since = self.clock.now()

    @cached_property
    def persons(self) -> tuple[bytes, ...]:
        """The pictures that people register, by nobody else's hand. Painting them takes a moment."""
        return registered(self._seed)

    # What is true

    def owner(self, url: str) -> int | None:
        """Whose registered picture (0 to 2) the post is a copy of; None when nobody's."""
        post = self.posted.get(_normal(url))
        return None if post is None else post.sample.copy_of

    def reports_of(self, url: str) -> int:
        """How often a post was reported."""
        return self.safety.reports[_normal(url)]

    def posted_at(self, place: Place, kinds: Sequence[str]) -> str | None:
        """The address of a post at this place that shows a picture of these kinds, nobody's copy; None: none yet."""
        found = (link for link, post in self.posted.items() if post.place == place and post.sample.edit in kinds)
        link = next(found, None)
        return None if link is None else f"https://t.me/{link.handle}/{link.post_id}"

    def told_by_hand(self, text: str) -> None:
        """A person told a platform of what stands at the links in this text, by a way of their own."""
        self._reported_by_links(text)

    def miscounted(self) -> dict[str, int]:
        """Every post whose reports are not what they should be: one for each copy, none for others."""
        found = {link: self.safety.reports[link] for link in {*self.posted, *self.safety.reports}}
        return {
            f"{link.platform}/{link.handle}/{link.post_id}": count
            for link, count in found.items()
            if link not in self.posted or count != (self.posted[link].sample.copy_of is not None)
        }

    # Posts

    def room(self, place: Place) -> Any:
        """The double's own channel or account behind a place."""
        return self._rooms[place]

    def post(self, place: Place, sample: Sample, caption: str, at: datetime) -> Link:
        """Post a picture now, dated `at`."""
        room = self._rooms[place]
        if place.platform is PlatformName.TELEGRAM:
            number = str(self.telegram_world.post(room, caption, self._medium(sample), at=at).id)
        else:
            number = self.x_world.post(room, caption, [sample.data], at=at).id
        return Link(place.platform, place.handle, number)

    def open_first_places(self) -> None:
        """The rooms of the first day. They are not there unless somebody wants that day."""
        for place in self.first_places:
            make = self.telegram_world.channel if place.platform is PlatformName.TELEGRAM else self.x_world.account
            self._rooms[place] = make(place.handle)

    def named(self, place: Place) -> SourceRef:
        """What the platform answers when it is asked for this name."""
        room = self._rooms[place]
        if place.platform is PlatformName.X:
            return SourceRef(place.platform, place.handle, room.id, title=room.name)
        return SourceRef(place.platform, place.handle, str(room.id), str(room.access_hash), room.title)

    def post_small(self, place: Place, data: bytes, caption: str, at: datetime) -> Posted:
        """A post of the first day, dated `at`: nothing is removed here by itself."""
        room = self._rooms[place]
        if place.platform is PlatformName.X:
            post = self.x_world.post(room, caption, [data], at=at)
            url = f"https://x.com/{place.handle}/status/{post.id}"
            return Posted(post.id, post.media[0].key, url, room.id, caption, at)
        medium = self._medium(Sample("first.jpg", data, None, "first day"))
        number = self.telegram_world.post(room, caption, medium, at=at).id
        url = f"https://t.me/{place.handle}/{number}"
        return Posted(str(number), f"photo:{medium.photo.id}", url, None, caption, at)

    def remove_small(self, place: Place, posted: Posted) -> None:
        """Such a post is taken away."""
        self._remove(Link(place.platform, place.handle, posted.post_id))

    def repost(self, url: str) -> None:
        """Somebody posts the very same file again, at the same place, now."""
        first = self.posted[_normal(url)]
        again = self.post(first.place, first.sample, f"again: {first.caption}", self.clock.now())
        self.posted[again] = first

    def _medium(self, sample: Sample) -> Any:
        """A photo, as apps send them; what is no JPEG comes as a file, which apps send uncompressed."""
        if not sample.data.startswith(_JPEG):
            return self.telegram_world.files.document(sample.data, "image/png", sample.name)
        with Image.open(BytesIO(sample.data)) as image:
            return self.telegram_world.files.photo({"y": (*image.size, sample.data)})

    def _catch_up(self) -> None:
        """Everything that time has brought by now."""
        now = self.clock.now()
        while self._waiting and (at := self._due(self._waiting[0])) is not None and at <= now:
            planned = self._waiting.pop(0)
            link = self.post(planned.place, planned.sample, planned.caption, at)
            self.posted[link] = planned
        in_hands = {link for link, notice in self._mailed.items() if self.desk.works_at(notice)}
        for link in self.safety.due(in_hands):
            self._remove(link)

    def _due(self, planned: Planned) -> datetime | None:
        return None if self._watched_since is None else self._watched_since + planned.due

    def _remove(self, link: Link) -> None:
        if link.platform is PlatformName.X:
            self.x_world.remove(link.post_id)
            return
        room = self._rooms[Place(link.platform, link.handle)]
        self.telegram_world.remove(room.id, int(link.post_id))

    def _punctual_now(self) -> datetime:
        """The doubles date every call, and so come by here before they answer."""
        if self._rooms:
            self._catch_up()
        return self.clock.now()

    # Reports

    def _reported_in_app(self, channel_id: int, numbers: tuple[int, ...], path: tuple[str, ...], comment: str) -> None:
        place = next(place for place, room in self._rooms.items() if room.id == channel_id)
        for number in numbers:
            self._reported(Link(place.platform, place.handle, str(number)))

    def _reported_by_mail(self, caught: Caught) -> None:
        body = caught.message.get_body(("plain",))
        text, notice = "" if body is None else body.get_content(), str(caught.message["X-Jikimi-Notice"] or "")
        self._mailed |= dict.fromkeys(_links(text), notice)
        self._reported_by_links(text)
        self.desk.took(caught)

    def _reported_by_links(self, text: str) -> None:
        for link in _links(text):
            self._reported(link)

    def _reported(self, link: Link) -> None:
        self.safety.take(link, ignore=self.posted.get(link) is self._stubborn)


def _links(text: str) -> set[Link]:
    return {_normal(url) for url in _LINK.findall(text)}


def _normal(url: str) -> Link:
    link = parse_link(url)
    if link is None:
        raise ValueError("not a link to a post of the demo world")
    return Link(link.platform, link.handle.lower(), link.post_id)
