"""A person's own new words: shown first, and in force once they were typed back.

Until then the words that they have open the case. What was drawn is kept nowhere: whoever wants it in force hands it in
with a mark of the case's own key, so a lost answer, a lock or a reload loses nothing.
"""

import hmac
from datetime import datetime, timedelta

from argon2 import PasswordHasher

from db.models.cases import Case
from monitor.cases.opening import NewPassphrase
from monitor.cases.passphrase import hash_secret, new_passphrase, normalise
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.keys.store import case_key

TAKE_WITHIN = timedelta(minutes=30)
"""How long words that were drawn can be put in force."""


def draw_words(context: DomainContext, case: Case) -> tuple[str, str]:
    """Seven words in the language of the case, and the mark with which they are put in force."""
    words, until = new_passphrase(case.language), int((context.now() + TAKE_WITHIN).timestamp())
    return words, f"{until}.{_tag(context, case, words, until)}"


def check_words(context: DomainContext, case: Case, words: str, mark: str, *, now: datetime) -> None:
    """These were drawn for this case, not long ago, and its passphrase is still the one of that time.

    Raises RuleBroken: NEW_WORDS_OVER.
    """
    until, _, tag = mark.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 13) or int(until) < now.timestamp():
        raise RuleBroken(Refusal.NEW_WORDS_OVER)
    if not hmac.compare_digest(_tag(context, case, words, int(until)).encode(), tag.encode()):
        raise RuleBroken(Refusal.NEW_WORDS_OVER)


async def hashed_words(words: str, hasher: PasswordHasher, *, origin: str) -> NewPassphrase:
    """Slow by design, so before a transaction. Raises Overloaded where too many wait."""
    return NewPassphrase(words, await hash_secret(normalise(words), hasher, origin=origin))


def _tag(context: DomainContext, case: Case, words: str, until: int) -> str:
    return context.keys.get(case_key(case.id)).tag(f"{until}|{case.passphrase_hash}|{normalise(words)}", "new-words")
