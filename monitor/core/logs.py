"""One line of JSON a log record: a fixed message, ids and counts. Content, names, links and secrets never get here."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from monitor.core.quiet import Sparingly

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats our own records with their extra fields; of other libraries only the kind of exception is kept."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        ours = record.name.split(".")[0] in ("monitor", "api", "db")
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # A library's message may quote what it was given: a URL, a recipient, a query's parameters.
            "message": record.getMessage() if ours else "(message of a library left out)",
        }
        if ours:
            line |= {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        if (left_out := getattr(record, "left_out", None)) is not None:
            line["left_out"] = left_out
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        return json.dumps(line, ensure_ascii=False, default=str)


def _where(record: logging.LogRecord) -> list[str]:
    """File and line of the last frames: enough to find a fault, without any value."""
    frames = traceback.extract_tb(record.exc_info[2] if record.exc_info else None)[-8:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send every record of the process to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(Sparingly())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("telethon", "tweepy", "httpx", "sqlalchemy", "apscheduler", "aiosqlite", "uvicorn", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It brings a handler of its own, which prints whatever it likes, unless it finds one.
    dbos = logging.getLogger("dbos")
    dbos.handlers, dbos.propagate = [logging.NullHandler()], True
    dbos.setLevel(logging.WARNING)
