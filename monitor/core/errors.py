"""Every error Jikimi raises on purpose.

JikimiError
├── ConfigError                 the configuration is wrong; names key, file and what is allowed
├── PlatformError               a platform did not give what was asked
│   ├── RateLimited             wait `retry_after` seconds, then ask again
│   ├── PlatformFault           a passing fault: network, server error, unreadable answer
│   │   └── MediaHostDown       posts come, and the host of their media answers to none
│   ├── CreditExhausted         the operator must add credit before this platform answers again
│   ├── AccountStopped          the account's login is no longer valid; a person must act
│   ├── SourceUnavailable       the channel or account cannot be read (private, gone, renamed)
│   └── WorkStopped             nothing was asked: whoever it was for is stopped, frozen or consents no more
├── NotInspected                a medium could not be inspected: recorded as such, never as clean
├── DecoderUnavailable          no decoder runs (starting fails, or closing): says nothing about the medium, try again
├── DeliveryError
│   ├── NotSent                 nothing left this machine: safe to try again
│   │   ├── Deferred            the other side says "later" (greylisting, a busy server): it may for days
│   │   └── WrongSettings       our own mail server wants other settings: the operator must act
│   ├── DeliveryRefused         the other side said no for good: a person must act
│   └── InDoubt                 it may or may not have arrived: only a person may decide
├── TimeStampError
│   ├── AuthorityUnavailable    the authority gave no answer: ask again
│   └── TimeStampRefused        what it gave does not verify, or it said no: the operator must act
├── RuleBroken                  a rule of the design forbids this; `reason` says which
│   ├── NotFound                there is no such thing, or it is somebody else's
│   ├── Incomplete              a notice lacks required fields; `missing` names them
│   └── Overloaded              more is asked at this moment than is done; `retry_after` says when to ask again
├── CryptoError                 a payload cannot be opened (wrong key, changed bytes)
│   └── KeyDestroyed            the case was erased: its key no longer exists
├── RecordInvalid               a payload opens, but is not the record that should stand there
│   └── RecordTooNew            it was written by a newer program: upgrade this one
└── LedgerBroken                the evidence ledger was changed, removed from, swapped or cut

Messages hold ids, counts and reasons, never content, names, links to posts, hashes or secrets:
they may reach a log or the workflow engine's tables.
"""

from monitor.core.refusals import Refusal


class JikimiError(Exception):
    """Something went wrong that Jikimi foresaw."""


class ConfigError(JikimiError):
    """The configuration is wrong."""


class RouteFileError(JikimiError):
    """A route's file is wrong: which file, which key, and what is allowed."""


class PlatformError(JikimiError):
    """The platform did not give what was asked."""


class RateLimited(PlatformError):
    """The platform asks to wait."""

    def __init__(self, retry_after: float, method: str = "") -> None:
        """`retry_after` in seconds of the platform's clock; `method` names what must wait."""
        super().__init__(f"rate limited for {retry_after:.0f} s ({method or 'all calls'})")
        self.retry_after = retry_after
        self.method = method


class PlatformFault(PlatformError):
    """A passing fault of the platform or the network."""


class MediaHostDown(PlatformFault):
    """The posts can be read, and none of their media: the fault is the host's, not theirs."""


class CreditExhausted(PlatformError):
    """The prepaid credit is used up; add credit in the platform's console."""


class AccountStopped(PlatformError):
    """The account's login is no longer valid."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"account stopped: {reason}")
        self.reason = reason


class SourceUnavailable(PlatformError):
    """The source cannot be read."""

    def __init__(self, reason: str) -> None:
        """`reason`: private, gone, renamed, not-a-channel, restricted."""
        super().__init__(f"source unavailable: {reason}")
        self.reason = reason


class WorkStopped(PlatformError):
    """The next request may not be made any more: work is stopped, or a consent was taken back."""


class NotInspected(JikimiError):
    """A medium could not be inspected."""

    def __init__(self, reason: str) -> None:
        """`reason` is a short code: too-large, too-many-pixels, broken, empty, unsupported, no-video, gone,
        crashed, hung, out-of-memory; of files named on a command line also missing, unreadable, no-regular-file."""
        super().__init__(f"not inspected: {reason}")
        self.reason = reason


class DecoderUnavailable(JikimiError):
    """No decoder process runs. The medium was not inspected and may be tried again."""


class DeliveryError(JikimiError):
    """A notice was not delivered."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip().rstrip('.').lower()}: {reason}")
        self.reason = reason


class NotSent(DeliveryError):
    """Nothing left this machine."""


class Deferred(NotSent):
    """The other side asks to come again later."""


class WrongSettings(NotSent):
    """The mail server wants other settings."""


class DeliveryRefused(DeliveryError):
    """The other side refused for good."""


class InDoubt(DeliveryError):
    """The outcome is unknown."""


class TimeStampError(JikimiError):
    """An authority gave no time-stamp."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip().rstrip('.').lower()}: {reason}")
        self.reason = reason


class AuthorityUnavailable(TimeStampError):
    """The authority that stamps times gave no answer."""


class TimeStampRefused(TimeStampError):
    """What the authority gave is no time-stamp that holds."""


class RuleBroken(JikimiError):
    """A rule forbids this."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        """`detail` says what to do, in English, where the words of the refusal do not say enough."""
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class NotFound(RuleBroken):
    """There is no such thing here."""

    def __init__(self, detail: str = "There is no such thing here.") -> None:
        """The same for what does not exist and for what belongs to somebody else."""
        super().__init__(Refusal.NOT_FOUND, detail)


class Incomplete(RuleBroken):
    """A required field of a notice is empty."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        """`missing` holds the fields' names, never their values."""
        super().__init__(Refusal.MISSING_FIELDS, f"fill in: {', '.join(missing)}")
        self.missing = missing


class Overloaded(RuleBroken):
    """More is asked at this moment than is done."""

    def __init__(self, retry_after: int) -> None:
        """`retry_after`: real seconds."""
        super().__init__(Refusal.OVERLOADED)
        self.retry_after = retry_after


class CryptoError(JikimiError):
    """A sealed payload cannot be opened."""


class KeyDestroyed(CryptoError):
    """The key of this case was destroyed."""


class RecordInvalid(JikimiError):
    """A sealed record has another shape than this program writes."""

    def __init__(self, record: str, fields: tuple[str, ...]) -> None:
        """`record` and `fields` are names, never values."""
        super().__init__(f"{record} cannot be read: see {', '.join(fields)}")
        self.record, self.fields = record, fields


class RecordTooNew(RecordInvalid):
    """A sealed record was written by a newer version of this program."""

    def __init__(self, record: str) -> None:
        JikimiError.__init__(self, f"{record} was written by a newer version of this program: upgrade this one")
        self.record, self.fields = record, ("record_version",)


class LedgerBroken(JikimiError):
    """The evidence ledger does not verify."""
