"""studies.beside: intervals are scipy's and statsmodels' own, and pairs are of the same days. Of the study "field": a
reader runs at the rate that was the best for it, on seeds that were there for the choice alone."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from lstm_core.field import READERS
from lstm_core.studies import load
from lstm_core.studies.beside import pairs, solvers

DATES = pd.bdate_range("2001-01-01", "2002-12-31")
RNG = np.random.default_rng(0)
REALISED = pd.Series(np.exp(RNG.normal(size=len(DATES))), DATES)


def row(hidden: int, seeds: int = 3) -> dict:
    """Forecasts of 2002, one fold, as the study keeps them."""
    days = (DATES.year == 2002).sum()
    made = [RNG.integers(-1000, 1000, days) for _ in range(seeds)]
    trials = [dict(trial=k, fold=0, seed=k, thousandths=" ".join(map(str, made[k]))) for k in range(seeds)]
    return dict(key="x", settings=dict(first=2002, last=2002, seeds=seeds, hidden=hidden), trials=trials, made=made)


def absolute(realised, forecast):
    return np.abs(np.log(realised) - np.log(forecast)).to_numpy()


def test_pairs_set_each_gru_beside_its_lstm():
    rows = {
        f"test, {cell} {H} on {base}": row(H) for base in ("LHAR", "none") for H in (16, 8) for cell in ("lstm", "gru")
    }
    found = pairs(rows | {"NASDAQ, gru 8 on none": row(8)}, REALISED, absolute)
    assert found.names == ["8 on LHAR", "16 on LHAR", "8 on none", "16 on none"]
    came = np.log(REALISED[DATES.year == 2002]).to_numpy()
    for k, name in enumerate(found.names):
        lstm, gru = (np.abs(came - np.array(rows[f"test, {cell} {name}"]["made"]) / 1000).T for cell in ("lstm", "gru"))
        assert found.lstm[k] == pytest.approx(lstm.mean())
        np.testing.assert_allclose(found.differences[k], (gru - lstm).mean(axis=0))
        low, _ = stats.t.interval(0.95, 2, (gru - lstm).mean(), stats.sem((gru - lstm).mean(axis=0)))
        assert found.seeds[k] == pytest.approx((gru - lstm).mean() - low)
        d = (gru - lstm).mean(axis=1)
        lags = int(np.ceil(len(d) ** (1 / 3)))
        fit = OLS(d, np.ones(len(d))).fit(cov_type="HAC", cov_kwds=dict(maxlags=lags), use_t=True)
        assert found.days[k] == pytest.approx(fit.params[0] - fit.conf_int()[0, 0])
        assert found.p[k] == pytest.approx(fit.pvalues[0])
    table = found.table()
    np.testing.assert_allclose(table["GRU"] / table["LSTM"] - 1, table["GRU − LSTM %"] / 100)
    np.testing.assert_allclose(found.holm, multipletests(found.p, method="holm")[1])


def test_pairs_want_both_of_a_pair():
    with pytest.raises(ValueError, match="no row 'test, lstm 8 on none' to set beside its pair"):
        pairs({"test, gru 8 on none": row(8)}, REALISED, absolute)
    with pytest.raises(ValueError, match="of 1 rows none begins with 'validation, gru '"):
        pairs({"test, gru 8 on none": row(8)}, REALISED, absolute, "validation")


def test_solvers_count_and_bound():
    shown, solved = [10_000, 12_000, 17_000, 40_000], [True, True, True, False]
    trials = [dict(solved=done, sequences=n, wrong=k) for k, (n, done) in enumerate(zip(shown, solved, strict=True))]
    table = solvers({"a": dict(trials=trials), "none": dict(trials=trials[3:])})
    line = table.loc["a"]
    assert (line["solved"], line["trials"], line["wrong"]) == (3, 4, 1.5)
    np.testing.assert_allclose(
        [line["at least"], line["at most"]], 100 * np.array(proportion_confint(3, 4, method="beta"))
    )
    low, high = stats.t.interval(0.95, 2, 13_000, stats.sem(shown[:3]))
    np.testing.assert_allclose([line["sequences"], line["±"]], [13_000, (high - low) / 2])
    assert np.isnan(table.loc["none", ["sequences", "±"]].astype(float)).all()
    assert table.loc["none", "at most"] == pytest.approx(97.5)


def test_the_race_runs_at_the_rate_that_other_seeds_chose():
    rows = load("field")
    races = {row["settings"]["reader"]: row for key, row in rows.items() if key.startswith("race")}
    races["lstm"] = load("biases")["long, chrono"]
    assert set(races) == set(READERS)
    for reader, race in races.items():
        tried = [row for key, row in rows.items() if key.startswith(f"choose, {reader},")]
        late = {row["settings"]["lr"]: np.mean([trial["late"] for trial in row["trials"]]) for row in tried}
        assert len(late) >= 2
        assert min(late, key=late.get) == race["settings"]["lr"]
        chose = {trial["seed"] for row in tried for trial in row["trials"]}
        assert not chose & {trial["seed"] for trial in race["trials"]}
