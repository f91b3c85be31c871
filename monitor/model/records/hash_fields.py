"""Fields that records of hashes share."""

from typing import Annotated

from pydantic import Field

PdqHex = Annotated[str, Field(pattern="^[0-9A-Fa-f]{64}$")]
PhashHex = Annotated[str, Field(pattern="^[0-9A-Fa-f]{16}$")]
Quality = Annotated[int, Field(ge=0, le=100)]
Frames = tuple[tuple[float, PdqHex], ...]
"""Of a video: seconds from its start and the frame's hash."""
