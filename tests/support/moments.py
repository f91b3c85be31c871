"""A world on SQLite as it was: what several tries begin from is built once, and each goes back to it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from tests.support.api_world import ApiWorld


class Moment:
    """All that the world keeps: its database and keys, its time, who can log in."""

    def __init__(self, world: ApiWorld) -> None:
        """Remember it as it is now. Nobody may be in the middle of a transaction."""
        self._world = world
        self._folder = TemporaryDirectory(prefix="jikimi-moment-")
        settings = world.services.settings
        urls = (settings.database.url, settings.security.keys_url)
        self._files = [(str(make_url(url).database), Path(self._folder.name) / str(n)) for n, url in enumerate(urls)]
        for file, copy in self._files:
            _copy(file, copy)
        self._time, self._secrets, self._steps = world.clock.time, dict(world.secrets), dict(world.steps)

    def again(self) -> None:
        """Make everything as it was."""
        for file, copy in self._files:
            _copy(copy, file)
        self._world.clock.time = self._time
        for held, remembered in ((self._world.secrets, self._secrets), (self._world.steps, self._steps)):
            held.clear()
            held.update(remembered)  # type: ignore[arg-type]  # each with its own kind

    def forget(self) -> None:
        """Let go of the copies."""
        self._folder.cleanup()


def _copy(source: str | Path, target: str | Path) -> None:
    """By SQLite's own means: whoever has either open goes on with what is there then."""
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        writing.execute("pragma synchronous=off")
        reading.backup(writing)
