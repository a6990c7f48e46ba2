"""Attention over packed, ragged sentences: values in loops, gradients, and that no word of another sentence counts."""

from typing import Any

import numpy as np
import pytest
from helpers import assert_gradients_match, normal, randomise
from strict import StrictBackend

from scratchnet.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention, memory_of
from scratchnet.backend import NUMPY
from scratchnet.errors import InputError
from scratchnet.packed_sequences import Packing, one_step
from scratchnet.recurrent import select_rows

SOURCES, TARGETS = Packing([4, 2, 1]), Packing([3, 3, 2])
CHOSEN = np.array([1, 2, 0])  # the longest target belongs to the second source
H, K, A = 2, 3, 5
KINDS = ["dot", "general", "additive"]


def attention_of(kind: str, dtype: str = "float64") -> Attention:
    """Return attention with random parameters."""
    made: Attention = {
        "dot": lambda: DotAttention(dtype=dtype),
        "general": lambda: GeneralAttention(H, K, dtype=dtype),
        "additive": lambda: AdditiveAttention(H, K, A, dtype=dtype),
    }[kind]()
    randomise(made, np.random.default_rng(3))
    return made


def given(kind: str, rng: np.random.Generator, dtype: Any = "float64") -> tuple[Any, Any]:
    """Return queries and keys."""
    return normal(rng, (TARGETS.rows, K if kind == "dot" else H), dtype), normal(rng, (SOURCES.rows, K), dtype)


def memory(keys: Any, sources: Packing = SOURCES) -> Any:
    """Return the memory of the targets."""
    return select_rows([memory_of(keys, sources)], CHOSEN)[0]


def d_keys_of(d_memory: Any) -> Any:
    """Return dL/d(keys), for dL/d(memory)."""
    return SOURCES.blocks.rows_of(select_rows([d_memory], np.argsort(CHOSEN))[0]["keys"])


def score(attention: Any, q: Any, k: Any) -> float:
    """Return (4), (5) or (6), by their own formulas."""
    if isinstance(attention, AdditiveAttention):
        hidden = [np.tanh(q @ attention.W_q[:, a] + k @ attention.W_k[:, a]) for a in range(A)]
        return float(sum(hidden[a] * attention.v[a] for a in range(A)))
    if isinstance(attention, GeneralAttention):
        return float(sum(q[h] * attention.W_q[h, j] * k[j] for h in range(H) for j in range(K)))
    return float(sum(q[j] * k[j] for j in range(K)))


def row_of(packing: Packing, sentence: int, step: int) -> int:
    """Return where a sentence's word lies."""
    return packing.offsets[step] + sentence


