"""exercises.py: right answers by another road than the module's, known slips, and whatever a student may type."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import binom, norm

from lstm_core.exercises import EXERCISES, check, names
from lstm_core.markets.variance.losses import normalised_qlike
from lstm_core.paper1997 import NETS, Net, connections, weight_count

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def steps_until(left: float, factor: float) -> int:
    """How often `factor` must be applied before less than `left` remains."""
    steps, remains = 0, 1.0
    while remains >= left:
        steps, remains = steps + 1, remains * factor
    return steps


def crossing(function, level: float, low: float, high: float) -> float:
    """By bisection: where a rising function reaches `level`."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < level else (low, middle)
    return low


def best(function, low: float = -8, high: float = 8) -> float:
    """Where on a fine grid a function is largest."""
    grid = np.linspace(low, high, 1_600_001)
    return float(grid[np.argmax(function(grid))])


def least_squares(steps: int, spread: float) -> float:
    """The weight w for which w (v + noise) comes closest to v: regression on a sample with exactly these variances."""
    basis = np.vstack([np.eye(steps + 1), -np.eye(steps + 1)])  # v and each step of noise, uncorrelated, both signs
    total = basis @ np.array([1.0, *[spread] * steps])
    return float(np.linalg.lstsq(total[:, None], basis[:, 0], rcond=None)[0][0])


def explained(correlation: float) -> float:
    """R² of the regression of y on x, for two series with exactly this correlation."""
    x, other = np.linalg.qr(np.column_stack([np.ones(9), np.arange(9.0), np.arange(9.0) ** 2]))[0].T[1:]
    y = correlation * x + np.sqrt(1 - correlation**2) * other
    residual = y - np.polyval(np.polyfit(x, y, 1), x)
    return float(1 - residual.var() / y.var())


def wilson_lower(share: float, trials: int, z: float = 1.96) -> float:
    """The lower end of Wilson's 95% interval (Wilson 1927)."""
    spread = z * np.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    return (share + z**2 / (2 * trials) - spread) / (1 + z**2 / trials)


