"""What a centre is told of a notice that waits for hours is true of why it waits."""

import html

import pytest

from api.pages.texts import ALERT_STEPS, NOTICE_WAITS
from monitor.core.errors import Deferred, NotSent, RateLimited, WrongSettings
from monitor.jobs.setbacks import TELL_AFTER
from tests.integration.test_moved_notices import leave, queued
from tests.support.api_world import ApiWorld, Caller

THEIRS = ALERT_STEPS["notice-waits"]
OURS, PLATFORM = NOTICE_WAITS["our-settings"], NOTICE_WAITS["rate-limited"]


async def steps(advocate: Caller, language: str) -> str:
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}"}
    answer = await advocate.http.get(f"/advocate/alerts?lang={language}", headers=headers)
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    ("error", "words", "reason"),
    [
        (Deferred("recipient-deferred-451"), THEIRS, "recipient-deferred-451"),
        (WrongSettings("login-refused"), OURS, "login-refused"),
        (WrongSettings("tls-failed"), OURS, "tls-failed"),
        (WrongSettings("sender-settings-530"), OURS, "sender-settings-530"),
        (RateLimited(retry_after=30), PLATFORM, "rate-limited"),
    ],
)
async def test_the_words_say_who_can_do_something(
    sqlite_world: ApiWorld, error: NotSent | RateLimited, words: str, reason: str
) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    _, (notice,) = await queued(world, advocate)
    for _ in range(TELL_AFTER):
        await leave(world, notice, error)
    alerts = (await advocate.get("/operations/alerts"))["alerts"]
    assert ("notice-waits", reason) in [(one["kind"], one["reason"]) for one in alerts]
    shown = await steps(advocate, "en")
    assert [each for each in (THEIRS, OURS, PLATFORM) if each in shown] == [words]
    assert words not in await steps(advocate, "ko")


async def test_the_words_are_those_of_the_reason_of_now(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    _, (notice,) = await queued(world, advocate)
    for _ in range(TELL_AFTER):
        await leave(world, notice, Deferred("recipient-deferred-451"))
    assert THEIRS in await steps(advocate, "en")
    await leave(world, notice, WrongSettings("login-refused"))
    shown = await steps(advocate, "en")
    assert OURS in shown and THEIRS not in shown
    await leave(world, notice)
    shown = await steps(advocate, "en")
    assert not any(each in shown for each in (THEIRS, OURS, PLATFORM))
