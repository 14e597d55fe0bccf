"""Many forecasts of the same days: their losses, and which differences outlive the number of those that were tried.

Two tests look at a pair (`diebold_mariano`, `giacomini_white`); three take into account that the best of many is lucky
too, by bootstrapping all losses together in blocks of days: SPA, StepM and the model confidence set, all of them
`arch.bootstrap`'s. Notebook 09 uses it. Shapes: M days, K models.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lstm_core._checks import choose
from lstm_core.markets.significance import diebold_mariano, giacomini_white, holm, p_text
from lstm_core.markets.variance.losses import normalised_qlike

__all__ = ["Contest", "as_text", "contest"]

REPS = 1000  # resamples
SIGNIFICANCE = 0.05


class Contest(NamedTuple):
    """Forecasts of the mean variance of `horizon` days, what came, and tests on what each of them cost on each day."""

    realised: pd.Series  # (M,) by date
    forecasts: pd.DataFrame  # (M, K)
    loss: str = "QLIKE"  # or "MSE"
    horizon: int = 1

    @property
    def losses(self) -> pd.DataFrame:
        """What each forecast cost on each day, (M, K)."""
        if choose("loss", self.loss, ("QLIKE", "MSE")) == "MSE":
            return self.forecasts.rsub(self.realised, axis=0) ** 2
        return self.forecasts.apply(lambda forecast: normalised_qlike(self.realised, forecast))

    @property
    def block(self) -> int:
        """Days that tests take together: M^⅓, or twice the horizon, since targets of several days overlap."""
        return max(int(np.ceil(len(self.realised) ** (1 / 3))), 2 * self.horizon)

    def table(self, reference: str) -> pd.DataFrame:
        """Return one row a model, the best first: the mean loss, the gain on `reference` in %, DM p against it."""
        rows, losses = {}, self.losses
        for name, loss in losses.items():
            p = np.nan if name == reference else self._dm(losses, name, reference)
            gain = 100 * (1 - loss.mean() / losses[reference].mean())
            rows[name] = {self.loss: loss.mean(), "gain %": gain, "DM p": p}
        return pd.DataFrame.from_dict(rows, orient="index").sort_values(self.loss)

    def duels(self, name: str, rivals: Iterable[str], tried: Iterable[str] = ()) -> pd.DataFrame:
        """Return one row a rival: its mean loss, the gain of `name` on it in per cent, DM p and the same after Holm.

        Holm's (1979) correction is for the number of rivals here. With `tried`, the names of all that might have been
        sent in the place of `name`: SPA p of "none of them is better than the rival", and raw SPA p, not studentised.
        The column "verdict" says what follows at 5 %, all of this corrected for: `name` "beats", "does not beat" or
        "loses to" the rival.
        """
        losses, rivals, tried = self.losses, list(rivals), list(tried)
        mine = losses[choose("name", name, tuple(losses))].mean()
        table = pd.DataFrame({self.loss: losses[rivals].mean()})
        table["gain %"] = 100 * (1 - mine / table[self.loss])
        table["DM p"] = [self._dm(losses, name, rival) for rival in rivals]
        table["Holm p"] = holm(table["DM p"])
        wins, sure = table["gain %"] > 0, table["Holm p"] < SIGNIFICANCE
        if tried:
            table["SPA p"] = [self.spa(rival, tried) for rival in rivals]
            table["raw SPA p"] = [self.spa(rival, tried, studentised=False) for rival in rivals]
            sure &= ~wins | (table[["SPA p", "raw SPA p"]].max(axis=1) < SIGNIFICANCE)
        table["verdict"] = np.where(sure, np.where(wins, "beats", "loses to"), "does not beat")
        return table

    def report(self, name: str, rivals: Iterable[str], tried: Iterable[str] = ()) -> str:
        """Return the table of `duels` as lines, with the days it is of, what `name` itself cost, how it was tested."""
        tried, (first, last) = list(tried), (f"{day:%Y-%m-%d}" for day in self.realised.index[[0, -1]])
        mine = f"{name}: {self.loss} {self.losses[name].mean():.3f}"
        heading = f"{len(self.realised):,} days, {first} to {last}; {mine}, against"
        method = f"DM: Newey–West, {self.block} lags"
        if tried:
            method += f"; SPA: best of {len(tried)}, {REPS:,} resamples, blocks of {self.block} days"
        return f"{heading}\n{as_text(self.duels(name, rivals, tried))}\n({method})"

    def gain(self, name: str, reference: str, *, seed: int = 0) -> tuple[float, float, float]:
        """Return the gain of `name` on `reference` in per cent and its 95 % interval, by a stationary bootstrap."""
        from arch.bootstrap import StationaryBootstrap

        pair = self.losses[[name, reference]].to_numpy()
        bootstrap = StationaryBootstrap(self.block, pair, seed=np.random.default_rng(seed))
        gains = bootstrap.apply(_gain, REPS)
        return _gain(pair), *(float(q) for q in np.quantile(gains, (0.025, 0.975)))

    def giacomini_white(self, name: str, rival: str) -> float:
        """Return the p-value of `giacomini_white`, which asks for models that learnt from a window of fixed length."""
        if self.horizon != 1:
            raise ValueError(f"the test is for forecasts of the next day; these are of {self.horizon} days")
        return giacomini_white(self.losses[name], self.losses[rival])[1]

    def spa(
        self, benchmark: str, rivals: Iterable[str] | None = None, *, studentised: bool = True, seed: int = 0
    ) -> float:
        """Return Hansen's (2005) consistent p-value of "none of `rivals`, or of all others, is better".

        His statistic is the largest mean gain *in units of its standard error*. `arch` 8 compares the bare means,
        whatever its argument `studentize` says: the noisiest rival then sets the bar. `studentised=False` does as much.
        """
        from arch.bootstrap import SPA

        pair = self._against(benchmark, rivals, studentised)
        test = SPA(*pair, block_size=self.block, reps=REPS, seed=np.random.default_rng(seed))
        test.compute()
        return float(test.pvalues["consistent"])

    def stepm(
        self, benchmark: str, rivals: Iterable[str] | None = None, *, studentised: bool = True, seed: int = 0
    ) -> list[str]:
        """Return *which* of them are better, at 5 % for all of them together (Romano & Wolf 2005); else as in `spa`."""
        from arch.bootstrap import StepM

        pair = self._against(benchmark, rivals, studentised)
        test = StepM(*pair, size=SIGNIFICANCE, block_size=self.block, reps=REPS, seed=np.random.default_rng(seed))
        test.compute()
        return [str(name) for name in test.superior_models]

    def confidence_set(self, *, size: float = 0.1, seed: int = 0) -> list[str]:
        """Return the models among which the best one is, with 1 − `size` confidence (Hansen, Lunde & Nason 2011)."""
        from arch.bootstrap import MCS

        test = MCS(self.losses, size, block_size=self.block, reps=REPS, seed=np.random.default_rng(seed))
        test.compute()
        return [name for name in self.forecasts if name in test.included]

    def _dm(self, losses: pd.DataFrame, name: str, rival: str) -> float:
        return diebold_mariano(losses[name], losses[rival], lags=self.block)[1]

    def _against(self, benchmark: str, rivals: Iterable[str] | None, studentised: bool) -> tuple:
        """The benchmark's losses (M,) and the rivals' (M, K); or zeros, and what the rivals lost more, in units of the
        standard deviation that Diebold–Mariano has for it, times √M."""
        losses = self.losses
        choose("benchmark", benchmark, tuple(losses))
        names = [name for name in losses if name != benchmark] if rivals is None else [*rivals]
        if not studentised:
            return losses[benchmark], losses[names]
        behind = losses[names].sub(losses[benchmark], axis=0)
        t = [diebold_mariano(losses[name], losses[benchmark], lags=self.block)[0] for name in names]
        return 0 * losses[benchmark], behind * np.abs(t) / (behind.mean().abs() * np.sqrt(len(behind)))


def contest(
    realised: pd.Series, forecasts: Mapping[str, pd.Series], *, loss: str = "QLIKE", horizon: int = 1
) -> Contest:
    """Bring together what came (M,) and forecasts of it, each by date, on the days that all of them have.

    Raises ValueError where they share no day, and for a loss other than "QLIKE" (`normalised_qlike`) and "MSE".
    """
    choose("loss", loss, ("QLIKE", "MSE"))
    table = pd.DataFrame({"realised": realised, **forecasts}).dropna()
    if table.empty:
        raise ValueError(
            "the forecasts and what was realised have no day in common: are they indexed by the same dates?"
        )
    return Contest(table.pop("realised"), table, loss, horizon)


def as_text(table: pd.DataFrame) -> str:
    """Return a table of `Contest` as lines: losses to three decimals, gains to one, p-values to three, or < 0.001."""
    digits = {name: "{:.1f}".format if "%" in name else _p if name.split()[-1] == "p" else "{:.3f}".format
              for name in table.select_dtypes("floating")}  # fmt: skip
    return table.to_string(na_rep="", formatters=digits, col_space=8)


def _p(p: float) -> str:
    return p_text(p, 3)[2:].replace("= ", "")  # the heading says p already


def _gain(pair: np.ndarray) -> float:
    return float(100 * (1 - pair[:, 0].mean() / pair[:, 1].mean()))
