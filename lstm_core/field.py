"""Where the field went: xLSTM's two layers, and a small causal transformer, to race with an LSTM. Notebook 12.

Each layer is called as nn.LSTM is, and stands in its place: layer(x) -> (h (N, T, H), None), with input_size and
hidden_size. `new_reader` puts a head on it, so that `practice.learn` trains what it trained before.
Shapes: N batch, T time, D inputs, H hidden. Gate rows of the sLSTM stand in PyTorch's order: i, f, g, o.
Sources: Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory" (arXiv 2405.04517); Vaswani et al. 2017.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lstm_core._checks import choose, whole
from lstm_core.biases import chrono_bias
from lstm_core.forecaster import Forecaster

__all__ = ["MLSTM", "READERS", "SLSTM", "Reader", "Transformer", "new_reader", "positions", "weights"]


class SLSTM(nn.Module):
    """The sLSTM: an LSTM whose input gate is an exponential, and whose cell is divided by what was written to it.

    i = exp(ĩ)   f = σ(f̃)   g = tanh(g̃)   o = σ(õ)   c′ = f ⊙ c + i ⊙ g   n′ = f ⊙ n + i   h′ = o ⊙ c′ / n′
    m′ = max(ln f + m, ĩ) keeps the exponentials finite: exp(ĩ − m′) and exp(ln f + m − m′) take the places of i and f,
    which divides c′ and n′ by exp(m′) and leaves h′ as it is. n′ ≥ 1 in these units.

    chrono : as a Forecaster's, b_f = ln U[1, T − 1]; b_i stays, as a shift of it cancels in c′ / n′.
    """

    def __init__(self, input_size: int, hidden_size: int, chrono: int | None = None, seed: int = 0) -> None:
        super().__init__()
        self.input_size, self.hidden_size = whole("input_size", input_size, 1), whole("hidden_size", hidden_size, 1)
        self.read = nn.Linear(input_size, 4 * hidden_size)
        self.mix = nn.Linear(hidden_size, 4 * hidden_size, bias=False)
        for weight in self.parameters():
            nn.init.uniform_(weight, -(hidden_size**-0.5), hidden_size**-0.5)  # as nn.LSTM's
        if chrono is not None:
            b_f = chrono_bias(hidden_size, chrono, np.random.default_rng(seed)).reshape(4, -1)[1]
            self.read.bias.data[hidden_size : 2 * hidden_size] = torch.as_tensor(b_f)

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """Read x (N, T, D), return h (N, T, H)."""
        h = c = n = x.new_zeros(len(x), self.hidden_size)
        m, hs = h - math.inf, []
        for read in self.read(x).unbind(1):
            i, f, g, o = torch.addmm(read, h, self.mix.weight.T).chunk(4, -1)
            kept = F.logsigmoid(f) + m
            m = torch.maximum(kept, i).detach()  # h does not depend on m, so neither does its gradient
            i, f = torch.exp(i - m), torch.exp(kept - m)
            c = f * c + i * torch.tanh(g)
            n = f * n + i
            h = torch.sigmoid(o) * c / n
            hs.append(h)
        return torch.stack(hs, 1), None


class MLSTM(nn.Module):
    """The mLSTM: a matrix for a memory, written to by an outer product, Hebb's rule, with gates that see x alone.

    C′ = f C + i v kᵀ   n′ = f n + i k   h′ = o ⊙ C′q / max(|n′·q|, 1)   i = exp(ĩ), f = σ(f̃): one number each a step
    Nothing of h comes back, so all steps are computed at once, as attention does: with F_t = Σ_{s≤t} ln f_s,
    C_t q_t = Σ_{s≤t} exp(F_t − F_s + ĩ_s) v_s (k_s·q_t). m_t, the largest of those exponents, is taken off all of them.
    The input is read through a layer of H units with SiLU first; of the paper's block no more is here.

    chrono : b_f = ln(T − 1), the longest memory that chrono initialisation draws.
    """

    def __init__(self, input_size: int, hidden_size: int, chrono: int | None = None) -> None:
        super().__init__()
        self.input_size, self.hidden_size = whole("input_size", input_size, 1), whole("hidden_size", hidden_size, 1)
        self.embed = nn.Linear(input_size, hidden_size)
        self.qkvo = nn.Linear(hidden_size, 4 * hidden_size)
        self.gates = nn.Linear(hidden_size, 2)
        if chrono is not None:
            self.gates.bias.data[1] = math.log(chrono - 1)

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """Read x (N, T, D), return h (N, T, H)."""
        x = F.silu(self.embed(x))
        q, k, v, o = self.qkvo(x).chunk(4, -1)
        i, f = self.gates(x).unbind(-1)
        passed = F.logsigmoid(f).cumsum(-1)  # F_t, (N, T)
        exponent = passed[:, :, None] - passed[:, None] + i[:, None]  # (N, T, T): of t and s
        exponent = exponent.masked_fill(_later(x), -math.inf)
        m = exponent.amax(-1, keepdim=True).detach()
        weight = torch.exp(exponent - m) * (q @ k.transpose(1, 2)) / math.sqrt(self.hidden_size)
        scale = torch.maximum(weight.sum(-1, keepdim=True).abs(), torch.exp(-m))  # max(|n·q|, 1), times exp(−m)
        return torch.sigmoid(o) * (weight @ v) / scale, None


class Transformer(nn.Module):
    """Two layers of causal attention, normalised first, without dropout; sinusoidal positions are added to the input.

    softmax(q kᵀ / √d) v: each step looks at itself and all earlier ones.
    """

    def __init__(self, input_size: int, hidden_size: int, layers: int = 2, heads: int = 2, inner: int = 32) -> None:
        super().__init__()
        self.input_size, self.hidden_size = whole("input_size", input_size, 1), whole("hidden_size", hidden_size, 1)
        self.embed = nn.Linear(input_size, hidden_size)
        how = dict(dropout=0.0, batch_first=True, norm_first=True)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(hidden_size, heads, inner, **how) for _ in range(layers))

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """Read x (N, T, D), return h (N, T, H)."""
        h = self.embed(x) + positions(x.shape[1], self.hidden_size).to(x)
        for layer in self.layers:
            h = layer(h, src_mask=_later(x), is_causal=True)
        return h, None


def positions(T: int, H: int) -> Tensor:
    """Return the sines and cosines (T, H) that tell steps apart; wavelengths from 2π to 10,000 · 2π. H must be even."""
    angle = torch.arange(T)[:, None] / 10_000 ** (torch.arange(0, H, 2) / H)
    return torch.stack([angle.sin(), angle.cos()], -1).reshape(T, H)


class Reader(nn.Module):
    """A layer and a linear head: what `practice.learn` and `practice.answer` take in place of a Forecaster."""

    def __init__(self, layer: nn.Module, output_size: int) -> None:
        super().__init__()
        self.recurrent, self.head = layer, nn.Linear(layer.hidden_size, output_size)


READERS = {"lstm": 32, "gru": 37, "slstm": 32, "mlstm": 32, "transformer": 16}  # H of each: about 4,500 weights


def new_reader(kind: str, input_size: int, output_size: int, lag: int, seed: int = 0) -> Forecaster | Reader:
    """One of READERS, drawn from `seed`; its forget gate, if it has one, starts for lags up to `lag` steps."""
    H = READERS[choose("kind", kind, tuple(READERS))]
    if kind in ("lstm", "gru"):
        return Forecaster(input_size, H, kind, output_size=output_size, chrono=lag, seed=seed)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        layer = {"slstm": lambda: SLSTM(input_size, H, lag, seed), "mlstm": lambda: MLSTM(input_size, H, lag),
                 "transformer": lambda: Transformer(input_size, H)}[kind]()  # fmt: skip
        return Reader(layer, output_size)


def weights(net: nn.Module) -> int:
    """How many numbers training can change; the two biases of an nn.LSTM's gate, which are only ever added, are one."""
    twins = {id(layer): layer.bias_hh_l0.numel() for layer in net.modules() if isinstance(layer, nn.LSTM)}
    twins |= {id(layer): 2 * layer.hidden_size for layer in net.modules() if isinstance(layer, nn.GRU)}
    return sum(weight.numel() for weight in net.parameters()) - sum(twins.values())


def _later(x: Tensor) -> Tensor:
    """Which steps s come after a step t: (T, T) bool."""
    return torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
