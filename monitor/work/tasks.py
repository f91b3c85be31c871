"""Units of durable work: names, idempotency keys, queues. Ids and numbers only: the engine stores them in clear."""

import random
import time
from dataclasses import dataclass

CRAWLS, NOTICES, LATER = "crawls", "notices", "later"

FIRST, SOON, _IN_TURN = 1, 2, 3
"""What goes before what in a queue: a person's link, a read that somebody's joining asked for, the sources in their
turn. Within one of the first two whoever came first."""
_CHECK, _LOOK_BACK = 2, 3
"""Among what is done later: first what somebody waits for or a deadline asks, then checks of copies, then looks back,
of which a new place brings hundreds at once."""
_SHUFFLED = 100
_BEGAN = 1_767_225_600
"""2026 in epoch seconds: so that minutes times _SHUFFLED fit the engine's 31 bits until the year 2066."""


def in_turn() -> int:
    """The priority of a source's turn: by the minute, and in no order within it.

    Where times are equal the engine goes by ids, and on SQLite it keeps whole seconds: some would always be the last.
    """
    minute = max(0, int(time.time()) - _BEGAN) // 60
    return _IN_TURN + minute * _SHUFFLED + random.randrange(_SHUFFLED)  # noqa: S311  # no secret


@dataclass(frozen=True, slots=True)
class Task:
    """One run of one workflow. Enqueueing the same `id` twice runs it once."""

    id: str
    workflow: str
    arguments: tuple[str | int, ...]
    queue: str
    partition: str | None = None
    delay: float = 0.0
    """Real seconds before it starts."""
    priority: int = FIRST
    """The least goes first."""


def crawl(source_id: str, account: str, slot: int) -> Task:
    """Read what is new in a source. One per source and time slot."""
    task_id = f"{turns_of(source_id)}{slot}"
    return Task(task_id, "crawl", (source_id,), CRAWLS, partition=account, priority=in_turn())


def turns_of(source_id: str) -> str:
    """How the ids of a source's crawls begin."""
    return f"crawl-{source_id}-"


def joinings_of(source_id: str, case_id: str) -> str:
    """How the ids of the crawls of a source begin that are made for one case."""
    return f"{turns_of(source_id)}for-{case_id}-"


def crawl_now(source_id: str, account: str, case_id: str, why: str) -> Task:
    """Read a source for one case before its next time slot: it was never read, or must be read again. One per reason.

    Nobody else is told of it: when a source is read out of turn says that somebody joined.
    """
    task_id = f"{joinings_of(source_id, case_id)}{why}"
    return Task(task_id, "crawl", (source_id, case_id), CRAWLS, partition=account, priority=SOON)


def crawl_on(source_id: str, account: str, case_id: str | None, why: str) -> Task:
    """Go on where a turn ended, for whom it was made."""
    if case_id is not None:
        return crawl_now(source_id, account, case_id, f"turn-{why}")
    task_id = f"{joinings_of(source_id, 'turn')}{why}"
    return Task(task_id, "crawl", (source_id,), CRAWLS, partition=account, priority=in_turn())


def backfill(source_id: str, case_id: str, attempt: int, *, delay: float = 0.0) -> Task:
    """Compare what a source showed with a case whose watch grew. Waits for no crawl: most of it needs no account."""
    task_id = f"look-back-{source_id}-{case_id}-{attempt}"
    return Task(task_id, "look_back", (source_id, case_id, attempt), LATER, delay=delay, priority=_LOOK_BACK)


def sync_deletions(source_id: str, account: str, slot: int) -> Task:
    """Ask which posts of a source still exist, of those of which something is kept."""
    return Task(f"recheck-{source_id}-{slot}", "recheck", (source_id,), CRAWLS, partition=account, priority=in_turn())


def read_link(link_id: str, account: str) -> Task:
    """Read the one post behind a link that the person entered: before everything else that waits for the account."""
    return Task(readings_of(link_id), "read_link", (link_id,), CRAWLS, partition=account)


def readings_of(link_id: str) -> str:
    """How the ids of the tasks begin that read a link."""
    return f"link-{link_id}"


def read_link_again(link_id: str, account: str, slot: int) -> Task:
    """The same for a link whose reading failed for a passing reason, or was lost. One per time slot."""
    return Task(f"{readings_of(link_id)}-again-{slot}", "read_link", (link_id,), CRAWLS, partition=account)


