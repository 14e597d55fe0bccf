"""The forecasts that cost nothing: persistence, drift, AR(1) and ARIMA, which every network must beat (notebook 08).

All share one shape, `forecast(x_train, y_train, x_test) -> (M,)`: whoever sees only that can neither peek at a test
target nor standardise with one. Windows x are (N, T, D), in time order, the target's own past in feature 0; y is (N,).
"""

import warnings
from collections.abc import Callable
from functools import wraps

import numpy as np

__all__ = ["BASELINES", "Forecast", "ar1", "arima", "drift", "persistence", "standardised"]

Forecast = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def persistence(x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    """Tomorrow's price is today's: a return of zero, r̂ = 0."""
    return np.zeros(len(x_test))


def drift(x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    """The random walk with drift: r̂ is the mean return of the training part."""
    return np.full(len(x_test), y_train.mean())


def ar1(x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    """The first-order autoregression r̂_t = c + φ r_{t−1}, by least squares."""
    φ, c = np.polyfit(x_train[:, -1, 0], y_train, 1)
    return c + φ * x_test[:, -1, 0]


def arima(x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray, *, max_order: int = 2) -> np.ndarray:
    """ARIMA(p, 0, q) on returns, which is ARIMA(p, 1, q) on log-prices; p + q ≤ `max_order`, by Akaike's criterion.

    Estimated on the training part alone; the filter then runs through the test windows one day ahead at a time. Raises
    ValueError unless successive windows overlap, since the filter needs the days in a row.
    """
    if not np.array_equal(x_test[1:, :-1], x_test[:-1, 1:]):
        raise ValueError("x_test should hold overlapping windows of successive days, as `windows` cuts them")
    past = np.concatenate([x_test[0, :, 0], x_test[1:, -1, 0]])  # (T+M−1,) the days before the last target
    fitted = min(_arima_fits(y_train, max_order), key=lambda fit: fit.aic)
    return fitted.apply(past).predict(x_test.shape[1], len(past))


def _arima_fits(y: np.ndarray, max_order: int) -> list:
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.arima.model import ARIMA

    orders = [(p, 0, total - p) for total in range(max_order + 1) for p in range(total + 1)]
    fits = []
    for order in orders:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fits.append(ARIMA(y, order=order).fit())
        if any(issubclass(w.category, ConvergenceWarning) for w in caught):
            fits.pop()  # its likelihood is not at a maximum, so its AIC means nothing; start-value warnings do no harm
    return fits


BASELINES: dict[str, Forecast] = {"persistence": persistence, "drift": drift, "AR(1)": ar1, "ARIMA": arima}


def standardised(forecast: Forecast) -> Forecast:
    """Let `forecast` work in units of the training part's mean and standard deviation, and bring its answer back.

    Features are scaled one by one, the target by itself; the test part is never looked at to find the scale.
    """

    @wraps(forecast)
    def scaled(x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray) -> np.ndarray:
        centre, spread = x_train.mean((0, 1)), x_train.std((0, 1))
        if not (spread > 0).all() or y_train.std() == 0:
            raise ValueError("a feature or the target never changes in the training part, so it has no scale: drop it")
        z_train, z_test = (x_train - centre) / spread, (x_test - centre) / spread
        return y_train.mean() + y_train.std() * forecast(z_train, (y_train - y_train.mean()) / y_train.std(), z_test)

    return scaled
