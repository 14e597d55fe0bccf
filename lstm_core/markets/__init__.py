"""Real markets, honestly scored: daily bars, the baselines every forecast must beat, and one scoreboard that says so.

prices        load_prices: bundled series offline (`bundled`, `index_closes`), Yahoo's on request
samples       log_returns, windows: what a model reads, and the day that follows
nextday       lstm: the network of notebook 08
baselines     persistence, drift, AR(1), ARIMA: (x_train, y_train, x_test) -> forecasts
scoreboard    walk_forward, Scoreboard, illusion: who beats whom, and by how much
closer        apart, heaviest, largest_errors: the days that a scoreboard rests on; macro: the economy by the quarter
significance  diebold_mariano, clark_west, giacomini_white: or was it luck?
volatility    qlike, variance_scores: what a forecast of the size is worth; how long a GARCH remembers
variance      Parkinson's range, what is to be forecast of it, folds; econometric, correction: the models of notebook 09
contest       many forecasts of the same days and the tests that know how many; race: on a stretch of years
guard         check_causal: changes the future, and looks whether the past moves
options       price, greeks, implied_volatility: Black–Scholes in a few lines
hedging       delta_hedge, hedge_realised: what is left of a sale that is hedged every so often
straddles     sell_straddles: at the VIX, on the S&P 500, with any forecast to hedge with
premium       summary, encompassing: what selling variance paid, and who knows more about it
checks        check_prices: what no model should be fed is refused, and what looks odd is said
yahoo         live prices, checked and kept for a day; load_prices asks it
cheat         audit, backtest: the leak hunt of notebook 08
portfolio     backtest: what weights earn, drift to and cost; portfolio_network: an LSTM that sets them
allocation    equal weight, inverse volatility, minimum variance, maximum Sharpe, by skfolio
sharpe        compare: Sharpe ratios with intervals; a test of their difference; deflated

Of notebook 11, in the order in which they build on each other:

stress        what alarms are judged by: labels, events, peaks   regimes   the ordinary detectors
anomaly       the LSTMs' scores                                  hindsight detectors that look ahead, for the guard
ranking       AUC and its bootstrap                              alarms    thresholds, rings, delays, false alarms
grades        all of it in one report                            pairs, earnings   a spread, and what trading it left

Notebooks 01, 03 and 08–11 use them; they need the `markets` extra: pip install "lstm-core[markets]".
"""

from lstm_core.markets.baselines import BASELINES, standardised
from lstm_core.markets.checks import check_prices
from lstm_core.markets.prices import bundled_symbols, load_prices
from lstm_core.markets.samples import log_returns, windows
from lstm_core.markets.scoreboard import Scoreboard, illusion, walk_forward
from lstm_core.markets.significance import clark_west, diebold_mariano, p_text

__all__ = [
    "BASELINES", "Scoreboard", "bundled_symbols", "check_prices", "clark_west", "diebold_mariano", "illusion",
    "load_prices", "log_returns", "p_text", "standardised", "walk_forward", "windows",
]  # fmt: skip