def send(notice_id: str, attempt: int, platform: str, *, delay: float = 0.0) -> Task:
    """Send a notice; each attempt is a task of its own."""
    task_id = f"send-{notice_id}-{attempt}"
    if delay:  # a partitioned queue limits rates; the wait itself happens in the queue for delays
        return Task(task_id, "send", (notice_id, attempt), LATER, delay=delay)
    return Task(task_id, "send", (notice_id, attempt), NOTICES, partition=platform)


def send_letter(letter_id: str, attempt: int, *, delay: float = 0.0) -> Task:
    """Send what follows a notice; each attempt is a task of its own."""
    return Task(f"letter-{letter_id}-{attempt}", "send_letter", (letter_id, attempt), LATER, delay=delay)


def mail_code(link_id: str, asked_at: int, attempt: int = 1, *, delay: float = 0.0) -> Task:
    """Mail a code to the recipient of a notice. `asked_at` in epoch milliseconds: each is asked for once."""
    return Task(f"code-{link_id}-{asked_at}-{attempt}", "mail_code", (link_id, asked_at, attempt), LATER, delay=delay)


def send_reply(reply_id: str, attempt: int, *, delay: float = 0.0) -> Task:
    """Send what an advocate wrote back; each attempt is a task of its own."""
    return Task(f"reply-{reply_id}-{attempt}", "send_reply", (reply_id, attempt), LATER, delay=delay)


def settle_reply(reply_id: str, attempt: int, slot: int) -> Task:
    """The same attempt once more, of which the first was cut off: it is put in doubt, and not sent."""
    return Task(f"reply-{reply_id}-{attempt}-again-{slot}", "send_reply", (reply_id, attempt), LATER)


def call_platform(call_id: str, attempt: int, *, delay: float = 0.0) -> Task:
    """Call a platform's webhook; each attempt is a task of its own."""
    return Task(f"call-{call_id}-{attempt}", "call_platform", (call_id, attempt), LATER, delay=delay)


def observe(sighting_id: str, notice_id: str = "", attempt: int = 1) -> Task:
    """Record how a post stands before a person takes a notice about it to its platform, or tells the police of it."""
    return Task(f"observe-{notice_id or sighting_id}-{attempt}", "observe", (sighting_id, notice_id), LATER)


def verify(notice_id: str, check: int, *, delay: float) -> Task:
    """Check whether the copy is still there."""
    return Task(f"verify-{notice_id}-{check}", "verify", (notice_id, check), LATER, delay=delay, priority=_CHECK)


def follow(sighting_id: str, check: int, *, delay: float) -> Task:
    """Check a confirmed copy that no notice follows, or that was removed; `check` counts the copy's own checks."""
    return Task(f"follow-{sighting_id}-{check}", "follow", (sighting_id, check), LATER, delay=delay, priority=_CHECK)


def resend(sighting_id: str) -> Task:
    """Report an identical re-upload with no other decision, where that is switched on. Once per sighting."""
    return Task(f"resend-{sighting_id}", "resend", (sighting_id,), LATER)


def escalate(notice_id: str, check: int = 0) -> Task:
    """Prepare the next step of a route whose deadline lapsed; one that failed is asked for again by a later check."""
    return Task(f"escalate-{notice_id}-{check}", "escalate", (notice_id,), LATER)


def make_package(package_id: str) -> Task:
    """Make a package of evidence that was asked for."""
    return Task(f"package-{package_id}", "package", (package_id,), LATER)


def report_place(report_id: str, attempt: int, platform: str, *, delay: float = 0.0) -> Task:
    """Report a whole channel; each attempt is a task of its own, and takes its turn among the notices."""
    task_id = f"report-place-{report_id}-{attempt}"
    if delay:
        return Task(task_id, "report_place", (report_id, attempt), LATER, delay=delay)
    return Task(task_id, "report_place", (report_id, attempt), NOTICES, partition=platform)


def news_mail(case_id: str, attempt: int, slot: int) -> Task:
    """Tell a person's own mailbox that there is something to read; once a mail, and asked for again after a fault."""
    return Task(f"news-mail-{case_id}-{attempt}-{slot}", "news_mail", (case_id, attempt), LATER)
