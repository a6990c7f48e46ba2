"""The benchmark: everyone does the same work, ratios have the right sense, and what goes wrong is said in one line."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scratchnet.bench import breakdown, measure, own_peer, pairs, torch_peer
from scratchnet.bench.cases import CASES, Case, Data, find_case, written_length
from scratchnet.bench.floor import ProductsPeer, flops
from scratchnet.bench.pairs import Spread, Turns, Worker, steps_of_a_block, take_turns
from scratchnet.bench.results import Results
from scratchnet.bench.same import difference
from scratchnet.bench.table import breakdown_table, speed_table
from scratchnet.bench.worker import PRODUCTS, TORCH, TORCH_VALID, run_steps
from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.training.loop import Trainer

TINY = Case("tiny", 9, 11, 3, 4, 2, 5, (2, 6), batches=3)
TINY_EQUAL = replace(TINY, lengths=(4, 4))
TINY_DECODE = replace(TINY_EQUAL, work="decode", batches=1)
needs_torch = pytest.mark.skipif(not torch_peer.torch_is_there(), reason="PyTorch is absent: pip install torch")


class Player:
    """A worker that needs no process: each step takes as long as it is told to."""

    def __init__(self, contestant: str, seconds: float, diary: list[str]) -> None:
        self.contestant, self.seconds, self.diary = contestant, seconds, diary

    def ask(self, do: str, first: int, steps: int, warm: int = 0) -> dict[str, Any]:
        self.diary.append(f"{self.contestant} {first}+{steps}")
        return {"seconds": self.seconds * steps, "tokens": 10 * steps, "words": 20 * steps}


# --- the same work ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_step_that_is_timed_is_the_step_of_training_to_the_bit(cell: str) -> None:
    timed, trained = (own_peer.OwnPeer(TINY, cell, "numpy") for _ in range(2))
    trainer = SimpleNamespace(
        **vars(trained),
        schedule=lambda step: own_peer.LEARNING_RATE,
        loss_sum=np.zeros(()),
        norm_sum=np.zeros(()),
        position=SimpleNamespace(batch=0, tokens=0),
    )
    for k in range(3):
        timed.prepare(k, 1)
        trained.prepare(k, 1)
        timed.step(k)
        Trainer.step(trainer, trained.batches[k])  # type: ignore[arg-type]
    before = own_peer.OwnPeer(TINY, cell, "numpy").model.parameters()
    for name, array in timed.model.parameters().items():
        assert array.tobytes() == trained.model.parameters()[name].tobytes()
        assert (array != before[name]).any()


@needs_torch
@pytest.mark.torch
@pytest.mark.parametrize(("case", "cell"), [*itertools.product([TINY, TINY_EQUAL], ["lstm", "gru"])])
def test_the_twins_have_our_loss_and_gradients(case: Case, cell: str, tmp_path: Path) -> None:
    ours = own_peer.OwnPeer(case, cell, "numpy")
    ours.save_weights(str(tmp_path / "weights"))
    ours.answers(str(tmp_path / "weights"), str(tmp_path / "ours"))
    expected = own_peer.load_file(str(tmp_path / "ours"))
    for valid_only in (False, True):
        twin = torch_peer.TorchPeer(case, cell, 1, valid_only)
        twin.answers(str(tmp_path / "weights"), str(tmp_path / "theirs"))
        answers = own_peer.load_file(str(tmp_path / "theirs"))
        assert difference("torch", answers, expected, "train") < 1e-5
    assert all(np.abs(gradient).max() > 0 for gradient in expected.values())


@needs_torch
@pytest.mark.torch
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_twin_writes_our_words_when_it_decodes(cell: str, tmp_path: Path) -> None:
    ours, twin = own_peer.OwnPeer(TINY_DECODE, cell, "numpy"), torch_peer.TorchPeer(TINY_DECODE, cell, 1)
    ours.save_weights(str(tmp_path / "weights"))
    for peer, name in ((ours, "ours"), (twin, "theirs")):
        peer.answers(str(tmp_path / "weights"), str(tmp_path / name))
    words, others = (own_peer.load_file(str(tmp_path / name))["words"] for name in ("ours", "theirs"))
    assert words.shape == (TINY_DECODE.batch, written_length(TINY_DECODE))
    assert (words == others).all()
    assert len(np.unique(words)) > 1


@needs_torch
@pytest.mark.torch
def test_the_stronger_twin_projects_real_target_tokens_only() -> None:
    for cell, valid_only in itertools.product(["lstm", "gru"], [False, True]):
        twin = torch_peer.TorchPeer(TINY, cell, 1, valid_only)
        twin.prepare(0, 1)
        rows: list[int] = []
        twin.net["output"].register_forward_hook(lambda layer, x, y, rows=rows: rows.append(len(y)))
        twin.step(0)
        padded = twin.batches[0]["inputs"].numel()
        assert rows == [twin.data.tokens(0) if valid_only else padded]
        assert twin.data.tokens(0) < padded


def test_answers_that_differ_are_refused() -> None:
    expected = {"loss": np.array([2.0]), "W": np.ones(4)}
    assert difference("x", {"loss": np.array([2.0]), "W": np.ones(4) + 1e-6}, expected, "train") == pytest.approx(1e-6)
    for wrong in (
        {"loss": np.array([2.1]), "W": np.ones(4)},
        {"loss": np.array([2.0]), "W": np.full(4, np.nan)},
        {"loss": np.array([2.0])},
    ):
        with pytest.raises(InputError):
            difference("x", wrong, expected, "train")


def test_every_process_gets_the_same_batches() -> None:
    assert Data(TINY).batch(2) == Data(TINY).batch(2) == Data(TINY).batch(5)
    assert Data(TINY).batch(2) != Data(TINY).batch(1)


def test_lengths_and_words_are_those_of_the_case() -> None:
    sources, targets = Data(CASES["ragged"]).batch(0)
    assert {min(map(len, sources)), min(map(len, targets)) + 1} <= {3, 4}
    assert {max(map(len, sources)), max(map(len, targets)) + 1} <= {19, 20}
    assert min(map(min, sources)) > 3
    assert max(map(max, sources)) < CASES["ragged"].source_words
    data = Data(CASES["small"])
    assert (data.tokens(0), data.words(0)) == (640, 64 * 19)


def test_an_epoch_of_real_text_holds_every_pair_once(tmp_path: Path) -> None:
    text = tmp_path / "pairs.tsv"
    text.write_text("".join(f"{a} {b}\t{b} {a}\n" for a, b in itertools.product("abcdefghij", repeat=2)))
    case = find_case("real", text)
    data = Data(case)
    batches = [data.batch(k) for k in range(case.batches)]
    assert (case.batches, case.source_words) == (2, 14)
    assert sorted(pair for sources, targets in batches for pair in zip(sources, targets, strict=True)) == sorted(
        data.pairs
    )
    assert len(data.pairs) == 100


# --- taking turns -----------------------------------------------------------------------------------------------------


def test_contestants_take_turns_at_the_same_steps() -> None:
    diary: list[str] = []
    players: list[Any] = [Player("a", 1.0, diary), Player("b", 2.0, diary)]
    take_turns(players, pairs=3, steps=4)
    assert diary == ["a 1+4", "b 1+4", "a 5+4", "b 5+4", "a 9+4", "b 9+4"]


def test_a_ratio_above_one_means_faster_than_the_other() -> None:
    players: list[Any] = [Player("fast", 1.0, []), Player("slow", 3.0, [])]
    turns = take_turns(players, pairs=2, steps=5)
    assert turns.ratio("fast", "slow") == Spread(3.0, 3.0, 3.0)
    assert turns.rate("slow").median == pytest.approx(10 / 3)
    assert turns.rate("slow", "words").median == pytest.approx(20 / 3)
    assert turns.seconds_per_step("slow") == 3.0


def test_ratios_are_taken_pair_by_pair() -> None:
    turns = Turns(1, {"a": [1.0, 2.0, 4.0], "b": [2.0, 8.0, 4.0]})
    assert turns.ratio("a", "b") == Spread(1.0, 2.0, 4.0)


@pytest.mark.parametrize(("seconds", "steps"), [(0.01, 60), (0.25, 2), (5.0, 1)])
def test_a_block_is_as_long_as_the_slowest_needs(seconds: float, steps: int) -> None:
    players: list[Any] = [Player("fast", seconds / 7, []), Player("slow", seconds, [])]
    assert steps_of_a_block(players, 0.6) == steps


def test_steps_before_a_block_are_taken_but_not_timed() -> None:
    taken: list[int] = []
    peer = SimpleNamespace(prepare=lambda first, steps: taken.append(-first), data=Data(TINY))
    peer.step, peer.finish = taken.append, lambda loss: 0.5
    answer = run_steps(peer, first=4, steps=2, warm=1)
    assert taken == [-3, 3, 4, 5]
    assert answer["tokens"] == Data(TINY).tokens(4) + Data(TINY).tokens(5)


def test_a_loss_that_is_not_finite_ends_the_measurement() -> None:
    peer = SimpleNamespace(prepare=lambda first, steps: None, step=lambda k: None, finish=lambda loss: float("nan"))
    with pytest.raises(InputError, match="the loss is nan"):
        run_steps(peer, 0, 1)


# --- processes --------------------------------------------------------------------------------------------------------


def test_a_worker_runs_in_a_process_of_its_own_and_says_what_it_took() -> None:
    with Worker("numpy", TINY, "gru", threads=1) as worker:
        answer = worker.ask("run", first=1, steps=2, warm=1)
        assert worker.process.poll() is None
        assert answer["tokens"] == Data(TINY).tokens(1) + Data(TINY).tokens(2)
        assert 0 < answer["seconds"] < 60
        assert 1.0 < answer["loss"] < 4.0
        assert 10 < worker.ask("memory")["peak_mib"] < 1000
    assert worker.process.poll() is not None


def test_what_fails_in_a_worker_is_said_in_one_line() -> None:
    with Worker("numpy", TINY, "lstm", 1) as worker, pytest.raises(InputError, match="numpy: a worker cannot 'dance'"):
        worker.ask("dance")
    with (
        pytest.raises(InputError, match=r"^nothing like that: unknown backend"),
        Worker("nothing like that", TINY, "lstm", 1),
    ):
        pass


def test_a_worker_that_is_killed_is_said_too() -> None:
    with Worker("numpy", TINY, "lstm", 1) as worker:
        worker.process.kill()
        with pytest.raises(InputError, match="numpy: its process ended with code -9"):
            worker.ask("memory")


@pytest.mark.parametrize("name", pairs.THREAD_SETTINGS)
def test_a_worker_gets_its_number_of_threads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def popen(*arguments: Any, env: dict[str, str], **options: Any) -> Any:
        seen.append(env[name])
        return SimpleNamespace(stdin=SimpleNamespace(write=seen.append, flush=lambda: None))

    monkeypatch.setenv(name, "7")
    monkeypatch.setattr(pairs.subprocess, "Popen", popen)
    Worker("numpy", TINY, "lstm", threads=2).said.close()
    assert seen[0] == "2"


# --- the floor and the breakdown --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "gates"), [("lstm", 4), ("gru", 3)])
def test_the_floor_counts_the_operations_of_a_step(cell: str, gates: int) -> None:
    case = replace(TINY, layers=2)
    peer = ProductsPeer(case, cell)
    peer.prepare(0, 1)
    sources, targets = Data(case).batch(0)
    rows = {"encoder": sum(map(len, sources)), "decoder": sum(len(target) + 1 for target in targets)}
    e, h, v = case.embedding, case.hidden, case.target_words
    columns = gates * h
    # Forward, the input's derivative and the weights' derivative: three products of the same size for every matrix.
    wanted = sum(3 * 2 * n * columns * ((e + h) + (h + h)) for n in rows.values()) + 3 * 2 * rows["decoder"] * h * v
    assert flops(peer.products[0]) == peer.flops(0, 1) == wanted


def test_the_floor_of_decoding_counts_one_pass_of_the_encoder_and_each_word() -> None:
    peer = ProductsPeer(TINY_DECODE, "lstm")
    e, h, v, b, words = 3, 4, 11, 5, written_length(TINY_DECODE)
    step = 2 * b * 4 * h * ((e + h) + (h + h))
    assert peer.flops(0, 1) == 4 * step + words * (step + 2 * b * h * v)


def test_the_floor_really_multiplies() -> None:
    peer = ProductsPeer(TINY, "gru")
    peer.prepare(0, 1)
    peer.buffers["y"][...] = np.nan
    peer.step(0)
    left, right, out = peer.products[0][-1]
    assert np.isfinite(peer.buffers["y"][: Data(TINY).tokens(0)]).all()
    np.testing.assert_allclose(out, left @ right, rtol=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_parts_of_a_step_add_up_to_the_step(cell: str) -> None:
    peer = own_peer.OwnPeer(TINY, cell, "numpy")
    start = time.perf_counter()
    parts = breakdown.breakdown(peer, 0, 5)
    assert 0 < 5 * sum(parts.values()) < time.perf_counter() - start
    assert set(parts) == set(breakdown.KINDS)
    assert all(seconds > 0 for seconds in parts.values())


def test_a_breakdown_leaves_everything_as_it_was() -> None:
    peer = own_peer.OwnPeer(TINY, "lstm", "numpy")
    own = [set(vars(owner)) for owner, _, _ in breakdown.places(peer)]
    breakdown.breakdown(peer, 0, 1)
    assert [set(vars(owner)) for owner, _, _ in breakdown.places(peer)] == own
    assert "forward" not in vars(peer.model.decoder.output)
    assert "pointwise" not in vars(peer.model.backend)


def test_a_method_that_is_gone_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(InputError, match="SimpleNamespace has no method 'forward' any more"):
        breakdown.Clock().wrap(SimpleNamespace(), "forward", "products")


def test_time_inside_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_ticks = itertools.count()
    monkeypatch.setattr(breakdown.time, "perf_counter", lambda: float(next(clock_ticks)))
    clock = breakdown.Clock()
    layer = SimpleNamespace(inner=lambda: None)
    layer.outer = lambda: layer.inner()
    for name, kind in (("inner", "elementwise"), ("outer", "products")):
        clock.wrap(layer, name, kind)
    layer.outer()
    assert {kind: ticks for kind, ticks in clock.seconds.items() if ticks} == {
        "rest": 1.0,
        "products": 2.0,
        "elementwise": 1.0,
    }


# --- everything together ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """What is measured of a tiny case, without PyTorch."""
    return measure.measure(TINY, "gru", 1, ["numpy"], False, measure.Effort(2, 0.01))


def test_a_measurement_has_all_figures_and_is_plain(result: dict[str, Any]) -> None:
    assert json.loads(json.dumps(result)) == result
    assert set(result["tokens_per_second"]) == {"numpy", PRODUCTS}
    assert set(result["ratios"]["numpy"]) == {PRODUCTS}
    assert 0 < result["ratios"]["numpy"][PRODUCTS]["median"] < 1  # nobody is faster than a part of the own work
    assert result["flops"] > 0
    assert result["best_rate"] > 1e8


def test_tables_show_what_was_measured(result: dict[str, Any]) -> None:
    speed, parts = speed_table([result]), breakdown_table([result])
    assert [row[:4] for row in speed.rows] == [("tiny", "gru", "1", "numpy"), ("tiny", "gru", "1", PRODUCTS)]
    assert [len(row) for row in speed.rows + parts.rows] == [len(speed.head)] * 2 + [len(parts.head)]
    assert speed.markdown().splitlines()[2].startswith("| tiny | gru | 1 | numpy | ")


def test_results_are_added_to_and_replaced_in_a_file(result: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    Results(file).add([result, result | {"threads": 2}])
    again = Results(file)
    again.add([result | {"pairs": 99}])
    kept = Results(file).in_order()
    assert [(one["threads"], one["pairs"]) for one in kept] == [(1, 99), (2, 2)]


def test_results_of_another_machine_are_not_mixed_in(result: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    Results(file).add([result])
    held = json.loads(file.read_text())
    held["machine"]["processor"] = "an abacus"
    file.write_text(json.dumps(held))
    with pytest.raises(InputError, match=r"measured elsewhere \(processor differ"):
        Results(file)


def test_ragged_training_has_two_twins_and_everything_else_one() -> None:
    assert measure.contestants(TINY, ["numpy"], True) == ["numpy", TORCH, TORCH_VALID]
    assert measure.contestants(TINY_EQUAL, ["numpy"], True) == ["numpy", TORCH]
    assert measure.contestants(replace(TINY, work="decode"), ["numpy"], True) == ["numpy", TORCH]
    assert measure.contestants(TINY, ["numpy"], False) == ["numpy"]


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `small` be tiny, and PyTorch absent."""
    monkeypatch.setitem(CASES, "small", TINY)
    monkeypatch.setattr(torch_peer, "torch_is_there", lambda: False)
    monkeypatch.setattr(measure, "QUICK", measure.Effort(2, 0.01, True))


