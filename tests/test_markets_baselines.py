"""Baselines: each against statsmodels or a hand-written recursion; none may look at anything but its own past."""

import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.arima.model import ARIMA

from lstm_core.markets import BASELINES, standardised, windows
from lstm_core.markets.returns.baselines import ar1, arima, drift, persistence

LENGTH = 30


def simulated(n, *, ar=(), ma=(), mean=0.3, seed=0):
    """Return n steps of an ARMA process by its own recursion."""
    noise = np.random.default_rng(seed).standard_normal(n + 100)
    y = np.zeros(n + 100)
    for t in range(5, n + 100):
        y[t] = noise[t] + np.dot(ar, y[t - 1 : t - 1 - len(ar) : -1]) + np.dot(ma, noise[t - 1 : t - 1 - len(ma) : -1])
    return y[100:] + mean


def parts(y, split=600):
    x, targets, _ = windows(pd.Series(y), LENGTH)
    return x[:split], targets[:split], x[split:]


def test_persistence_is_zero_and_drift_is_the_training_mean():
    train_x, train_y, test_x = parts(simulated(900))
    assert not persistence(train_x, train_y, test_x).any()
    np.testing.assert_allclose(drift(train_x, train_y, test_x), train_y.mean())


def test_ar1_is_statsmodels_autoregression():
    y = simulated(900, ar=[0.5])
    const, slope = AutoReg(y[LENGTH - 1 : LENGTH + 600], 1).fit().params
    np.testing.assert_allclose(ar1(*parts(y)), const + slope * y[LENGTH + 599 : -1], rtol=1e-9)


@pytest.mark.parametrize("model", [{"ar": [0.4, 0.3]}, {"ma": [0.6]}, {"ar": [0.7]}, {}], ids=str)
def test_arima_finds_the_process_and_forecasts_its_conditional_mean(model):
    y = simulated(2400, **model)
    train_x, train_y, test_x = parts(y, 2000)
    forecast = arima(train_x, train_y, test_x)
    order = (len(model.get("ar", ())), 0, len(model.get("ma", ())))
    truth = ARIMA(y, order=order).smooth([0.3, *model.get("ar", ()), *model.get("ma", ()), 1.0])
    assert np.sqrt(np.mean((forecast - truth.predict()[-len(forecast) :]) ** 2)) < 0.15


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
def test_an_order_that_does_not_converge_is_no_candidate(monkeypatch):
    class Reluctant(ARIMA):
        def fit(self, *args, **options):
            if self.model_orders["ar"] or self.model_orders["ma"]:
                warnings.warn("Maximum Likelihood optimization failed to converge", ConvergenceWarning, stacklevel=2)
            return super().fit(*args, **options)

    y = simulated(900, ar=[0.8])
    before = arima(*parts(y))
    monkeypatch.setattr("statsmodels.tsa.arima.model.ARIMA", Reluctant)
    after = arima(*parts(y))
    assert before.std() > 0.5
    assert after.std() < 1e-6


def test_arima_refuses_windows_with_days_missing_between():
    train_x, train_y, test_x = parts(simulated(700))
    with pytest.raises(ValueError, match="successive days"):
        arima(train_x, train_y, test_x[::2])


@pytest.mark.parametrize("name", BASELINES)
def test_a_forecast_does_not_move_when_later_days_do(name):
    y = simulated(700, ar=[0.4])
    train_x, train_y, test_x = parts(y)
    y[LENGTH + 600 + 20 :] += 50
    np.testing.assert_allclose(
        BASELINES[name](*parts(y))[:21], BASELINES[name](train_x, train_y, test_x)[:21], rtol=0, atol=1e-12
    )


def test_standardising_changes_no_linear_forecast():
    y = simulated(900, ar=[0.5], mean=40)
    np.testing.assert_allclose(standardised(ar1)(*parts(y)), ar1(*parts(y)), rtol=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_the_scaler_sees_the_training_part_only(shift):
    seen = []
    train_x, train_y, test_x = parts(simulated(700, mean=7))
    standardised(lambda *z: seen.extend(z) or np.zeros(len(z[2])))(train_x, train_y, test_x + shift)
    np.testing.assert_allclose([seen[0].mean(), seen[0].std(), seen[1].mean(), seen[1].std()], [0, 1, 0, 1], atol=1e-12)
    np.testing.assert_allclose(seen[2] * train_x.std() + train_x.mean(), test_x + shift, rtol=1e-9)


def test_features_are_scaled_one_by_one_and_a_constant_one_is_refused():
    x = np.random.default_rng(0).standard_normal((50, 4, 2)) * [1, 1000]
    standardised(lambda a, b, c: np.testing.assert_allclose(a.std((0, 1)), 1) or np.zeros(len(c)))(x, x[:, 0, 0], x)
    with pytest.raises(ValueError, match="never changes"):
        standardised(drift)(x * [1, 0], x[:, 0, 0], x)
