"""What the article likens to a brain, and what a brain could run: one rule a module, for notebook 13.

hopfield      store, recall, recall_many: patterns written into weights at one sight; how many fit
episodes      the same task for a Hopfield net, which stores at one sight, and for an LSTM, which learns to store
plasticity    hebb, oja, delta: three rules for one linear neuron, and a stream to run them on
three_factor  eligibility × learning signal: the rule of 1997 with transposed, random or no feedback
order         a task to learn by it: the temporal order of 1997, at 0.3 of its length
small_nets    an LSTM and its head in NumPy: trained side by side, its biases pushed, its output gate held
gating        the prefrontal cortex: keep an order, say it when the bell rings; the output gate free or held
arousal       emotion as a gain: open the input gates and shut the forget gates together, in worlds that turn
prospect      emotion as a distortion: prospect theory's values, weights and certainty equivalents
trader        one who feels like that beside one who does not, on the same prices
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
from lstm_core.brain.episodes import Episodes, draw_episodes, learn_to_store, look_up, one_shot
from lstm_core.brain.gating import hear, recall_task, train_recall
from lstm_core.brain.hopfield import WORD, crosstalk, energy, flip, recall, recall_many, store
from lstm_core.brain.order import Look, learn_order, short_order
from lstm_core.brain.plasticity import Stream, along, compare, delta, draw_stream, hebb, oja
from lstm_core.brain.prospect import TK1992, Prospect, certainty_equivalent, decision_weights, prospect_value
from lstm_core.brain.small_nets import Net, hold_output, new_net, says, trace, train
from lstm_core.brain.three_factor import FEEDBACK, ThreeFactor, eligibility, learning_signal, updates
from lstm_core.brain.trader import calm_positions, earned, lotteries, redraw, tolerated

__all__ = [
    "AROUSALS", "FEEDBACK", "TK1992", "WORD", "Episodes", "Look", "Net", "Prospect", "Stream", "ThreeFactor", "along",
    "aroused", "bayes_tracker", "best_arousal", "calm_positions", "certainty_equivalent", "compare", "crosstalk",
    "decision_weights", "delta", "draw_episodes", "draw_stream", "earned", "eligibility", "energy", "flip", "hear",
    "hebb", "hold_output", "learn_order", "learn_to_store", "learning_signal", "look_up", "lotteries", "new_net", "oja",
    "one_shot", "prospect_value", "recall", "recall_many", "recall_task", "redraw", "says", "short_order", "store",
    "switching_world", "tolerated", "trace", "tracking_error", "train", "train_recall", "train_trackers", "updates",
]  # fmt: skip