@pytest.mark.parametrize("kind", KINDS)
def test_a_context_is_the_weighed_sum_of_the_words_of_its_own_source(kind: str, rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of(kind), given(kind, rng)
    found = attention.forward(queries, TARGETS, memory(keys))
    assert found.shape == (TARGETS.rows, K)
    for b, length in enumerate(TARGETS.lengths):
        words = [keys[row_of(SOURCES, CHOSEN[b], s)] for s in range(SOURCES.lengths[CHOSEN[b]])]
        for t in range(length):
            n = row_of(TARGETS, b, t)
            shares = np.exp([score(attention, queries[n], word) for word in words])
            wanted = sum(share * word for share, word in zip(shares / shares.sum(), words, strict=True))
            np.testing.assert_allclose(found[n], wanted, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_of_attention_match(kind: str, rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of(kind), given(kind, rng)
    upstream, tape = normal(rng, (TARGETS.rows, K)), attention.new_tape()
    attention.forward(queries, TARGETS, memory(keys), tape)
    d_queries, d_memory = attention.backward(upstream, tape)
    d_keys = d_keys_of(d_memory)
    imaginary = attention.to(dtype="complex128")
    queries, keys = queries.astype(complex), keys.astype(complex)
    assert_gradients_match(
        lambda: (imaginary.forward(queries, TARGETS, memory(keys)) * upstream).sum(),
        {"queries": queries, "keys": keys, **imaginary.parameters()},
        {"queries": d_queries, "keys": d_keys, **attention.gradients()},
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_backward_gives_the_same_and_adds_to_the_gradients(kind: str, rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of(kind), given(kind, rng)
    upstream, tape = normal(rng, (TARGETS.rows, K)), attention.new_tape()
    before = queries.copy(), keys.copy(), upstream.copy()
    attention.forward(queries, TARGETS, memory(keys), tape)
    d_queries, d_memory = attention.backward(upstream, tape)
    gradients = {name: array.copy() for name, array in attention.gradients().items()}
    again = attention.backward(upstream, tape)
    np.testing.assert_array_equal(d_queries, again[0])
    np.testing.assert_array_equal(d_memory["keys"], again[1]["keys"])
    for name, array in attention.gradients().items():
        np.testing.assert_allclose(array, 2 * gradients[name], rtol=1e-12)
    for array, kept in zip((queries, keys, upstream), before, strict=True):
        np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_other_sentences_changes_nothing(kind: str, rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of(kind), given(kind, rng)
    before = attention.forward(queries, TARGETS, memory(keys))
    for s in range(SOURCES.lengths[0]):
        keys[row_of(SOURCES, 0, s)] = 1e3
    after = attention.forward(queries, TARGETS, memory(keys))
    own = TARGETS.sequence_of_row == 2  # whose source was changed
    assert (after[own] != before[own]).all()
    np.testing.assert_array_equal(after[~own], before[~own])


def test_the_weights_of_a_word_sum_to_one_and_there_is_one_for_each_word_of_its_source(
    rng: np.random.Generator,
) -> None:
    attention, (queries, keys) = attention_of("additive"), given("additive", rng)
    tape = attention.new_tape()
    attention.forward(queries, TARGETS, memory(keys), tape)
    weights = attention.weights(tape)
    assert [one.shape for one in weights] == [(3, 2), (3, 1), (2, 4)]
    for one in weights:
        np.testing.assert_allclose(one.sum(axis=1), 1.0, rtol=1e-12)
        assert (one > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_float32(kind: str, rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of(kind, "float32"), given(kind, rng, dtype="float32")
    tape = attention.new_tape()
    contexts = attention.forward(queries, TARGETS, memory(keys), tape)
    d_queries, d_memory = attention.backward(contexts, tape)
    assert [array.dtype for array in (contexts, d_queries, d_memory["keys"])] == [np.float32] * 3


def test_large_scores_do_not_overflow() -> None:
    attention, keys = DotAttention(dtype="float64"), np.array([[1e3], [-1e3]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = attention.forward(np.array([[1e3]]), Packing([1]), memory_of(keys, Packing([2])))
    assert found.tolist() == [[1e3]]


def test_a_memory_is_copied_and_put_in_another_order_as_beams_are(rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of("dot"), given("dot", rng)
    beams = np.array([2, 0, 0, 1])
    whole = select_rows([memory_of(keys, SOURCES)], beams)[0]
    found = attention.forward(queries[:4], one_step(4, NUMPY), whole)
    for row, source in enumerate(beams):
        alone = select_rows([memory_of(keys, SOURCES)], np.array([source]))[0]
        np.testing.assert_allclose(found[row], attention.forward(queries[row : row + 1], one_step(1, NUMPY), alone)[0])


def test_other_numbers_of_rows_are_an_error(rng: np.random.Generator) -> None:
    queries, keys = given("dot", rng)
    with pytest.raises(InputError, match="7 queries and a memory of 3 sentences, wanted 8 and 3"):
        attention_of("dot").forward(queries[1:], TARGETS, memory(keys))
    with pytest.raises(InputError, match="8 queries and a memory of 2 sentences, wanted 8 and 3"):
        attention_of("dot").forward(queries, TARGETS, select_rows([memory(keys)], np.array([0, 1]))[0])
    with pytest.raises(InputError, match="of one size: they have 2 and 3"):
        attention_of("dot").forward(queries[:, 1:], TARGETS, memory(keys))


@pytest.mark.parametrize("kind", KINDS)
def test_attention_on_the_device_is_attention_with_numpy(kind: str, rng: np.random.Generator) -> None:
    attention, (queries, keys) = attention_of(kind), given(kind, rng)
    upstream, results = normal(rng, (TARGETS.rows, K)), []
    strict = StrictBackend()
    for backend, module in ((strict, attention.to(strict)), (attention.backend, attention)):
        sources, targets, tape = SOURCES.to(backend), TARGETS.to(backend), module.new_tape()
        arrays = [backend.asarray(array) for array in (queries, keys, upstream)]
        assert sources.blocks.shape[0] == targets.blocks.shape[0]  # they are there before a step begins
        strict.device.reset()
        contexts = module.forward(arrays[0], targets, memory_of(arrays[1], sources), tape)
        d_queries, d_memory = module.backward(arrays[2], tape)
        d_keys = sources.blocks.rows_of(d_memory["keys"])
        assert (strict.device.to_device, strict.device.to_host) == (0, 0)
        found = {"contexts": contexts, "queries": d_queries, "keys": d_keys, **module.gradients()}
        results.append({name: backend.to_numpy(array) for name, array in found.items()})
    for name, array in results[0].items():
        np.testing.assert_allclose(array, results[1][name], rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.torch
@pytest.mark.parametrize("kind", KINDS)
def test_attention_and_its_gradients_are_those_of_pytorch(kind: str, rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    attention, (queries, keys) = attention_of(kind), given(kind, rng)
    upstream, tape = normal(rng, (TARGETS.rows, K)), attention.new_tape()
    contexts = attention.forward(queries, TARGETS, memory(keys), tape)
    d_queries, d_memory = attention.backward(upstream, tape)
    found = {"queries": d_queries, "keys": d_keys_of(d_memory), **attention.gradients()}
    theirs = {"queries": queries, "keys": keys, **attention.parameters()}
    p = {name: torch.tensor(array, requires_grad=True) for name, array in theirs.items()}
    total = torch.zeros((), dtype=torch.float64)
    for b, length in enumerate(TARGETS.lengths):
        q = p["queries"][[row_of(TARGETS, b, t) for t in range(length)]]
        k = p["keys"][[row_of(SOURCES, CHOSEN[b], s) for s in range(SOURCES.lengths[CHOSEN[b]])]]
        if kind == "additive":
            e = torch.tanh((q @ p["W_q"])[:, None] + (k @ p["W_k"])[None]) @ p["v"]
        else:
            e = (q @ p["W_q"] if kind == "general" else q) @ k.T
        c = torch.softmax(e, dim=1) @ k
        n = [row_of(TARGETS, b, t) for t in range(length)]
        np.testing.assert_allclose(contexts[n], c.detach().numpy(), rtol=1e-12)
        total = total + (c * torch.tensor(upstream[n])).sum()
    total.backward()
    for name, tensor in p.items():
        np.testing.assert_allclose(found[name], tensor.grad.numpy(), rtol=1e-10, atol=1e-12, err_msg=name)
