"""Real markets, honestly scored: daily bars, the baselines every forecast must beat, and one scoreboard that says so.

significance   diebold_mariano, clark_west, giacomini_white: or was it luck?
guard          check_causal: changes the future, and looks whether the past moves

data           prices: load_prices, bundled series offline (`bundled`, `index_closes`), `yahoo`'s on request; checks:
               what no model should be fed; samples: log_returns, windows; macro: the economy by the quarter
returns        baselines; nextday: the network of notebook 08; scoreboard: walk_forward, Scoreboard, illusion;
               closer: the days that a scoreboard rests on; cheat: the leak hunt
variance       losses: qlike; garch: how long it remembers; ranges: Parkinson's, what is to be forecast of it, folds;
               econometric, correction: the models of notebook 09; news: what one day's does to them; contest: many
               forecasts and the tests that know how many; race: one on a stretch of years
options        black_scholes: price, greeks, implied_volatility; hedging: what is left of a sale that is hedged every so
               often; straddles: sold at the VIX; premium: what that paid, and who knows more about it
portfolio      account: what weights earn, drift to and cost; allocation: rules, by skfolio; network: an LSTM that sets
               weights; sharpe: ratios with intervals, a test of their difference, deflated
regimes        stress: what alarms are judged by; detectors: the ordinary ones; anomaly: the LSTMs'; hindsight: such as
               look ahead, for the guard; ranking: AUC; alarms: thresholds, delays; grades: all of it in one report;
               pairs, earnings: a spread, and what trading it left

Notebooks 01, 03 and 08–11 use them; they need the `markets` extra: pip install "lstm-core[markets]".
"""

from lstm_core.markets.data.checks import check_prices
from lstm_core.markets.data.prices import bundled_symbols, load_prices
from lstm_core.markets.data.samples import log_returns, windows
from lstm_core.markets.returns.baselines import BASELINES, standardised
from lstm_core.markets.returns.scoreboard import Scoreboard, illusion, walk_forward
from lstm_core.markets.significance import clark_west, diebold_mariano, p_text

__all__ = [
    "BASELINES", "Scoreboard", "bundled_symbols", "check_prices", "clark_west", "diebold_mariano", "illusion",
    "load_prices", "log_returns", "p_text", "standardised", "walk_forward", "windows",
]  # fmt: skip
