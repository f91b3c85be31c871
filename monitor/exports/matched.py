"""Why a post counts as a copy, for a report: the stored reason in words, and its sketch as a drawing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.matching.reason_patterns import CUT_OUT, FRAMES, REGION, SIDES, VIEW
from monitor.matching.sketch import SketchFrame, sketch
from monitor.notices.texts import Words, in_language

_PLACES: Mapping[str, Words] = {
    "whole picture": {"en": "the whole picture", "ko": "사진 전체"},
    "picture without its border": {"en": "the picture without its border", "ko": "테두리를 뺀 부분"},
    "part": {"en": "a part", "ko": "한 부분"},
    "upper part": {"en": "the upper part", "ko": "윗부분"},
    "square": {"en": "a square part", "ko": "정사각형 부분"},
    "points": {"en": "points that can be found again", "ko": "다시 찾을 수 있는 특징점"},
    "points of the post": {"en": "the same points", "ko": "같은 특징점"},
    "points of the post turned back": {
        "en": "the same points, turned by {angle} degrees",
        "ko": "{angle}도 기울어진 같은 특징점",
    },
    "cut-out": {"en": "the box that was drawn around a face", "ko": "얼굴 둘레에 그린 상자"},
    "cut-out in the post": {"en": "a box around a face that is seen there", "ko": "게시물에 보이는 얼굴 둘레의 상자"},
    "the whole post": {"en": "the whole picture", "ko": "사진 전체"},
    "the same part of the post": {"en": "the same part", "ko": "같은 자리의 부분"},
    "a square of the post": {"en": "a square part", "ko": "정사각형 부분"},
    "a rectangle in the post": {"en": "a rectangle within it", "ko": "안쪽의 직사각형 영역"},
    "a square within a rectangle in the post": {
        "en": "a square part of a rectangle within it",
        "ko": "안쪽 직사각형 영역의 정사각형 부분",
    },
    "the post turned back": {
        "en": "the picture, turned back by {angle} degrees",
        "ko": "{angle}도 기울기를 바로잡은 화면",
    },
    "a square of the post turned back": {
        "en": "a square part, with the picture turned back by {angle} degrees",
        "ko": "{angle}도 기울기를 바로잡은 화면의 정사각형 부분",
    },
}
_TURNS: Mapping[str, Words] = {
    "mirrored": {"en": "mirrored", "ko": "좌우 반전"},
    "upside down and mirrored": {"en": "upside down and mirrored", "ko": "상하 반전"},
    "rotated 180": {"en": "upside down", "ko": "180도 돌림"},
    "mirrored and rotated 90 left": {"en": "mirrored and turned left", "ko": "좌우 반전 후 왼쪽으로 돌림"},
    "rotated 90 right": {"en": "turned right", "ko": "오른쪽으로 돌림"},
    "rotated 90 left": {"en": "turned left", "ko": "왼쪽으로 돌림"},
    "mirrored and rotated 90 right": {"en": "mirrored and turned right", "ko": "좌우 반전 후 오른쪽으로 돌림"},
}
_FACTS: Mapping[str, Words] = {
    "near": {
        "en": "{distance} of 256 values differ (limit {limit}; unrelated pictures: about 128)",
        "ko": "값 256개 가운데 {distance}개가 다름(기준 {limit}개 이하, 관계없는 사진은 약 128개)",
    },
    "turned": {"en": "in the post it is {turn}", "ko": "게시물에서는 {turn}"},
    "plain": {"en": "the picture there is plain, so this means less", "ko": "단순한 사진이라 확실성이 낮음"},
    "second": {
        "en": "by a second method {second} of 64 values differ",
        "ko": "두 번째 방식으로는 값 64개 가운데 {second}개가 다름",
    },
    "registered": {"en": "at second {at} of the registered video", "ko": "등록한 영상의 {at}초"},
    "known": {"en": "at second {at} of a video that was posted before", "ko": "전에 게시된 영상의 {at}초"},
    "cut-out": {
        "en": "only pixels around a face were compared (experimental): this says nothing about who it is",
        "ko": "얼굴 둘레의 화소만 비교함(시험 기능). 누구인지에 대해서는 아무것도 말하지 않음",
    },
    "others": {"en": "other parts that fit in the same way: {others}", "ko": "같은 방식으로 맞는 다른 부분 {others}곳"},
    "span": {
        "en": "({left} to {right} % across, {top} to {bottom} % down)",
        "ko": "(가로 {left}~{right}%, 세로 {top}~{bottom}%)",
    },
    "at": {
        "en": "{fitting} of {frames} frames of the post's video fit, at second {only}",
        "ko": "게시물 영상의 장면 {frames}개 중 {fitting}개가 맞음({only}초)",
    },
    "from": {
        "en": "{fitting} of {frames} frames of the post's video fit, from second {first} to {last}",
        "ko": "게시물 영상의 장면 {frames}개 중 {fitting}개가 맞음({first}~{last}초)",
    },
    "identical": {
        "en": "the same file as a copy that was confirmed before",
        "ko": "이전에 확인된 사본과 같은 파일",
    },
    "entered": {"en": "the person named this post themselves", "ko": "피해자가 직접 알려 준 게시물"},
    "names": {
        "en": "two words that name the person stand together in the post's text; no picture was compared",
        "ko": "피해자를 가리키는 단어 두 개가 게시물 글에 함께 있음. 사진은 비교하지 않음",
    },
}
_REMARKS: Mapping[str, Words] = {
    "; on the list of harmless pictures": {
        "en": "the post's picture is also on the list of harmless pictures",
        "ko": "게시물의 사진이 무해한 사진 목록에도 있음",
    },
    "; known from beside a confirmed copy, which nobody decided about": {
        "en": "it fits something that was posted beside a confirmed copy",
        "ko": "확인된 사본과 같은 글에 있던 것과 맞음",
    },
    "; too few to be sure": {
        "en": "so few frames may be no more than the intro of a channel",
        "ko": "맞는 장면이 적어 채널의 시작 화면일 수도 있음",
    },
}
"""What speaks against it is told as well."""
_CUT_OUT_PLACES = (("cut-out", ""), ("cut-out in the post", "post_"))
_ENTERED = "the person entered this link"
_NAMES = "two of the person's words stand together in the text of the post"


@dataclass(frozen=True, slots=True)
class MatchedInWords:
    """What fits what, and the facts beside it, the nearness first."""

    facts: tuple[str, ...]
    compared: str = ""
    """What of the case's picture fits; empty where no pictures were compared."""
    posted: str = ""


