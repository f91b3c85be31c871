"""A platform that answers notices in eight ways: the world of the long trial, with its posts, its team and its desk.

Everything that time brings happens right before a double answers, by the domain's clock alone, as in the demo's world.
"""

import asyncio
import heapq
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from itertools import count
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from api.work import solve
from monitor.core.clock import Clock
from monitor.demo.mail.catcher import Caught
from monitor.demo.world import paint
from monitor.demo.world.edits import jpeg
from monitor.demo.world.pictures import Sample
from monitor.demo.world.plan import Place, Planned
from monitor.demo.world.platform_desk import PlatformDesk
from monitor.demo.world.safety_team import SafetyTeam
from monitor.demo.world.world import DemoWorld
from monitor.mailbox.report import our_ids
from monitor.platforms.base import Link, PlatformName
from monitor.platforms.links import parse_link
from tests.support.imap_server import TestMailbox
from tests.support.mails import Dsn

PERSONS = 5
MINOR = 4
"""The last of them was under age when pictured: with as many copies as each other, a fifth of all."""
PICTURES = 4
"""Registered by each."""
AUTHSERV = "mx.centre.invalid"
"""What the operator's own mail server calls itself in Authentication-Results."""
_DELIVERIES = 5


class Behaviour(StrEnum):
    """What the platform does with what is reported."""

    PROMPT = "prompt"
    SLOW = "slow"
    PARTIAL = "partial"
    """Of two pictures of a post one goes; of two posts one."""
    SILENT = "silent"
    REFUSES = "refuses"
    BOUNCES = "bounces"
    """What is mailed does not arrive; what is told otherwise is dealt with."""
    CLAIMS = "claims"
    """Says removed, and it is not."""
    BACK = "back"
    """Removes it, then it stands there again."""


ON_X = (Behaviour.PROMPT, Behaviour.SLOW, Behaviour.PARTIAL, Behaviour.SILENT, Behaviour.BACK)
"""What X's form can show: it answers nobody, and no mail to it comes back."""
CHANNELS = tuple(Place(PlatformName.TELEGRAM, f"sim_channel_{number}") for number in range(3))
ACCOUNT = Place(PlatformName.X, "sim_account")

_OF_A_CODE = re.compile(r"\.9\d{5}@")
"""The Message-ID of a mail with a code for the page of a notice."""
PROMPT_HOURS = (6.0, 20.0)
SLOW_HOURS = (72.0, 144.0)
"""Past every clock of the routes that are taken."""
BACK_HOURS = (100.0, 120.0)
"""After it went: a receipt is written by then, and a look on day 7 sees it."""


@dataclass(frozen=True, slots=True)
class SimulatedPost(Planned):
    """One post with one picture, or with two of the same person."""

    behaviour: Behaviour
    person: int | None
    more: tuple[Sample, ...] = ()
    by_app: bool = False
    """An adult's is reported inside the app."""
    kept: bool = False
    """Of what is removed in part: this stays."""

    @property
    def minor(self) -> bool:
        """Under age when pictured."""
        return self.person == MINOR


@dataclass(frozen=True, slots=True)
class Scenario:
    """How much is played."""

    copies: int
    days: float
    """Of the domain."""
    seed: int = 1

    @property
    def posting(self) -> timedelta:
        """So long something new is posted: what comes last has time to come to its end."""
        return timedelta(days=max(1.0, self.days - 17) if self.days > 20 else self.days / 5)


@lru_cache(4)
def pictures(seed: int) -> tuple[tuple[Image.Image, ...], ...]:
    """By person; small, and with enough in them to be told apart. After the last person: nobody's."""
    return tuple(tuple(_painted(seed, person, number) for number in range(PICTURES)) for person in range(PERSONS + 1))


def _painted(seed: int, person: int, number: int) -> Image.Image:
    rng = np.random.default_rng([seed, 40, person, number])
    colours = paint.palette(rng)
    canvas = paint.lights(rng, paint.backdrop(rng, 200, 150, colours))
    return paint.finish(rng, paint.figure(rng, canvas, colours))


