"""What a brain could run: rules of plasticity, one-shot memory, learning without a way back. Notebook 13 uses it.

plasticity    hebb, oja, delta: three rules for one linear neuron, and a stream to run them on
hopfield      store, recall, recall_many: patterns written into weights at one sight; how many fit
episodes      the same task for a Hopfield net, which stores at one sight, and for an LSTM, which learns to store
three_factor  eligibility × learning signal: the rule of 1997 with transposed, random or no feedback
order         a task to learn by it: the temporal order of 1997, at 0.3 of its length
"""

from lstm_core.brain.episodes import Episodes, draw_episodes, learn_to_store, look_up, one_shot
from lstm_core.brain.hopfield import WORD, crosstalk, energy, flip, recall, recall_many, store
from lstm_core.brain.order import Look, learn_order, short_order
from lstm_core.brain.plasticity import Stream, along, compare, delta, draw_stream, hebb, oja
from lstm_core.brain.three_factor import FEEDBACK, ThreeFactor, eligibility, learning_signal, updates

__all__ = [
    "FEEDBACK", "WORD", "Episodes", "Look", "Stream", "ThreeFactor", "along", "compare", "crosstalk", "delta",
    "draw_episodes", "draw_stream", "eligibility", "energy", "flip", "hebb", "learn_order", "learn_to_store",
    "learning_signal", "look_up", "oja", "one_shot", "recall", "recall_many", "short_order", "store", "updates",
]  # fmt: skip
