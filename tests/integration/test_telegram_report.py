"""Reports inside Telegram: the server's menu, the stored preference, and what happens when it goes wrong."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from monitor.core.errors import DeliveryRefused, InDoubt, NotSent, RateLimited
from monitor.delivery.base import Outgoing
from monitor.delivery.telegram_report import COMMENT_CHARACTERS, TelegramReport
from monitor.demo.telegram.menu import Comment, Menu, Option
from tests.support.telegram_adapter import Stage, ref, stage
from tests.support.telegram_troubles import Trouble

PREFERENCES = ("Non-consensual sexual imagery", "Illegal adult content", "Other")


@pytest.fixture
async def play() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


@pytest.fixture
def channel(play: Stage) -> Any:
    made = play.world.channel("source_one")
    play.world.post(made, "x", play.picture())
    play.world.post(made, "y", play.picture())
    return made


@pytest.fixture
def delivery(play: Stage) -> TelegramReport:
    return TelegramReport(play.telegram(call_seconds=2))


def outgoing(channel: Any, **changed: Any) -> Outgoing:
    notice = Outgoing(
        notice_id="n1",
        route="telegram_report",
        recipient="source_one",
        subject="",
        body="This is me and I did not agree.",
        source=ref(channel),
        post_ids=("1", "2"),
        preferences=PREFERENCES,
    )
    return replace(notice, **changed)


def calls(play: Stage) -> int:
    return play.world.count("messages.report")


async def test_nested_menu_is_walked_by_preference_and_the_choice_recorded(
    play: Stage, delivery: TelegramReport, channel: Any
):
    seen: list[tuple[Any, ...]] = []
    play.world.on_report = lambda *told: seen.append(told)
    receipt = await delivery.send(outgoing(channel))
    path = ("Illegal adult content", "Non-consensual sexual imagery")
    (report,) = play.world.reports
    assert (report.channel_id, report.message_ids, report.path) == (channel.id, (1, 2), path)
    assert report.comment == "This is me and I did not agree."
    assert seen == [(channel.id, (1, 2), path, report.comment)]
    assert receipt.reference is None
    assert receipt.facts == {"option_path": " > ".join(path), "comment": "yes", "steps": "4"}


async def test_case_spacing_and_alternatives_of_a_preference_do_not_matter(
    play: Stage, delivery: TelegramReport, channel: Any
):
    await delivery.send(outgoing(channel, preferences=("Not offered|i DON\N{RIGHT SINGLE QUOTATION MARK}T  like it",)))
    assert play.world.reports[0].path == ("I don't like it",)


async def test_option_without_comment_ends_at_once(play: Stage, delivery: TelegramReport, channel: Any):
    receipt = await delivery.send(outgoing(channel, preferences=("I don't like it",)))
    assert play.world.reports[0].comment == ""
    assert receipt.facts["comment"] == "no"


@pytest.mark.parametrize("wish", [Comment.OPTIONAL, Comment.REQUIRED])
async def test_comment_is_given_where_asked(play: Stage, delivery: TelegramReport, channel: Any, wish: Comment):
    play.world.menu = Menu((Option("Other", comment=wish),))
    await delivery.send(outgoing(channel))
    assert play.world.reports[0].comment == "This is me and I did not agree."


async def test_empty_comment_serves_only_where_it_is_optional(play: Stage, delivery: TelegramReport, channel: Any):
    play.world.menu = Menu((Option("Other", comment=Comment.REQUIRED), Option("Spam")))
    with pytest.raises(DeliveryRefused, match="menu-changed"):
        await delivery.send(outgoing(channel, body=""))
    receipt = await delivery.send(outgoing(channel, body="", preferences=("Spam",)))
    assert receipt.facts["comment"] == "no"
    assert len(play.world.reports) == 1


async def test_long_comment_is_cut_at_a_word(play: Stage, delivery: TelegramReport, channel: Any):
    receipt = await delivery.send(outgoing(channel, body="word " * 400))
    assert receipt.facts["comment"] == "shortened"
    comment = play.world.reports[0].comment
    assert len(comment) <= COMMENT_CHARACTERS
    assert comment.endswith("word")


@pytest.mark.parametrize("level", [1, 2])
async def test_changed_menu_is_refused_before_anything_final(
    play: Stage, delivery: TelegramReport, channel: Any, level: int
):
    renamed = Option("New words", below=(Option("Newer words"),))
    play.world.menu = Menu((renamed,) if level == 1 else (Option("Other", below=(renamed,)),))
    with pytest.raises(DeliveryRefused, match=rf"menu-changed: no preference fits level {level}"):
        await delivery.send(outgoing(channel))
    assert calls(play) == level
    assert play.world.reports == []


async def test_menu_without_end_is_refused(play: Stage, delivery: TelegramReport, channel: Any):
    option = Option("Other")
    for _ in range(12):
        option = Option("Other", below=(option,))
    play.world.menu = Menu((option,))
    with pytest.raises(DeliveryRefused, match="menu-changed"):
        await delivery.send(outgoing(channel))
    assert play.world.reports == []


@pytest.mark.parametrize("trouble", [Trouble.CUT_BEFORE, Trouble.CUT_AFTER, Trouble.SILENT])
async def test_trouble_before_anything_was_chosen_is_not_sent(
    play: Stage, delivery: TelegramReport, channel: Any, trouble: Trouble
):
    play.world.trouble("messages.report", trouble)
    with pytest.raises(NotSent):
        await delivery.send(outgoing(channel))
    assert (calls(play), play.world.reports) == (1, [])


@pytest.mark.parametrize("trouble", [Trouble.CUT_BEFORE, Trouble.CUT_AFTER, Trouble.SILENT])
async def test_final_call_without_clear_answer_is_in_doubt_and_never_repeated(
    play: Stage, delivery: TelegramReport, channel: Any, trouble: Trouble
):
    play.world.trouble("messages.report", trouble, skip=3)
    with pytest.raises(InDoubt):
        await delivery.send(outgoing(channel))
    assert calls(play) == 4
    assert len(play.world.reports) == (trouble is Trouble.CUT_AFTER)


@pytest.mark.parametrize("error", [("INTERNAL", 500), ("Timeout", -503), ("RPC_CALL_FAIL", 400)])
async def test_error_inside_telegram_at_the_final_call_is_in_doubt(
    play: Stage, delivery: TelegramReport, channel: Any, error: tuple[str, int]
):
    play.world.fault("messages.report", *error, skip=3)
    with pytest.raises(InDoubt):
        await delivery.send(outgoing(channel))
    assert calls(play) == 4


@pytest.mark.parametrize("skip", [0, 1, 3])
async def test_plain_no_of_telegram_is_known_not_sent(play: Stage, delivery: TelegramReport, channel: Any, skip: int):
    play.world.fault("messages.report", "OPTION_INVALID", skip=skip)
    with pytest.raises(NotSent, match="OPTION_INVALID"):
        await delivery.send(outgoing(channel))
    assert play.world.reports == []


@pytest.mark.parametrize("skip", [0, 3])
async def test_wait_stops_the_report_and_the_next_one(play: Stage, delivery: TelegramReport, channel: Any, skip: int):
    play.world.fault("messages.report", "FLOOD_WAIT_300", 420, skip=skip)
    for _ in range(2):
        with pytest.raises(RateLimited):
            await delivery.send(outgoing(channel))
    assert calls(play) == skip + 1
    assert play.world.reports == []


async def test_what_is_gone_or_closed_is_refused_for_good(play: Stage, delivery: TelegramReport, channel: Any):
    with pytest.raises(DeliveryRefused, match="post-gone"):
        await delivery.send(outgoing(channel, post_ids=("99",)))
    play.world.make_private(channel)
    with pytest.raises(DeliveryRefused, match="source-private"):
        await delivery.send(outgoing(channel))


async def test_stopped_account_and_dead_server_send_nothing(play: Stage, delivery: TelegramReport, channel: Any):
    play.world.revoke_logins()
    with pytest.raises(NotSent, match="account-stopped"):
        await delivery.send(outgoing(channel))
    async with stage() as other:
        server = other.server()
    with pytest.raises(NotSent):
        await TelegramReport(play.telegram(server=server)).send(outgoing(channel))
    assert play.world.reports == []


async def test_errors_hold_no_content(play: Stage, delivery: TelegramReport, channel: Any):
    play.world.menu = Menu((Option("Secret option"),))
    with pytest.raises(DeliveryRefused) as caught:
        await delivery.send(outgoing(channel))
    for content in ("Secret option", "source_one", "did not agree"):
        assert content not in str(caught.value)
