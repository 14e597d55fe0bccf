"""Adam (Kingma & Ba 2015) and gradient clipping for rows of weights, one row a network: torch.optim.Adam's own sums.

Shapes: S networks, P weights of one network.
"""

import math

import numpy as np

__all__ = ["Adam", "clip_rows"]

BETAS, EPS = (0.9, 0.999), 1e-8  # PyTorch's defaults


class Adam:
    """The moments of S networks that have all made equally many steps.

    copies : (P,) by how many equal parameters PyTorch keeps each weight. nn.LSTM has two biases with one gradient; each
        of them makes the step, so that their sum, the weight here, moves twice as far.
    """

    def __init__(self, rows: np.ndarray, lr: float, copies: np.ndarray) -> None:
        self.lr, self.copies, self.steps = lr, copies, 0
        self.m, self.v = np.zeros_like(rows), np.zeros_like(rows)

    def keep(self, rows) -> None:
        self.m, self.v = self.m[rows], self.v[rows]

    def step(self, weights: np.ndarray, grads: np.ndarray, block: slice) -> None:
        """Move `weights`, the rows of `block`, down `grads`, both (S, P); the caller counts `steps`, once for all.

        m = β₁m + (1 − β₁)g      v = β₂v + (1 − β₂)g²      w −= lr · m/(1 − β₁ᵏ) / (√(v/(1 − β₂ᵏ)) + ε)
        """
        (beta1, beta2), m, v = BETAS, self.m[block], self.v[block]
        m += (1 - beta1) * (grads - m)
        v *= beta2
        v += (1 - beta2) * (grads * grads)
        step = np.sqrt(v)
        step /= math.sqrt(1 - beta2**self.steps)
        step += EPS
        np.divide(m, step, step)
        step *= self.lr / (1 - beta1**self.steps) * self.copies
        weights -= step


def clip_rows(grads: np.ndarray, most: float, copies: np.ndarray) -> None:
    """Shorten each row of grads (S, P) to the norm `most`, as nn.utils.clip_grad_norm_ does for one network.

    A weight that PyTorch keeps as two equal parameters counts twice in the norm.
    """
    norms = np.sqrt(np.einsum("sp,sp,p->s", grads, grads, copies))
    grads *= np.minimum(most / (norms + 1e-6), 1)[:, None]
