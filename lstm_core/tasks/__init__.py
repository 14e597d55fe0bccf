"""The six experiments of Hochreiter & Schmidhuber 1997: their sequences, and their measures of success.

Source: "Long short-term memory", Neural Computation 9(8), 1735–1780, section 5; sections and tables below are its own.

task          Task, Stop, Reported: one record for all of them; errors, stopping rules
batch         Batch: sequences side by side
reber         embedded_reber (1); reber_sets, legal_successors
long_lag      long_lag_2a, long_lag_2b (without and with noise), long_lag_2c (very long lags)
two_sequence  two_sequence_3a, _3b, _3c: noise and signal on one line
marked        adding (4), multiplication (5)
order         temporal_order_6a, _6b
examiner      Examiner: one trial's sequences, and when its task counts as solved

    task = adding(100)
    batch = task.batch(20, np.random.default_rng(0))      # x (N, T, D), lengths (N,), target (N, T, K), mask (N, T)
    task.solved(task.errors(outputs, batch))              # has the paper's stopping rule been met?

TASKS has each under its number in the paper; the defaults are the first row of the paper's table. For notebooks 07, 14.
"""

from lstm_core.tasks.batch import Batch
from lstm_core.tasks.examiner import Examiner, Progress
from lstm_core.tasks.long_lag import long_lag_2a, long_lag_2b, long_lag_2c
from lstm_core.tasks.marked import adding, multiplication
from lstm_core.tasks.order import temporal_order_6a, temporal_order_6b
from lstm_core.tasks.reber import embedded_reber, legal_successors, reber_sets
from lstm_core.tasks.task import Reported, Stop, Task
from lstm_core.tasks.two_sequence import two_sequence_3a, two_sequence_3b, two_sequence_3c

__all__ = [
    "TASKS", "Batch", "Examiner", "Progress", "Reported", "Stop", "Task", "adding", "embedded_reber",
    "legal_successors", "long_lag_2a", "long_lag_2b", "long_lag_2c", "multiplication", "reber_sets",
    "temporal_order_6a", "temporal_order_6b", "two_sequence_3a", "two_sequence_3b", "two_sequence_3c",
]  # fmt: skip

TASKS = {  # experiment → the function that makes its Task
    "1": embedded_reber,
    "2a": long_lag_2a, "2b": long_lag_2b, "2c": long_lag_2c,
    "3a": two_sequence_3a, "3b": two_sequence_3b, "3c": two_sequence_3c,
    "4": adding,
    "5": multiplication,
    "6a": temporal_order_6a, "6b": temporal_order_6b,
}  # fmt: skip
