"""Three detectors that look ahead, each a library's own answer, taken at its word: notebook 11's guard catches them.

They have the shape of `regimes`' detectors, and estimate on the first `train` days as those do. What they know too much
is in the scores: a smoothed probability is P(state of day t | all days), and breaks in a whole series are found by what
came after them. Good for history, not for an alarm.
"""

import numpy as np
import pandas as pd

from lstm_core.markets.regimes.detectors import column

__all__ = ["HINDSIGHT", "breaks_in_all_days", "smoothed_hidden", "smoothed_switching"]


def smoothed_switching(days: pd.DataFrame, train: int) -> np.ndarray:
    """statsmodels' smoothed probability of the wilder regime, where `detectors.markov_switching` filters."""
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    r, options = column(days, "return", train), dict(k_regimes=2, switching_variance=True)
    estimated = MarkovRegression(r[:train], **options).fit(disp=False)
    found = MarkovRegression(r, **options).smooth(estimated.params)
    return found.smoothed_marginal_probabilities[:, int(np.argmax(estimated.params[-2:]))]


def smoothed_hidden(days: pd.DataFrame, train: int) -> np.ndarray:
    """hmmlearn's `predict_proba`, which is smoothed, where `detectors.hidden_markov` filters."""
    from hmmlearn.hmm import GaussianHMM

    x = column(days, "log_variance", train)[:, None]
    model = GaussianHMM(2, n_iter=200, tol=1e-4, random_state=0).fit(x[:train])
    return model.predict_proba(x)[:, int(np.argmax(model.means_))]


def breaks_in_all_days(days: pd.DataFrame, train: int) -> np.ndarray:
    """The level between the breaks that ruptures finds in all days at once, as `detectors.segment_level` does not."""
    import ruptures

    x = column(days, "log_variance", train)
    cost = 3 * np.log(len(x)) * np.mean(np.diff(x[:train]) ** 2) / 2
    ends = ruptures.KernelCPD("linear", min_size=5).fit(x[:, None]).predict(pen=cost)
    return np.concatenate([np.full(b - a, x[a:b].mean()) for a, b in zip([0, *ends], ends, strict=False)])


HINDSIGHT = {
    "statsmodels, smoothed": smoothed_switching, "hmmlearn's predict_proba": smoothed_hidden,
    "ruptures, all at once": breaks_in_all_days,
}  # fmt: skip
