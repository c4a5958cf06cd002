"""Recurrences and attention in NumPy, for one sentence at a time, as the lecture notes and papers write them.

Nothing here knows of batches, padding or TensorFlow: a layer that agrees with these loops treats every sentence
as if it stood alone. `w` is a dict of a layer's weights by name; x and h are row vectors, so W x is `x @ W`.
"""

import functools

import numpy as np

CELL_EQUATIONS = {}
"""Name of a cell's class -> function cell -> its equation, a function (w, x, state, t) -> (output, state)."""


def equation_of(name, **options):
    """Decorator of the equation of the cells whose class has this name.

    `options`: name of a further argument of the equation -> function cell -> its value.
    """

    def register(equation):
        CELL_EQUATIONS[name] = lambda cell: functools.partial(
            equation, **{option: value_of(cell) for option, value_of in options.items()}
        )
        return equation

    return register


def weights_of(layer):
    """A layer's own weights by name, as NumPy arrays."""
    return {weight.name: np.array(weight) for weight in layer.weights}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softmax(scores):
    exponents = np.exp(scores - np.max(scores))
    return exponents / np.sum(exponents)


ACTIVATIONS = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": lambda x: np.maximum(x, 0.0),
    "identity": lambda x: x,
    "softmax": softmax,
}


@equation_of("Elman", g=lambda cell: ACTIVATIONS[cell.activation])
def elman(w, x, state, t, *, g=np.tanh):
    """h_t = g(W_hh h_(t-1) + W_hx x_t + b_h)."""
    h = g(state["hidden"] @ w["recurrent_kernel"] + x @ w["kernel"] + w["bias"])
    return h, {"hidden": h}


LSTM_OPTIONS = {
    "g": lambda cell: ACTIVATIONS[cell.candidate_activation],
    "output": lambda cell: ACTIVATIONS[cell.output_activation],
}


@equation_of("LSTM", **LSTM_OPTIONS)
def lstm(w, x, state, t, *, g, output):
    """Gates sigma(W_x x_t + W_h h_(t-1) + b), candidate g(W_x x_t + W_h h_(t-1) + b);
    c_t = G_i * candidate + G_f * c_(t-1); h_t = G_o * output(c_t)."""
    h, c = state["hidden"], state["cell"]
    w_ix, w_fx, w_cx, w_ox = np.split(w["kernel"], 4, axis=1)
    w_ih, w_fh, w_ch, w_oh = np.split(w["recurrent_kernel"], 4, axis=1)
    b_i, b_f, b_c, b_o = np.split(w["bias"], 4)
    gate_f = sigmoid(x @ w_fx + h @ w_fh + b_f)
    gate_i = sigmoid(x @ w_ix + h @ w_ih + b_i)
    gate_o = sigmoid(x @ w_ox + h @ w_oh + b_o)
    candidate = g(x @ w_cx + h @ w_ch + b_c)
    c = gate_i * candidate + gate_f * c
    h = gate_o * output(c)
    return h, {"hidden": h, "cell": c}


def gru(w, x, state, t):
    """Cho et al. (2014): candidate = tanh(W_hx x_t + W_hh (G_r * h_(t-1)) + b_h), and
    h_t = G_u * candidate + (1 - G_u) * h_(t-1)."""
    h = state["hidden"]
    w_ux, w_rx, w_hx = np.split(w["kernel"], 3, axis=1)
    w_uh, w_rh = np.split(w["recurrent_kernel"], 2, axis=1)
    b_u, b_r, b_h = np.split(w["bias"], 3)
    gate_u = sigmoid(x @ w_ux + h @ w_uh + b_u)
    gate_r = sigmoid(x @ w_rx + h @ w_rh + b_r)
    candidate = np.tanh(x @ w_hx + (gate_r * h) @ w["candidate_kernel"] + b_h)
    h = gate_u * candidate + (1 - gate_u) * h
    return h, {"hidden": h}


def gru_reset_after(w, x, state, t):
    """cuDNN's form: the reset gate multiplies the product and its own bias, not the state."""
    h = state["hidden"]
    w_ux, w_rx, w_hx = np.split(w["kernel"], 3, axis=1)
    w_uh, w_rh, w_hh = np.split(w["recurrent_kernel"], 3, axis=1)
    b_u, b_r, b_h = np.split(w["bias"], 3)
    gate_u = sigmoid(x @ w_ux + h @ w_uh + b_u)
    gate_r = sigmoid(x @ w_rx + h @ w_rh + b_r)
    candidate = np.tanh(x @ w_hx + gate_r * (h @ w_hh + w["candidate_bias"]) + b_h)
    h = gate_u * candidate + (1 - gate_u) * h
    return h, {"hidden": h}


CELL_EQUATIONS["GRU"] = lambda cell: gru_reset_after if cell.reset == "after" else gru


@equation_of("SlowUnits")
def slow_units(w, x, state, t):
    """See `parts.SlowUnits`: h_t = tanh(W_hh h_(t-1) + W_ss s_(t-1) + W_x x_t + b); s_t = h_t where t is even."""
    h = np.tanh(
        state["hidden"] @ w["recurrent_kernel"] + state["slow"] @ w["slow_kernel"] + x @ w["kernel"] + w["bias"]
    )
    slow = h[:2] if t % 2 == 0 else state["slow"]
    return np.concatenate([h, slow]), {"hidden": h, "slow": slow}


def step_of(cell):
    """The equation of a cell: function (w, x, state, t) -> (output, state)."""
    return CELL_EQUATIONS[type(cell).__name__](cell)


def run(cell, inputs, state=None, *, backward=False):
    """A cell over one sentence (T, D): (outputs (T, output_size), last state). Backwards: from the last token."""
    step, w = step_of(cell), weights_of(cell)
    state = {part.name: np.zeros(part.size) for part in cell.state_parts} if state is None else state
    outputs = []
    for t, x in enumerate(reversed(inputs) if backward else inputs):
        output, state = step(w, x, state, t)
        outputs.append(output)
    return np.stack(outputs[::-1] if backward else outputs), state


def score(attention, query, key, covered=0.0):
    """How well one query fits one encoder output (Bahdanau et al., 2015, A.1.2; Luong et al., 2015, 3.1).

    `covered`: sum of the weights that earlier queries gave to it, for `parts.CoverageAttention` (Tu et al., 2016).
    """
    w = weights_of(attention)
    if type(attention).__name__ in ("AdditiveAttention", "CoverageAttention"):
        coverage = covered * w["coverage_kernel"][0] if "coverage_kernel" in w else 0.0
        return w["score_vector"] @ np.tanh(query @ w["query_kernel"] + key @ w["key_kernel"] + w["bias"] + coverage)
    if attention.score == "dot":
        return query @ key
    return w.get("scale", 1.0) * (query @ (key @ w["key_kernel"]))


def attend(attention, query, outputs, coverage=None):
    """Attention of one query over one sentence: (context (M,), weights (S,))."""
    coverage = np.zeros(len(outputs)) if coverage is None else coverage
    scores = [score(attention, query, output, covered) for output, covered in zip(outputs, coverage, strict=True)]
    weights = softmax(np.array(scores))
    return weights @ outputs, weights


def log_softmax(logits):
    logits = logits - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))
