"""What is said again and again does not fill the log, and nothing of our own work is left out."""

import json
import logging

from monitor.core.logs import JsonLines
from monitor.core.quiet import MOST_A_MINUTE, Sparingly


def record(name: str, message: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "x.py", 1, message, None, None)


def test_a_flood_of_one_warning_is_counted_and_others_are_said() -> None:
    seconds = [0.0]
    sparingly = Sparingly(lambda: seconds[0])
    said = [sparingly.filter(record("uvicorn.error", "Invalid HTTP request received.")) for _ in range(90_000)]
    assert sum(said) == MOST_A_MINUTE
    assert sparingly.filter(record("asyncio", "socket.accept() out of system resource"))
    seconds[0] = 61.0
    following = record("uvicorn.error", "Invalid HTTP request received.")
    assert sparingly.filter(following)
    assert json.loads(JsonLines().format(following))["left_out"] == 90_000 - MOST_A_MINUTE


def test_nothing_of_our_own_work_is_left_out() -> None:
    sparingly = Sparingly(lambda: 0.0)
    assert all(sparingly.filter(record("monitor.jobs.send", "notice sent")) for _ in range(1000))


def test_made_up_messages_do_not_fill_the_memory() -> None:
    sparingly = Sparingly(lambda: 0.0)
    for number in range(5000):
        sparingly.filter(record("library", f"odd {number}"))
    assert len(sparingly._kinds) <= 500
