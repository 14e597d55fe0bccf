"""Results that take too long for a notebook: computed by `make results`, kept row by row, and shown beside a quick run.

study        Study: a name, settings, and how to run them; spread: trials side by side, on cores or machines
tables       the settings of every row, from settings_1997, settings_markets, settings_beyond
record       rows on disk: computed, resumed, checked for staleness, loaded
fingerprint  what a row was computed by: the hash of its code, and versions
cluster      a Dask cluster: connected to, and asked whether it would compute the same
original     the paper's experiments by the rule of 1997 (notebook 14)
today        the same with Adam, minibatches and a forget gate (notebook 14)
biases       what gate biases let an LSTM learn, and what an RNN and a GRU learn (notebook 07)
returns      tomorrow's return of the S&P 500 with ten seeds (notebook 08)
volatility   tomorrow's variance by 18 networks (notebook 09); forecasts, its rows by date
field        adding by an LSTM, a GRU, xLSTM's two layers and a transformer of the same size (notebook 12)
portfolio    weights trained on the Sharpe ratio: a grid on 1998–2001, then 2002–2022 (notebook 10)
brain_gates  an output gate free or held, arousal in worlds that turn, over seeds (notebook 13); gate_rows reads it
brain_rules  feedback transposed, random and none; storing patterns, learnt and at one sight (notebook 13)
trading      agents with a memory or none, in markets that hide their regime, and on the S&P 500 (notebook 12)

    rows = load("original")                      # key → row: settings, trials, seconds, versions, hash of the code
    python -m lstm_core.studies original         # computes what is missing or stale

`load` needs no torch; the studies bring in what they train with.
"""

from lstm_core.studies.record import STUDIES, load
from lstm_core.studies.study import Study

__all__ = ["STUDIES", "Study", "load"]