def posts_of(scenario: Scenario) -> tuple[SimulatedPost, ...]:
    """Every post in the order of time: each behaviour as often as any other, each person too."""
    random = Random(f"simulated-{scenario.seed}")
    posts: list[SimulatedPost] = []
    left, number = scenario.copies, 0
    while left > 0:
        behaviour, turn = list(Behaviour)[number % 8], number // 8
        person = (number + turn) % PERSONS
        on_x = turn % 4 == 3 and behaviour in ON_X
        two = on_x and behaviour is Behaviour.PARTIAL and left > 1
        first, second = random.sample(range(PICTURES), 2)
        posts.append(
            SimulatedPost(
                place=ACCOUNT if on_x else random.choice(CHANNELS),
                sample=_copy(scenario.seed, person, first, random),
                due=scenario.posting * random.random(),
                caption=f"simulated caption {random.getrandbits(48):012x}",
                behaviour=behaviour,
                person=person,
                more=(_copy(scenario.seed, person, second, random),) if two else (),
                by_app=turn % 4 == 1 and behaviour in ON_X,
                kept=behaviour is Behaviour.PARTIAL and (turn // 2) % 2 == 1,
            )
        )
        left -= 1 + two
        number += 1
    for other in range(max(2, scenario.copies // 20)):
        behaviour = list(Behaviour)[other % 8]
        due, caption = scenario.posting * random.random(), f"something else {other}"
        sample = _copy(scenario.seed, PERSONS, other % PICTURES, random)
        posts.append(SimulatedPost(random.choice(CHANNELS), sample, due, caption, behaviour, None))
    return tuple(sorted(posts, key=lambda post: post.due))


def _copy(seed: int, person: int, picture: int, random: Random) -> Sample:
    image = pictures(seed)[person][picture]
    share = random.uniform(0.75, 1.0)
    size = (round(image.width * share), round(image.height * share))
    data = jpeg(image.resize(size, Image.Resampling.LANCZOS), random.randint(60, 92))
    return Sample(f"copy-{person}-{picture}.jpg", data, None if person == PERSONS else person, "resized")


class Happening(StrEnum):
    """What the team does to a post."""

    REMOVE = "remove"
    REMOVE_FIRST = "remove-first"
    """Of its pictures."""
    PUT_BACK = "put-back"


class SimulatedTeam(SafetyTeam):
    """Counts what arrives, and knows what happens when."""

    def __init__(self, *, now: Any, seed: int) -> None:
        super().__init__(now=now, seed=seed)
        self._agenda: list[tuple[datetime, int, Link, Happening]] = []
        self._number, self._seen = count(), set[Link]()
        self.done: dict[Link, list[Happening]] = {}

    def deal_with(self, link: Link, post: SimulatedPost) -> None:
        """It was told of this post, by whatever way."""
        if link in self._seen:
            return
        self._seen.add(link)
        match post.behaviour:
            case Behaviour.PROMPT | Behaviour.BOUNCES:
                self._plan(link, Happening.REMOVE, PROMPT_HOURS)
            case Behaviour.SLOW:
                self._plan(link, Happening.REMOVE, SLOW_HOURS)
            case Behaviour.PARTIAL if post.more:
                self._plan(link, Happening.REMOVE_FIRST, PROMPT_HOURS)
            case Behaviour.PARTIAL if not post.kept:
                self._plan(link, Happening.REMOVE, PROMPT_HOURS)
            case Behaviour.BACK:
                self._plan(link, Happening.REMOVE, PROMPT_HOURS)
            case _:
                pass

    def happening(self) -> list[tuple[Link, Happening]]:
        """What is due by now; each once."""
        found = []
        while self._agenda and self._agenda[0][0] <= self._now():
            _, _, link, what = heapq.heappop(self._agenda)
            self.done.setdefault(link, []).append(what)
            found.append((link, what))
        return found

    def come_back(self, link: Link) -> None:
        """What was removed stands there again after some days."""
        self._plan(link, Happening.PUT_BACK, BACK_HOURS)

    def _plan(self, link: Link, what: Happening, hours: tuple[float, float]) -> None:
        at = self._now() + timedelta(hours=self._random.uniform(*hours))
        heapq.heappush(self._agenda, (at, next(self._number), link, what))


class SimulatedDesk(PlatformDesk):
    """It answers by the link in a mail where it refuses, and where it says what is not so."""

    tries = 60

    def __init__(self, world: "SimulatedWorld") -> None:
        super().__init__(world.mailbox)
        self._world = world

    def answer_to(self, number: int, text: str) -> Mapping[str, str] | None:
        """By what it does with the post that the mail names."""
        post = next((found for link in links_in(text) if (found := self._world.simulated.get(link))), None)
        match post and post.behaviour:
            case Behaviour.REFUSES:
                return {"kind": "refused", "reason": "not-against-rules", "text": "We see no breach of our rules."}
            case Behaviour.CLAIMS:
                return {"kind": "removed"}
            case _:
                return None

    def work_for(self, challenge: str) -> str:
        """Weeks of answers come within hours, from one address: more than anybody answers without work."""
        return solve(challenge)

    def _reply(self, notice: Any) -> None:
        """It writes no mails of its own."""


def links_in(text: str) -> set[Link]:
    """Every post of the world that a text names."""
    words = (word.strip("<>().,;\"'") for word in text.split())
    found = (parse_link(word) for word in words if word.startswith(("https://t.me/", "https://x.com/")))
    return {_named(one) for one in found if one is not None}


def _named(link: Link) -> Link:
    """Where it stands: X's addresses go without the account's name."""
    handle = ACCOUNT.handle if link.platform is PlatformName.X else link.handle.lower()
    return Link(link.platform, handle, link.post_id)


class SimulatedWorld(DemoWorld):
    """The doubles of the demo with other places, other posts and another team; mail that comes back comes by IMAP."""

    places = (*CHANNELS, ACCOUNT)

    def __init__(self, clock: Clock, scenario: Scenario, mailbox: TestMailbox) -> None:
        posts = posts_of(scenario)
        super().__init__(clock, seed=scenario.seed, samples=[post.sample for post in posts])
        self.scenario = scenario
        self.persons = tuple(jpeg(images[0], 92) for images in pictures(scenario.seed)[:PERSONS])
        self.planned, self._waiting = posts, list(posts)
        self.safety = self.team = SimulatedTeam(now=clock.now, seed=scenario.seed)
        self.desk = SimulatedDesk(self)
        self.returning = mailbox
        self.simulated: dict[Link, SimulatedPost] = {}
        self.mails: Counter[str] = Counter()
        """Notices that arrived by mail, by id; what came back counts as arrived at the double."""
        self.message_ids: Counter[str] = Counter()
        self.in_app: Counter[Link] = Counter()
        self.by_form: Counter[Link] = Counter()
        self.by_hand: Counter[Link] = Counter()
        self.astray: list[str] = []
        """What arrived and belongs to nothing that was posted."""
        self.on_arrival: list[Any] = []
        """Called when a report of the program has arrived, before it is told so."""
        self._gone: dict[Link, Any] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # What is true

    def post_at(self, url: str) -> tuple[Link, SimulatedPost] | None:
        """The post behind an address."""
        found = next(((link, self.simulated[link]) for link in links_in(url) if link in self.simulated), None)
        return found

    def owner(self, url: str) -> int | None:
        """Whose pictures it shows."""
        found = self.post_at(url)
        return None if found is None else found[1].person

    def stands(self, link: Link, media_id: str) -> bool:
        """Is this medium to be seen there?"""
        if link.platform is PlatformName.X:
            post = self.x_world.by_id(link.post_id)
            return post is not None and any(media_id.endswith(one.key) or one.key in media_id for one in post.media)
        room = self.room(self.simulated[link].place)
        return int(link.post_id) in self.telegram_world.messages[room.id]

    def told(self, url: str) -> None:
        """A person told the platform of this post, by hand."""
        found = self.post_at(url)
        if found is not None:
            self.by_hand[found[0]] += 1
            self.team.deal_with(*found)

    # What time brings

    def _catch_up(self) -> None:
        now = self.clock.now()
        while self._waiting and (at := self._due(self._waiting[0])) is not None and at <= now:
            planned = self._waiting.pop(0)
            assert isinstance(planned, SimulatedPost)
            self.simulated[self._posted(planned, at)] = planned
        for link, what in self.team.happening():
            self._happen(link, what)

    def _posted(self, post: SimulatedPost, at: datetime) -> Link:
        room = self.room(post.place)
        if post.place.platform is PlatformName.X:
            photos = [post.sample.data, *(one.data for one in post.more)]
            return Link(post.place.platform, post.place.handle, self.x_world.post(room, post.caption, photos, at=at).id)
        with Image.open(BytesIO(post.sample.data)) as image:
            photo = self.telegram_world.files.photo({"y": (*image.size, post.sample.data)})
        number = self.telegram_world.post(room, post.caption, photo, at=at).id
        return Link(post.place.platform, post.place.handle, str(number))

    def _happen(self, link: Link, what: Happening) -> None:
        post = self.simulated[link]
        on_x = link.platform is PlatformName.X
        held: dict[Any, Any] = self.x_world.posts
        key: Any = link.post_id
        if not on_x:
            held, key = self.telegram_world.messages[self.room(post.place).id], int(link.post_id)
        match what:
            case Happening.REMOVE:
                self._gone[link] = held.pop(key)
                if post.behaviour is Behaviour.BACK:
                    self.team.come_back(link)
            case Happening.REMOVE_FIRST:
                held[key].media.pop(0)
            case Happening.PUT_BACK:
                held[key] = self._gone.pop(link)

    # Reports

    def _reported_in_app(self, channel_id: int, numbers: tuple[int, ...], path: tuple[str, ...], comment: str) -> None:
        place = next(one for one in CHANNELS if self.room(one).id == channel_id)
        for number in numbers:
            link = Link(place.platform, place.handle, str(number))
            self.in_app[link] += 1
            self._dealt_with(link)
        self._arrived()

    def _reported_by_mail(self, caught: Caught) -> None:
        ids = our_ids(str(caught.message["Message-ID"] or ""))
        if ids and not _OF_A_CODE.search(" ".join(ids)):
            (message_id, notice_id), *_ = ids.items()
            self.mails[notice_id] += 1
            self.message_ids[message_id] += 1
            body = caught.message.get_body(("plain",))
            links = links_in("" if body is None else str(body.get_content()))
            posts = [self.simulated[link] for link in links if link in self.simulated]
            if posts and all(post.behaviour is Behaviour.BOUNCES for post in posts):
                self._bounce(message_id, caught.rcpt[0])
            else:
                for link in links:
                    self._dealt_with(link)
            self._arrived()
        self.desk.took(caught)

    def _reported_by_links(self, text: str) -> None:
        for link in links_in(text):
            self.by_form[link] += 1
            self._dealt_with(link)

    def _dealt_with(self, link: Link) -> None:
        post = self.simulated.get(link)
        if post is None or post.person is None:
            self.astray.append(f"{link.handle}/{link.post_id}")
            return
        self.team.deal_with(link, post)

    def _arrived(self) -> None:
        for call in self.on_arrival:
            call()

    def _bounce(self, message_id: str, recipient: str) -> None:
        """The platform's mail server writes that there is no such address, and the operator's server vouches for it."""
        proof = f"{AUTHSERV}; dkim=pass header.d={recipient.rpartition('@')[2]}"
        own_id = f"<report-{sum(self.message_ids.values())}@telegram.invalid>"
        report = Dsn(message_id, recipient=recipient, results=(proof,), own_id=own_id)
        task = asyncio.get_running_loop().create_task(self._deliver(bytes(report)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, report: bytes) -> None:
        """A mail server tries again where the mailbox does not answer; none of it is ours to lose."""
        for attempt in range(_DELIVERIES):
            try:
                await self.returning.deliver(report)
            except OSError:
                if attempt + 1 == _DELIVERIES:
                    raise
                await asyncio.sleep(2.0**attempt)
            else:
                return
