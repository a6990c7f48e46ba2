"""The catalogue of classic wrong backward passes: which line of the library is replaced by which.

Beside each, its number in the table of classic backpropagation mistakes, or None for those beyond that table. How a
mutant comes about is in mutating.py.

Read next: test_mutants.py.
"""

from mutating import Mutant, both, cell, onehot, part, plain, reverse, rich, stack
from mutating import lstm as lstm_layer

from scratchnet.cells import GRUCell, GRUResetBeforeCell, LSTMCell, RNNCell

LSTM, GRU, BEFORE, RNN = LSTMCell, GRUCell, GRUResetBeforeCell, RNNCell
BASE = "cells/base.py"

# The lines of the library that have more than one mistake in them.
DC = "dc = dc + dh * o * tanh_derivative(tanh_c)"
DC_PREV = "dc_prev = dc * f  # (5)"
DA_I = "da_i = dc * g * sigmoid_derivative(i)"
DA_F = "da_f = dc * c_prev * sigmoid_derivative(f)"
DA_G = "da_g = dc * i * tanh_derivative(g)"
DA_O = "da_o = dh * tanh_c * sigmoid_derivative(o)"
DH = "        d.h[...] = da_x @ self.W_hh.T"
DW_IH = "self.dW_ih += x.T @ da_x"
DW_HH = 'self.dW_hh += tape.previous("h").T @ da_h'
DB = "self.db += da_x.sum(axis=0)"
D_OUTPUT = "output += d_outputs[first : first + alive]"
D_ALL = "        d_all = {name: d[0][name].copy() for name in cell.state}"
STEP_BACK = "            cell.backward_step(d_step, prev, new, saved, tape.da_x[t], tape.da_h[t])"
MIRRORED = "dx = dx[packing.mirrored_rows]"
D_CONTEXT = "d_context = select_rows(d_initial, tape.batch.target_rows)"
ENCODER = "self.encoder.backward(None, d_final, tape.encoder)"
MASK = "d_outputs = d_outputs * tape.masks[k - 1]"

RECURRENT, BIDIRECTIONAL, STACK = "recurrent.py:Recurrent", "stack.py:Bidirectional", "stack.py:Stack"
LOSS, SEQ2SEQ = "losses.py:SoftmaxCrossEntropy", "seq2seq.py:Seq2Seq"

