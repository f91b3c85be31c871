"""Asking an authority for a time-stamp over HTTP, and holding what it gives against what was asked (RFC 3161).

A token counts when its imprint is the message's, its nonce is ours, and its signature leads, at the time that it
tells, to a root certificate that the operator named. The authority learns one hash a day.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import aiohttp
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from monitor.core.errors import AuthorityUnavailable, ConfigError, TimeStampRefused

TIMEOUT_SECONDS = 30.0
MOST_BYTES = 256 * 1024
"""A token with a chain of certificates stays under 20 kB."""
_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = (0, 1)


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time-stamp that verified."""

    response: bytes = field(repr=False)
    """TimeStampResp, DER."""
    at: datetime
    """The time in the token."""


class TimeAuthority(Protocol):
    """Somebody outside who stamps times."""

    url: str

    async def stamp(self, message: bytes) -> Stamped:
        """A time-stamp over `message` now. Raises AuthorityUnavailable and TimeStampRefused."""


class HttpTimeAuthority:
    """An authority that is asked by HTTP POST: RFC 3161, section 3.4."""

    def __init__(
        self,
        url: str,
        roots: Sequence[Certificate],
        *,
        login: tuple[str, str] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`roots`: certificates that a token's signature must lead to. `timeout` in real seconds."""
        self.url = url
        self._roots, self._login = tuple(roots), login
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def stamp(self, message: bytes) -> Stamped:
        """See TimeAuthority."""
        request = (
            TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
        ).cert_request(cert_request=True)
        asked = request.build()
        answer = await self._post(asked.as_bytes())
        return await asyncio.to_thread(_checked, answer, message, self._roots, asked.nonce)

    async def _post(self, body: bytes) -> bytes:
        kind = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        if self._login is not None:
            kind["Authorization"] = aiohttp.encode_basic_auth(*self._login)
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(self.url, data=body, headers=kind, allow_redirects=False) as response,
            ):
                answer = await response.content.read(MOST_BYTES + 1)
                while len(answer) <= MOST_BYTES and (more := await response.content.read(MOST_BYTES)):
                    answer += more
        except TimeoutError:
            raise AuthorityUnavailable("timeout") from None
        except (aiohttp.ClientError, OSError):
            raise AuthorityUnavailable("connection-lost") from None
        if response.status in (401, 403, 404):
            raise TimeStampRefused(f"http-{response.status}")
        if response.status != 200:
            raise AuthorityUnavailable(f"http-{response.status}")
        if len(answer) > MOST_BYTES:
            raise TimeStampRefused("answer-too-large")
        return answer


def read_certificates(file: Path) -> list[Certificate]:
    """The certificates of a PEM file. Raises ConfigError."""
    try:
        return load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"[timestamp] certificates: cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigError("[timestamp] certificates: this is no PEM file with certificates") from None


def check_imprint(response: bytes, message: bytes) -> datetime:
    """Is the token about this message? Returns the time in it; says nothing of who signed.

    Raises TimeStampRefused: unreadable, not-granted, other-hash, imprint.
    """
    try:
        told = _parsed(response).tst_info
        imprint, at = told.message_imprint, told.gen_time.astimezone(UTC)
    except ValueError:
        raise TimeStampRefused("unreadable") from None
    if imprint.hash_algorithm.dotted_string != _SHA256:
        raise TimeStampRefused("other-hash")
    if imprint.message != hashlib.sha256(message).digest():
        raise TimeStampRefused("imprint")
    return at


def check_signature(response: bytes, message: bytes, roots: Sequence[Certificate], nonce: int | None = None) -> None:
    """Does the signature lead to one of `roots`, at the time in the token? Raises TimeStampRefused("signature")."""
    verifier = VerifierBuilder(roots=list(roots), nonce=nonce).build()
    try:
        verifier.verify(_parsed(response), hashlib.sha256(message).digest())
    except (VerificationError, ValueError):
        raise TimeStampRefused("signature") from None


def _parsed(response: bytes) -> TimeStampResponse:
    try:
        parsed = decode_timestamp_response(response)
    except ValueError:
        raise TimeStampRefused("unreadable") from None
    if parsed.status not in _GRANTED:
        raise TimeStampRefused("not-granted")
    return parsed


def _checked(response: bytes, message: bytes, roots: Sequence[Certificate], nonce: int | None) -> Stamped:
    at = check_imprint(response, message)
    check_signature(response, message, roots, nonce)
    return Stamped(response, at)
