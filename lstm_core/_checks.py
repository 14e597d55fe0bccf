"""What every public function asks of its arrays, in one place, so that a mistake gets a sentence that helps."""

import math
from collections.abc import Sequence

import numpy as np

__all__ = ["as_floats", "choose", "whole"]


def as_floats(name: str, array, shape: Sequence[int | str], dtype=None) -> np.ndarray:
    """Return `array` as finite floats of `shape`, whose letters ("N", "T") stand for any size of at least 1.

    A float32 or float64 array keeps its dtype unless `dtype` names another. Raises ValueError with what came, what was
    expected and what to do.
    """
    try:
        array = np.asarray(array, dtype=dtype)
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} should be an array of numbers, shape {_spell(shape)}; got {array!r:.80}") from None
    sizes = zip(array.shape, shape, strict=False)
    if array.ndim != len(shape) or any(n != m and not isinstance(m, str) for n, m in sizes):
        raise ValueError(f"{name} has shape {array.shape}, but {_spell(shape)} is expected: reshape it")
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}, and every size must be at least 1")
    if not math.isfinite(np.vdot(array, array)) and not np.isfinite(array).all():  # cheap, but may overflow
        bad = np.argwhere(~np.isfinite(array))
        where = tuple(int(k) for k in bad[0])
        raise ValueError(f"{name} holds {len(bad)} NaN or infinite value(s), the first at {where}: drop or fill them")
    return array


def choose(name: str, value, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`; raise a ValueError that lists them if not."""
    if value not in options:
        raise ValueError(f"{name} is {value!r}, but must be one of {', '.join(map(repr, options))}")
    return value


def whole(name: str, value, least: int, most: float = math.inf) -> int:
    """Return `value` as an int if it is a whole number from `least` to `most`; raise a ValueError if not."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        upper = f" and at most {most}" if most < math.inf else ""
        raise ValueError(f"{name} is {value!r}, but must be a whole number of at least {least}{upper}")
    return int(value)


def _spell(shape: Sequence[int | str]) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
