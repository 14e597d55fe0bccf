"""Which of two worlds is this? The ordinary detectors of notebook 11, as they would have run on the day.

Each is a function (days, train) -> score (N,), higher where it is more alarmed. `days` are those of
`stress.stress_days`; the parameters come from the first `train` of them, and the score of a day from no later one, to
which `guard.check_causal(…, known="the same day")` holds them. Shapes: N days, K regimes, M detectors.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy import special, stats

from lstm_core._checks import as_floats, whole
from lstm_core.markets.regimes.stress import check_days

__all__ = [
    "ORDINARY", "Detector", "column", "ewma_volatility", "filtered", "hidden_markov", "markov_switching", "score_all",
    "segment_level", "size_of_move",
]  # fmt: skip

Detector = Callable[[pd.DataFrame, int], np.ndarray]
WINDOW, EVERY = 250, 5  # days that ruptures is shown, and how often


def size_of_move(days: pd.DataFrame, train: int) -> np.ndarray:
    """|r_t|, in per cent: the detector that anyone can read off the evening news."""
    return np.abs(column(days, "return", train))


def ewma_volatility(days: pd.DataFrame, train: int, *, decay: float = 0.94) -> np.ndarray:
    """RiskMetrics' volatility, in per cent a day: σ²_t = λ σ²_{t−1} + (1 − λ) r²_t, from the training days' mean r²."""
    squared = column(days, "return", train) ** 2
    if not 0 < decay < 1:
        raise ValueError(f"decay is {decay!r}, but should lie between 0 and 1")
    start = squared[:train].mean()
    return np.sqrt(pd.Series([start, *squared]).ewm(alpha=1 - decay, adjust=False).mean().to_numpy()[1:])


def markov_switching(days: pd.DataFrame, train: int) -> np.ndarray:
    """The filtered probability of the wilder of two regimes, each with its own mean and variance (Hamilton 1989).

    statsmodels estimates on the training days and filters all: P(wild | r_1 … r_t), which is not the smoothed one.
    """
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    r = column(days, "return", train)
    estimated = MarkovRegression(r[:train], k_regimes=2, switching_variance=True).fit(disp=False)
    wild = int(np.argmax(estimated.params[-2:]))  # the last two parameters are the regimes' variances
    model = MarkovRegression(r, k_regimes=2, switching_variance=True)
    return model.filter(estimated.params).filtered_marginal_probabilities[:, wild]


def hidden_markov(days: pd.DataFrame, train: int, *, starts: int = 5) -> np.ndarray:
    """The filtered probability of the upper of two states of log-variance, Gaussian each, estimated by hmmlearn.

    The best of `starts` runs of EM on the training days. hmmlearn's own `predict_proba` would smooth: it looks ahead.
    """
    from hmmlearn.hmm import GaussianHMM

    x = column(days, "log_variance", train)[:, None]
    drawn = range(whole("starts", starts, 1))
    fits = [GaussianHMM(2, n_iter=200, tol=1e-4, random_state=seed).fit(x[:train]) for seed in drawn]
    best = max(fits, key=lambda fit: fit.score(x[:train]))
    log_density = stats.norm.logpdf(x, best.means_[:, 0], np.sqrt(best.covars_[:, 0, 0]))  # (N, K)
    return filtered(log_density, best.startprob_, best.transmat_)[:, int(np.argmax(best.means_[:, 0]))]


def filtered(log_density: np.ndarray, start: np.ndarray, transition: np.ndarray) -> np.ndarray:
    """Return p_t = P(state | x_1 … x_t), (N, K), of a hidden Markov model.

    p_t ∝ (p_{t−1} A) ⊙ f(x_t): carry the state along, then let today's evidence reweigh it. `log_density` (N, K) is
    ln f(x_t | state), `start` (K,) the first day's prior, `transition` A (K, K) from row to column.
    """
    log_density = as_floats("log_density", log_density, ("N", "K"))
    states = log_density.shape[1]
    prior, transition = as_floats("start", start, (states,)), as_floats("transition", transition, (states, states))
    found = np.empty_like(log_density)
    for t, evidence in enumerate(log_density):
        found[t] = special.softmax(np.log(np.maximum(prior, 1e-300)) + evidence)
        prior = found[t] @ transition
    return found


def segment_level(days: pd.DataFrame, train: int, *, penalty: float = 3.0) -> np.ndarray:
    """The mean log-variance since the last break that ruptures finds in the latest 250 days, looked for every 5 days.

    PELT with the squared error (Killick, Fearnhead & Eckley 2012). A break costs `penalty` · ln 250 · s², s² being the
    noise of the training days, half the mean square of their daily changes. Needs no later day, since it is run anew.
    """
    import ruptures

    x = column(days, "log_variance", train)
    cost = penalty * np.log(WINDOW) * np.mean(np.diff(x[:train]) ** 2) / 2
    level, since = np.empty(len(x)), 0
    for t in range(len(x)):
        if t % EVERY == EVERY - 1 and t >= 2 * EVERY:
            first = max(0, t + 1 - WINDOW)
            search = ruptures.KernelCPD("linear", min_size=EVERY).fit(x[first : t + 1, None])
            since = max([first, *(first + b for b in search.predict(pen=cost)[:-1])])
        level[t] = x[since : t + 1].mean()
    return level


ORDINARY: dict[str, Detector] = {
    "|r|": size_of_move, "EWMA": ewma_volatility, "Markov switching": markov_switching, "hidden Markov": hidden_markov,
    "ruptures": segment_level,
}  # fmt: skip


def score_all(detectors: Mapping[str, Detector], days: pd.DataFrame, train: int) -> pd.DataFrame:
    """Return the scores of several detectors, a column each, by date (N, M)."""
    return pd.DataFrame({name: detector(days, train) for name, detector in detectors.items()}, days.index)


def column(days: pd.DataFrame, name: str, train: int) -> np.ndarray:
    """Return one column of `days` (N,); ValueError for none such, NaN, days out of order, and `train` below 60."""
    if not isinstance(days, pd.DataFrame) or name not in days:
        raise ValueError(f"days should be a DataFrame with a column {name!r}, as stress_days() gives; got {days!r:.80}")
    check_days(days.index)
    whole("train", train, 60, len(days))
    return as_floats(name, days[name], ("N",))
