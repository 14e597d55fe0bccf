"""Real markets, honestly scored: daily bars, the baselines every forecast must beat, and one scoreboard that says so.

prices        load_prices, log_returns, windows: bundled series offline, Yahoo's on request
baselines     persistence, drift, AR(1), ARIMA: (x_train, y_train, x_test) -> forecasts
scoreboard    walk_forward, Scoreboard, illusion: who beats whom, and by how much
significance  diebold_mariano, clark_west: or was it luck?
volatility    qlike, variance_scores: what a forecast of the size is worth; how long a GARCH remembers
guard         check_causal: changes the future, and looks whether the past moves
yahoo         live prices, checked and kept for a day; load_prices asks it
cheat         audit, backtest: the leak hunt of notebook 08

Of notebook 11, in the order in which they build on each other:

stress        what alarms are judged by: labels, events, peaks   regimes   the ordinary detectors
anomaly       the LSTMs' scores                                  hindsight detectors that look ahead, for the guard
ranking       AUC and its bootstrap                              alarms    thresholds, rings, delays, false alarms
grades        all of it in one report                            pairs, earnings   a spread, and what trading it left

Notebooks 01, 03 and 08–11 use them; they need the `markets` extra: pip install "lstm-core[markets]".
"""

from lstm_core.markets.baselines import BASELINES, standardised
from lstm_core.markets.prices import bundled_symbols, load_prices, log_returns, windows
from lstm_core.markets.scoreboard import Scoreboard, illusion, walk_forward
from lstm_core.markets.significance import clark_west, diebold_mariano, p_text

__all__ = [
    "BASELINES", "Scoreboard", "bundled_symbols", "clark_west", "diebold_mariano", "illusion", "load_prices",
    "log_returns", "p_text", "standardised", "walk_forward", "windows",
]  # fmt: skip
