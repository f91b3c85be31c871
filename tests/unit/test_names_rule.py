"""Two words that name a person, found as Korean and English write them, and not inside other words."""

import pytest

from monitor.model.names import term_of, two_together

NAMED = ("김하늘", "한빛고")


@pytest.mark.parametrize(
    "text",
    [
        "한빛고 김하늘",
        "김하늘이 다니는 한빛고에서",
        "한빛고의 김하늘은",
        "김 하늘, 한빛 고",
        "김·하·늘 (한빛고)",
        "한빛고2학년 김하늘씨가",
        "김하늘한테 / 한빛고까지",
        "\u1100\u1175\u11b7\u1112\u1161\u1102\u1173\u11af 한빛고",  # composed otherwise
        "김\u200b하늘 한빛고",
        "한빛고 김하늘이래",
    ],
)
def test_particles_spaces_and_composition_do_not_hide_a_word(text: str) -> None:
    assert two_together(text, NAMED)


@pytest.mark.parametrize(
    "text",
    [
        "김하늘",
        "김하늘 김하늘 김하늘",
        "한빛고등학교의 김하늘바다",
        "최김하늘 한빛고",
        "김하늘색 한빛고",
        "한빛고",
        "",
    ],
)
def test_one_word_is_never_enough_and_a_word_inside_another_is_none(text: str) -> None:
    assert not two_together(text, NAMED)


@pytest.mark.parametrize(
    "text", ["SKY_K1M from Ｈａｎｂｉｔ High", "@sky_k1m hanbit-high!", "sky_k1m는 hanbit high에서"]
)
def test_full_width_case_and_an_at_sign_do_not_matter(text: str) -> None:
    assert two_together(text, ("sky_k1m", "hanbit high"))
    assert not two_together(text.replace("k1m", "k1mm").replace("K1M", "K1MM"), ("sky_k1m", "hanbit high"))


def test_a_word_within_the_other_is_one_word() -> None:
    assert not two_together("김하늘이다", ("김하늘", "김하늘이"))
    assert not two_together("sky kim", ("sky", "sky kim"))
    assert two_together("sky kim and sky", ("sky", "sky kim"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  @Sky_K1M ", "sky_k1m"),
        ("김  하늘", "김 하늘"),
        ("Ｓｋｙ", "sky"),
        ("a", None),
        ("하", None),
        ("--", None),
        ("a\nb", None),
        ("x" * 61, None),
    ],
)
def test_a_word_is_kept_in_one_spelling_and_one_letter_is_none(text: str, kept: str | None) -> None:
    assert term_of(text) == kept
