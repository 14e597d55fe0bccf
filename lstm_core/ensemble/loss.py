"""Loss and head: from [1, h_t] to each network's loss and ∂L/∂y.

Shapes: S networks, N sequences, T steps, H hidden, K outputs.
"""

import numpy as np

__all__ = ["head_outputs", "loss_and_errors"]


def head_outputs(V: np.ndarray, one_h: np.ndarray, loss: str) -> np.ndarray:
    """y = V·[1, h] (T, S, K, N): the linear head's numbers for mse, softmax(y) for cross_entropy."""
    y = np.matmul(V, one_h)
    if loss == "cross_entropy":
        y -= y.max(2, keepdims=True)
        np.exp(y, y)
        y /= y.sum(2, keepdims=True)
    return y


def loss_and_errors(y: np.ndarray, weight: np.ndarray, target: np.ndarray, loss: str) -> tuple[np.ndarray, np.ndarray]:
    """Each step's part in its network's loss, (T, S, N), and e = ∂L/∂(V·[1, h]), (T, S, K, N).

    y : (T, S, K, N) as `head_outputs` gives it.
    weight : (T, S, N), 1 / (steps that have a target) at these, 0 elsewhere.
    target : (T or 1, S, K, N) values, or for cross_entropy (T or 1, S, N) classes.

    mse: L = mean (y − target)², e = 2(y − target) / K
    cross_entropy: L = mean −ln y_target, e = y − one-hot(target)
    """
    weighted = weight[:, :, None]
    if loss == "mse":
        e = y - target
        parts = (e * e).mean(2) * weight
        e *= weighted * np.array(2 / y.shape[2], y.dtype)
        return parts, e
    at = np.broadcast_to(target, weight.shape)[:, :, None]
    of_target = np.take_along_axis(y, at, 2)
    tiny = np.finfo(y.dtype).tiny  # where a probability is 0 to the last bit, its logarithm would be −∞
    parts = -np.log(np.maximum(of_target, tiny))[:, :, 0] * weight
    e = y.copy()
    np.put_along_axis(e, at, of_target - 1, 2)
    e *= weighted
    return parts, e
