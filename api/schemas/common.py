"""What all bodies share: unknown fields refused, text without control characters, times in UTC."""

import unicodedata
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

_BREAKS = "\n\r\t"
_LINE_BREAKS = _BREAKS + "\u2028\u2029"
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional overrides: they make a notice read otherwise than what was checked."""
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters that show nothing, such as the Hangul filler."""


class Body(BaseModel):
    """What somebody sends. Values are taken as they are: "1" is no number, 1 is no text."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class View(BaseModel):
    """What is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_plain(text: str) -> bool:
    """No control character, no half of a letter, nothing that turns the order of letters round."""
    return not any(
        (unicodedata.category(each) in ("Cc", "Cs") and each not in _BREAKS) or each in _REORDERING for each in text
    )


def _plain(text: str) -> str:
    if not is_plain(text):
        raise ValueError("control characters are not allowed")
    return text


def _one_line(text: str) -> str:
    if any(each in text for each in _LINE_BREAKS):
        raise ValueError("this is one line")
    return text


def _seen(text: str) -> str:
    """Text that shows nothing is no text: it must not count as a signature."""
    blank = all(unicodedata.category(each)[0] in "CZ" or each in _BLANK_LETTERS for each in text)
    return "" if blank else text


Text = Annotated[str, AfterValidator(_plain)]
Line = Annotated[str, AfterValidator(_plain), AfterValidator(_one_line)]
ShortLine = Annotated[Line, StringConstraints(max_length=200, strip_whitespace=True), AfterValidator(_seen)]
LongText = Annotated[Text, StringConstraints(max_length=3000, strip_whitespace=True), AfterValidator(_seen)]
"""As long as one field of a notice may be (monitor.notices.compose.MAX_FIELD)."""

Secret = Annotated[Line, StringConstraints(min_length=1, max_length=1000), Field(repr=False)]
Moment = datetime
"""Aware, in UTC."""


class ProblemView(View):
    """RFC 9457: why not. `code` is stable and for programs; `detail` is for people."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    missing: list[str] | None = Field(None, description="with missing-fields: names of the fields that are empty")
    errors: list[dict[str, str]] | None = Field(None, description="with invalid: field, fault and message of each")
    work: dict[str, str | int] | None = Field(
        None,
        description="with work-needed and too-many-tries: `challenge`, a puzzle of `size` numbers; see GET /api/work",
    )
