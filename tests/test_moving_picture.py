"""The moving picture on top of README.md: it moves, it is small, and it is of the Gate Lab as it is now."""

from itertools import pairwise

import moving_picture
import numpy as np
import pytest
from PIL import Image

from lstm_core.gate_lab import page


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    with Image.open(moving_picture.OUT) as image:
        assert image.is_animated
        assert image.info["loop"] == 0  # for ever
        found = []
        for k in range(image.n_frames):
            image.seek(k)
            found.append(np.asarray(image.convert("RGB"), np.float64))
    return found


def test_it_is_small_and_moves(frames: list[np.ndarray]):
    assert moving_picture.OUT.stat().st_size <= 1_000_000
    assert len(frames) >= 40
    assert frames[0].shape[:2] == (400, 800)
    for one, next_ in pairwise(frames):
        assert not np.array_equal(one, next_)


def test_it_ends_where_it_began_so_that_nobody_sees_it_begin_again(frames: list[np.ndarray]):
    end, middle = (np.abs(frames[k] - frames[0]).mean() for k in (-1, len(frames) // 2))
    assert 5 * end < middle


def test_it_shows_the_gate_lab_as_it_is_now():
    shown = moving_picture.shown_in(moving_picture.OUT)
    assert shown == moving_picture.checksum(), "gate_lab.js has changed since its picture was taken: run `make picture`"


def test_a_change_of_the_gate_lab_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path):
    changed = tmp_path / "gate_lab.js"
    changed.write_bytes(page.SOURCE.read_bytes() + b"\n")
    before = moving_picture.checksum()
    monkeypatch.setattr(page, "SOURCE", changed)
    assert moving_picture.checksum() != before
    windows = page.SOURCE.read_bytes().replace(b"\n", b"\r\n")
    after = moving_picture.checksum()
    changed.write_bytes(windows)
    assert moving_picture.checksum() == after  # line ends are not what it shows


def test_a_picture_that_says_nothing_of_its_origin_is_out_of_date(tmp_path):
    path = tmp_path / "plain.webp"
    Image.new("RGB", (8, 8)).save(path, "WEBP")
    assert moving_picture.shown_in(path) == ""


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    frames = [Image.fromarray(one) for one in noise]
    assert moving_picture.save(frames, [80, 80], tmp_path / "small.webp") < 20_000
    assert moving_picture.shown_in(tmp_path / "small.webp") == moving_picture.checksum()
    monkeypatch.setattr(moving_picture, "MOST", 100)
    with pytest.raises(RuntimeError, match="bytes at the lowest quality, and may have 100"):
        moving_picture.save(frames, [80, 80], tmp_path / "large.webp")
