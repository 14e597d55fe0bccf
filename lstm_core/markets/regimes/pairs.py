"""Two stocks on one leash? The spread of a pair, whether it holds, and when to bet that it comes back (notebook 11).

s_t = ln A_t − α − β ln B_t, with α and β from the formation days alone. If A and B are cointegrated, s keeps coming
back, and a stretched spread is an offer (Engle & Granger 1987; Gatev, Goetzmann & Rouwenhorst 2006). Shapes: N days.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import as_floats, whole
from lstm_core.markets.regimes.anomaly import LENGTH, forecast
from lstm_core.markets.regimes.stress import check_days

__all__ = ["SECTORS", "Pair", "candidates", "form", "lstm_surprise", "positions", "signals", "z_score"]

SECTORS = {  # of the twenty stocks that skfolio bundles, as GICS has them; GE has no neighbour among them
    "staples": ("KO", "PEP", "PG", "WMT"), "health care": ("JNJ", "LLY", "MRK", "PFE", "UNH"),
    "energy": ("CVX", "RRC", "XOM"), "financials": ("BAC", "JPM"), "technology": ("AAPL", "AMD", "MSFT"),
    "discretionary": ("BBY", "HD"),
}  # fmt: skip
YEAR = 250  # days of spread that a z-score looks back over


class Pair(NamedTuple):
    """A spread, fitted on the formation days."""

    names: tuple[str, str]  # A, B
    alpha: float
    beta: float
    p: float  # Engle–Granger on the formation days: the chance of such a statistic without cointegration
    spread: pd.Series  # (N,) ln A − α − β ln B on all days

    def returns(self, prices: pd.DataFrame) -> pd.Series:
        """Return what holding the spread from one close to the next earns, in per cent of the money in both legs."""
        a, b = (prices[name].pct_change() for name in self.names)
        return (100 * (a - self.beta * b) / (1 + abs(self.beta))).iloc[1:]


def candidates(prices: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs that one might think of beforehand: both stocks of one sector, 24 among the twenty."""
    return [pair for sector in SECTORS.values() for pair in combinations([s for s in sector if s in prices], 2)]


def form(prices: pd.DataFrame, names: tuple[str, str], formation: int) -> Pair:
    """Fit ln A = α + β ln B on the first `formation` days, and test after Engle & Granger whether the rest comes back.

    Raises ValueError for prices that are not positive, days out of order, and a name that is not there.
    """
    from statsmodels.tsa.stattools import coint

    a, b = _logs(prices, names)
    formation = whole("formation", formation, 100, len(a))
    beta, alpha = np.polyfit(b[:formation], a[:formation], 1)
    p = coint(a[:formation], b[:formation])[1]
    return Pair(tuple(names), float(alpha), float(beta), float(p), pd.Series(a - alpha - beta * b, prices.index))


def z_score(spread: pd.Series) -> pd.Series:
    """Return (s_t − mean) / standard deviation over the latest 250 days, today's with them; NaN on the first 249."""
    past = _checked(spread).rolling(YEAR)
    return (spread - past.mean()) / past.std()


def lstm_surprise(
    spread: pd.Series, formation: int, *, days: int = 1, network: bool = True, seed: int = 0
) -> pd.Series:
    """Return by how much the spread's last `days` changes exceed what an LSTM expected of each, the day before.

    In units of the same sum's standard deviation on the formation days, from which the weights come, too. Without the
    network nothing is expected: 0 takes the forecast's place.
    """
    change = _checked(spread).diff().to_numpy()[1:]
    expected = forecast(change[:, None], formation - 1, seed=seed)[0][:-1] if network else 0.0
    error = pd.Series(change[LENGTH:] - expected, spread.index[LENGTH + 1 :]).rolling(whole("days", days, 1)).sum()
    error = error.reindex(spread.index)
    return error / error.iloc[:formation].std()


def signals(spread: pd.Series, formation: int, *, seed: int = 0) -> dict[str, pd.Series]:
    """Return the signals of notebook 11: z-score; the surprise of a day and of 21, with an LSTM and without."""
    found = {"z-score": z_score(spread)}
    for name, days in (("day", 1), ("month", 21)):
        found[f"LSTM, {name}"] = lstm_surprise(spread, formation, days=days, seed=seed)
        found[f"no LSTM, {name}"] = lstm_surprise(spread, formation, days=days, network=False)
    return found


def positions(signal: pd.Series, *, enter: float = 2.0) -> pd.Series:
    """Return −1, 0 or 1 (N,): sell the spread above `enter`, buy it below −`enter`, leave when the signal crosses 0.

    Each day's position is decided at its close; a day without a signal (NaN) has none.
    """
    if not enter > 0:
        raise ValueError(f"enter is {enter!r}, but should be above 0")
    held, now = np.zeros(len(signal)), 0
    for t, value in enumerate(signal.to_numpy()):
        if not now * value < 0:  # back at 0 or beyond it, or no signal: a spread that is sold has one above 0
            now = 0
        if abs(value) > enter:
            now = -int(np.sign(value))
        held[t] = now
    return pd.Series(held, signal.index)


def _checked(spread: pd.Series) -> pd.Series:
    check_days(spread.index)
    as_floats("spread", spread, ("N",))
    return spread


def _logs(prices: pd.DataFrame, names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    missing = [name for name in names if name not in prices]
    if missing or len(set(names)) != 2:
        raise ValueError(f"names is {names!r}: give two different columns of prices, such as {', '.join(prices)[:60]}")
    check_days(prices.index)
    values = as_floats("prices", prices[list(names)], ("N", 2))
    if not (values > 0).all():
        raise ValueError("prices should be positive: drop days without a price")
    return tuple(np.log(values).T)
