"""Text that people send: what shows nothing is empty, what hides or reorders text is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from api.schemas.common import LongText, ShortLine

LINE: TypeAdapter[str] = TypeAdapter(ShortLine)
LONG: TypeAdapter[str] = TypeAdapter(LongText)


@pytest.mark.parametrize("blank", ["", "   ", "\u200b\u200b", "\u3164", "\u2800 \u2060", "\ufeff"])
def test_text_that_shows_nothing_is_empty(blank: str) -> None:
    assert LINE.validate_python(blank) == ""
    assert LONG.validate_python(blank) == ""


@pytest.mark.parametrize("hidden", ["a\u202eb", "a\u2066b", "a\x00b", "a\u2028b", "a\nBcc: b"])
def test_line_with_hidden_breaks_or_reordering_is_refused(hidden: str) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(hidden)


def test_joiners_and_right_to_left_names_are_kept() -> None:
    for name in ("김 지우", "נועה", "श्री\u200dमती", "\u200fمريم"):
        assert LINE.validate_python(name) == name