MUTANTS: list[Mutant] = [
    # --- one LSTM cell ----------------------------------------------------------------------------------------------
    cell("dh from the next step not added", 1, LSTM, DH, "        d.h[...] = 0.0"),
    cell("dc from the next step not added", 2, LSTM, DC, "dc = dh * o * tanh_derivative(tanh_c)"),
    cell("dc not passed back at all", 2, LSTM, DC_PREV, "dc_prev = dc * 0.0"),
    cell("dc passed back without the forget gate", 3, LSTM, DC_PREV, "dc_prev = dc"),
    cell("dc passed back through the input gate", None, LSTM, DC_PREV, "dc_prev = dc * i"),
    cell("derivative of tanh(c) missing", 4, LSTM, DC, "dc = dc + dh * o"),
    cell("derivative taken at c", 5, LSTM, DC, "dc = dc + dh * o * tanh_derivative(np.arctanh(tanh_c))"),
    cell("sigmoid derivative missing in i", 6, LSTM, DA_I, "da_i = dc * g"),
    cell("sigmoid derivative missing in f", 6, LSTM, DA_F, "da_f = dc * c_prev"),
    cell("sigmoid derivative wrong in o", 6, LSTM, DA_O, "da_o = dh * tanh_c * o"),
    cell("sigmoid derivative on the candidate", 7, LSTM, DA_G, "da_g = dc * i * sigmoid_derivative(g)"),
    cell("tanh derivative on a gate", 7, LSTM, DA_I, "da_i = dc * g * tanh_derivative(i)"),
    cell("current c in the forget gate", 8, LSTM, "saved.tanh_c, prev.c)\n", "saved.tanh_c, new.c)\n"),
    cell("gates in another order", 9, LSTM, "return da_i, da_f, da_g, da_o", "return da_i, da_g, da_f, da_o"),
    cell("current h in dW_hh", 10, LSTM, DW_HH, "self.dW_hh += tape.state.h[1:].T @ da_h", BASE),
    cell("W_hh not transposed per gate", 11, LSTM, DH,
         "        d.h[...] = sum(a @ W for a, W in zip(self.blocks(da_x), self.blocks(self.W_hh)))"),
    cell("dW_hh overwritten at the next call", 12, LSTM, DW_HH, 'self.dW_hh[...] = tape.previous("h").T @ da_h', BASE),
    cell("dW_ih overwritten at each step", 12, LSTM, DW_IH,
         "self.dW_ih += x[: tape.packing.sizes[0]].T @ tape.da_x[0]", BASE),
    cell("bias summed over the wrong axis", 13, LSTM, DB, "self.db += da_x.sum()", BASE),
    cell("bias of the last step only", 13, LSTM, DB, "self.db += tape.da_x[-1].sum(axis=0)", BASE),
    cell("bias averaged", 13, LSTM, DB, "self.db += da_x.mean(axis=0)", BASE),
    cell("dh of the same step not added to dc", None, LSTM, DC, "dc = dc * 1.0"),
    cell("output gate forgotten in dc", None, LSTM, DC, "dc = dc + dh * tanh_derivative(tanh_c)"),
    cell("c instead of tanh(c) in the output gate", None, LSTM, DA_O,
         "da_o = dh * np.arctanh(tanh_c) * sigmoid_derivative(o)"),
    cell("dh added to what was there", None, LSTM, DH, "        d.h += da_x @ self.W_hh.T"),
    cell("d.h bound to another array", None, LSTM, DH, "        d.h = da_x @ self.W_hh.T"),
    cell("sign of one gate turned", None, LSTM, DA_O, "da_o = -dh * tanh_c * sigmoid_derivative(o)"),
    cell("a gate's gradient not written", None, LSTM, "(*self.blocks(da_x), d.c))",
         "(*self.blocks(da_x)[:3], np.empty_like(d.c), d.c))"),
    cell("backward writes into the cache", None, LSTM, DH, "        saved.f *= 0.5\n" + DH),
    cell("backward reads its own old result", None, LSTM, DH, DH + "\n        da_x += self.db * 0.1"),
    cell("state leaks between calls", None, LSTM, "        a_x += prev.h @ self.W_hh  # (0)",
         "        self.calls = getattr(self, 'calls', 0) + 1\n        a_x += prev.h @ self.W_hh + 0.01 * self.calls"),
    cell("dx forgotten", None, LSTM, "self.backend.xp.matmul(da_x, self.W_ih.T, out=dx)", "dx[...] = 0.0", BASE),
    # --- one GRU or plain cell --------------------------------------------------------------------------------------
    cell("reset after forward, reset before backward", None, BEFORE, "a_n += saved.rh @ W_n",
         "a_n += saved.r * (prev.h @ W_n)"),
    cell("(1-z) path forgotten", None, GRU, "da_n = dh * (1.0 - z) * tanh_derivative(n)  # (4) (3)",
         "da_n = dh * tanh_derivative(n)"),
    cell("direct z path missing", None, GRU, "dh_prev = dh * z", "dh_prev = dh * 0.0"),
    cell("direct path with 1-z", None, GRU, "dh_prev = dh * z", "dh_prev = dh * (1.0 - z)"),
    cell("direct path overwritten", None, GRU, "d.h += da_h @ self.W_hh.T", "d.h[...] = da_h @ self.W_hh.T"),
    cell("b_hn summed from da_x", None, GRU, 'self.block(tape.da_h.rows, "n")', 'self.block(tape.da_x.rows, "n")'),
    cell("dW_hh from da_x", None, GRU, DW_HH, 'self.dW_hh += tape.previous("h").T @ da_x', BASE),
    cell("dh from da_x", None, GRU, "d.h += da_h @ self.W_hh.T", "d.h += da_x @ self.W_hh.T"),
    cell("candidate without reset in dh", None, GRU, "dh_n = da_n * r", "dh_n = da_n"),
    cell("sign of the update gate turned", None, GRU, "return da_r, da_z, da_n, da_r, da_z",
         "return da_r, -da_z, da_n, da_r, -da_z"),
    cell("reset gate from the state", None, GRU, "da_r = da_n * h_n *", "da_r = da_n * h_prev *"),
    cell("reset forgotten on the way back", None, BEFORE, "dh_prev + drh * r", "dh_prev + drh"),
    cell("candidate weights from h", None, BEFORE, "tape.saved.rh.rows.T @", 'tape.previous("h").T @'),
    cell("tanh derivative at a", None, RNN, "dh * tanh_derivative(h)",
         "dh * tanh_derivative(__import__('numpy').arctanh(h))"),
    cell("tanh derivative missing", None, RNN, "dh * tanh_derivative(h)", "dh * 1.0"),
    cell("W_hh forgotten", None, RNN, "d.h[...] = da_x @ self.W_hh.T", "d.h[...] = da_x"),
    cell("W_hh not transposed", None, RNN, "d.h[...] = da_x @ self.W_hh.T", "d.h[...] = da_x @ self.W_hh"),
    # --- the loop, two directions, several layers -------------------------------------------------------------------
    part("the loop forgets dh of the next step", 1, lstm_layer, RECURRENT, D_OUTPUT,
         "output[...] = d_outputs[first : first + alive]"),
    part("final states' gradient only at the last step", 14, lstm_layer, RECURRENT, D_ALL,
         D_ALL + "\n        for name in cell.state:\n            d_all[name][packing.sizes[-1] :] = 0.0"),
    part("final states' gradient ignored", None, lstm_layer, RECURRENT, D_ALL,
         D_ALL.replace("d[0][name].copy()", "d[0][name] * 0.0")),
    part("final states' gradient added twice", None, lstm_layer, RECURRENT, D_ALL,
         D_ALL.replace("d[0][name].copy()", "d[0][name] * 2.0")),
    part("window of truncation one step short", None, lstm_layer, RECURRENT, STEP_BACK,
         STEP_BACK + "\n            if t == 1:\n                d_step.h[...] = 0.0"),
    part("right-to-left dx not mirrored back", None, reverse, RECURRENT, MIRRORED, "dx = dx * 1.0"),
    part("right-to-left upstream not mirrored", None, reverse, RECURRENT,
         "d_outputs = d_outputs[packing.mirrored_rows]", "d_outputs = d_outputs * 1.0"),
    part("bidirectional dx not mirrored back", None, both, RECURRENT, MIRRORED, "dx = dx * 1.0"),
    part("dx of one direction only", None, both, BIDIRECTIONAL, "dx += dx_right", "dx += 0.0"),
    part("the halves of the outputs exchanged", None, both, BIDIRECTIONAL,
         "(d_outputs[:, :split], d_outputs[:, split:])", "(d_outputs[:, split:], d_outputs[:, :split])"),
    part("dropout mask drawn again", None, stack, STACK, MASK,
         "d_outputs = d_outputs * self.backend.keep_mask(d_outputs.shape, 0.6, np.random.default_rng(9), self.dtype)"),
    part("dropout mask of another layer", None, stack, STACK, MASK, "d_outputs = d_outputs * tape.masks[0]"),
    part("dropout mask forgotten", None, stack, STACK, MASK, "d_outputs = d_outputs * 1.0"),
    # --- whole models -----------------------------------------------------------------------------------------------
    part("encoder's short sentences get no gradient", 14, plain, RECURRENT, D_ALL,
         D_ALL + "\n        for name in cell.state:\n            d_all[name][packing.sizes[-1] :] = 0.0"),
    part("loss masked, its gradient not", 15, plain, LOSS,
         "nll[part] = log_total - z_target", "nll[part] = (log_total - z_target) * (y != 3)"),
    part("not divided by the token count", 16, plain, LOSS, "share = 1.0 / count", "share = 1.0"),
    part("divided by batch times length", 17, plain, SEQ2SEQ, "d_logits = self.loss.backward(tape.loss)",
         "b = tape.batch; d_logits = self.loss.backward(tape.loss) * (b.tokens / (b.sentences * b.packing.steps))"),
    part("repeated ids overwrite in the embedding", 18, plain, "layers.py:Embedding",
         "self.backend.add_at(self.dW, ids, d_rows)", "self.dW[ids] += d_rows"),
    part("repeated ids overwrite in one-hot rows", 18, onehot, "layers.py:OneHot",
         "self.rows.backend.add_at(total, self.rows.ids, values)", "total[self.rows.ids] = values"),
    part("decoder's initial c has no gradient", 19, plain, SEQ2SEQ, D_CONTEXT,
         D_CONTEXT + "\n        for states in d_context:\n            states['c'] = states['c'] * 0.0"),
    part("encoder detached", 20, plain, SEQ2SEQ, ENCODER, "pass"),
    part("decoder's order not permuted back", None, plain, SEQ2SEQ, D_CONTEXT, "d_context = d_initial"),
    part("bridge halves exchanged", None, rich, "bridge.py:Bridge",
         "forward[name], backward[name] = joined", "backward[name], forward[name] = joined"),
    part("tied embedding on one side only", None, rich, "layers.py:TiedLinear",
         "return self.embedding.dW.T", "return np.zeros_like(self.embedding.W.T)"),
    part("label smoothing forgotten in backward", None, rich, LOSS,
         "            if smoothing:", "            if False:"),
    part("embedding of the unreversed source", None, rich, "seq2seq.py:Encoder", "tape.rows = rows",
         "tape.rows = sources.rows"),
    part("dropout mask not applied in backward", None, plain, "layers.py:Dropout",
         "return dy if mask is None else dy * mask", "return dy"),
    part("output bias averaged", None, plain, "layers.py:Linear", "joined += self.with_ones(x).T @ dy",
         "step = self.with_ones(x).T @ dy\n            step[-1] /= len(x)\n            joined += step"),
]  # fmt: skip
