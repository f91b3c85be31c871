"""Whether the fonts of our papers can draw a text: a letter that they lack would stand in a PDF as an empty box."""

import json
import re

import typst

from monitor.exports.hand_off import FONTS, fonts

_MISSING = "\U0010fffd"
"""No font has it: whatever is drawn with the same shape is missing too."""
_PLAIN = re.compile(r"[ -~가-힣]*")
"""Nothing but what every paper is made of anyway."""
_SOURCE = f"""#set page(width: 100pt, height: auto, margin: 0pt)
#set text(font: {json.dumps(FONTS).replace("[", "(").replace("]", ")")})
#for letter in json(bytes(sys.inputs.letters)) {{ par(letter) }}
"""
_SHAPES = re.compile(r'<use [^>]*href="#([^"]+)"')


def can_be_drawn(text: str) -> bool:
    """Whether every letter has a shape. Takes a tenth of a second where one is unusual: call it in a thread."""
    if _PLAIN.fullmatch(text):
        return True
    letters = [_MISSING, *sorted(set(text))]
    made = typst.compile(
        _SOURCE.encode(), font_paths=fonts(), format="svg", sys_inputs={"letters": json.dumps(letters)}
    )
    missing, *shapes = _SHAPES.findall(bytes(made).decode())
    return missing not in shapes
