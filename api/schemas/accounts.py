"""One's own account, and those of colleagues."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.common import Body, Line, Moment, Secret, View


class ProofBody(Body):
    """Who is logged in shows once more that it is still them."""

    password: Secret
    totp: Annotated[
        str,
        StringConstraints(max_length=24),
        AfterValidator(lambda text: "".join(text.split())),
        Field(description="six digits, or a recovery code", repr=False),
    ]


class PasswordBody(Body):
    """A new password."""

    password: Secret


class AliasBody(Body):
    """The name for work; empty: one's own."""

    alias: Annotated[Line, StringConstraints(max_length=200)]


class LeadBody(Body):
    """Whether somebody leads."""

    lead: bool = Field(strict=True)


class LiveLoginView(View):
    """One of one's own log-ins."""

    log_in_id: str
    browser: str
    created_at: Moment
    expires_at: Moment
    here: bool


class AccountEventView(View):
    """What happened to the account."""

    kind: str
    at: Moment
    seen: bool


class AccountView(View):
    """One's own account."""

    account_id: str
    role: str
    login: str
    name: str
    work_alias: str
    passkeys: list[str] = Field(description="their names")
    recovery_codes_left: int
    reset_asked: bool
    log_ins: list[LiveLoginView]
    events: list[AccountEventView]


class RecoveryCodes(View):
    """Shown once: only their hashes are stored."""

    codes: list[str] = Field(repr=False)


class ColleagueView(View):
    """An account as those who work here see it."""

    account_id: str
    name: str
    login: str
    work_alias: str
    organisation: str
    role: str
    disabled: bool
    passkeys: int
    reset_asked: bool


class ColleagueList(View):
    """Of one's own organisation; for an operator of every one."""

    colleagues: list[ColleagueView]


class ResetView(View):
    """What became of somebody's word."""

    done: bool
    code: str | None = Field(repr=False, description="with the second word: to hand over, shown this once")
