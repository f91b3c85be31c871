"""Logging in to Telegram with a person at the keyboard: number, code, and the two-step password where one is set."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from telethon import errors as rpc

from monitor.core.errors import ConfigError, PlatformFault
from monitor.platforms.telegram.client import TelegramServer, make_client
from monitor.platforms.telegram.errors import rpc_errors_translated

TRIES = 3
"""Wrong answers taken before giving up: Telegram itself blocks numbers that guess."""

ANSWER_SECONDS = 60.0
"""For one step at Telegram's side, connecting anew included."""

Question = Callable[[], str]


async def log_in_to_telegram(
    api_id: int,
    api_hash: str,
    server: TelegramServer | None,
    ask_phone: Question,
    ask_code: Question,
    ask_password: Question,
) -> str:
    """The text of a fresh session. A question is asked again, three times at most, when its answer is wrong.

    Raises ConfigError (wrong answers, wrong api_id), RateLimited, AccountStopped or PlatformFault. Nothing is logged.
    """
    client = make_client(api_id=api_id, api_hash=api_hash, session="", server=_by_address(server))
    try:
        await _done(client.connect())
        phone = await _send_code(client, ask_phone)
        if not await _sign_in(client, phone, ask_code):
            await _give_password(client, ask_password)
        return str(client.session.save())
    except rpc.ApiIdInvalidError:
        raise ConfigError(
            "[telegram] api_id and api_hash do not belong together; copy both from my.telegram.org"
        ) from None
    except rpc.PhoneNumberUnoccupiedError:
        raise ConfigError("there is no Telegram account with this number; create one in the app first") from None
    except rpc.RPCError as error:
        raise rpc_errors_translated(error, "telegram-login") from None
    except OSError as error:
        raise PlatformFault(f"telegram-login: {type(error).__name__}") from None
    finally:
        await client.disconnect()


async def _send_code(client: Any, ask_phone: Question) -> str:
    for _ in range(TRIES):
        phone = "".join(character for character in await _asked(client, ask_phone) if character.isdecimal())
        for _ in range(2):
            try:
                await _done(client.send_code_request(phone))
            except (rpc.PhoneMigrateError, rpc.NetworkMigrateError):
                continue  # the client has moved to the number's own data centre by now
            except (rpc.PhoneNumberInvalidError, TypeError, ValueError):
                break
            return phone
    raise ConfigError("Telegram does not know this phone number; write it with the country code, such as +82 10 ...")


async def _sign_in(client: Any, phone: str, ask_code: Question) -> bool:
    """False when the account wants its two-step password too."""
    for _ in range(TRIES):
        code = "".join(character for character in await _asked(client, ask_code) if character.isalnum())
        if not code:
            continue
        try:
            await _done(client.sign_in(phone, code))
        except (rpc.PhoneCodeInvalidError, rpc.PhoneCodeEmptyError):
            continue
        except rpc.PhoneCodeExpiredError:
            raise ConfigError("the code has expired; start telegram-login again") from None
        except rpc.SessionPasswordNeededError:
            return False
        return True
    raise ConfigError("the code was wrong three times; start telegram-login again")


async def _give_password(client: Any, ask_password: Question) -> None:
    for _ in range(TRIES):
        password = await _asked(client, ask_password)
        if not password:
            continue
        try:
            await _done(client.sign_in(password=password))
        except rpc.PasswordHashInvalidError:
            continue
        return
    raise ConfigError("the two-step password was wrong three times; start telegram-login again")


async def _asked(client: Any, question: Question) -> str:
    """The answer of the person, who may take minutes: Telegram may have hung up meanwhile."""
    answer = question()
    await asyncio.sleep(0.1)  # the question stopped the event loop; let it notice what happened
    if not client.is_connected():
        await _done(client.connect())
    return answer


async def _done(step: Awaitable[Any]) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        await step


def _by_address(server: TelegramServer | None) -> TelegramServer | None:
    """The server by its number: a session's text holds no names."""
    if server is None:
        return None
    try:
        ipaddress.ip_address(server.host)
    except ValueError:
        try:
            return replace(server, host=socket.gethostbyname(server.host))
        except OSError:
            raise ConfigError("[telegram] server_host: this name has no address") from None
    return server
