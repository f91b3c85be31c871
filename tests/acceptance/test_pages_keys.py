"""The two keys are known again however people type them: a number with gaps, words with or without them."""

import unicodedata
from pathlib import Path

from tests.support.pages_world import browser, pages_world, visitor

NUMBER = "abcdefghol2345lbomnopqrstu"
WORDS = "나무 바다 하늘 구름 별빛 강물 들꽃"
ENGLISH = "apple river cloud stone bread light music"
_TYPED = """async ([numbers, words]) => {
  const { plainNumber, sameWords } = await import("/static/person/keys.mjs");
  return [numbers.map((one) => plainNumber(one)), words.map(([typed, kept]) => sameWords(typed, kept))];
}"""
NUMBERS = (
    NUMBER,
    f"  {NUMBER[:4]} {NUMBER[4:8]}\u00a0{NUMBER[8:]}\n",
    NUMBER.upper(),
    f"{NUMBER[:9]}-{NUMBER[9:]}",
    NUMBER.translate({ord(sign): ord(sign) + 0xFEE0 for sign in NUMBER}),  # full-width, as an Asian keyboard gives it
    NUMBER.replace("o", "0").replace("l", "1").replace("b", "8"),
)
SAME = (
    *(
        (typed, WORDS)
        for typed in (WORDS, WORDS.replace(" ", ""), WORDS.replace(" ", ", "), WORDS.replace(" ", "\u3000"))
    ),
    (unicodedata.normalize("NFD", WORDS), WORDS),  # as some keyboards and files compose it
    (" ".join(f"{number}. {word}" for number, word in enumerate(WORDS.split(), 1)), WORDS),
    (" ".join(f"{number}) {word}" for number, word in enumerate(ENGLISH.upper().split(), 1)), ENGLISH),
    (ENGLISH.replace(" ", "-"), ENGLISH),
    (ENGLISH.replace(" ", "\n"), ENGLISH),
)
OTHER = (
    ("", WORDS),
    ("1 2 3", WORDS),
    (" ".join(WORDS.split()[:6]), WORDS),
    (" ".join(reversed(WORDS.split())), WORDS),
    (f"{WORDS} 바람", WORDS),
    (ENGLISH.replace("river", "rivet"), ENGLISH),
)


async def test_keys_are_known_again_however_people_type_them(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        await page.goto("/case?lang=en")
        numbers, words = await page.evaluate(_TYPED, [list(NUMBERS), [list(one) for one in (*SAME, *OTHER)]])
        assert numbers == [NUMBER] * len(NUMBERS)
        wrong = [
            typed
            for typed, said, right in zip(
                (*SAME, *OTHER), words, [True] * len(SAME) + [False] * len(OTHER), strict=True
            )
            if said is not right
        ]
        assert wrong == []
        # What is shown has gaps that are seen and not copied; what is saved has them as they are written on paper.
        shown = await page.evaluate(
            """async (number) => {
              const { showNumber } = await import("/static/person/keys.mjs");
              const place = document.createElement("code");
              showNumber(place, number);
              return [place.textContent, [...place.children].map((one) => one.textContent)];
            }""",
            NUMBER,
        )
        assert shown[0] == NUMBER and [len(one) for one in shown[1]] == [4, 4, 4, 4, 4, 4, 2]
