"""Kept fingerprints come back as they were, in few bytes, and only to the version that kept them."""

from dataclasses import replace

import pytest

from monitor.demo.pictures import registered
from monitor.fingerprints import keeping
from monitor.fingerprints.image import inspect
from monitor.fingerprints.keeping import OtherVersion, keep, kept

PICTURE = inspect(registered(1)[0])


def test_kept_inspection_comes_back_whole() -> None:
    assert kept(keep(PICTURE)) == PICTURE


def test_kept_inspection_is_small() -> None:
    assert len(keep(PICTURE)) < 128 + 40 * len(PICTURE.views)


def test_other_version_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "FINGERPRINT_VERSION", "pdq-0")
        old = keep(PICTURE)
    with pytest.raises(OtherVersion):
        kept(old)
    with pytest.raises(OtherVersion):
        kept(b"\x63" + keep(PICTURE)[1:])


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: data + b"\x00"])
def test_damaged_bytes_are_refused(damage) -> None:
    with pytest.raises(ValueError, match="not a kept inspection"):
        kept(damage(keep(PICTURE)))


def test_every_cut_is_refused() -> None:
    data = keep(replace(PICTURE, views=PICTURE.views[:1]))
    for end in range(len(data)):
        with pytest.raises(ValueError, match=r"kept"):
            kept(data[:end])
