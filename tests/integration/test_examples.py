"""The pictures of docs/fingerprints.md: the command still makes them, and what stands under them is so."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.examples import EXAMPLES, FOLDER, examples, sheet_of


@pytest.mark.parametrize("sheet", EXAMPLES)
def test_examples_are_judged_as_they_are_shown_and_the_command_still_makes_them(sheet: str) -> None:
    some = examples(sheet)
    said = {one.name: one.found_by for one in some}
    assert said == dict.fromkeys(EXAMPLES[sheet], ("slim", "full") if sheet == "found" else ())
    with Image.open(FOLDER / f"{sheet}.png") as kept:
        there, here = (np.asarray(one.convert("RGB"), np.int16) for one in (kept, sheet_of(some)))
    assert there.shape == here.shape
    assert np.abs(there - here).mean() < 2, "run python -m benchmarks.examples"
    assert (FOLDER / f"{sheet}.png").stat().st_size < 100_000
