"""What the article likens to a brain, made to run: one rule a module, for notebook 13.

small_nets   an LSTM and its head in NumPy: trained side by side, its biases pushed, its output gate held
gating       the prefrontal cortex: keep an order, say it when the bell rings; the output gate free or held
arousal      emotion as a gain: open the input gates and shut the forget gates together, in worlds that turn
prospect     emotion as a distortion: prospect theory's values, weights and certainty equivalents
trader       one who feels like that beside one who does not, on the same prices
"""

from lstm_core.brain.arousal import (
    AROUSALS,
    aroused,
    bayes_tracker,
    best_arousal,
    switching_world,
    tracking_error,
    train_trackers,
)
from lstm_core.brain.gating import hear, recall_task, train_recall
from lstm_core.brain.prospect import TK1992, Prospect, certainty_equivalent, decision_weights, prospect_value
from lstm_core.brain.small_nets import Net, hold_output, new_net, says, trace, train
from lstm_core.brain.trader import calm_positions, earned, lotteries, redraw, tolerated

__all__ = [
    "AROUSALS", "TK1992", "Net", "Prospect", "aroused", "bayes_tracker", "best_arousal", "calm_positions",
    "certainty_equivalent", "decision_weights", "earned", "hear", "hold_output", "lotteries", "new_net",
    "prospect_value", "recall_task", "redraw", "says", "switching_world", "tolerated", "trace", "tracking_error",
    "train", "train_recall", "train_trackers",
]  # fmt: skip
