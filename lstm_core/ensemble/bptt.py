"""A block of S LSTMs walked along its sequences, and back (BPTT, Werbos 1990), in memory that is used again.

Shapes: S networks of the block, N sequences of each, T steps, D inputs, H hidden, K outputs. Time stands first, then
units, and all networks' sequences last, (T, ·, S, N): a gate's numbers of one step are one block of memory, one call's.
Gate rows stand as o, i, f, C̃, with C_{t−1} below them, so that [i, f] ⊙ [C̃, C] is one product and all σ one call.

Whatever a network gets depends, to the last bit, on its own weights and sequences only, not on the others of its block:
all products and all sums over time are cut at the same places for all.
"""

import numpy as np

from lstm_core.ensemble.examples import Given
from lstm_core.ensemble.lookup import add_by_symbol, look_up
from lstm_core.ensemble.params import Sizes

__all__ = ["ONE_HOT", "Tape", "block_size"]

ONE_HOT = 64  # inputs up to which symbols are cheaper as one-hot columns of a product than looked up
BLOCK_NUMBERS = 1 << 16  # gates of a block's step: more networks save calls, fewer stay in the cache
CHUNK_NUMBERS = 1 << 18  # of dz, that wait for ∂L/∂W to be summed


def block_size(H: int, N: int) -> int:
    """How many networks of H units are walked side by side, with N sequences each."""
    return max(1, round(BLOCK_NUMBERS / (5 * H * N)))


