"""Many forecasts of the same days: their losses, and which differences outlive the number of those that were tried.

Two tests look at a pair (`diebold_mariano`, `giacomini_white`); three take into account that the best of many is lucky
too, by bootstrapping all losses together in blocks of days: SPA, StepM and the model confidence set, all of them
`arch.bootstrap`'s. Notebook 09 uses it. Shapes: M days, K models.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from lstm_core._checks import as_floats, choose
from lstm_core.markets.significance import diebold_mariano

__all__ = ["Contest", "contest", "giacomini_white", "ranked_loss"]

REPS = 1000  # resamples


def ranked_loss(realised, forecast) -> np.ndarray:
    """Return QLIKE, y/f − ln(y/f) − 1, of each day (M,), for realised variances y and forecasts f, both positive.

    Zero for a perfect forecast; an under-forecast costs more than an over-forecast. On average the lowest belongs to
    the true variance, also where y is only an unbiased proxy of it (Patton 2011).
    """
    y = as_floats("realised", realised, ("M",))
    f = as_floats("forecast", forecast, y.shape)
    if not (y > 0).all() or not (f > 0).all():
        raise ValueError(
            f"variances should be positive; the smallest are {y.min():g} and {f.min():g}: no logarithms here"
        )
    return y / f - np.log(y / f) - 1


def giacomini_white(loss, rival_loss) -> tuple[float, float]:
    """Return the statistic and p-value of equal *conditional* predictive ability, a day ahead (2006).

    d_t = loss_t − rival_t     z_t = (1, d_{t−1}) d_t     GW = M z̄′ Ω⁻¹ z̄,  Ω = mean of z z′     GW ~ χ²(2)

    Could yesterday's difference have told which forecast to take today? It asks about forecasts *as they were made*,
    estimation noise and all, and so holds where one model nests the other, if both learnt from a window of fixed length
    that rolls on. The statistic has no sign; see the mean losses for who was better.
    """
    d = as_floats("loss", loss, ("M",)) - as_floats("rival_loss", rival_loss, ("M",))
    if len(d) < 10 or not d.any():
        raise ValueError(f"the losses of {len(d)} days do not differ, or are too few to tell: give ten or more")
    z = np.column_stack([d[1:], d[:-1] * d[1:]])
    statistic = len(z) * z.mean(0) @ np.linalg.solve(z.T @ z / len(z), z.mean(0))
    return float(statistic), float(stats.chi2.sf(statistic, 2))


class Contest(NamedTuple):
    """What each model's forecast cost on each day, and the tests on it."""

    losses: pd.DataFrame  # (M, K)
    block: int  # days that the bootstrap keeps together, on average
    lags: int  # of Diebold–Mariano's variance

    def table(self, reference: str) -> pd.DataFrame:
        """Return one row a model, the best first: the mean loss, the gain on `reference` in %, DM p against it."""
        rows = {}
        for name, loss in self.losses.items():
            p = np.nan if name == reference else self.dm(name, reference)
            gain = 100 * (1 - loss.mean() / self.losses[reference].mean())
            rows[name] = {"loss": loss.mean(), "gain %": gain, "DM p": p}
        return pd.DataFrame.from_dict(rows, orient="index").sort_values("loss")

    def dm(self, name: str, rival: str) -> float:
        """Return Diebold & Mariano's two-sided p-value of two models."""
        return diebold_mariano(self.losses[name], self.losses[rival], lags=self.lags)[1]

    def gain_interval(self, name: str, reference: str, *, seed: int = 0) -> tuple[float, float]:
        """Return the 95 % interval of the gain of `name` on `reference` in per cent, by a stationary bootstrap."""
        from arch.bootstrap import StationaryBootstrap

        pair = self.losses[[name, reference]].to_numpy()
        bootstrap = StationaryBootstrap(self.block, pair, seed=np.random.default_rng(seed))
        ratio = bootstrap.apply(lambda part: 100 * (1 - part[:, 0].mean() / part[:, 1].mean()), REPS)
        return tuple(float(q) for q in np.quantile(ratio, (0.025, 0.975)))

    def spa(self, benchmark: str, *, seed: int = 0) -> float:
        """Return Hansen's (2005) consistent p-value of "no other model here is better than `benchmark`"."""
        from arch.bootstrap import SPA

        test = SPA(*self._against(benchmark), block_size=self.block, reps=REPS, seed=np.random.default_rng(seed))
        test.compute()
        return float(test.pvalues["consistent"])

    def stepm(self, benchmark: str, *, seed: int = 0) -> list[str]:
        """Return *which* models are better than `benchmark`, at 5 % for all of them together (Romano & Wolf 2005)."""
        from arch.bootstrap import StepM

        test = StepM(*self._against(benchmark), block_size=self.block, reps=REPS, seed=np.random.default_rng(seed))
        test.compute()
        return [str(name) for name in test.superior_models]

    def confidence_set(self, *, size: float = 0.1, seed: int = 0) -> list[str]:
        """Return the models among which the best one is, with 1 − `size` confidence (Hansen, Lunde & Nason 2011)."""
        from arch.bootstrap import MCS

        test = MCS(self.losses, size, block_size=self.block, reps=REPS, seed=np.random.default_rng(seed))
        test.compute()
        return [name for name in self.losses if name in test.included]

    def _against(self, benchmark: str) -> tuple[pd.Series, pd.DataFrame]:
        choose("benchmark", benchmark, tuple(self.losses))
        return self.losses[benchmark], self.losses.drop(columns=benchmark)


def contest(
    realised: pd.Series, forecasts: Mapping[str, pd.Series], *, loss: str = "QLIKE", horizon: int = 1
) -> Contest:
    """Score forecasts of the mean variance of `horizon` days (M,), each by date, on the days that all of them have.

    `loss` is "QLIKE" (`ranked_loss`) or "MSE". Targets of several days overlap: blocks and lags grow with the horizon.
    Raises ValueError where the forecasts share no day with what was realised.
    """
    choose("loss", loss, ("QLIKE", "MSE"))
    table = pd.DataFrame({"realised": realised, **forecasts}).dropna()
    if table.empty:
        raise ValueError(
            "the forecasts and what was realised have no day in common: are they indexed by the same dates?"
        )
    y = table.pop("realised")
    losses = table.apply(lambda f: ranked_loss(y, f) if loss == "QLIKE" else (y - f) ** 2)
    lags = max(int(np.ceil(len(y) ** (1 / 3))), 2 * horizon)
    return Contest(losses, block=lags, lags=lags)
