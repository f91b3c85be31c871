"""The server's half of MTProto's key exchange: https://core.telegram.org/mtproto/auth_key

Telethon's TL classes read and write the messages; this file holds the arithmetic and the order of steps.
"""

import hashlib
import os
import time
from typing import Any

from telethon.crypto import AES, AuthKey
from telethon.crypto.rsa import _compute_fingerprint, get_byte_array
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import functions as f
from telethon.tl import types as t

from monitor.demo.telegram.key import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY

GENERATOR = 3
PRIME = int(
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F48198A0AA7C14058229493D22530F4DB"
    "FA336F6E0AC925139543AED44CCE7C3720FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F64"
    "2477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4A4A695811051907E162753B56B0F6B41"
    "0DBA74D8A84B2A14B3144E0EF1284754FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4"
    "E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F0D8115F635B105EE2E4E15D04B2454BF"
    "6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)
"""The 2048-bit safe prime that Telegram's servers use; clients know it, so that they need not test it."""

_PQ = 1229739323 * 1402015859
"""Any product of two primes below 2**63 serves: it only makes the client work a little."""

_FINGERPRINT = _compute_fingerprint(TEST_PUBLIC_KEY)
KEY_BYTES = 256


class WireFault(Exception):
    """The other side does not speak MTProto as it should: its connection is closed."""


class KeyExchange:
    """One exchange on one connection. When it is complete, `auth_key` holds the 256 bytes both sides share."""

    def __init__(self) -> None:
        self.auth_key: bytes | None = None
        self._server_nonce = int.from_bytes(os.urandom(16), "big", signed=True)
        self._secret = int.from_bytes(os.urandom(KEY_BYTES), "big")
        self._new_nonce: int | None = None

    def answer(self, request: Any) -> Any:
        """The next message of the exchange. Raises WireFault when the step is none of ours."""
        if isinstance(request, f.ReqPqMultiRequest):
            return t.ResPQ(request.nonce, self._server_nonce, get_byte_array(_PQ), [_FINGERPRINT])
        if isinstance(request, f.ReqDHParamsRequest):
            return self._offer(request)
        if isinstance(request, f.SetClientDHParamsRequest) and self._new_nonce is not None:
            return self._accept(request, self._new_nonce)
        raise WireFault("not a step of the key exchange")

    def _offer(self, request: Any) -> Any:
        clear = pow(int.from_bytes(request.encrypted_data, "big"), TEST_PRIVATE_KEY.d, TEST_PRIVATE_KEY.n)
        try:
            inner = read_object(clear.to_bytes(255, "big")[20:])
        except OverflowError:
            raise WireFault("not encrypted with the test key") from None
        self._new_nonce = inner.new_nonce
        ours = get_byte_array(pow(GENERATOR, self._secret, PRIME))
        offer = bytes(
            t.ServerDHInnerData(
                request.nonce, self._server_nonce, GENERATOR, get_byte_array(PRIME), ours, int(time.time())
            )
        )
        offer = hashlib.sha1(offer).digest() + offer  # noqa: S324 - the protocol asks for SHA-1 here
        key, vector = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        sealed = AES.encrypt_ige(offer + os.urandom(-len(offer) % 16), key, vector)
        return t.ServerDHParamsOk(request.nonce, self._server_nonce, sealed)

    def _accept(self, request: Any, new_nonce: int) -> Any:
        key, vector = generate_key_data_from_nonce(self._server_nonce, new_nonce)
        inner = read_object(AES.decrypt_ige(request.encrypted_data, key, vector)[20:])
        shared = get_byte_array(pow(int.from_bytes(inner.g_b, "big"), self._secret, PRIME))
        auth_key = AuthKey(shared)
        if len(shared) != KEY_BYTES:
            # A StringSession pads a short key to 256 bytes and is then another key: ask for a new one.
            return t.DhGenRetry(request.nonce, self._server_nonce, auth_key.calc_new_nonce_hash(new_nonce, 2))
        self.auth_key = shared
        return t.DhGenOk(request.nonce, self._server_nonce, auth_key.calc_new_nonce_hash(new_nonce, 1))


def key_id(auth_key: bytes) -> int:
    """The signed 64-bit id under which an authorisation key is named on the wire."""
    return int.from_bytes(hashlib.sha1(auth_key).digest()[-8:], "little", signed=True)  # noqa: S324 - as above


def read_object(data: bytes) -> Any:
    """The TL object that these bytes hold."""
    with BinaryReader(data) as reader:
        return reader.tgread_object()
