"""A crowd that asks at once waits behind itself, and what waits for something else keeps nobody out."""

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from api.gate import Gate, step_aside
from api.origin import Origins


def request(at: str, path: str = "/api/cases") -> Scope:
    return {"type": "http", "path": path, "headers": [], "client": (at, 1)}


async def nothing() -> Message:
    raise AssertionError("nobody asks for a body here")


class App:
    """Works on each request until told, and notes who began."""

    def __init__(self, *, aside: bool = False) -> None:
        self.began: list[str] = []
        self.go_on = asyncio.Event()
        self._aside = aside

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.began.append(scope["client"][0])
        if self._aside:
            step_aside()
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def sent(_message: Message) -> None:
    return


def start(gate: Gate, *scopes: Scope) -> list["asyncio.Task[Any]"]:
    return [asyncio.create_task(gate(scope, nothing, sent)) for scope in scopes]


async def test_no_more_than_so_many_are_worked_on_and_origins_take_turns() -> None:
    app = App()
    gate = Gate(app, Origins(), most_at_once=2)
    crowd = start(gate, *(request("198.51.100.1") for _ in range(6)), request("203.0.113.9"))
    await asyncio.sleep(0)
    assert app.began == ["198.51.100.1"] * 2
    app.go_on.set()
    await asyncio.gather(*crowd)
    assert app.began.index("203.0.113.9") == 3, "after one of the crowd, not after all"


async def test_health_never_waits() -> None:
    app = App()
    gate = Gate(app, Origins(), most_at_once=1)
    tasks = start(gate, request("198.51.100.1"), request("198.51.100.1", "/healthz"))
    await asyncio.sleep(0)
    assert len(app.began) == 2
    app.go_on.set()
    await asyncio.gather(*tasks)


async def test_who_waits_for_a_turn_lets_others_begin() -> None:
    app = App(aside=True)
    gate = Gate(app, Origins(), most_at_once=1)
    tasks = start(gate, *(request("198.51.100.1") for _ in range(4)))
    await asyncio.sleep(0.01)
    assert len(app.began) == 4
    app.go_on.set()
    await asyncio.gather(*tasks)


async def test_answer_that_nobody_reads_keeps_nobody_out() -> None:
    unread, app = asyncio.Event(), App()

    async def never_read(_message: Message) -> None:
        await unread.wait()

    gate = Gate(app, Origins(), most_at_once=1)
    app.go_on.set()
    slow = asyncio.create_task(gate(request("198.51.100.1"), nothing, never_read))
    await asyncio.sleep(0)
    await asyncio.wait_for(gate(request("198.51.100.2"), nothing, sent), 5)
    unread.set()
    await slow


async def test_who_leaves_while_waiting_takes_no_place_with_them() -> None:
    app = App()
    gate = Gate(app, Origins(), most_at_once=1)
    first, second, third = start(gate, *(request(f"198.51.100.{n}") for n in range(3)))
    await asyncio.sleep(0)
    second.cancel()
    app.go_on.set()
    await asyncio.gather(first, third)
    assert app.began == ["198.51.100.0", "198.51.100.2"]
    await asyncio.wait_for(gate(request("198.51.100.7"), nothing, sent), 5)
