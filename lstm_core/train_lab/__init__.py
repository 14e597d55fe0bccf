"""TrainLab: set two biases, guess, press Train, and see within seconds whether the net learns. Notebook 07.

widget     TrainLab: what its sliders and buttons do
session    its presses: which training runs, which was stopped, on which event loop
runner     a training in slices, with no widget: Progress, Press
controls   the sliders and buttons; what a lab may be given
view       the verdict and the two pictures: when and what they are drawn from
curves     the left picture: loss against sequences, live; bias_map, the right one
picture    a figure of which only what moves is drawn again
words      verdicts, titles, alt texts
cells      which cell of a notebook is running
"""

from lstm_core.train_lab.runner import Press, Progress
from lstm_core.train_lab.widget import TrainLab

__all__ = ["Press", "Progress", "TrainLab"]
