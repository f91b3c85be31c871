"""Where a request comes from: declared proxies are believed, nobody else; an IPv6 line counts as one."""

import logging
from typing import Any

import pytest

from api.origin import Origins, networks


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"X-Forwarded-For", value.encode("latin-1")) for value in forwarded]
    return {"type": "http", "client": None if peer is None else (peer, 4711), "headers": headers}


TRUSTED = networks(["192.0.2.0/24", "2001:db8:ffff::/48", "127.0.0.1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("198.51.100.7", (), "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", (), "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", (), "198.51.100.7"),
        ("fe80::1%eth0", (), "fe80::/64"),
        (None, (), ""),
        ("not an address", (), ""),
        # Nobody whom the configuration does not name is believed.
        ("198.51.100.7", ("203.0.113.1",), "198.51.100.7"),
        # One proxy of ours: what it wrote stands on the right; what stands left of it may be made up.
        ("192.0.2.1", ("203.0.113.1",), "203.0.113.1"),
        ("192.0.2.1", ("6.6.6.6, 203.0.113.1",), "203.0.113.1"),
        ("192.0.2.1", ("6.6.6.6", "203.0.113.1"), "203.0.113.1"),
        ("::ffff:192.0.2.1", ("203.0.113.1",), "203.0.113.1"),
        # Two of ours in a row, and one in IPv6.
        ("192.0.2.1", ("6.6.6.6, 203.0.113.1, 192.0.2.9",), "203.0.113.1"),
        ("2001:db8:ffff::1", ("2001:db8:1:2:9::1",), "2001:db8:1:2::/64"),
        # Ports, as some proxies add them.
        ("192.0.2.1", ("203.0.113.1:4711",), "203.0.113.1"),
        ("192.0.2.1", ("[2001:db8:1:2::1]:4711",), "2001:db8:1:2::/64"),
        # What cannot be read ends the walk at whoever wrote it.
        ("192.0.2.1", ("203.0.113.1, unknown",), "192.0.2.1"),
        ("192.0.2.1", ("unknown, 192.0.2.9",), "192.0.2.9"),
        ("192.0.2.1", ("",), "192.0.2.1"),
        ("192.0.2.1", ("\xff\x00",), "192.0.2.1"),
        ("192.0.2.1", (", ".join(["192.0.2.9"] * 500),), "192.0.2.9"),
    ],
)
def test_origin_is_the_first_from_the_right_that_is_no_proxy_of_ours(
    peer: str | None, forwarded: tuple[str, ...], origin: str
) -> None:
    assert Origins(TRUSTED).of(scope(peer, *forwarded)) == origin


def test_a_proxy_that_nobody_declared_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    origins = Origins()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert origins.of(scope("127.0.0.1", "203.0.113.1")) == "127.0.0.1"
    assert len(caplog.records) == 1 and "203.0.113.1" not in caplog.text
