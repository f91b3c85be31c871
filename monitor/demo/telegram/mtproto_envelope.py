"""How MTProto 2.0 wraps a message under an authorisation key, seen from the server.

https://core.telegram.org/mtproto/description#protocol-description
"""

import hashlib
import os
import struct
from dataclasses import dataclass

from telethon.crypto import AES

from monitor.demo.telegram.mtproto_handshake import WireFault, key_id

_FROM_CLIENT, _FROM_SERVER = 0, 8
_HEAD = "<qqqii"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message and what stands on its envelope."""

    salt: int
    session: int
    message_id: int
    number: int
    payload: bytes


def open_envelope(auth_key: bytes, packet: bytes) -> Envelope:
    """What a client sent. Raises WireFault when it does not open under this key."""
    message_key = packet[8:24]
    key, vector = _aes(auth_key, message_key, _FROM_CLIENT)
    plain = AES.decrypt_ige(packet[24:], key, vector)
    if hashlib.sha256(auth_key[88:120] + plain).digest()[8:24] != message_key:
        raise WireFault("a message that does not open")
    salt, session, message_id, number, length = struct.unpack(_HEAD, plain[:32])
    return Envelope(salt, session, message_id, number, plain[32 : 32 + length])


def seal_envelope(auth_key: bytes, envelope: Envelope) -> bytes:
    """The packet that only the holder of this key opens."""
    head = (envelope.salt, envelope.session, envelope.message_id, envelope.number, len(envelope.payload))
    plain = struct.pack(_HEAD, *head) + envelope.payload
    plain += os.urandom(-(len(plain) + 12) % 16 + 12)
    message_key = hashlib.sha256(auth_key[96:128] + plain).digest()[8:24]
    key, vector = _aes(auth_key, message_key, _FROM_SERVER)
    return struct.pack("<q", key_id(auth_key)) + message_key + bytes(AES.encrypt_ige(plain, key, vector))


def _aes(auth_key: bytes, message_key: bytes, side: int) -> tuple[bytes, bytes]:
    """Key and vector of one message."""
    one = hashlib.sha256(message_key + auth_key[side : side + 36]).digest()
    two = hashlib.sha256(auth_key[side + 40 : side + 76] + message_key).digest()
    return one[:8] + two[8:24] + one[24:32], two[:8] + one[8:24] + two[24:32]