def mean_distance(volatility: float, days: int) -> float:
    """E|S_T − S_0| in % of S_0 of a lognormal price without drift: what a straddle at the money is worth."""
    spread = volatility / 100 * np.sqrt(days / 252)
    z = np.linspace(-9, 9, 200_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float(100 * np.sum(np.abs(np.exp(spread * z - spread**2 / 2) - 1) * density) * (z[1] - z[0]))


def after_the_news(r: float = -1.5) -> float:
    """P(wild) by integrating over a sliver around r, from a table of yesterday's and today's regimes."""
    joint = np.array([0.9, 0.1])[:, None] * np.array([[0.99, 0.01], [0.05, 0.95]])  # yesterday × today
    seen = joint.sum(axis=0) * [np.diff(norm.cdf([r - 1e-4, r + 1e-4], 0, spread))[0] for spread in (0.7, 2.0)]
    return float(seen[1] / seen.sum())


def share_of_alarms(days: int = 100_000) -> float:
    """Counted: 3% of the days are a crisis, the alarm is on on 90% of those and on 5% of the others."""
    crisis = round(0.03 * days)
    right, wrong = round(0.9 * crisis), round(0.05 * (days - crisis))
    return right / (right + wrong)


def bent(p: float, curvature: float) -> float:
    """The probability weight of Tversky & Kahneman (1992), written in odds."""
    odds = p / (1 - p)
    return odds**curvature / (1 + odds**curvature) ** (1 / curvature) * (1 - p) ** (curvature - 1)


RIGHT = {
    "01.memory": "size",
    "01.explained": explained(-0.07),
    "01.half_life": crossing(lambda days: -(0.98**days), -0.5, 0, 1000),
    "02.factor": 10 ** (-6 / 99),
    "02.float32": steps_until(2.0**-23, 0.9),
    "02.input_scale": "saturation",
    "03.peak": "lower",
    "03.quarter": crossing(lambda bias: np.prod([1 / (1 + np.exp(-bias))] * 63), 0.5, 0, 20),
    "03.garch": crossing(lambda days: -(0.99**days), -0.5, 0, 1000),
    "03.tied": crossing(lambda bias: 1 / (1 + np.exp(-bias)), 1 - 0.9, -20, 20),
    "04.one_weight": least_squares(20, 0.5),
    "04.leak": crossing(lambda bias: np.sqrt(250 * (0.3 / (1 + np.exp(-bias))) ** 2), 0.05, -20, 20),
    "04.saturation": next(days for days in range(1000) if np.tanh(days * 0.02 * 0.5) > 0.99),
    "05.shown": 0.6 * (np.exp(4) - 1) / (np.exp(4) + 1),
    "05.weight": crossing(lambda w: 1 / (1 + 99 * np.exp(-w)), 0.99, 0, 20),
    "05.clamped": 2.5,
    "06.weights": count(torch.nn.LSTM(8, 32)) - 4 * 32,  # PyTorch has every bias twice
    "06.cell_after": 2.0 * np.prod([0.9] * 10),
    "06.half_life": crossing(lambda bias: (1 / (1 + np.exp(-bias))) ** 21, 0.5, 0, 20),
    "07.baseline": np.var([(a + b) / 4 for a in np.linspace(-1, 1, 401) for b in np.linspace(-1, 1, 401)]),
    "07.half_life": crossing(lambda bias: (1 / (1 + np.exp(-bias))) ** 100, 0.5, 0, 20),
    "07.share": np.mean((np.linspace(1, 99, 100_001) / (1 + np.linspace(1, 99, 100_001))) ** 50 > 0.5),
    "08.whose_error": "persistence",
    "08.days_late": 1,
    "08.direction": crossing(lambda share: wilson_lower(share, 2515), 0.545, 0.5, 0.7),
    "09.half_or_twice": normalised_qlike([2.0], [1.0])[0] / normalised_qlike([0.5], [1.0])[0],
    "09.daily_move": crossing(lambda move: np.sqrt(np.sum(np.full(252, move) ** 2)), 20, 0, 20),
    "09.straddle": mean_distance(20, 21),
    "09.hedges": 2,
    "10.traded": 2 * (0.66 - 0.6 * (0.66 + 0.40)) / (0.66 + 0.40),
    "10.order": "gross",
    "10.break_even": crossing(lambda cost: 120 * cost / 10_000, 0.03, 0, 100),
    "10.years": crossing(lambda years: -1.96 * np.sqrt((1 + 1 - 2 * 0.95) / years), -0.1, 1, 1000),
    "11.filter": after_the_news(),
    "11.residual": "move",
    "11.base_rate": share_of_alarms(),
    "11.best_of": binom.sf(0, 24, 0.031),
    "11.cost": crossing(lambda bp: -(1.3 - 15 * bp / 100), 0, 0, 100),
    "12.keep": best(lambda bias: (1 - 1 / (1 + np.exp(-bias))) / (1 + np.exp(-bias)) ** 21),
    "12.garch": crossing(lambda w: (1 - 0.885) * w, 0.1, 0, 10),
    "12.evidence": crossing(lambda days: 1 / (1 + np.exp(-(2 * 0.2 / 1.0**2) * (0.2 * days))), 0.95, 0, 1000),
    "12.toll": np.sqrt(252) * np.mean(np.full(252, 100 / 252)) * 5 / 100,
    "12.selective_gate": crossing(lambda kept: np.log(kept / (1 - kept)), -1, 1e-9, 1 - 1e-9),  # its logit is −1
    "13.held": crossing(lambda o: 2.2 * o, 0.5, 0, 1),
    "13.aroused": 9 / (9 + np.exp(2)),
    "13.coin": crossing(lambda x: x**0.88 * bent(0.5, 0.61) - 2.25 * bent(0.5, 0.69), 0, 1, 10),
    "13.pieces": sum(bent(0.1, 0.61) for _ in range(10)),
    "13.growth": np.prod([1 + 0.005 * 4] * 1000),
    "13.capacity": crossing(lambda load: -np.exp(1000 / (2 * load)), -1000, 2, 1000),
    "13.told": "delta",
    "13.no_feedback": connections(NETS["6a"]).output.sum(),
    "14.weights": weight_count(Net(2, 2, 2, 1, output_gate=False)),
    "14.drift": np.sum(np.full(100, 1 / (1 + np.exp(0))) ** 2),
    "14.in_a_row": crossing(lambda share: -((1 - share) ** 2000), -0.5, 0, 0.1),
}
SLIPS = {  # the likely wrong answers, in the order of the hints that they are to get
    "01.memory": ["direction"],
    "01.explained": [0.07, 0.49, 0.2646],
    "01.half_life": [6.58, np.log(2) / np.log(12.5), 50],
    "02.factor": [1e-6 / 99, 10 ** (6 / 99), 1 - 10 ** (-6 / 99)],
    "02.float32": [steps_until(2.0**-52, 0.9), -23 / np.log2(0.9)],
    "02.input_scale": ["explosion", "rotation"],
    "03.peak": ["higher"],
    "03.quarter": [2 ** (-1 / 63), np.log(63)],
    "03.garch": [11.2, np.log(2) / np.log(20)],
    "03.tied": [np.log(9), 0.1],
    "04.one_weight": [1 / 11, 0.8, 5 / 6],
    "04.leak": [0.05 / np.sqrt(22.5), -np.log(1499), np.log(30 * np.sqrt(10) - 1)],
    "04.saturation": [99, 6, 50 * np.log(199)],
    "05.shown": [np.tanh(1.2), 1.2, np.tanh(2)],
    "05.weight": [np.log(99), -np.log(99)],
    "05.clamped": [1.0, 0.4],
    "06.weights": [4 * 32 * (8 + 32), count(torch.nn.RNN(8, 32)) - 32, count(torch.nn.LSTM(8, 32))],
    "06.cell_after": [np.tanh(2 * 0.9**10), 18.0],
    "06.half_life": [0.5 ** (1 / 21)],
    "07.baseline": [1 / 48, 1 / 6, np.sqrt(1 / 24)],
    "07.half_life": [np.log(100), 0.5**0.01],
    "07.share": [0.5, 1 - 0.2796],
    "08.whose_error": [],
    "08.days_late": [0],
    "08.direction": [56.45, 0.5255, 0.5195],
    "09.half_or_twice": [0.6293, 1, 0.30685, 0.19315, 4],
    "09.daily_move": [0.0794, 1.0468, 1.0052, 5.774, 0.0126],
    "09.straddle": [0.04606, 2.303, 15.96, 1.33, 3.83, 73.1],
    "09.hedges": [4, 0.5, 16],
    "10.traded": [0.024 / 1.06, 0.12, 4.528],
    "10.order": ["net"],
    "10.break_even": [0.00025, 0.025],
    "10.years": [768.32, 384.16, 10],
    "11.filter": [0.104, 0.2257, 0.7240],
    "11.residual": ["volatility"],
    "11.base_rate": [0.9, 0.95, 0.0485 / 0.0755],
    "11.best_of": [0.031, 0.744, 0.969**24],
    "11.cost": [130 / 7.5, 13 / 150],
    "12.keep": [21 / 22, crossing(lambda bias: 21 * -np.log1p(np.exp(-bias)), -np.log(2), 0, 20), -np.log(21)],
    "12.garch": [0.1, 0.1 / 0.885, 0.0115],
    "12.evidence": [16.358, 73.611, 7.361, 11.875],
    "12.toll": [5, 5 / 252, 0.00315],
    "12.selective_gate": [0.7311, 1.3133, 0.3679],
    "13.held": [1 / 2.2, 1.1],
    "13.aroused": [0.1218, 0.98519],
    "13.coin": [2.25, 2.513, 2.4287],
    "13.pieces": [bent(0.1, 0.61), 1],
    "13.growth": [1.005**1000, 21],
    "13.capacity": [138, 1000 / (4 * np.log(1000)), 1000 / 6],
    "13.told": ["oja", "hebb"],
    "13.no_feedback": [16, 136, 0],
    "14.weights": [71, 93],
    "14.drift": [50, 0.25],
    "14.in_a_row": [1 / 2000, 1 / 4000],
}
NUMERIC = [name for name, answer in RIGHT.items() if not isinstance(answer, str)]


def test_every_exercise_is_tried_here_with_all_its_slips():
    assert names() == sorted(RIGHT) == sorted(SLIPS)
    assert {name: len(slips) for name, slips in SLIPS.items()} == {n: len(e.mistakes) for n, e in EXERCISES.items()}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_answer_is_praised(name):
    assert check(name, RIGHT[name]) == "✓ " + EXERCISES[name].praise


@pytest.mark.parametrize("kind", [np.float64, np.float32, str, torch.tensor, np.array])
@pytest.mark.parametrize("name", NUMERIC)
def test_a_number_may_come_in_many_dresses(name, kind):
    assert check(name, kind(RIGHT[name])).startswith("✓ ")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", NUMERIC)
def test_rounded_answers_pass_and_neighbours_do_not(name, sign):
    whole = isinstance(RIGHT[name], int)
    rounded = RIGHT[name] if whole else float(f"{RIGHT[name]:.3g}")
    assert check(name, rounded).startswith("✓ ")
    neighbour = RIGHT[name] + sign if whole else RIGHT[name] * (1 + sign * 0.03)
    assert check(name, neighbour).startswith("✗ ")
    assert check(name, -RIGHT[name]).startswith("✗ ")


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, slips in SLIPS.items() for k in range(len(slips))])
def test_a_known_slip_gets_its_own_hint(name, k):
    assert check(name, SLIPS[name][k]) == "✗ " + EXERCISES[name].mistakes[k][1]


