"""The demo's folder: made fresh for every run, without touching anything that the demo did not write."""

import fcntl
from pathlib import Path
from typing import IO

from monitor.core.errors import ConfigError

MARK = "# Written by the demo"
"""How the demo's own config.toml begins."""
_OWN = (
    "config.toml",
    "telegram.session",
    "telegram-server.pem",
    "master.key",
    "ledger-heads.jsonl",
    "jikimi.sqlite",
    "jikimi.lock",
    "master.lock",
    "keys.sqlite",
    "serve.log",
    "work.log",
    "work-2.log",
)
_BESIDE = ("", "-wal", "-shm", "-journal")


class DemoFolder:
    """Holds the folder for one demo at a time. Close it at the end."""

    def __init__(self, path: Path) -> None:
        """Clear away an earlier demo. Raises ConfigError when the folder is not the demo's or is in use."""
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True)
        config = self.path / "config.toml"
        if config.exists() and not config.read_text(encoding="utf-8", errors="replace").startswith(MARK):
            raise ConfigError(f"{config} was not written by the demo; say DATA=DIR with a folder of its own")
        strangers = [name for name in _OWN if not config.exists() and (self.path / name).exists()]
        if strangers:
            raise ConfigError(f"{self.path} holds {', '.join(strangers)} of something else; say DATA=DIR, an empty one")
        self._lock: IO[str] = (self.path / "demo.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise ConfigError(
                f"another demo runs in {self.path}; stop it, or say DATA=DIR with another folder"
            ) from None
        for name in _OWN[::-1]:  # config.toml goes last: it says whose the others are
            for ending in _BESIDE:
                (self.path / f"{name}{ending}").unlink(missing_ok=True)

    def close(self) -> None:
        """Let another demo have the folder. Its files stay, for whoever wants to look."""
        self._lock.close()
