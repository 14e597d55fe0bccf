"""Tomorrow's return, honestly scored: baselines, the network, one scoreboard, a closer look, and the leak hunt."""
