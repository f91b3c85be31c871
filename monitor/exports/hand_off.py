"""The hand-off pack as a PDF: tagged, its text selectable, with Korean fonts inside, made by Typst from values only.

The fonts are NanumGothic of the package koreanize-matplotlib (SIL Open Font License 1.1, (c) NAVER Corp.).
"""

import importlib.util
import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from monitor.core.errors import ConfigError
from monitor.notices.hand_off import Block

TEMPLATE = Path(__file__).parent / "templates" / "hand_off.typ"
FONTS = ("NanumGothic", "DejaVu Sans Mono")
"""As the template names them."""
_FONTS_OF = "koreanize_matplotlib"
"""Only its fonts are used; nothing of it is imported."""


def hand_off_pdf(blocks: tuple[Block, ...], language: str, made_at: datetime) -> bytes:
    """The pack as a PDF. Takes about a second of one processor: call it in a thread."""
    values = {
        "language": language,
        "blocks": [
            {"heading": one.heading, "paragraphs": one.paragraphs, "rows": one.rows, "level": one.level}
            for one in blocks
        ],
    }
    made: Any = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=fonts(),
        format="pdf",
        sys_inputs={"pack": json.dumps(values, ensure_ascii=False)},
        timestamp=made_at.replace(microsecond=0),  # Typst takes whole seconds
    )
    return bytes(made)


@lru_cache(1)
def fonts() -> typst.Fonts:
    """Korean ones, and Typst's own. Raises ConfigError where they are missing."""
    found = importlib.util.find_spec(_FONTS_OF)
    folders = [] if found is None else [Path(place) / "fonts" for place in found.submodule_search_locations or ()]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in folders])
    if "NanumGothic" not in fonts.families():
        raise ConfigError("the Korean fonts are missing: install koreanize-matplotlib as the lock file says")
    return fonts
