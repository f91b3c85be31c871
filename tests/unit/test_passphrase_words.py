"""Passphrases as people type them, and word lists without words that hurt."""

import re
import unicodedata

import pytest
from mnemonic import Mnemonic

from monitor.cases.code_words import code_typed, words_of
from monitor.cases.passphrase import WORDS, new_passphrase, normalise, readings
from monitor.cases.word_lists import known_words, taken_out, word_list
from monitor.model.case_numbers import normal_number

HURT = {
    "en": "abuse hurt expose kill victim shame minor naked photo video spread share secret police prison attack",
    "ko": "비명 살인 공포 악몽 죄인 사진 영상 촬영 몰래 몸매 협박 위협 여고생 여학생 소문 비밀 잘못 부끄러움 속옷 절망",
}
KOREAN = "가능 가방 나들이 다람쥐 마을 바람 하늘"
ENGLISH = "acorn ability lantern able zebra orchid zone"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_word_hurts_and_each_is_worth_as_much_as_before(language: str) -> None:
    words = word_list(language)
    assert not set(HURT[language].split()) & set(words)
    assert not taken_out(language) & set(words) and len(taken_out(language)) > 150
    assert len(set(words)) == len(words) == 2048
    before = [
        unicodedata.normalize("NFC", one) for one in Mnemonic({"en": "english", "ko": "korean"}[language]).wordlist
    ]
    changed = sum(one != other for one, other in zip(before, words, strict=True))
    assert changed == len(taken_out(language)), "every other word stands where it stood"
    shape = {"en": "[a-z]{3,10}", "ko": "[가-힣]{2,5}"}[language]
    assert all(re.fullmatch(shape, word) for word in set(words) - set(before))
    assert {*before, *words} == known_words(language)
    for _ in range(50):
        assert set(new_passphrase(language).split()) <= set(words)


@pytest.mark.parametrize(
    "typed",
    [
        "  가능 가방 나들이  다람쥐 마을 바람 하늘 ",
        "가능,가방, 나들이、다람쥐·마을/바람.하늘",
        "가능가방나들이다람쥐마을바람하늘",
        "가능 가방나들이 다람쥐마을 바람하늘",
        "가능\u200b 가방\ufeff 나들이 다람\u200d쥐 마을\u00ad 바람 하늘",
        unicodedata.normalize("NFD", KOREAN),
        unicodedata.normalize("NFD", KOREAN.replace(" ", "")),
        "가능-가방-나들이-다람쥐-마을-바람-하늘",
        "“가능 가방 나들이 다람쥐 마을 바람 하늘”",
    ],
)
def test_korean_words_are_understood_however_they_are_typed(typed: str) -> None:
    assert normalise(KOREAN) in readings(typed) and len(readings(typed)) <= 3


@pytest.mark.parametrize(
    "typed",
    [
        "ACORN Ability lantern able zebra orchid zone",
        "acornabilitylanternablezebraorchidzone",
        "ａｃｏｒｎ　ability lantern able zebra orchid zone",
        "acorn, ability, lantern, able, zebra, orchid, zone.",
        "acorn ability lan tern able zebra orchid zone",
        "acorn\nability\tlantern able zebra orchid zone",
    ],
)
def test_english_words_are_understood_however_they_are_typed(typed: str) -> None:
    assert normalise(ENGLISH) in readings(typed) and len(readings(typed)) <= 3


@pytest.mark.parametrize(
    "between", ["\u3164", "\n{}. ", "\n{}) ", " {}\ufe0f\u20e3 ", " \u2014 ", " \u2013 ", " \N{GLOWING STAR} "]
)
def test_keys_are_understood_as_people_write_them_down(between: str) -> None:
    def written(words: str) -> str:
        return "".join(between.format(number) + one for number, one in enumerate(words.split(), 1))

    for words in (KOREAN, ENGLISH):
        assert readings(written(words)) == (words,)
    for language in ("ko", "en"):
        words = words_of("abcd-efgh-ijk2", language)
        assert code_typed(written(words)) == code_typed(words) == "abcd-efgh-ijk2"
    assert code_typed("\N{KEY} abcd\u2014efgh \u2013 ijk2 \N{KEY}") == "abcdefghijk2"


def test_what_is_no_passphrase_stays_as_it_was_and_costs_no_more() -> None:
    assert readings("one two three") == ("one two three",)
    assert readings("x" * 1000) == ("x" * 1000,)
    assert len(readings("an" * 400)) == 1
    assert readings(ENGLISH) == (ENGLISH,)
    old = "abuse hurt expose zone zebra youth able"  # of before: it opens what it opened
    assert readings(old) == (old,) and readings(old.replace(" ", "")) == (old,)
    assert len(ENGLISH.split()) == WORDS


def test_a_case_number_is_understood_however_it_is_typed() -> None:
    number = "abcd2efg3hij4klm5nop6qrs7t"
    for typed in (
        "ABCD 2EFG 3HIJ 4KLM 5NOP 6QRS 7T",
        "abcd-2efg-3hij-4klm-5nop-6qrs-7t",
        " ａｂｃｄ２ｅｆｇ３ｈｉｊ４ｋｌｍ５ｎｏｐ６ｑｒｓ７ｔ ",
        "abcd2efg\u200b3hij4klm5n0p6qrs7t",
    ):
        assert normal_number(typed) == number
