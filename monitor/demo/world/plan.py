"""What the demo world posts, where and when: drawn from the seed, pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from monitor.demo.world.pictures import Sample
from monitor.platforms.base import PlatformName


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or an account of the demo world. `handle` in lower case, without @."""

    platform: PlatformName
    handle: str


PLACES = (
    Place(PlatformName.TELEGRAM, "demo_channel_one"),
    Place(PlatformName.TELEGRAM, "demo_channel_two"),
    Place(PlatformName.X, "demo_account_1"),
    Place(PlatformName.X, "demo_account_2"),
)

FIRST_PLACES = (
    Place(PlatformName.TELEGRAM, "demo_first_one"),
    Place(PlatformName.TELEGRAM, "demo_first_two"),
    Place(PlatformName.TELEGRAM, "demo_first_three"),
    Place(PlatformName.X, "demo_first_4"),
    Place(PlatformName.X, "demo_first_5"),
)
"""Where the copies of the first day's forty cases stand. A run to verified removals knows nothing of them."""

OLDEST = timedelta(days=3)
"""How old the oldest post is when people start to watch."""
LAST = timedelta(hours=24)
"""When the last post is made, from that moment."""
EARLY_SHARE = 0.6
"""The share of posts that are there at once."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One post to come. `due` in domain time from the start of watching; negative: it is older."""

    place: Place
    sample: Sample
    due: timedelta
    caption: str = field(repr=False)


def plan(samples: Sequence[Sample], seed: int) -> tuple[Planned, ...]:
    """Every sample at a place and a time, in the order of time. Copies are dealt evenly over the places."""
    random = Random(f"plan-{seed}")
    copies = [sample for sample in samples if sample.copy_of is not None]
    others = [sample for sample in samples if sample.copy_of is None]
    planned = []
    for group in (copies, others):
        random.shuffle(group)
        early = round(len(group) * EARLY_SHARE)
        times = [-OLDEST * random.random() for _ in range(early)]
        times += [LAST * random.random() for _ in range(len(group) - early)]
        random.shuffle(times)
        for number, (sample, due) in enumerate(zip(group, times, strict=True)):
            caption = f"demo caption {random.getrandbits(48):012x}"
            planned.append(Planned(PLACES[number % len(PLACES)], sample, due, caption))
    return tuple(sorted(planned, key=lambda post: post.due))


def stubborn(planned: Sequence[Planned], seed: int) -> Planned:
    """The one copy that its platform never removes."""
    copies = [post for post in planned if post.sample.copy_of is not None]
    return Random(f"stubborn-{seed}").choice(copies)
