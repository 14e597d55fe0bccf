"""The LSTM of 1997: its cell, its truncated learning rule, the networks of its six experiments. Notebook 14 uses it.

    net        which units and connections there are, how many weights that makes, where they start
    rule       the cell along a sequence, and the truncated gradient, in closed form: no loop back through time
    learning   on-line learning: weights change at the end of every sequence, or after every step of it
    stream     the same for one trial and sequence after sequence, in compiled loops: import it by name, it takes Numba

S trials run side by side, each with its own weights and its own sequence; an array's first axis tells them apart.
Shapes: S trials, T time, D inputs, C cells, R hidden units (the cells, then a gate or two a block), K outputs.
Numbers in brackets are equations of Hochreiter & Schmidhuber 1997 (Neural Computation 9(8):1735-1780), Appendix A.1.

    s_t = s_{t−1} + y_in ⊙ g(net_c)     y_c = y_out ⊙ h(s_t)     (9)

There is no forget gate (Gers, Schmidhuber & Cummins 2000 added it), a block of cells shares its gates, and the gates'
own last activations are among what gates and cells see.
"""

from lstm_core.paper1997.learning import Carry, OnlineRun, learn_at_end, learn_online
from lstm_core.paper1997.net import NETS, Net, Weights, connections, initial_weights, weight_count
from lstm_core.paper1997.rule import Trace, forward, gradient

__all__ = [
    "NETS", "Carry", "Net", "OnlineRun", "Trace", "Weights", "connections", "forward", "gradient", "initial_weights",
    "learn_at_end", "learn_online", "weight_count",
]  # fmt: skip
