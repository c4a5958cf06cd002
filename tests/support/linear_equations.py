"""The equations of the linear cells, as `equations.py` writes them."""

import numpy as np
from equations import equation_of, sigmoid


def projections(w, x, state):
    """W x_t + b of each block of columns."""
    return np.split(x @ w["kernel"] + w["bias"], len(w["bias"]) // len(state["hidden"]))


def positive(x):
    """g(x) of Feng et al. (2024), appendix B.2."""
    return np.where(x >= 0, x + 0.5, sigmoid(x))


def log_positive(x):
    """log g(x), without g."""
    return np.where(x >= 0, np.log(np.maximum(x, 0) + 0.5), -np.logaddexp(0, -x))


def log_space_scan(log_a, log_b, start):
    """States by sums of logarithms: log h_t = A_t + log(h_0 + sum over s <= t of exp(log b_s - A_s)), where A_t is the
    sum of log a_1 .. log a_t (Heinsen, 2023; Feng et al., 2024, appendix B.2)."""
    sums = np.cumsum(log_a, axis=1)
    first = np.log(start)[:, np.newaxis]
    terms = np.concatenate([first, log_b - sums], axis=1)
    return np.exp(sums + np.logaddexp.accumulate(terms, axis=1)[:, 1:])


@equation_of("MinGRU")
def min_gru(w, x, state, t):
    """Feng et al. (2024), 3.1: h_t = (1 - z_t) * h_(t-1) + z_t * candidate."""
    x_z, x_h = projections(w, x, state)
    z = sigmoid(x_z)
    h = (1 - z) * state["hidden"] + z * positive(x_h)
    return h, {"hidden": h}


@equation_of("MinLSTM")
def min_lstm(w, x, state, t):
    """Feng et al. (2024), 3.2: f' = f / (f + i), i' = i / (f + i), h_t = f' * h_(t-1) + i' * candidate."""
    x_f, x_i, x_h = projections(w, x, state)
    f, i = sigmoid(x_f), sigmoid(x_i)
    h = f / (f + i) * state["hidden"] + i / (f + i) * positive(x_h)
    return h, {"hidden": h}


@equation_of("SSRU")
def ssru(w, x, state, t):
    """Kim et al. (2019): c_t = f_t * c_(t-1) + (1 - f_t) * W x_t; h_t = relu(c_t)."""
    x_f, x_c = projections(w, x, state)
    f = sigmoid(x_f)
    c = f * state["hidden"] + (1 - f) * x_c
    return np.maximum(c, 0), {"hidden": c}


@equation_of("RGLRU")
def rg_lru(w, x, state, t):
    """De et al. (2024), 2.4: a_t = exp(-8 r_t softplus(Lambda)); h_t = a_t * h_(t-1) + sqrt(1 - a_t^2) * i_t * u_t."""
    x_r, x_i, u = projections(w, x, state)
    a = np.exp(-8 * sigmoid(x_r) * np.log(1 + np.exp(w["decay"])))
    h = a * state["hidden"] + np.sqrt(1 - a**2) * sigmoid(x_i) * u
    return h, {"hidden": h}


@equation_of("HGRN", lower_bound=lambda cell: cell.lower_bound)
def hgrn(w, x, state, t, *, lower_bound):
    """Qin et al. (2023): f_t = bound + (1 - bound) * sigma(W_f x_t + b_f); h_t = f_t * h_(t-1) + (1 - f_t) * silu(u_t);
    y_t = W_y (LN(h_t) * silu(x_g)) + b_y."""
    x_f, u, x_g = projections(w, x, state)
    f = lower_bound + (1 - lower_bound) * sigmoid(x_f)
    h = f * state["hidden"] + (1 - f) * u * sigmoid(u)
    normal = (h - h.mean()) / np.sqrt(h.var() + 1e-5) * w["norm_gain"] + w["norm_bias"]
    return (normal * x_g * sigmoid(x_g)) @ w["output_kernel"] + w["output_bias"], {"hidden": h}
