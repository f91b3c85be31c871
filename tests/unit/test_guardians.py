"""Nothing is kept before the notice was agreed to, of a child before a guardian or a centre; words have a version."""

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.i18n import LANGUAGES, translations
from monitor.model.guardians import AGES, ELSEWHERE, PRIVACY_VERSION, Guardian, Missing, age_of_consent, may_keep

TEMPLATE = Path(__file__).parents[2] / "api" / "templates" / "person" / "_privacy.html"
WORDS = {
    "2026-11-27": "8dcdf249c899ebee1b30e0e27fddb450cd4daba98ba6ed2925b086521c931311",
    "2026-11-27.2": "ba5c7dd8f60252b569e0748354d6de581d88655faf442d22ddd25274ca7a04fb",
    "2026-11-28": "09fe0c0a98c7fdc795eed564b7c939dd7a7343ed5c71ac82aadcd3a824281ece",
    "2026-11-28.2": "e0bab8e9517183d04e7b813f77465d25911121098f3497124bf1b44bb94a844f",
    "2026-11-28.3": "129451b7def400c52106ace1d9d7688407c8eabe855f759a2e70a2017994dcc8",
}
"""Version of the notice -> SHA-256 of its sentences in every language. Another word is another version: add a line."""


def test_a_changed_word_of_the_notice_is_another_version() -> None:
    sentences = re.findall(r'_\("((?:[^"\\]|\\.)*)"', TEMPLATE.read_text("utf-8"))
    assert len(sentences) > 10
    told = [
        translations(language).gettext(sentence.replace('\\"', '"')) for language in LANGUAGES for sentence in sentences
    ]
    assert hashlib.sha256("\n".join(told).encode()).hexdigest() == WORDS[PRIVACY_VERSION]


def test_nobody_is_said_to_read_before_vouching_and_each_persons_rules_are_told_as_they_are() -> None:
    case = (TEMPLATE.parent / "case.html").read_text("utf-8")
    notice = TEMPLATE.read_text("utf-8")
    assert "takes your case" not in notice + case
    assert "the one that vouches for you can read" in case
    # What is written to a centre that has the case in hand is read there, vouched or not.
    apart = "but a message that you write to a centre that has your case in hand is read there."
    assert f"Before that nobody else, {apart}" in notice and "nobody else." not in notice
    # jobs/follow_copy.py looks at a child's copies too, where the person said yes to it.
    assert "nobody checks here" not in case and "Where you allow it, it is checked whether a copy is gone." in case


@given(
    version=st.sampled_from([PRIVACY_VERSION, "", "2020-01-01"]),
    under=st.booleans(),
    guardian=st.sampled_from(Guardian),
)
def test_nothing_of_a_child_is_kept_alone(version: str, under: bool, guardian: Guardian) -> None:
    missing = may_keep(version, under_age=under, guardian=guardian)
    if version != PRIVACY_VERSION:
        assert missing is Missing.AGREEMENT
    elif under and guardian is Guardian.NOT_NEEDED:
        assert missing is Missing.GUARDIAN
    else:
        assert missing is None


@pytest.mark.parametrize(("country", "years"), [("KR", 14), ("kr", 14), ("", 14), ("US", 13), ("DE", 16), ("ZZ", 16)])
def test_the_age_is_the_countrys(country: str, years: int) -> None:
    assert age_of_consent(country).years == years


def test_each_age_has_a_source_and_no_country_is_laxer_than_the_laxest_law() -> None:
    assert all(one.source and 13 <= one.years <= 16 for one in (*AGES.values(), ELSEWHERE))
