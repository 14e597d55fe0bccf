"""The core of the LSTM lecture companion. This page is its map; importing it costs what NumPy costs.

NumPy only
    cell            one step of an RNN, an LSTM, a GRU: the article's equations, line by line
    sequence        whole sequences, every gate kept, and backpropagation through time
    gradient_flow   how much of a gradient survives a lag; half-life ↔ forget bias
    biases          gate biases, chrono initialisation
    variants        the LSTM's cell with one of its lines changed
    tasks           the six experiments of the 1997 paper: sequences, targets, criteria of success
    paper1997       the cell of 1997, its truncated learning rule, the networks of its experiments
    ensemble        many small LSTMs trained as one batch
    brain           Hebb, Oja, Hopfield, feedback of three kinds; gates held, arousal, prospect theory
PyTorch
    forecaster      a recurrent net with a linear head; every gate of a trained nn.LSTM
    training        one training loop for every notebook; history, checkpoints; progress, its bar
    practice        the tasks of 1997 with today's means, one net or many, a minibatch at a time
    field           what came after: xLSTM's two layers, a small causal transformer
    studies         what takes too long for a notebook: recorded by `make results`, row by row
pandas, statsmodels, arch, skfolio
    markets         data, returns, variance, options, portfolios, regimes; honest scoreboards
gymnasium, stable-baselines3, sb3-contrib
    trading         a market that hides its regime, a Bayes filter, agents that learn to trade, costs
For the notebooks
    plots, live     arrays in, Axes out; the same under a slider; the other *_plots, and mood_live, are of single ones
    gate_lab        the Gate Lab: an LSTM or a GRU under its sliders, computed and drawn in the browser
    train_lab       two biases, a guess, Train: a training that can be watched, stopped and taken up again
    exercises       check("name", answer)
"""

__version__ = "0.1.0"
