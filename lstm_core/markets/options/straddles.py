"""Sell a straddle on the S&P 500 every 21 trading days, at the VIX, and let the closes that came decide (notebook 09).

What this is not. The VIX is no at-the-money volatility: it is the square root of a risk-neutral variance, the price of
a variance swap over 30 calendar days made from options of all strikes (CBOE's VIX white paper), and so holds the skew
and a premium for risk; an at-the-money option usually trades some points below it, which `markdown` can take off. There
are no option quotes here, no bid and ask, no dividends, no interest. And 2014 to 2018 has about 60 windows without a
common day: little, and no 2008 among them.

Units: VIX, realised and forecast volatility in per cent a year; variances in %² a day, as the squares of `log_returns`
are; prices and P&L in per cent of the spot on the day of the sale.
"""

from importlib import import_module

import numpy as np
import pandas as pd

from lstm_core._checks import choose, whole
from lstm_core.markets.data.prices import log_returns
from lstm_core.markets.guard import KNOWN
from lstm_core.markets.options import black_scholes, hedging

__all__ = ["coming_variance", "load_vix", "sell_straddles"]


def load_vix() -> pd.Series:
    """Return the VIX at the close, % a year, by naive date, 2014-01-03 to 2019-01-03, as `arch` carries it.

    Its 46 NaN are left out and nothing is filled in: all are days on which New York did not trade, holidays and one day
    of mourning, so that every trading day from the first on has its VIX.
    """
    return import_module("arch.data.vix").load()["vix"].dropna()


def coming_variance(close: pd.Series, days: int = 21) -> pd.Series:
    """Return the mean square of the `days` daily log-returns AFTER each close, %² a day, dated by that close.

    From close to close, around zero and not around their mean, as a variance swap counts. Known `days` later only: it
    is what a forecast made on that date is scored against. √(252 ·) makes it a volatility in % a year.
    """
    squares = log_returns(close) ** 2
    days = whole("days", days, 1, len(squares))
    means = np.lib.stride_tricks.sliding_window_view(squares.to_numpy(), days).mean(axis=1)
    return pd.Series(means, close.index[: len(means)], name="realised")


def sell_straddles(
    close: pd.Series,
    vix: pd.Series,
    *,
    days: int = 21,
    offset: int = 0,
    forecast: pd.Series | None = None,
    known: str = "the same day",
    markdown: float = 0.0,
    cost: float = 0.0,
) -> pd.DataFrame:
    """Sell a straddle at the money at the close of every `days`-th trading day, hold it to expiry `days` later.

    The first sale is `offset` days after the first day that both series have; no two windows share a return. Sold at
    VIX less `markdown` points. Hedged at each close, at `cost` a unit of value traded, with a delta at the volatility
    of the sale or, if given, that of `forecast`, fixed on the day of the sale.

    `forecast` holds forecasts of the mean daily variance of the days to come, %² a day, by date; `known` says what the
    dates are, in the words of `check_causal`: "the same day", each was made at the close of its date; "the day before",
    its date is the first day that it is for, and it was made at the close before. If in doubt leave it: the worst that
    happens is that a forecast is a day older than need be.

    One row a window, by the day of sale: end, the day of expiry; spot; vix; realised, from the closes within the
    window, around zero; forecast, if one was given; price and payoff of the straddle; unhedged and hedged, the seller's
    P&L. Raises ValueError where a day of sale has no VIX or no positive forecast, and if there is no window.
    """
    close = close[close.index >= vix.index[0]]
    days, offset = whole("days", days, 1), whole("offset", offset, 0, days - 1)
    first = np.arange(offset, len(close) - days, days)  # the rows of the days of sale
    if not len(first):
        raise ValueError(f"{len(close)} closes since {vix.index[0]:%Y-%m-%d} hold no window of {days} days: give more")
    starts, quoted = close.index[first], vix.reindex(close.index[first])
    if quoted.isna().any():
        raise ValueError(f"{starts[quoted.isna()][0]:%Y-%m-%d}, a day of sale, has no VIX: try another offset")
    if quoted.max() < 2:
        raise ValueError(f"the VIX is {quoted.max():g} at its highest: give per cent a year, as it is quoted")
    if markdown >= quoted.min():
        raise ValueError(f"markdown is {markdown!r} points, but the VIX is as low as {quoted.min():g}: take off less")
    spots = close.to_numpy()[first[:, None] + np.arange(days + 1)]  # (M, days+1)
    sold_at, years = (quoted.to_numpy() - markdown) / 100, days / 252
    table = pd.DataFrame({"end": close.index[first + days], "spot": spots[:, 0], "vix": quoted}, starts)
    table["realised"] = np.sqrt(252 * coming_variance(close, days)[starts])
    if forecast is not None:
        table["forecast"] = _promised(forecast, close.index, first, known)
    hedge_at = table["forecast"].to_numpy() / 100 if forecast is not None else None
    table["price"] = 100 * black_scholes.price(1.0, 1.0, sold_at, years, kind="straddle")
    run = hedging.delta_hedge(spots, sold_at, hedge_at, kind="straddle", cost=cost, years=years)
    return table.assign(payoff=table["price"] - run.unhedged, unhedged=run.unhedged, hedged=run.hedged)


def _promised(variance: pd.Series, sessions: pd.Index, rows: np.ndarray, known: str) -> np.ndarray:
    """The volatility, % a year, that the forecasts of `variance` promise at the close of these rows of `sessions`."""
    if not variance.index.is_unique:
        raise ValueError("some dates have two forecasts: keep one of each")
    dates = sessions[rows + KNOWN[choose("known", known, tuple(KNOWN))]]
    promised = variance.reindex(dates).to_numpy(dtype=float)
    usable = (promised > 0) & np.isfinite(promised)
    if not usable.all():
        raise ValueError(
            f"no positive forecast of variance for {(~usable).sum()} of {len(rows)} windows, the first sold on"
            f" {sessions[rows[~usable][0]]:%Y-%m-%d}: forecast every trading day, or give closes that begin later"
        )
    return np.sqrt(252 * promised)