class Tape:
    """What the walk along up to `steps` steps writes down for the way back: S networks, N sequences of each."""

    def __init__(self, S: int, N: int, steps: int, sizes: Sizes, looked_up: bool, dtype) -> None:
        D, H, _ = sizes
        self.steps, self.looked_up, self.D, self.H = steps, looked_up, D, H
        self.columns = M = 1 + H if looked_up else D + 1 + H  # of W that meet x_t, 1, h_{t−1}; others are looked up
        # exp takes −z for the gates, σ(z) = 1 / (1 + e^−z), and −2z for the candidate, tanh(z) = 2σ(2z) − 1.
        self.scale = np.repeat(np.array([-1, -1, -1, -2], dtype), H)[:, None]
        self.W, self.W_hhT = np.empty((S, 4 * H, M), dtype), np.empty((S, H, 4 * H), dtype)
        self.U = U = np.zeros((steps + 1, M, S, N), dtype)  # row t: x_t, 1, h_{t−1}
        U[:, M - 1 - H] = 1
        self.one_h = U[1:, M - 1 - H :].transpose(0, 2, 1, 3)  # (T, S, 1 + H, N) row t: 1, h_t
        # Of one step: o_t, i_t, f_t, C̃_t, C_{t−1}; its products h_t, i ⊙ C̃, f ⊙ C_{t−1}; tanh C_t.
        self.G, self.P, self.tanh_c = (np.zeros((rows, H, S, N), dtype) for rows in (5, 3, 1))
        self.A = A = np.empty((steps, 6, H, S, N), dtype)  # row t: factors of dh: dC, dz_o; of dC: dz_i, dz_f, dz_g, dC
        self.forward_views = list(
            zip(_by_network(U[:-1]), U[1:, M - H :], A[:, 0], A[:, 1:4], A[:, 4], A[:, 5], strict=True)
        )
        self.factors = list(zip(A[:, :2], A[:, 2:], strict=True))
        self.chunk = max(1, round(CHUNK_NUMBERS / (6 * H * N * block_size(H, N))))
        B = np.empty((self.chunk, 6, H, S, N), dtype)  # row k: these factors times dh and dC, for some steps
        self.dz = _by_network(B[:, 1:5].reshape(self.chunk, 4 * H, S, N))
        self.backward_views = list(zip(B[:, 0], B[:, :2], B[:, 2:], B[:, 5], self.dz, strict=True))
        self.dh, self.dC, self.carried = np.empty((3, H, S, N), dtype)
        self.dh_of_head = np.empty((self.chunk, H, S, N), dtype)
        self.dW_of_steps = np.empty((self.chunk, *self.W.shape), dtype)
        self.rows = np.empty((steps, S, N, 4 * H), dtype) if looked_up else None  # what look-up reads, then dz

    def forward(self, W: np.ndarray, read: Given) -> np.ndarray:
        """Walk along what is read with W (S, 4H, D + 1 + H); return [1, h_t], a window (T, S, 1 + H, N)."""
        T = int(read.lengths.max())
        np.multiply(W[:, :, -self.columns :], self.scale, self.W)
        from_x = self._read(W, read)
        one, two, minus_two = np.array([1, 2, -2], W.dtype).reshape(3, 1)
        G, P, tanh_c = self.G, self.P, self.tanh_c[0]
        all_gates, sigmas, (o, i, f, g, c), i_f, g_c = G[:4], G[:3], G, G[1:3], G[3:]
        W, z = self.W, _by_network(all_gates.reshape(-1, *G.shape[2:]))
        h, i_g, f_c = P
        i_g_f_c = P[1:]
        add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
        matmul, exp, copy = np.matmul, np.exp, np.copyto
        c[:] = 0
        for t, (u, h_t, dC_of_h, dz_o_i_f, dz_g, dC_of_next) in enumerate(self.forward_views[:T]):
            matmul(W, u, z)
            if from_x is not None:
                add(z, from_x[t], z)
            exp(all_gates, all_gates)  # may overflow: σ(−100) = 1 / (1 + ∞) = 0 is right
            add(all_gates, one, all_gates)
            divide(one, sigmas, sigmas)
            divide(two, g, g)
            subtract(g, one, g)
            multiply(i_f, g_c, i_g_f_c)
            add(i_g, f_c, c)  # C_t = f ⊙ C_{t−1} + i ⊙ C̃
            multiply(c, minus_two, tanh_c)
            exp(tanh_c, tanh_c)
            add(tanh_c, one, tanh_c)
            divide(two, tanh_c, tanh_c)
            subtract(tanh_c, one, tanh_c)
            multiply(o, tanh_c, h)
            copy(h_t, h)
            # What `backward` needs of all this, while it is in the cache.
            multiply(h, tanh_c, dC_of_h)
            subtract(o, dC_of_h, dC_of_h)  # o(1 − tanh²C) = o − h ⊙ tanh C
            multiply(P, sigmas, dz_o_i_f)
            subtract(P, dz_o_i_f, dz_o_i_f)  # tanh C ⊙ o(1 − o) = h − h ⊙ o; for i and f likewise
            multiply(i_g, g, dz_g)
            subtract(i, dz_g, dz_g)  # i(1 − C̃²) = i − (i ⊙ C̃) ⊙ C̃
            copy(dC_of_next, f)
        return self.one_h[:T]

    def backward(self, W: np.ndarray, V: np.ndarray, e: np.ndarray, read: Given, dW: np.ndarray, dV: np.ndarray):
        """Send e = ∂L/∂y_t (steps, S, K, N) of the last `steps` steps back; write ∂L/∂W and ∂L/∂V.

        Behind the end of a sequence e is 0, and with it dh, dC and dz: nothing that is read there has a gradient.

        dh = V_hᵀ·e + W_hhᵀ·dz of the next step           dz_i = dC ⊙ C̃ ⊙ i(1 − i)         dz_g = dC ⊙ i(1 − C̃²)
        dC = dh ⊙ o(1 − tanh²C) + (dC ⊙ f) of the next    dz_f = dC ⊙ C_{t−1} ⊙ f(1 − f)   dz_o = dh ⊙ tanh C ⊙ o(1 − o)
        """
        T = int(read.lengths.max())
        first = T - len(e)
        self.W_hhT[:] = W[:, :, -self.H :].transpose(0, 2, 1)
        V_hT = np.ascontiguousarray(V[:, :, 1:].transpose(0, 2, 1))
        W_hhT, dh, dC, dW_of_U = self.W_hhT, self.dh, self.dC, dW[:, :, -self.columns :]
        dh_by_network = _by_network(dh)
        dh[:], self.carried[:], dW[:], dV[:] = 0, 0, 0, 0
        matmul, add, multiply = np.matmul, np.add, np.multiply
        for start in reversed(range(0, T, self.chunk)):
            stop = min(start + self.chunk, T)
            errors = e[max(start - first, 0) : max(stop - first, 0)]
            left, from_next = len(errors), self.carried
            from_head = self.dh_of_head[:left]
            matmul(V_hT, errors, _by_network(from_head))
            steps = zip(self.factors[start:stop], self.backward_views, strict=False)
            for (of_h, of_c), (from_h, by_h, by_c, to_last, dz) in reversed(list(steps)):
                if left:
                    left -= 1
                    add(dh, from_head[left], dh)
                multiply(of_h, dh, by_h)
                add(from_next, from_h, dC)
                multiply(of_c, dC, by_c)
                matmul(W_hhT, dz, dh_by_network)
                from_next = to_last
            self.carried[:] = from_next
            dz = self.dz[: stop - start]
            _add_products(dz, _by_network(self.U[start:stop]), self.dW_of_steps[: len(dz)], dW_of_U)
            if len(errors):
                _add_products(errors, self.one_h[stop - len(errors) : stop], None, dV)
            if self.looked_up:
                self.rows[start:stop] = dz.transpose(0, 1, 3, 2)
        if self.looked_up:
            add_by_symbol(self.rows, read, dW[:, :, : self.D])

    def _read(self, W: np.ndarray, read: Given) -> np.ndarray | None:
        """Write x into U, or return what it adds to z, (T, S, 4H, N), where symbols are looked up in W."""
        if self.looked_up:
            return look_up(W[:, :, : self.D] * self.scale, read, self.rows).transpose(0, 1, 3, 2)
        T = read.lengths.max()
        given, x = read.given[:, :, :T], self.U[:T, : self.D]  # (T, D, S, N)
        if read.symbols:
            x[:] = 0
            np.put_along_axis(x, given.transpose(2, 0, 1)[:, None], 1, 1)
        else:
            x[:] = given.transpose(2, 3, 0, 1)
        return None


def _by_network(a: np.ndarray) -> np.ndarray:
    """The window (…, S, rows, N) on a (…, rows, S, N), as products want it."""
    return a.swapaxes(-3, -2)


def _add_products(dz: np.ndarray, u: np.ndarray, work: np.ndarray | None, total: np.ndarray) -> None:
    """Add Σ_t dz_t·u_tᵀ to `total` (S, rows, columns), step by step, from (T, S, rows, N) and (T, S, columns, N)."""
    products = np.matmul(dz, u.swapaxes(2, 3), work)
    total += np.add.reduce(products, 0)