def in_words(how: str, language: str, *, identical: bool = False) -> MatchedInWords:
    """The reason in a report's words. One that cannot be taken apart is told as it stands."""
    remarks = [in_language(words, language) for remark, words in _REMARKS.items() if remark in how]
    for remark in _REMARKS:
        how = how.replace(remark, "")
    frames = FRAMES.search(how)
    reason = how[: frames.start()] if frames else how
    view, region, cut_out = VIEW.match(reason), REGION.match(reason), CUT_OUT.match(reason)
    found = region or view or cut_out
    if found is None:
        known = {_ENTERED: "entered", _NAMES: "names"}
        told = next((_say(name, language) for start, name in known.items() if how.startswith(start)), how)
        return MatchedInWords((told, *([_say("identical", language)] if identical else [])))
    values = {name: value for name, value in found.groupdict().items() if value is not None}
    facts = [_say("near", language, **values)]
    if turn := values.get("turn"):
        facts.append(_say("turned", language, turn=_word(_TURNS, turn, language)))
    facts += _more(values, language)
    if frames:
        told_frames = {name: value for name, value in frames.groupdict().items() if value is not None}
        facts.append(_say("at" if "only" in told_frames else "from", language, **told_frames))
    if identical:
        facts.append(_say("identical", language))
    facts += remarks
    if cut_out is not None:
        boxes = [_place(name, language, values, prefix) for name, prefix in _CUT_OUT_PLACES]
        return MatchedInWords((*facts, _say("cut-out", language)), *boxes)
    if region is None:
        return MatchedInWords(
            tuple(facts), _word(_PLACES, "whole picture", language), _place(values["place"], language)
        )
    compared = _place(values["registered"], language, values, whole="whole picture")
    posted = _place(values["post"], language, values, "post_", whole="the whole post")
    return MatchedInWords(tuple(facts), compared, posted)


def drawing(how: str, width: int, height: int) -> tuple[str, str] | None:
    """Two SVG drawings, of the case's picture and of the post's; None where no pictures were compared."""
    drawn = sketch(how, width, height)
    return None if drawn is None else (_svg(drawn.compared), _svg(drawn.posted))


def _svg(frame: SketchFrame) -> str:
    left, top, width, height = frame.box
    flag = (
        f'<path transform="{frame.flag}" d="M-6 11V-11L9-5L-6 1" fill="none" stroke="#1f3a5f" stroke-width="2"/>'
        if frame.flag
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {frame.width + 2} {frame.height + 2}" '
        f'width="{frame.width + 2}" height="{frame.height + 2}">'
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#b9cfe8"/>{flag}'
        f'<rect width="{frame.width}" height="{frame.height}" fill="none" stroke="#1f3a5f" stroke-width="1.5"/></svg>'
    )


def _more(values: Mapping[str, str], language: str) -> list[str]:
    facts = [_say(name, language, **values) for name in ("plain", "second") if name in values]
    if whose := values.get("whose"):
        facts.append(_say(whose, language, **values))
    if values.get("others", "0") != "0":
        facts.append(_say("others", language, **values))
    return facts


def _place(
    name: str, language: str, values: Mapping[str, str] | None = None, prefix: str = "", *, whole: str = ""
) -> str:
    """A place; where it is not everything, with its share of the picture."""
    angle = (values or {}).get("angle", "")
    words = _word(_PLACES, name, language).replace("{angle}", angle)
    if values is None or name == whole:
        return words
    share = _say("span", language, **{side: values[prefix + side] for side in SIDES})
    return f"{words} " + re.sub(r" (?=[\d%])", "\u00a0", share)


def _word(table: Mapping[str, Words], key: str, language: str) -> str:
    return in_language(table[key], language) if key in table else key


def _say(fact: str, language: str, **values: str) -> str:
    return in_language(_FACTS[fact], language).format(**values)
