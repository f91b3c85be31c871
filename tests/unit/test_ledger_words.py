"""Every step of a case can be told in words, in both languages, and no word is left of a step that is gone."""

import re

from api.ledger_words import OF_CASES, WORDS, words_of


def test_each_kind_of_a_case_has_a_sentence_in_both_languages() -> None:
    assert [kind for kind in OF_CASES if kind not in WORDS] == [], "say it in api/ledger_words.py"
    assert [kind for kind in WORDS if kind not in OF_CASES] == []
    for kind, told in WORDS.items():
        assert told.en.endswith(".") and told.ko.endswith("."), kind
        assert re.search("[가-힣]", told.ko) and not re.search("[가-힣]", told.en), kind


def test_a_step_of_a_newer_program_is_told_too() -> None:
    assert words_of("something-new", "ko") != words_of("something-new", "en") != ""