def test_no_two_hints_are_the_same():
    hints = [hint for e in EXERCISES.values() for hint in (e.hint, *(why for _, why in e.mistakes))]
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("typed", ["saturation", "Saturation", " SATURATION\n"])
def test_words_may_be_typed_in_any_case(typed):
    assert check("02.input_scale", typed).startswith("✓ ")


@pytest.mark.parametrize("empty", [None, ...])
@pytest.mark.parametrize("name", RIGHT)
def test_no_answer_yet_is_no_mistake(name, empty):
    assert check(name, empty).startswith("Your turn")


ODD = [
    np.nan, np.inf, -np.inf, 10**400, 1j, "", "a guess", b"bytes", [], [1.0], [1.0, 2.0], (), {"a": 1}, object(),
    np.array([1.0]), np.array([1.0, 2.0]), np.eye(2), np.array([]), np.array(["a"]), torch.ones(2), check,
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: re.sub(r" at 0x\w+", "", repr(odd))[:24])
@pytest.mark.parametrize("name", RIGHT)
def test_whatever_is_typed_gets_the_hint(name, odd):
    assert check(name, odd) == "✗ " + EXERCISES[name].hint


@pytest.mark.parametrize("unknown", ["02.facter", "", None, 2])
def test_an_unknown_name_is_told_the_known_ones(unknown):
    with pytest.raises(ValueError, match=re.escape(", ".join(names()))):
        check(unknown, 1)


def test_notebooks_ask_every_exercise_under_their_own_number():
    asked = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        found = re.findall(r'check\("([^"]+)"', code)
        assert {name.partition(".")[0] for name in found} <= {path.name[:2]}
        asked += found
    assert sorted(asked) == names()
