"""The kinds of values that the configuration holds: each says what is wrong, and never repeats the value."""

import ipaddress
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError


def rule(key: str, message: str) -> PydanticCustomError:
    """An error about one key of the section whose validator raises it."""
    return PydanticCustomError("rule", "{message}", {"key": key, "message": message})


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    return (Path((info.context or {}).get("folder", ".")) / value.expanduser()).absolute()


def _database_url(value: str, info: ValidationInfo) -> str:
    """SQLAlchemy's URL with the asynchronous driver; a relative SQLite path is resolved like every other path."""
    if value.startswith("postgres://"):
        value = value.replace("postgres://", "postgresql://", 1)
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("this is not a database URL") from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if backend != "sqlite":
        raise ValueError("only SQLite and PostgreSQL are supported")
    if not url.database or url.database == ":memory:":
        raise ValueError("an SQLite database needs a file: a database in memory would be lost")
    path = _beside_the_file(Path(url.database), info)
    return url.set(drivername="sqlite+aiosqlite", database=str(path)).render_as_string(hide_password=False)


def http_origin(value: str) -> str:
    """An http(s) address without query; a slash at its end is dropped."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("this is not an http(s) address")
    return value.rstrip("/")


def _listen_address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("this is not HOST:PORT")
    return value


def _mail_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]) or not value.isprintable():
        raise ValueError("this is not an e-mail address")
    return value


def _proxy_network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value.strip())
    except ValueError:
        raise ValueError("this is neither an address nor a network") from None
    if network.prefixlen == 0:
        raise ValueError("this is everybody: whoever asks could then say to be anybody")
    return str(network)


FilePath = Annotated[Path, AfterValidator(_beside_the_file)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
HttpOrigin = Annotated[str, AfterValidator(http_origin)]
ListenAddress = Annotated[str, AfterValidator(_listen_address)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Name = Annotated[str, Field(min_length=1)]
ProxyNetwork = Annotated[str, AfterValidator(_proxy_network)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Count = Annotated[int, Field(strict=True, ge=1)]


class Section(BaseModel):
    """What all sections share: unknown keys refused, values frozen, defaults validated, no value in any message."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)
