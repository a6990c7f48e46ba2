"""Exercise 16: an encoder-decoder made of two LSTM layers. Its backward is wrong: predict where, and then mend it.

(5)  c = f * c_(t-1) + i * g          in both halves, with (1) to (4) of cells/lstm.py
(6)  h = o * tanh(c)
     decoder's (h_0, c_0) = encoder's last (h, c)
"""

from scratchnet.recurrent import select_rows

# What is "right" and what is "wrong" while backward is as you were given it?
# --- your code begins ---
PREDICTION = {
    "decoder W_hh": "right",
    "decoder initial c": "right",
    "encoder a_o, last step": "right",
    "encoder a_i, last step": "wrong",
    "encoder a_f, last step": "wrong",
    "encoder a_o, step before": "wrong",
    "encoder W_hh o": "wrong",
}
# --- your code ends ---


def forward(encoder, decoder, x, y, batch):
    """Return the decoder's outputs (N_t, H) and both tapes, for source rows x (N_s, E) and target rows y (N_t, E)."""
    tapes = encoder.new_tape(), decoder.new_tape()
    _, final = encoder.forward(x, batch.source_packing, None, tapes[0])
    initial = select_rows(final, batch.context_rows)  # target sentence j starts from source sentence context_rows[j]
    outputs, _ = decoder.forward(y, batch.target_packing, initial, tapes[1])
    return outputs, tapes


def backward(encoder, decoder, d_outputs, tapes, batch):
    """Accumulate all gradients, for d_outputs = dL/d(outputs) (N_t, H).

    Returns (d_initial, d_final): dL/d(decoder's initial states) and dL/d(encoder's last states), a list with one
    {"h": (B, H), "c": (B, H)} each. batch.target_rows is the inverse of batch.context_rows.
    """
    _, d_initial = decoder.backward(d_outputs, None, tapes[1])
    # --- your code begins ---
    d_final = select_rows(d_initial, batch.target_rows)
    # --- start ---
    # d_context = select_rows(d_initial, batch.target_rows)
    # d_final = [{"h": d_context[0]["h"], "c": 0.0 * d_context[0]["c"]}]
    # --- your code ends ---
    _ = encoder.backward(None, d_final, tapes[0])
    return d_initial, d_final
