"""returns/closer.py and data/macro.py: scores of parts, the days they rest on, and the economy by the quarter."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.model_selection import TimeSeriesSplit

from lstm_core.markets import illusion, walk_forward, windows
from lstm_core.markets.data.macro import load_macro
from lstm_core.markets.guard import LookAhead, check_causal
from lstm_core.markets.returns.baselines import ar1, arima, drift, standardised
from lstm_core.markets.returns.closer import apart, heaviest, largest_errors, price_scores
from lstm_core.markets.returns.nextday import on_days
from lstm_core.markets.returns.scoreboard import Scoreboard
from lstm_core.markets.significance import clark_west, p_text

DAYS = pd.bdate_range("2020-01-01", "2020-06-30")


@pytest.fixture(scope="module")
def board():
    rng = np.random.default_rng(0)
    y = pd.Series(rng.normal(size=len(DAYS)), DAYS)
    y["2020-03-16"] = -12.0
    guesses = {"persistence": 0 * y, "good": 0.4 * y + 0.1 * rng.normal(size=len(y)), "bad": rng.normal(size=len(y))}
    return Scoreboard(y, pd.DataFrame(guesses), pd.Series(0.5, DAYS), ("persistence",))


def test_parts_are_scored_by_themselves(board):
    table, march = apart(board, "2020-03", ["bad", "good"]), DAYS[DAYS.month == 3]
    assert list(table.index) == [
        (part, model) for part in ("in 2020-03", "all other days") for model in ("bad", "good", "always up")
    ]
    for part, days in (("in 2020-03", march), ("all other days", DAYS.difference(march))):
        y, guess = board.actual[days], board.forecasts["good"][days]
        assert (table.loc[part, "days"] == len(days)).all()
        assert table.loc[(part, "good"), "R2 %"] == pytest.approx(100 * (1 - ((y - guess) ** 2).sum() / (y**2).sum()))
        assert table.loc[(part, "always up"), "direction"] == pytest.approx((y > 0).mean())


def test_the_largest_errors_are_named_with_what_was_forecast(board):
    table = largest_errors(board, ["good", "bad"], days=3)
    assert list(table) == ["return", "good", "bad", "share %"]
    assert f"{table.index[0]:%Y-%m-%d}" == "2020-03-16"
    assert table["return"].iloc[0] == -12
    errors = board.errors()[["good", "bad"]] ** 2
    assert table["share %"].iloc[0] == pytest.approx((100 * errors.loc["2020-03-16"] / errors.sum()).mean())
    assert table["share %"].is_monotonic_decreasing


def test_the_heaviest_days_are_those_that_the_test_averages(board):
    y, guess = board.actual, board.forecasts["good"]
    rest = (y * guess).abs().sort_values().index[:-10].sort_values()
    zero = 0 * y
    p_all, p_rest = clark_west(y, guess, zero)[1], clark_west(y[rest], guess[rest], zero[rest])[1]
    wanted = f"good: Clark–West {p_text(p_all)}; without 10 of the {len(y)} days {p_text(p_rest)}"
    assert heaviest(board, ["bad", "good"]).splitlines()[1] == wanted


def test_levels_are_said_beside_tomorrow_is_today():
    price = 100 + np.random.default_rng(4).standard_normal(1001).cumsum()
    late = illusion(price[1:], price[:-1], price[:-1] + np.sin(np.arange(1000)))
    naive, network = price_scores([late]).splitlines()[1:]
    assert naive == f"tomorrow = today   {late.r2[1]:.3f}       {late.rmse[1]:.1f}"
    assert network.startswith(
        f"LSTM, seed 0       {late.r2[0]:.3f}       {late.rmse[0]:.1f}      p < 0.001: does not beat"
    )


# --- the economy


def test_the_economy_is_statsmodels_own_by_the_quarter():
    macro, data = load_macro(), sm.datasets.macrodata.load_pandas().data
    assert (str(macro.index[0]), str(macro.index[-1]), len(macro)) == ("1959Q2", "2009Q3", 202)
    gdp = data[(data["year"] == 2008) & data["quarter"].isin([3, 4])]["realgdp"].to_numpy()
    assert macro.growth["2008Q4"] == pytest.approx(100 * np.log(gdp[1] / gdp[0]))
    assert macro.growth["2008Q4"] < -1
    assert macro.unemployment["2008Q4"] == pytest.approx(6.9 - 6.0)
    assert list(macro) == ["growth", "unemployment"]  # the target first
    assert not macro.isna().any(axis=None)


def test_quarters_are_called_so():
    walked = walk_forward({}, *windows(load_macro(), 8), folds=TimeSeriesSplit(4, test_size=25, gap=1),
                          baselines={"AR(1)": ar1, "mean so far": drift})  # fmt: skip
    assert str(walked).startswith("100 quarters out of sample, 1984Q4 to 2009Q3")
    auto = sm.tsa.AutoReg(load_macro().growth.iloc[7:101].to_numpy(), 1).fit().params  # the first fold's past
    first = auto[0] + auto[1] * load_macro().growth["1984Q3"]
    assert walked.forecasts["AR(1)"].iloc[0] == pytest.approx(first, rel=1e-9)


@pytest.mark.parametrize("forecast", [ar1, drift, arima, standardised(ar1)])
def test_the_same_pipeline_on_quarters_knows_the_past_alone(forecast):
    check_causal(on_days(forecast, 8), load_macro(), 150)


def test_a_scaler_on_all_quarters_is_caught():
    def peeping(days, train):
        return on_days(ar1, 8)((days - days.mean()) / days.std(), train)

    with pytest.raises(LookAhead):
        check_causal(peeping, load_macro(), 150)
