"""Many small LSTMs trained at once: S networks, each with its own weights and data, as one batch in NumPy.

params      EnsembleParams: what S networks' weights are, and how they stand in memory
examples    what networks read and are to say, checked
bptt        the LSTM along its sequences and back: one call of NumPy serves many networks
lookup      symbols among so many that one-hot vectors would be long
loss        head, mean squared error, cross-entropy
blocks      as many networks at a time as the processor's cache likes
adam        Adam, and clipping, network by network
ensemble    Ensemble: step, outputs, keep; gradients

    ensemble = Ensemble(stack_params([Forecaster(2, 32, seed=seed) for seed in range(50)]), lr=0.01)
    losses, outputs = ensemble.step(given, target, lengths)      # (S, N, T, D), (S, N, K), (S, N) → (S,), (S, N, K)
    ensemble.keep(losses > 1e-3)                                 # those that have learnt it leave

It does what a loop over Forecasters with torch.optim.Adam does, to rounding. For notebooks 07 and 14.
"""

from lstm_core.ensemble.ensemble import Ensemble, gradients
from lstm_core.ensemble.params import EnsembleParams

__all__ = ["Ensemble", "EnsembleParams", "gradients"]
