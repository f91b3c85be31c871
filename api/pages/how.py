"""`Match.how` as a sentence in the reader's language: monitor.matching writes it in English words and numbers."""

import re
from dataclasses import dataclass, replace

from api.i18n import mark
from api.pages.texts import TURNS, Gettext, of
from monitor.matching.reason_patterns import CUT_OUT, FRAMES, NEARNESS, REGION, SIDES, VIEW
from monitor.matching.verdict import CONFIDENT_WITHIN
from monitor.sightings.record import NAMES_FIT

_OTHER_WAYS = {
    "the person entered this link": mark("The person entered this link themselves"),
    NAMES_FIT: mark(
        "Two of the person's words stand together in the text. No picture was compared: please look at the text, and"
        " say what the picture is."
    ),
}
SHOWN = {"whole picture": mark("the whole picture"), "picture without its border": mark("without its border")}
REGISTERED = {
    "whole picture": mark("the whole picture"),
    "part": mark("a part"),
    "upper part": mark("the upper part"),
    "square": mark("a square part"),
    "points": mark("points that can be found again"),
}
POSTED = {
    "the whole post": mark("the whole picture"),
    "the same part of the post": mark("the same part"),
    "a square of the post": mark("a square part"),
    "a rectangle in the post": mark("a rectangle within it"),
    "a square within a rectangle in the post": mark("a square part of a rectangle within it"),
    "points of the post": mark("the same points"),
    "points of the post turned back": mark("the same points, turned by %(angle)s degrees"),
    "the post turned back": mark("the picture, turned back by %(angle)s degrees"),
    "a square of the post turned back": mark("a square part, with the picture turned back by %(angle)s degrees"),
}
CUT_OUTS = (
    mark("the box that was drawn around a face"),
    mark("a box around a face that is seen there"),
)
"""On the registered photo, and in the post."""

REMARKS = {
    "; on the list of harmless pictures": mark("the post's picture is on the list of harmless pictures: look twice"),
    "; known from beside a confirmed copy, which nobody decided about": mark(
        "it fits something that was posted beside a confirmed copy, and nobody decided about that yet"
    ),
    "; too few to be sure": mark("so few frames may be no more than the intro of a channel"),
}
"""What may be added anywhere in a reason, and is told after it."""
_POINTS = mark("%(distance)s of 256 points differ (limit %(limit)s)")
_SECOND = mark("a second method: %(second)s of 64 points differ")


@dataclass(frozen=True, slots=True)
class Told:
    """Why a picture counts as a copy, in the reader's language: which place fits which, and what else is known."""

    facts: tuple[str, ...]
    """The nearness first."""
    compared: str = ""
    """What of the case's picture fits; empty where no pictures were compared."""
    posted: str = ""
    """What of the post's picture it fits."""
    of_video: bool = False
    """The case's fingerprint is that of a video."""
    in_video: bool = False
    """The post is a video."""


def tell(how: str, gettext: Gettext) -> Told:
    """A text of another make is told as it is."""
    told = how
    for remark in REMARKS:
        told = told.replace(remark, "")
    frames = FRAMES.search(told)
    reason = told[: frames.start()] if frames else told
    more = [_in_video(frames, gettext)] if frames else []
    more += [gettext(text) for remark, text in REMARKS.items() if remark in how]
    if view := VIEW.fullmatch(reason):
        whole, posted = of(SHOWN, "whole picture", gettext), of(SHOWN, view["place"], gettext)
        return Told((*_view(view, gettext), *more), whole, posted, bool(view["whose"]), bool(frames))
    if region := REGION.fullmatch(reason):
        compared, posted = _places(region, gettext)
        return Told((*_region(region, gettext), *more), compared, posted, bool(region["whose"]), bool(frames))
    if cut_out := CUT_OUT.fullmatch(reason):
        compared, posted = _cut_outs(cut_out, gettext)
        warning = gettext("only pixels around a face were compared: this does not tell who it is (experimental)")
        return Told((*_near(cut_out, gettext), warning, *more), compared, posted, in_video=bool(frames))
    return Told((of(_OTHER_WAYS, how, gettext),))