@pytest.mark.usefixtures("tiny_cases")
def test_without_pytorch_the_command_still_prints_its_own_figures_and_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "speed.md"
    arguments = ["bench", "small", "--quick", "--cell", "lstm", "--backend", "numpy", "--threads", "1", "--json"]
    assert main([*arguments, "--write", str(page)]) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert [one["case"] for one in figures["results"]] == ["tiny"]
    assert list(figures["start_seconds"]) == ["numpy"]
    assert "pip install torch" in captured.err
    text = page.read_text()
    command = "scratchnet bench small --cell lstm --backend numpy --threads 1 --quick --write"
    assert text.splitlines()[5].startswith(command)
    assert "| tiny | lstm | 1 | numpy |" in text


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["huge"], "unknown case 'huge': choose from small, medium"),
        (["small", "--cell", "rnn"], "unknown cell 'rnn': the benchmark knows lstm, gru"),
        (["small", "--backend", "abacus"], "unknown backend 'abacus'"),
        (["small", "--backend", "auto"], "name one backend"),
        (["small", "--backend", "cupy"], "times the processor"),
        (["small", "--threads", "0"], "threads"),
        (["small", "--pairs", "0"], "pairs"),
        (["real", "--data", "/no/such/file"], "hand in a file of pairs with --data"),
        (["small", "--results", __file__], "holds no results of this benchmark"),
        (["small", "--write", "/no/such/folder/speed.md"], "/no/such/folder"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    arguments: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert wanted in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_backend_that_is_absent_is_named_with_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scratchnet.backend.compiled.find_spec", lambda package: None)
    assert main(["bench", "small", "--backend", "numba"]) == 2
    assert "'numba' is not installed" in capsys.readouterr().err
