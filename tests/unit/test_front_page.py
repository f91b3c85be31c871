"""The demo's first page: the code of the moment, on this machine only, and in no real installation."""

import ast
from pathlib import Path

import aiohttp
import pyotp
import pytest

from monitor.demo.front_page import FrontPage, ShownCase, Welcome, code_now
from tests.support.source_tree import nodes_of

ROOT = Path(__file__).parents[2]
SECRET = pyotp.random_base32()
WELCOME = Welcome(
    application="http://127.0.0.1:1",
    login="advocate",
    password="made <up>",
    totp_secret=SECRET,
    form="http://127.0.0.1:2/form",
    cases=[ShownCase("a" * 26, "waits & waits"), ShownCase("b" * 26, "was erased", opens=False)],
    passphrase="words",
)


def test_the_code_is_that_of_the_moment_and_its_seconds_run_down() -> None:
    totp = pyotp.TOTP(SECRET)
    assert code_now(SECRET, 1_800_000_000.0) == (totp.at(1_800_000_000), 30)
    assert code_now(SECRET, 1_800_000_029.5) == (totp.at(1_800_000_029), 0)
    assert code_now(SECRET, 1_800_000_030.0)[0] != code_now(SECRET, 1_800_000_029.0)[0]


async def test_it_shows_code_and_seconds_on_this_machine_and_to_no_other_name() -> None:
    async with FrontPage(WELCOME) as page, aiohttp.ClientSession() as client:
        assert page.address.startswith("http://127.0.0.1:")
        async with client.get(page.address) as answer:
            text, policy = await answer.text(), answer.headers["content-security-policy"]
        assert "made &lt;up&gt;" in text and "waits &amp; waits" in text and SECRET not in text
        assert "default-src 'none'" in policy
        lines = {number: line for line in text.split("<tr>") for number in ("a" * 26, "b" * 26) if number in line}
        assert [("opens nothing any more" in line) for line in lines.values()] == [False, True]
        assert "any of these numbers that opens" in text
        async with client.get(f"{page.address}/code") as answer:
            told = await answer.json()
            assert answer.headers["cache-control"] == "no-store"
        assert pyotp.TOTP(SECRET).verify(told["code"], valid_window=1) and 0 <= told["seconds"] <= 30
        for path in ("/", "/code"):
            async with client.get(page.address + path, headers={"Host": "somewhere.example"}) as answer:
                assert answer.status == 403 and told["code"] not in await answer.text()


@pytest.mark.parametrize("package", ["api", "monitor", "db"])
def test_no_program_of_a_real_installation_holds_the_page(package: str) -> None:
    """Nothing outside the demo imports anything of the demo, so neither `serve` nor a worker ever loads it."""
    found = []
    for path in (ROOT / package).rglob("*.py"):
        if "monitor/demo" in path.as_posix():
            continue
        for node in nodes_of(path):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            found += [(path.name, name) for name in names if name.startswith("monitor.demo")]
    assert found == []
