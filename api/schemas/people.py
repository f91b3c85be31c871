"""Log-ins and one-time codes."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.common import Body, Line, Moment, Secret, View
from monitor.cases.codes import LONGEST_DAYS, MOST_CODES, USUAL_DAYS
from monitor.model.case_numbers import normal_number


class PersonLogIn(Body):
    """A case id with its passphrase."""

    case_id: Annotated[Line, StringConstraints(min_length=1, max_length=64), AfterValidator(normal_number)]
    passphrase: Secret


class AdvocateLogIn(Body):
    """A password with the code that the authenticator app shows now."""

    login: Annotated[Line, StringConstraints(min_length=1, max_length=200)]
    password: Secret
    totp: Annotated[
        str,
        StringConstraints(max_length=24),
        AfterValidator(lambda text: "".join(text.split())),
        Field(description="six digits, or a recovery code", repr=False),
    ]


class PersonLoggedIn(View):
    """Send the token as `Authorization: Bearer TOKEN`."""

    token: str = Field(repr=False)
    expires_at: Moment


class AdvocateLoggedIn(PersonLoggedIn):
    """The same for an advocate."""

    name: str


class CodesWanted(Body):
    """How many one-time codes, and for how long they are good."""

    count: int = Field(strict=True, ge=1, le=MOST_CODES)
    days: int = Field(USUAL_DAYS, strict=True, ge=1, le=LONGEST_DAYS)


class Codes(View):
    """Shown once: only their hashes are stored."""

    codes: list[str]


class WorkView(View):
    """A puzzle for the device, or null where none is needed."""

    challenge: str | None = Field(
        description="ID:SIZE:UNTIL:DIGEST:TAG. Find the number below SIZE for which SHA-256 of `ID:SIZE:UNTIL:NUMBER` "
        "is DIGEST, and send `ID:SIZE:UNTIL:DIGEST:TAG:NUMBER` as the header Jikimi-Work. Good once, for half an hour"
    )
    size: int
