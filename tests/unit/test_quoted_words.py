"""What a person's page quotes is there to be found, word for word; and a word that docs/words.md rules out is not."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from api.i18n import LANGUAGES, catalogue_file, translations
from api.pages.person import _tables
from api.refusals import TEXTS
from api.work_refusals import AT_WORK
from monitor.cases.news import BODY
from monitor.model.facts import AgeGroup
from monitor.notices.contacts import CONTACTS, cautions
from monitor.notices.self_help import SELF_HELP

WORDS = Path(__file__).parents[2] / "docs" / "words.md"
PERSONS = (
    *("api/static/person/", "api/static/pdq/", "api/templates/person/", "api/templates/_contacts.html"),
    *("api/templates/base.html", "api/templates/problem.html", "api/pages/person.py", "api/views/everything.py"),
)
"""Where the sentences that a person reads stand. Of api/refusals.py: those that are not only for people at work."""

THEIRS: Mapping[str, str] = {
    "나체 이미지 또는 성적 행위": "Instagram's own menu",
    "불법촬영물등 유통 신고": "a section of Kakao's customer centre",
    "신고": "Naver's own button",
    "게시중단 요청": "Naver's own form",
    "Content Removal(콘텐츠 삭제)": "what adult sites call it",
    "내가 나온 사진이고 동의하지 않았으니 지워 주세요": "what somebody can write there themselves",
    "청소년상담1388": "a channel's name in KakaoTalk",
    "지지동반자0382": "a channel's name in KakaoTalk",
}
"""Quoted, but not of our pages: each with whose words they are."""

OTHERWISE: Mapping[str, str] = {
    "아이디": "a login, not a child",
    "아이폰": "a telephone, not a child",
    "비밀번호 관리": "a password manager",
    "클라우드의 비밀번호": "the passwords of other services",
    "사진, 돈, 비밀번호, 암호 문구": "what we never ask: a password is another thing than the passphrase",
    "아이디와 비밀번호": "an advocate's log-in",
    "나만의 열쇠": "the key on the server that seals a case, not the passphrase",
    "암호 열쇠": "the same key, which is destroyed",
    "열쇠도 서버를 운영하는 곳에": "the same key, and who holds it",
    "합성된 성적 사진(딥페이크 등)": "not alone: beside the word that is to be said",
    "합성된 성적 영상(딥페이크 등)": "the same of a video",
}
"""A word that is ruled out, where it means another thing: each with that."""

REPLACED = (
    *("서버에 절대 없어요", "찍을 때 몇 살", "찍을 때의 나이", "없이 올라왔다고 보는 이유", "짐작할 수 있는 것이 가장"),
    *("기기 밖으로 나가면 안", "경찰이 먼저 볼 수 있게", "사람이 직접 제출", "무해한 사진 목록", "새로 보기"),
)
"""Parts of sentences that were found wanting and said better since."""

_QUOTED = re.compile(r"‘([^’]+)’|“([^”]+)”|\"([^\"]+)\"|(?<!\w)'([^']+)'(?![A-Za-z])")
_KOREAN = re.compile(r"[가-힣]+(?: [가-힣]+)*")


def quoted(text: str) -> list[str]:
    """What stands in quotation marks of any kind; an apostrophe is none."""
    return ["".join(found) for found in _QUOTED.findall(text)]


@cache
def persons_texts(language: str) -> Mapping[str, str]:
    """English text -> how it is said, of everything that a person's pages say themselves."""
    said = {str(text) for code, text in TEXTS.items() if code not in AT_WORK}
    with catalogue_file(language).open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id and any(name.startswith(PERSONS) for name, _ in message.locations):
                said.add(str(message.id))
    assert len(said) > 700
    gettext = translations(language).gettext
    return {text: gettext(text) for text in said}


@cache
def korean_said() -> tuple[str, ...]:
    """Every Korean sentence that a person reads: also states, contacts and what can be done elsewhere.

    Not the titles of routes: each names a body, as that calls itself.
    """
    tables = [text for name, table in _tables("ko").items() if name != "routes" for text in table.values()]
    return (*persons_texts("ko").values(), *tables, *data_said())


def data_said() -> Iterator[str]:
    """Korean of the data files. A helpline's own name stays what it is."""
    for contact in CONTACTS:
        yield contact.note["ko"]
        yield from (way.label["ko"] for way in contact.ways if way.label)
    for country in CONTACTS.countries:
        yield from cautions(country, AgeGroup.MINOR, "ko")
    for place in SELF_HELP.values():
        yield place.name["ko"]
        yield from (step["ko"] for step in place.steps)
        yield from (page.label["ko"] for page in place.pages)


def ruled_out() -> Iterator[tuple[str, tuple[str, ...]]]:
    """A Korean word of docs/words.md that is not to be said, and the phrases in which it may stand."""
    table, never = WORDS.read_text("utf-8").split("## Never said")
    for row in table.splitlines():
        cells = [cell.strip() for cell in row.split("|")[1:-1]]
        if len(cells) == 4:
            instead = tuple(phrase.strip() for phrase in re.sub(r"\([^)]*\)", "", cells[1]).split(","))
            yield from ((word, tuple(one for one in instead if word in one)) for word in _KOREAN.findall(cells[3]))
    for italic in re.findall(r"\*([^*]+)\*", never):
        yield from ((word, ()) for word in _KOREAN.findall(italic))


def test_only_quotation_marks_quote() -> None:
    text = "today's history of a family's: '멈춤'을 누르거나 ‘뒤로’, \"Change\" or “Add”, others' and 'Back'."
    assert quoted(text) == ["멈춤", "뒤로", "Change", "Add", "Back"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_quoted_is_a_text_of_the_pages(language: str) -> None:
    """A sentence that names a button names it as the button does."""
    said = persons_texts(language)
    known = {text.strip(" .\n") for text in (*said.values(), BODY[language])}
    wrong = {phrase: text for text in said.values() for phrase in quoted(text) if phrase.strip(" .") not in known}
    assert wrong == {}


def test_a_quoted_button_is_quoted_in_korean_too() -> None:
    korean = persons_texts("ko")
    wrong = [
        (english, phrase)
        for english in korean
        for phrase in quoted(english)
        if korean.get(phrase) not in quoted(korean[english])
    ]
    assert wrong == []


def test_what_data_quotes_is_of_somebody_else_with_a_name() -> None:
    assert {phrase for text in data_said() for phrase in quoted(text)} == set(THEIRS)


def test_no_word_that_is_ruled_out_is_said_to_a_person() -> None:
    words = dict(ruled_out())
    assert {"사건", "지문", "철회", "피해자", "해야 합니다"} <= set(words)
    found = set()
    for text in korean_said():
        for word, instead in words.items():
            rest = text
            for phrase in (*instead, *sorted(OTHERWISE, key=len, reverse=True)):
                rest = rest.replace(phrase, "")
            # A particle may stand between two words: "동의를 취소" is "동의 취소".
            if re.search(word.replace(" ", "[을를이가은는]? "), rest):
                found.add((word, text))
    assert sorted(found) == []


def test_no_sentence_that_was_replaced_stands_there_again() -> None:
    assert [text for text in korean_said() if any(part in text for part in REPLACED)] == []


def test_every_exception_is_needed() -> None:
    said = " ".join(korean_said())
    assert [phrase for phrase in OTHERWISE if phrase not in said] == []
