"""The equations of the gated cells beside LSTM and GRU, as `equations.py` writes them."""

import numpy as np
from equations import LSTM_OPTIONS, equation_of, sigmoid


@equation_of("SimpleGRU")
def simple_gru(w, x, state, t):
    """a = W_u [h_(t-1), x_t] + b_u; candidate tanh(W_c [h_(t-1), x_t] + b_c); h_t = G_u * candidate + (1 - G_u) * h."""
    h = state["hidden"]
    w_ux, w_cx = np.split(w["kernel"], 2, axis=1)
    w_uh, w_ch = np.split(w["recurrent_kernel"], 2, axis=1)
    b_u, b_c = np.split(w["bias"], 2)
    both = np.concatenate([h, x])
    gate_u = sigmoid(both @ np.concatenate([w_uh, w_ux]) + b_u)
    candidate = np.tanh(both @ np.concatenate([w_ch, w_cx]) + b_c)
    h = gate_u * candidate + (1 - gate_u) * h
    return h, {"hidden": h}


@equation_of("PeepholeLSTM", **LSTM_OPTIONS)
def peephole_lstm(w, x, state, t, *, g, output):
    """Gers & Schmidhuber (2000): diagonal weights from c_(t-1) to the input and forget gates, from c_t to the output
    gate."""
    h, c = state["hidden"], state["cell"]
    w_ix, w_fx, w_cx, w_ox = np.split(w["kernel"], 4, axis=1)
    w_ih, w_fh, w_ch, w_oh = np.split(w["recurrent_kernel"], 4, axis=1)
    b_i, b_f, b_c, b_o = np.split(w["bias"], 4)
    gate_i = sigmoid(x @ w_ix + h @ w_ih + np.diag(w["input_peephole"]) @ c + b_i)
    gate_f = sigmoid(x @ w_fx + h @ w_fh + np.diag(w["forget_peephole"]) @ c + b_f)
    c = gate_f * c + gate_i * g(x @ w_cx + h @ w_ch + b_c)
    gate_o = sigmoid(x @ w_ox + h @ w_oh + np.diag(w["output_peephole"]) @ c + b_o)
    h = gate_o * output(c)
    return h, {"hidden": h, "cell": c}


def layer_norm(a, gain, bias):
    """Ba et al. (2016), supplementary material: LN(a; gain, bias), with their program's 1e-5 in the variance."""
    return gain * (a - np.mean(a)) / np.sqrt(np.mean((a - np.mean(a)) ** 2) + 1e-5) + bias


@equation_of("LayerNormLSTM", **LSTM_OPTIONS)
def layer_norm_lstm(w, x, state, t, *, g, output):
    """Ba et al. (2016), supplementary equations of the LSTM."""
    recurrent = layer_norm(state["hidden"] @ w["recurrent_kernel"], w["recurrent_gain"], 0)
    i, f, candidate, o = np.split(recurrent + layer_norm(x @ w["kernel"], w["input_gain"], 0) + w["bias"], 4)
    c = sigmoid(f) * state["cell"] + sigmoid(i) * g(candidate)
    h = sigmoid(o) * output(layer_norm(c, w["cell_gain"], w["cell_bias"]))
    return h, {"hidden": h, "cell": c}


@equation_of("LayerNormGRU")
def layer_norm_gru(w, x, state, t):
    """Ba et al. (2016), supplementary equations of the GRU; z there is u here."""
    h, n = state["hidden"], len(state["hidden"])
    w_x, w_h, b = w["kernel"], w["recurrent_kernel"], w["bias"]
    input_gain, gate_gain = w["input_gain"], w["gate_gain"]
    gates = layer_norm(h @ w_h[:, : 2 * n], gate_gain, 0) + layer_norm(x @ w_x[:, : 2 * n], input_gain[: 2 * n], 0)
    gate_u, gate_r = np.split(sigmoid(gates + b[: 2 * n]), 2)
    recurrent = layer_norm(h @ w_h[:, 2 * n :], w["candidate_gain"], w["candidate_bias"])
    candidate = np.tanh(layer_norm(x @ w_x[:, 2 * n :], input_gain[2 * n :], b[2 * n :]) + gate_r * recurrent)
    h = (1 - gate_u) * h + gate_u * candidate
    return h, {"hidden": h}


def slstm_gates(w, x, h):
    """Beck et al. (2024), section 2.2: what i, f, z, o are before their activations."""
    return np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)


@equation_of("SLSTM")
def slstm(w, x, state, t):
    """Beck et al. (2024), section 2.2, with the stabiliser m. The state is c / n and log n, without m."""
    i, f, z, o = slstm_gates(w, x, state["hidden"])
    m, n, c = state["log_normaliser"], 1.0, state["cell"]
    m_next = np.maximum(np.log(sigmoid(f)) + m, i)
    gate_i, gate_f = np.exp(i - m_next), np.exp(np.log(sigmoid(f)) + m - m_next)
    c, n = gate_f * c + gate_i * np.tanh(z), gate_f * n + gate_i
    h = sigmoid(o) * c / n
    return h, {"hidden": h, "cell": c / n, "log_normaliser": m_next + np.log(n)}
