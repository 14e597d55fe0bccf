"""lstm_core beside PyTorch, textbook code and other libraries, in one run, as ratios: `python -m benchmarks --help`."""
