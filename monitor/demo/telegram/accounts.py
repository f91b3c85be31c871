"""Logging in to the make-believe Telegram: phone number, code, and the two-step password by SRP.

https://core.telegram.org/api/auth and https://core.telegram.org/api/srp
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from typing import Any

from telethon.password import compute_hash
from telethon.tl import functions as f
from telethon.tl import types as t

from monitor.demo.telegram.mtproto import RpcFailure
from monitor.demo.telegram.mtproto_handshake import GENERATOR, KEY_BYTES, PRIME
from monitor.demo.telegram.world import TelegramWorld

OPEN_METHODS = (
    f.help.GetConfigRequest,
    f.auth.SendCodeRequest,
    f.auth.SignInRequest,
    f.auth.ImportAuthorizationRequest,
    f.account.GetPasswordRequest,
    f.auth.CheckPasswordRequest,
)
"""What a key may ask before anybody logged in with it."""

_GENERATOR_BYTES = GENERATOR.to_bytes(KEY_BYTES, "big")
_PRIME_BYTES = PRIME.to_bytes(KEY_BYTES, "big")


@dataclass(frozen=True, slots=True)
class _Challenge:
    """One question of the two-step password; good for one answer."""

    id: int
    secret: int
    ours: int
    verifier: int
    algorithm: Any


class LogIns:
    """Who may speak under which key."""

    def __init__(self, world: TelegramWorld) -> None:
        self._world = world
        self._code_hash = secrets.token_hex(8)
        self._half_way: set[int] = set()
        self._challenges: dict[int, _Challenge] = {}
        self._tickets: set[bytes] = set()

    def require(self, request: Any, key: int) -> None:
        """Raise what Telegram answers to a key nobody logged in with."""
        if key not in self._world.authorised and not isinstance(request, OPEN_METHODS):
            raise RpcFailure(401, "AUTH_KEY_UNREGISTERED")

    def send_code(self, request: Any) -> Any:
        """auth.sendCode"""
        if request.phone_number.lstrip("+") != self._world.phone:
            raise RpcFailure(400, "PHONE_NUMBER_INVALID")
        return t.auth.SentCode(type=t.auth.SentCodeTypeApp(length=5), phone_code_hash=self._code_hash)

    def sign_in(self, request: Any, key: int) -> Any:
        """auth.signIn"""
        if request.phone_code_hash != self._code_hash or request.phone_code != self._world.code:
            raise RpcFailure(400, "PHONE_CODE_INVALID")
        if self._world.password is not None:
            self._half_way.add(key)
            raise RpcFailure(401, "SESSION_PASSWORD_NEEDED")
        return self._welcome(key)

    def get_password(self, key: int) -> Any:
        """account.getPassword"""
        unknown = {"new_algo": t.PasswordKdfAlgoUnknown(), "new_secure_algo": t.SecurePasswordKdfAlgoUnknown()}
        if self._world.password is None:
            return t.account.Password(**unknown, secure_random=os.urandom(8))
        algorithm = t.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            salt1=os.urandom(8), salt2=os.urandom(16), g=GENERATOR, p=_PRIME_BYTES
        )
        hashed = int.from_bytes(compute_hash(algorithm, self._world.password), "big")
        verifier, secret = pow(GENERATOR, hashed, PRIME), secrets.randbits(2048)
        multiplier = int.from_bytes(_sha256(_PRIME_BYTES, _GENERATOR_BYTES), "big")
        ours = (multiplier * verifier + pow(GENERATOR, secret, PRIME)) % PRIME
        challenge = _Challenge(secrets.randbits(62), secret, ours, verifier, algorithm)
        self._challenges[key] = challenge
        return t.account.Password(
            **unknown,
            secure_random=os.urandom(8),
            has_password=True,
            current_algo=algorithm,
            srp_B=ours.to_bytes(KEY_BYTES, "big"),
            srp_id=challenge.id,
        )

    def check_password(self, request: Any, key: int) -> Any:
        """auth.checkPassword"""
        challenge = self._challenges.pop(key, None)
        if challenge is None or request.password.srp_id != challenge.id:
            raise RpcFailure(400, "SRP_ID_INVALID")
        if key not in self._half_way or _expected_proof(challenge, request.password.A) != request.password.M1:
            raise RpcFailure(400, "PASSWORD_HASH_INVALID")
        self._half_way.discard(key)
        return self._welcome(key)

    def export(self) -> Any:
        """auth.exportAuthorization: a ticket with which the same account opens a second key."""
        ticket = os.urandom(16)
        self._tickets.add(ticket)
        return t.auth.ExportedAuthorization(self._world.me.id, ticket)

    def import_(self, request: Any, key: int) -> Any:
        """auth.importAuthorization"""
        if request.bytes not in self._tickets:
            raise RpcFailure(400, "AUTH_BYTES_INVALID")
        self._tickets.discard(request.bytes)
        return self._welcome(key)

    def _welcome(self, key: int) -> Any:
        self._world.authorised.add(key)
        return t.auth.Authorization(user=self._world.me)


def _expected_proof(challenge: _Challenge, theirs: bytes) -> bytes:
    ours = challenge.ours.to_bytes(KEY_BYTES, "big")
    scramble = int.from_bytes(_sha256(theirs, ours), "big")
    base = int.from_bytes(theirs, "big") * pow(challenge.verifier, scramble, PRIME) % PRIME
    shared = _sha256(pow(base, challenge.secret, PRIME).to_bytes(KEY_BYTES, "big"))
    mixed = bytes(a ^ b for a, b in zip(_sha256(_PRIME_BYTES), _sha256(_GENERATOR_BYTES), strict=True))
    salts = _sha256(challenge.algorithm.salt1), _sha256(challenge.algorithm.salt2)
    return _sha256(mixed, *salts, theirs, ours, shared)


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
