"""`fingerprint --cut-out` and `scan`: one's own face on another body; with no cut-out nothing is searched."""

import json
from pathlib import Path

import pytest
from PIL import Image

from monitor.core.errors import ConfigError
from tests.integration.test_scan_command import run
from tests.support.drawn_faces import portrait
from tests.support.waves import photo


def _saved(path: Path, image: Image.Image) -> str:
    image.save(path, "JPEG", quality=88)
    return str(path)


def test_face_on_another_body_is_found_by_either_cut_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    mine = _saved(tmp_path / "mine.jpg", portrait(3))
    posts = [
        _saved(tmp_path / "fake.jpg", portrait(3, ground=60, share=0.3)),
        _saved(tmp_path / "other.jpg", portrait(8, ground=61, share=0.3)),
    ]
    _, (line,), _ = run(capfd, "fingerprint", mine, "--cut-out", "auto")
    cut_out = line["cut_out"]
    assert cut_out["version"] == "cutout-1"
    assert len(cut_out["boxes"]) > 60
    left, top, right, bottom = (side * length for side, length in zip(cut_out["box"], (540, 720) * 2, strict=True))
    drawn = ",".join(f"{side:.0f}" for side in (left + 7, top - 11, right - left, bottom - top))
    _, (by_hand,), _ = run(capfd, "fingerprint", mine, "--cut-out", drawn)
    assert by_hand["cut_out"]["box"] != cut_out["box"]
    for number, one in enumerate((line, by_hand)):
        kept = tmp_path / f"{number}.jsonl"
        # Such a drawn face has points enough to be found by them too.
        kept.write_text(json.dumps(one | {"points": ""}))
        _, (fake, other), _ = run(capfd, "scan", "--fingerprints", str(kept), *posts)
        assert (fake["verdict"], fake["fingerprint"]) == ("review", mine)
        assert fake["how"].startswith("cut-out: ")
        assert other["verdict"] == "no"
    # Without its cut-out the same photo finds nothing of that.
    bare = tmp_path / "bare.jsonl"
    bare.write_text(json.dumps({name: value for name, value in line.items() if name not in ("cut_out", "points")}))
    _, (fake, _), _ = run(capfd, "scan", "--fingerprints", str(bare), *posts)
    assert fake["verdict"] == "no"


def test_photo_without_a_face_has_no_cut_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, (line,), _ = run(capfd, "fingerprint", _saved(tmp_path / "a.jpg", photo(1)), "--cut-out", "auto")
    assert (code, line["cut_out"]) == (0, None)


@pytest.mark.parametrize("words", ["1,2,3", "a,b,c,d", "-1,0,5,5", "0,0,0,5", "nan,0,5,5", "inf,0,5,5", "face"])
def test_box_that_is_none_is_refused(words: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(capfd, "fingerprint", "a.jpg", f"--cut-out={words}")
    said = capfd.readouterr().err
    assert "X,Y,W,H" in said or "in pixels" in said


def test_cut_out_that_fingerprint_did_not_print_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, (line,), _ = run(capfd, "fingerprint", _saved(tmp_path / "mine.jpg", portrait(3)), "--cut-out", "auto")
    for change in ({"version": "cutout-9"}, {"boxes": [{"box": 0}]}, {"box": [0, 0, 9, 9]}):
        kept = tmp_path / "F.jsonl"
        kept.write_text(json.dumps(line | {"cut_out": line["cut_out"] | change}))
        with pytest.raises(ConfigError, match='"cut_out" must be'):
            run(capfd, "scan", "--fingerprints", str(kept), str(kept))
