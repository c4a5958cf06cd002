"""The equations of the lectures' other recurrences in NumPy; see `equations`."""

import numpy as np
from equations import ACTIVATIONS, equation_of, sigmoid, step_of


@equation_of(
    "Jordan",
    g1=lambda cell: ACTIVATIONS[cell.activation],
    g2=lambda cell: ACTIVATIONS[cell.output_activation],
)
def jordan(w, x, state, t, *, g1, g2):
    """a_t = g1(W_xa x_t + W_ya y_(t-1) + b_a); y_t = g2(W_ay a_t + b_y)."""
    a = g1(x @ w["kernel"] + state["output"] @ w["recurrent_kernel"] + w["bias"])
    y = g2(a @ w["output_kernel"] + w["output_bias"])
    return y, {"output": y}


@equation_of("Leaky", cell=lambda cell: cell)
def leaky(w, x, state, t, *, cell):
    """mu_t = alpha mu_(t-1) + (1 - alpha) v_t, where v_t is what the inner cell makes of mu_(t-1)."""
    n = cell.output_size
    if cell.alpha == "learnt":
        alpha = sigmoid(w["leak"])
    elif cell.alpha == "spectrum":
        alpha = np.array([1 - 1 / cell.slowest ** (i / n) for i in range(1, n + 1)])
    else:
        alpha = np.full(n, cell.alpha)
    v, inner = step_of(cell.cell)(w, x, state, t)
    averaged = "output" if "output" in state else "hidden"
    mu = alpha * state[averaged] + (1 - alpha) * v
    return mu, {**inner, averaged: mu}


@equation_of("Delayed", delays=lambda cell: cell.delays)
def delayed(w, x, state, t, *, delays):
    """h_t = tanh(W h_(t-1) + sum over d of W_d h_(t-d) + W_x x_t + b)."""
    size = len(state["hidden"])
    before = [state["hidden"], *state["past"].reshape(-1, size)]  # before[d - 1] is h_(t-d)
    w_1, *w_d = w["recurrent_kernel"].reshape(-1, size, size)
    skips = sum(before[d - 1] @ kernel for d, kernel in zip(delays, w_d, strict=True))
    h = np.tanh(before[0] @ w_1 + skips + x @ w["kernel"] + w["bias"])
    return h, {"hidden": h, "past": np.concatenate(before[:-1])}


@equation_of("Clockwork", periods=lambda cell: cell.periods, sizes=lambda cell: cell.group_sizes)
def clockwork(w, x, state, t, *, periods, sizes):
    """Koutnik et al. (2014), eq. 1, with a full W_h whose blocks from faster to slower groups are zero; a group of
    period T keeps its state unless T divides t."""
    period_of = np.repeat(periods, sizes)
    units = len(period_of)
    w_h, start = np.zeros((units, units)), 0
    for group, size in enumerate(sizes):
        w_h[start:, start : start + size] = w[f"recurrent_kernel_{group}"]  # a unit reads its group and slower ones
        start += size
    assert not w_h[period_of[:, np.newaxis] < period_of].any()
    h = np.tanh(state["hidden"] @ w_h + x @ w["kernel"] + w["bias"])
    h = np.where(t % period_of == 0, h, state["hidden"])
    return h, {"hidden": h}


@equation_of("Deep")
def deep(w, x, state, t):
    """Hidden layers from x_t to h_t, from h_(t-1) to h_t, and from h_t to y_t (Pascanu et al., 2014)."""

    def layers(place):
        number = 1
        while f"{place}_kernel_{number}" in w:
            yield w[f"{place}_kernel_{number}"], w[f"{place}_bias_{number}"]
            number += 1

    for kernel, bias in layers("input"):
        x = np.tanh(x @ kernel + bias)
    h = state["hidden"]
    w_z, *skip = np.split(w["recurrent_kernel"], range(len(h), w["recurrent_kernel"].shape[1], len(h)), axis=1)
    z = h @ w_z + x @ w["kernel"] + w["bias"]
    for kernel, bias in layers("transition"):
        z = np.tanh(z) @ kernel + bias
    h = np.tanh(z + sum(h @ kernel for kernel in skip))
    y = h
    for kernel, bias in layers("output"):
        y = np.tanh(y @ kernel + bias)
    return y, {"hidden": h}
