"""How a stored reason (`Match.how`) is written, so that whoever shows it can take it apart: English words and numbers.

monitor.matching writes it; api.pages.how tells it in the reader's language, monitor.exports in that of a report.
"""

import re

SIDES = ("left", "top", "right", "bottom")
_VIDEO = r"(?:; (?P<whose>registered|known) video, second (?P<at>\d+))?"
_NUMBERS = r"(?P<distance>\d+) of 256 bits differ \(limit (?P<limit>\d+)\)"
VIEW = re.compile(
    rf"(?P<place>[^,:;]+)(?:, (?P<turn>[^:;]+))?: {_NUMBERS}, quality (?P<quality>\d+)(?P<plain> \(plain[^)]*\))?"
    r"(?:; second hash: (?P<second>\d+) of 64 \(limit \d+\))?"
    rf"{_VIDEO}"
)
_SPAN = r"(?P<{0}left>\d+)-(?P<{0}right>\d+) % across, (?P<{0}top>\d+)-(?P<{0}bottom>\d+) % down"
REGION = re.compile(
    rf"region: registered (?P<registered>[a-z ]+) \({_SPAN.format('')}\) in (?P<post>[a-z ]+?)"
    rf"(?: by (?P<angle>\d+) degrees)? \({_SPAN.format('post_')}\)(?:, (?P<turn>[^:;]+))?: "
    rf"{_NUMBERS}, detail \d+ \(least \d+\); (?P<others>\d+) more boxes fit{_VIDEO}"
)
CUT_OUT = re.compile(
    rf"cut-out: registered box around a face \({_SPAN.format('')}\) in a box around a face of the post "
    rf"\({_SPAN.format('post_')}\)(?:, (?P<turn>[^:;]+))?: {_NUMBERS}, detail \d+ \(least \d+\)"
)
NEARNESS = re.compile(rf"{_NUMBERS}(?:.*?; second hash: (?P<second>\d+) of 64)?")
"""The numbers of any of these."""
FRAMES = re.compile(
    r"; (?P<fitting>\d+) of (?P<frames>\d+) frames fit, "
    r"(?:at second (?P<only>\d+)|from second (?P<first>\d+) to (?P<last>\d+))$"
)