def tell_plainly(how: str, gettext: Gettext) -> Told:
    """The same for the person: how near it is in a word, without the numbers that people at work judge by."""
    told, numbers = tell(how, gettext), NEARNESS.search(how)
    if numbers is None:
        return told
    near = int(numbers["distance"]) <= CONFIDENT_WITHIN
    word = gettext(mark("almost identical")) if near else gettext(mark("similar"))
    judged_by = {gettext(text) % numbers.groupdict() for text in (_POINTS, _SECOND)}
    return replace(told, facts=(word, *(fact for fact in told.facts if fact not in judged_by)))


def _cut_outs(found: re.Match[str], gettext: Gettext) -> tuple[str, str]:
    """Both boxes."""
    values = found.groupdict()
    place = gettext("(%(left)s to %(right)s %% across, %(top)s to %(bottom)s %% down)")
    post = {side: values[f"post_{side}"] for side in SIDES}
    boxes = [_kept_together(place % box) for box in (values, post)]
    return f"{gettext(CUT_OUTS[0])} {boxes[0]}", f"{gettext(CUT_OUTS[1])} {boxes[1]}"


def _view(found: re.Match[str], gettext: Gettext) -> list[str]:
    parts = _near(found, gettext)
    if found["plain"]:
        parts.append(gettext("the picture there is plain, so this means less"))
    if found["second"]:
        parts.append(gettext(_SECOND) % found.groupdict())
    return [*parts, *_of_video(found, gettext)]


def _of_video(found: re.Match[str], gettext: Gettext) -> list[str]:
    """Which second of the case's video; nothing where that is a picture."""
    if found["whose"] == "registered":
        return [gettext("at second %(at)s of the registered video") % found.groupdict()]
    if found["whose"]:
        return [gettext("at second %(at)s of a video that was posted before") % found.groupdict()]
    return []


def _region(found: re.Match[str], gettext: Gettext) -> list[str]:
    if found["others"] == "0":
        others = gettext("no other part fits")
    else:
        others = gettext("other parts that fit in the same way: %(others)s") % found.groupdict()
    return [*_near(found, gettext), others, *_of_video(found, gettext)]


def _places(found: re.Match[str], gettext: Gettext) -> tuple[str, str]:
    """Both boxes; a box that is everything needs no numbers."""
    values = found.groupdict()
    place = gettext("(%(left)s to %(right)s %% across, %(top)s to %(bottom)s %% down)")
    post = {side: values[f"post_{side}"] for side in SIDES}
    compared = of(REGISTERED, values["registered"], gettext)
    if values["registered"] != "whole picture":
        compared += " " + _kept_together(place % values)
    posted = of(POSTED, values["post"], gettext).replace("%(angle)s", values["angle"] or "")
    if values["post"] != "the whole post":
        posted += " " + _kept_together(place % post)
    return compared, posted


def _kept_together(text: str) -> str:
    """No line ends before a number or its sign."""
    return re.sub(r" (?=[\d%])", "\u00a0", text)


def _near(found: re.Match[str], gettext: Gettext) -> list[str]:
    distance = gettext(_POINTS) % found.groupdict()
    if not found["turn"]:
        return [distance]
    return [distance, gettext("in the post it is %(turn)s") % {"turn": of(TURNS, found["turn"], gettext)}]


def _in_video(found: re.Match[str], gettext: Gettext) -> str:
    values = found.groupdict()
    if found["only"]:
        return gettext("%(fitting)s of %(frames)s frames of the post's video fit, at second %(only)s") % values
    text = gettext("%(fitting)s of %(frames)s frames of the post's video fit, from second %(first)s to %(last)s")
    return text % values
