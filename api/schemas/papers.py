"""Papers that the person takes out of their case."""

from typing import Literal

from pydantic import Field

from api.schemas.common import Body, ShortLine
from monitor.exports.papers import LetterFor


class LetterBody(Body):
    """What the letter says. Only what is true here stands in it; what is typed is kept nowhere."""

    language: Literal["ko", "en"]
    wanted_for: LetterFor
    addressee: ShortLine = Field("", repr=False)
    name: ShortLine = Field("", description="empty: a line to write on", repr=False)
    centre: bool = Field(False, strict=True, description="in the name of the centre that vouched")
    since: bool = Field(False, strict=True)
    appointments: bool = Field(False, strict=True)
    requests: bool = Field(False, strict=True, description="how many requests for removal left")
    removed: bool = Field(False, strict=True, description="how many copies were seen to be gone")
