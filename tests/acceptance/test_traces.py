"""What a run leaves outside the sealed columns: ids and counts, and nothing of the people in it."""

import base64
import binascii
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, select

import db.models  # noqa: F401 - registers every table
from db.base import Base
from db.session import is_sqlite, make_sync_engine
from monitor.demo.world.pictures import feed
from monitor.fingerprints.image import hash_picture as inspect_picture
from monitor.fingerprints.packing import keep
from tests.support.demo_run import FinishedDemo

MEDIA = {
    "a JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "a PNG": b"\x89PNG\r\n\x1a\n",
    "a JPEG in base64": b"/9j/4AAQSkZJRg",
    "a PNG in base64": b"iVBORw0KGgo",
}


@pytest.mark.timeout(400)
def test_the_engines_own_tables_hold_ids_and_counts_only(finished_demo: FinishedDemo) -> None:
    cells = list(engine_cells(finished_demo.database_url))
    assert {table for table, _ in cells} >= {"workflow_status", "operation_outputs"}
    unpickled = [text for table, value in cells for text in unpickle(value)]
    assert unpickled, "no row was unpickled: the engine keeps its values in another form"
    found = [
        f"{name} in {table}"
        for table, value in cells
        for text in (plain(value), *unpickle(value))
        for name in revealed(text, finished_demo)
    ]
    assert found == []


@pytest.mark.timeout(400)
def test_no_line_of_any_log_tells_what_or_whom_it_is_about(finished_demo: FinishedDemo) -> None:
    lines = [line for log in finished_demo.logs for line in log.read_text(encoding="utf-8").splitlines()]
    assert lines
    assert {name for line in lines for name in revealed(line, finished_demo)} == set()


@pytest.mark.timeout(400)
def test_nothing_that_people_told_or_posted_lies_open_in_the_database(finished_demo: FinishedDemo) -> None:
    open_on_purpose = ("handle", "post id", "advocate's name")
    found = set()
    for _, value in own_cells(finished_demo.database_url):
        names = revealed(plain(value), finished_demo)
        found |= {name for name in names if not name.startswith(open_on_purpose)}
    assert found == set()


@pytest.mark.timeout(400)
def test_what_is_kept_of_sources_is_sealed_and_would_be_noticed_unsealed(finished_demo: FinishedDemo) -> None:
    kept = [value for _, value in own_cells(finished_demo.database_url, only="seen_media") if isinstance(value, bytes)]
    assert kept, "nothing was kept: this run shows nothing"
    assert len(set(kept)) == len(kept)
    unsealed = keep(inspect_picture(feed(finished_demo.seed)[0].data))
    assert revealed(plain(unsealed), finished_demo)
    assert not [payload for payload in kept if revealed(plain(payload), finished_demo)]


@pytest.mark.timeout(400)
def test_the_search_for_traces_finds_every_kind_of_them(finished_demo: FinishedDemo) -> None:
    for name, secret in finished_demo.known.items():
        assert secret, f"{name} of the run is not known"
        pickled = base64.b64encode(pickle.dumps({"args": [f"before {secret} after"]})).decode()
        assert any(name in revealed(text, finished_demo) for text in unpickle(pickled))
    code = next(secret for name, secret in finished_demo.known.items() if name.startswith("hash"))
    assert revealed(plain(b"\x00" + bytes.fromhex(code)), finished_demo)
    assert revealed(plain(MEDIA["a JPEG"]), finished_demo)


def revealed(text: str, finished: FinishedDemo) -> list[str]:
    """What of the run's secrets stands in `text`."""
    raw = text.encode("utf-8", "surrogateescape")
    names = [name for name, secret in finished.known.items() if secret and secret in text]
    names += [name for name, secret in finished.known.items() if (code := as_bytes(secret)) and code in raw]
    return names + [name for name, mark in MEDIA.items() if mark in raw]


def as_bytes(secret: str) -> bytes:
    """A hash may also lie there as its bytes."""
    try:
        return bytes.fromhex(secret)
    except ValueError:
        return b""


def plain(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def unpickle(value: Any) -> Iterator[str]:
    """The readable form of a pickled cell. The rows are this test's own, so loading them is safe."""
    if not isinstance(value, str | bytes):
        return
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return
    if decoded.startswith(b"\x80"):
        loaded = pickle.loads(decoded)  # noqa: S301
        yield repr(loaded)
        yield repr(getattr(loaded, "__dict__", ""))


def engine_cells(url: str) -> Iterator[tuple[str, Any]]:
    """Every value of every table that is not ours."""
    yield from cells(url, ours=False)


def own_cells(url: str, *, only: str | None = None) -> Iterator[tuple[str, Any]]:
    """Every value of our own tables, or of one of them."""
    yield from ((table, value) for table, value in cells(url, ours=True) if only in (None, table))


def cells(url: str, *, ours: bool) -> Iterator[tuple[str, Any]]:
    engine = make_sync_engine(url)
    schema = None if ours or is_sqlite(url) else "dbos"
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names(schema=schema):
            if (name in Base.metadata.tables) is not ours:
                continue
            metadata = MetaData()
            metadata.reflect(connection, schema=schema, only=[name])
            table = metadata.tables[name if schema is None else f"{schema}.{name}"]
            for row in connection.execute(select(table)):
                yield from ((name, value) for value in row if value is not None)
    engine.dispose()
