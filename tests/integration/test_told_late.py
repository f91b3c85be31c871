"""What left although it was taken for lost: a peer put it in doubt, somebody had it sent again, then the first says so.

It counts as sent, and the attempt that waits does not leave as well.
"""

from collections.abc import Awaitable, Callable

import pytest

from monitor.delivery.base import Outgoing, Receipt
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.send_reply import Replier
from tests.integration.test_mail_put_off import Followed, followed, reply_row, told
from tests.integration.test_place_reports import kinds, prepared, run, state
from tests.support.api_world import ApiWorld
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see

ENDED = (EntryKind.REPLY_SENT, EntryKind.REPLY_FAILED)
Meanwhile = Callable[[], Awaitable[object]]


class Slow(FakeDelivery):
    """A way out that answers after others have acted."""

    def __init__(self, meanwhile: Meanwhile) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        await self._meanwhile()
        return await super().send(outgoing)


async def doubted(mail: Followed) -> None:
    """A peer takes the process that sends for dead."""
    await mail.attempt(FakeDelivery())
    assert (await mail.row())[0] == "in_doubt"


async def test_letter_that_was_sent_again_leaves_no_second_time(world: ApiWorld) -> None:
    mail, second = await followed(world, "retraction"), FakeDelivery()

    async def meanwhile() -> None:
        await doubted(mail)
        await mail.again()
        assert (await mail.row())[0] == "queued"

    first = Slow(meanwhile)
    await mail.attempt(first)
    assert len(first.sent) == 1 and (await mail.row())[0] == "sent"
    await mail.attempt(second)
    assert second.sent == [] and await told(world) == []


async def test_reply_that_was_written_anew_waits_for_a_look_where_the_first_had_left(world: ApiWorld) -> None:
    mail, second = await followed(world, "reply"), FakeDelivery()
    assert mail.reply_id is not None

    async def meanwhile() -> None:
        await doubted(mail)
        await mail.again()

    first = Slow(meanwhile)
    await mail.attempt(first)
    # What was written then is not what stands there now, so an advocate decides whether it is still needed.
    assert (await mail.row())[:2] == ("failed", "earlier-reply-left") and len(first.sent) == 1
    assert await told(world) == [("reply-not-sent", "earlier-reply-left")]
    row = await reply_row(world, mail.reply_id)
    await Replier(world.services.database, world.context, second).send(row.id, row.attempt)
    assert second.sent == []
    for language, words in (
        ("en", ("The reply before this one has left after all", "only if it is still needed")),
        ("ko", ("앞서 쓴 답장이 실제로는 전송", "아직 필요할 때만")),
    ):
        shown = await see(world, mail.advocate, f"/advocate/notices/{mail.notice}?lang={language}")
        assert all(one in shown for one in words)
    async with world.services.database.read() as session:
        entries = await world.context.ledger.told(session, row.case_id)
    ended = [(one.row.kind, (one.facts or {}).get("reason")) for one in entries if one.row.kind in ENDED]
    assert ended == [
        ("reply-failed", "cut-off-while-sending"),
        ("reply-sent", None),
        ("reply-failed", "earlier-reply-left"),
    ]
    await mail.again()
    await mail.attempt(second)
    assert len(second.sent) == 1 and await told(world) == []


@pytest.mark.parametrize("then", ["settled", "sent again", "withdrawn"])
async def test_report_about_a_channel_counts_as_sent(world: ApiWorld, then: str) -> None:
    advocate, second = await world.advocate(), FakeDelivery()
    report = await prepared(world, advocate)
    await advocate.post(f"/place-reports/{report}/send")

    async def meanwhile() -> None:
        await run(world, FakeDelivery(), report, 2)
        assert (await state(advocate, report))[0] == "in_doubt"
        await advocate.post(f"/place-reports/{report}/settle", {"arrived": False})
        if then == "sent again":
            await advocate.post(f"/place-reports/{report}/send")
        elif then == "withdrawn":
            await advocate.post(f"/place-reports/{report}/withdraw")

    first = Slow(meanwhile)
    await run(world, first, report, 2)
    assert len(first.sent) == 1 and await state(advocate, report) == ("sent", None)
    await run(world, second, report, 3)
    assert second.sent == [] and (await kinds(world))[-1] == "place-report-sent"
    assert await told(world) == []
