"""`Match.how` as a sentence in the reader's language: monitor.matching writes it in English words and numbers."""

import re

from api.pages.words import TURNS, Gettext, mark, of

_PLACES = {"whole picture": mark("the whole picture"), "picture without its border": mark("without its border")}
_OTHER_WAYS = {"the person entered this link": mark("The person entered this link themselves")}
REGISTERED = {
    "whole picture": mark("the whole registered picture"),
    "part": mark("a part of the registered picture"),
    "upper part": mark("the upper part of the registered picture"),
    "square": mark("a square of the registered picture"),
}
POSTED = {
    "the whole post": mark("fits the whole post"),
    "the same part of the post": mark("fits the same part of the post"),
    "a square of the post": mark("fits a square of the post"),
    "a rectangle in the post": mark("fits a rectangle in the post"),
    "a square within a rectangle in the post": mark("fits a square within a rectangle in the post"),
    "the post turned back": mark("fits the post when it is turned back"),
    "a square of the post turned back": mark("fits a square of the post when it is turned back"),
}

_NUMBERS = r"(?P<distance>\d+) of 256 bits differ \(limit (?P<limit>\d+)\)"
_VIEW = re.compile(
    rf"(?P<place>[^,:;]+)(?:, (?P<turn>[^:;]+))?: {_NUMBERS}, quality (?P<quality>\d+)(?P<plain> \(plain[^)]*\))?"
    r"(?:; second hash: (?P<second>\d+) of 64 \(limit \d+\))?"
    r"(?:; (?P<whose>registered|known) video, second (?P<at>\d+))?"
)
_SPAN = r"(?P<{0}left>\d+)-(?P<{0}right>\d+) % across, (?P<{0}top>\d+)-(?P<{0}bottom>\d+) % down"
_REGION = re.compile(
    rf"region: registered (?P<registered>[a-z ]+) \({_SPAN.format('')}\) in (?P<post>[a-z ]+?)"
    rf"(?: by (?P<angle>\d+) degrees)? \({_SPAN.format('post_')}\)(?:, (?P<turn>[^:;]+))?: "
    rf"{_NUMBERS}, detail \d+ \(least \d+\); (?P<others>\d+) more boxes fit"
)
_FRAMES = re.compile(
    r"; (?P<fitting>\d+) of (?P<frames>\d+) frames fit, "
    r"(?:at second (?P<only>\d+)|from second (?P<first>\d+) to (?P<last>\d+))$"
)
_LISTED = "; on the list of harmless pictures"


def how_in_words(how: str, gettext: Gettext) -> str:
    """A text of another make is shown as it is."""
    told = how.removesuffix(_LISTED)
    frames = _FRAMES.search(told)
    reason = told[: frames.start()] if frames else told
    if view := _VIEW.fullmatch(reason):
        parts = _view(view, gettext)
    elif region := _REGION.fullmatch(reason):
        parts = _region(region, gettext)
    else:
        return of(_OTHER_WAYS, how, gettext)
    if frames:
        parts.append(_in_video(frames, gettext))
    if told != how:
        parts.append(gettext("the post's picture is on the list of harmless pictures: look twice"))
    return ", ".join(parts)


def _view(found: re.Match[str], gettext: Gettext) -> list[str]:
    parts = [of(_PLACES, found["place"], gettext), *_turned(found, gettext), _distance(found, gettext)]
    if found["plain"]:
        parts.append(gettext("the picture there is plain, so this means less"))
    if found["second"]:
        parts.append(gettext("a second method: %(second)s of 64") % found.groupdict())
    if found["whose"] == "registered":
        parts.append(gettext("at second %(at)s of the registered video") % found.groupdict())
    elif found["whose"]:
        parts.append(gettext("at second %(at)s of a video that was posted before") % found.groupdict())
    return parts


def _region(found: re.Match[str], gettext: Gettext) -> list[str]:
    values = found.groupdict()
    place = gettext("(%(left)s to %(right)s %% across, %(top)s to %(bottom)s %% down)")
    post = {side: values[f"post_{side}"] for side in ("left", "right", "top", "bottom")}
    parts = [f"{of(REGISTERED, found['registered'], gettext)} {place % values}"]
    parts.append(f"{of(POSTED, found['post'], gettext)} {place % post}")
    if found["angle"]:
        parts.append(gettext("by %(angle)s degrees") % values)
    parts += [*_turned(found, gettext), _distance(found, gettext)]
    if found["others"] != "0":
        parts.append(gettext("%(others)s more parts fit") % values)
    return parts


def _turned(found: re.Match[str], gettext: Gettext) -> list[str]:
    return [of(TURNS, found["turn"], gettext)] if found["turn"] else []


def _distance(found: re.Match[str], gettext: Gettext) -> str:
    return gettext("%(distance)s of 256 points differ (limit %(limit)s)") % found.groupdict()


def _in_video(found: re.Match[str], gettext: Gettext) -> str:
    values = found.groupdict()
    if found["only"]:
        return gettext("%(fitting)s of %(frames)s frames of the post's video fit, at second %(only)s") % values
    text = gettext("%(fitting)s of %(frames)s frames of the post's video fit, from second %(first)s to %(last)s")
    return text % values
