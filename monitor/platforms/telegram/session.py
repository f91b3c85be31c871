"""The Telegram session on disk: a full login, so it lies there sealed with the master key."""

import os
import tempfile
from pathlib import Path

from monitor.core.errors import ConfigError, CryptoError
from monitor.keys.envelope import Key

_CONTEXT = "telegram-session"


def save_session(path: Path, key: Key, text: str) -> None:
    """Seal `text` and put it at `path`, mode 0600, whole or not at all. Replaces an earlier session."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.seal(text.encode(), _CONTEXT))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:  # raised again: whatever stopped it, half a login is not left lying there
        temporary.unlink(missing_ok=True)
        raise


def load_session(path: Path, key: Key) -> str:
    """The text of the session. Raises ConfigError that says what to do when there is none or it does not open."""
    try:
        return key.open(path.read_bytes(), _CONTEXT).decode()
    except FileNotFoundError:
        raise ConfigError(
            f"[telegram] session: there is no file {path}; run `python -m monitor telegram-login` to create it"
        ) from None
    except OSError as error:
        raise ConfigError(f"[telegram] session: cannot read {path}: {type(error).__name__}") from None
    except CryptoError:
        raise ConfigError(
            f"[telegram] session: {path} was not sealed with this master key; "
            "run `python -m monitor telegram-login` again"
        ) from None
