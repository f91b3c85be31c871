"""The attack of the benchmark: it finds the picture in bits that tell of it, and nothing in bits that tell of none."""

import numpy as np

from benchmarks.inversion import likeness, target_of
from benchmarks.inversion_attack import GRID, Codes, Network, Prior, bits_of, likeliest, ridge, told
from monitor.fingerprints.hashes.pdq import codes_of
from tests.support.scenes import scene

_FAR = np.hypot(*np.meshgrid(np.arange(GRID), np.arange(GRID)))
PRIOR = Prior(500 / (1 + _FAR) ** 2.2, np.full((16, 16), 3.0), np.full((16, 16), 2.0))


def test_more_codes_of_a_picture_give_a_guess_that_is_more_like_it() -> None:
    target = target_of(scene(4, (480, 480)))
    like = {kind: likeness(likeliest(codes, PRIOR), target.truth, 32)[0] for kind, codes in target.codes.items()}
    assert 0.2 < like["one PDQ"] < like["slim, boxes"] < like["slim"]
    assert like["full"] > 0.7
    noise = np.random.default_rng(1).integers(0, 256, (25, 32), np.uint8)
    slim = target.codes["slim, boxes"]
    assert abs(likeness(likeliest(Codes(slim.boxes, noise[: len(slim.boxes)]), PRIOR), target.truth, 32)[0]) < 0.3


def test_bits_stand_where_their_coefficients_stood() -> None:
    found = np.random.default_rng(2).normal(0, 1, (3, 16, 16)).astype(np.float32)
    above = found.reshape(3, -1) > np.sort(found.reshape(3, -1))[:, 127:128]
    assert (bits_of(codes_of(found)).reshape(3, -1) == np.where(above, 1, -1)).all()


def test_what_is_fitted_tells_what_it_was_fitted_to() -> None:
    rng = np.random.default_rng(3)
    known = rng.normal(0, 1, (600, 5))
    wanted = known @ rng.normal(0, 1, (5, 2)) + 1
    assert np.abs(told(known, ridge(known, wanted, 1e-6)) - wanted).max() < 0.01
    network = Network(5, 32, 2, seed=1)
    network.fit(known.astype(np.float32), wanted.astype(np.float32), epochs=300, batch=32)
    assert np.square(network.told(known.astype(np.float32)) - wanted).mean() < 0.1 * wanted.var()
