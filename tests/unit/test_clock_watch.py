"""Whether this machine's clock is wrong is told by what others say, not by one that may be wrong itself."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from monitor.core.clock_watch import OFF_BY, ClockWatch
from monitor.platforms.x.http import Wire

FAR = OFF_BY + timedelta(seconds=30)


def test_clock_is_wrong_where_everybody_says_so() -> None:
    clocks = ClockWatch()
    assert clocks.wrong() is None
    clocks.off_by("x", FAR)
    assert clocks.wrong() == FAR
    clocks.off_by("database", FAR + timedelta(seconds=5))
    assert clocks.wrong() == FAR
    clocks.off_by("telegram", timedelta(seconds=1))
    assert clocks.wrong() is None
    clocks.off_by("telegram", -FAR)
    assert clocks.wrong() is not None


@pytest.mark.parametrize("header", [None, "", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_date_that_cannot_be_read_says_nothing(header: str | None) -> None:
    clocks = ClockWatch()
    clocks.saw_date("x", header)
    assert clocks.wrong() is None


def test_date_of_an_answer_is_their_clock() -> None:
    clocks = ClockWatch()
    clocks.saw_date("x", format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True))
    wrong = clocks.wrong()
    assert wrong is not None and timedelta(minutes=-61) < wrong < timedelta(minutes=-59)


async def test_x_tells_the_time_with_every_answer() -> None:
    async def answer(_: web.Request) -> web.Response:
        there = datetime.now(UTC) + timedelta(minutes=10)
        return web.json_response({"data": []}, headers={"Date": format_datetime(there, usegmt=True)})

    application = web.Application()
    application.router.add_get("/2/tweets", answer)
    async with TestServer(application) as server:
        clocks = ClockWatch()
        wire = Wire(str(server.make_url("")).rstrip("/"), timeout=5.0, clocks=clocks)
        await wire.ask("/2/tweets", {}, bearer="token")
        await wire.close()
    wrong = clocks.wrong()
    assert wrong is not None and timedelta(minutes=9) < wrong < timedelta(minutes=11)
