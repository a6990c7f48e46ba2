"""The benchmark: all do the same work, ratios have the right sense, and what goes wrong is reported in one line."""

from __future__ import annotations

import itertools
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from scratchnet import bench
from scratchnet.bench import breakdown, worker
from scratchnet.bench.cases import CASES, Case, Data, find_case
from scratchnet.bench.equivalence import difference
from scratchnet.bench.implementation import LEARNING_RATE
from scratchnet.bench.matmul_bound import MatmulBound, flops
from scratchnet.bench.measure import Effort, implementations, measure_case
from scratchnet.bench.report import breakdown_table, speed_table
from scratchnet.bench.results import Results
from scratchnet.bench.scratchnet_implementation import ScratchnetImplementation
from scratchnet.bench.timings import Timings, steps_per_block, take_turns
from scratchnet.bench.torch_implementation import VARIANTS, TorchImplementation, torch_installed
from scratchnet.bench.worker import MATMUL, TORCH, TORCH_UNPADDED, run_steps, start_worker, usage
from scratchnet.cli import main
from scratchnet.errors import InputError
from scratchnet.training.loop import Trainer

TINY = Case("tiny", 9, 11, 3, 4, 2, 5, (2, 6), batches=3)
TINY_EQUAL = replace(TINY, lengths=(4, 4))
TINY_DECODE = replace(TINY_EQUAL, work="decode", batches=1)
needs_torch = pytest.mark.skipif(not torch_installed(), reason="PyTorch is absent: pip install torch")


class FakeWorker:
    """A worker without a process: each step takes the seconds that it was given."""

    def __init__(self, name: str, seconds: float, diary: list[str]) -> None:
        self.name, self.seconds, self.diary = name, seconds, diary

    def ask(self, do: str, first: int, steps: int, warm: int = 0) -> dict[str, Any]:
        self.diary.append(f"{self.name} {first}+{steps}")
        return {"seconds": self.seconds * steps, "tokens": 10 * steps, "words": 20 * steps}


def spread(minimum: float, median: float, maximum: float) -> dict[str, float]:
    return {"minimum": minimum, "median": median, "maximum": maximum}


# --- the same work ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_step_that_is_timed_is_the_step_of_training_to_the_bit(cell: str) -> None:
    timed, trained = (ScratchnetImplementation(TINY, cell, "numpy") for _ in range(2))
    trainer = SimpleNamespace(
        **vars(trained),
        schedule=lambda step: LEARNING_RATE,
        loss_sum=np.zeros(()),
        norm_sum=np.zeros(()),
        position=SimpleNamespace(batch=0, tokens=0),
    )
    for k in range(3):
        timed.prepare(k, 1)
        trained.prepare(k, 1)
        timed.step(k)
        Trainer.step(trainer, trained.batches[k])  # type: ignore[arg-type]
    before = ScratchnetImplementation(TINY, cell, "numpy").model.parameters()
    for name, array in timed.model.parameters().items():
        assert array.tobytes() == trained.model.parameters()[name].tobytes()
        assert (array != before[name]).any()


@needs_torch
@pytest.mark.torch
@pytest.mark.parametrize(("case", "cell"), [*itertools.product([TINY, TINY_EQUAL], ["lstm", "gru"])])
def test_pytorch_has_our_loss_and_gradients(case: Case, cell: str, tmp_path: Path) -> None:
    ours = ScratchnetImplementation(case, cell, "numpy")
    ours.save_weights(str(tmp_path / "weights"))
    ours.answer(str(tmp_path / "weights"), str(tmp_path / "ours"))
    expected = load_file(str(tmp_path / "ours"))
    for unpadded in (False, True):
        torch = TorchImplementation(case, cell, 1, unpadded)
        torch.answer(str(tmp_path / "weights"), str(tmp_path / "theirs"))
        answers = load_file(str(tmp_path / "theirs"))
        assert difference("torch", answers, expected, "train") < 1e-5
    assert all(np.abs(gradient).max() > 0 for gradient in expected.values())


@needs_torch
@pytest.mark.torch
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_pytorch_writes_our_words_when_it_decodes(cell: str, tmp_path: Path) -> None:
    ours, torch = ScratchnetImplementation(TINY_DECODE, cell, "numpy"), TorchImplementation(TINY_DECODE, cell, 1)
    ours.save_weights(str(tmp_path / "weights"))
    for implementation, name in ((ours, "ours"), (torch, "theirs")):
        implementation.answer(str(tmp_path / "weights"), str(tmp_path / name))
    words, others = (load_file(str(tmp_path / name))["words"] for name in ("ours", "theirs"))
    assert words.shape == (TINY_DECODE.batch, TINY_DECODE.decoded_words)
    assert (words == others).all()
    assert len(np.unique(words)) > 1


@needs_torch
@pytest.mark.torch
def test_unpadded_pytorch_projects_real_target_tokens_only() -> None:
    for cell, unpadded in itertools.product(["lstm", "gru"], [False, True]):
        torch = TorchImplementation(TINY, cell, 1, unpadded)
        torch.prepare(0, 1)
        rows: list[int] = []
        torch.net["output"].register_forward_hook(lambda layer, x, y, rows=rows: rows.append(len(y)))
        torch.step(0)
        padded = torch.batches[0]["inputs"].numel()
        assert rows == [torch.data.tokens(0) if unpadded else padded]
        assert torch.data.tokens(0) < padded


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


def test_workers_take_turns_at_the_same_steps() -> None:
    diary: list[str] = []
    workers: list[Any] = [FakeWorker("a", 1.0, diary), FakeWorker("b", 2.0, diary)]
    take_turns(workers, 3, Timings(4))
    assert diary == ["a 1+4", "b 1+4", "a 5+4", "b 5+4", "a 9+4", "b 9+4"]


def test_a_ratio_above_one_means_faster_than_the_other() -> None:
    workers: list[Any] = [FakeWorker("fast", 1.0, []), FakeWorker("slow", 3.0, [])]
    timings = take_turns(workers, 2, Timings(5))
    assert timings.ratio("fast", "slow") == spread(3.0, 3.0, 3.0)
    assert timings.rate("slow")["median"] == pytest.approx(10 / 3)
    assert timings.rate("slow", "words")["median"] == pytest.approx(20 / 3)
    assert timings.seconds_per_step("slow") == 3.0


def test_ratios_are_taken_pair_by_pair() -> None:
    timings = Timings(1, {"a": [1.0, 2.0, 4.0], "b": [2.0, 8.0, 4.0]})
    assert timings.ratio("a", "b") == spread(1.0, 2.0, 4.0)


@pytest.mark.parametrize(("seconds", "steps"), [(0.01, 60), (0.25, 2), (5.0, 1)])
def test_a_block_is_as_long_as_the_slowest_needs(seconds: float, steps: int) -> None:
    workers: list[Any] = [FakeWorker("fast", seconds / 7, []), FakeWorker("slow", seconds, [])]
    assert steps_per_block(workers, 0.6) == steps


def test_steps_before_a_block_are_taken_but_not_timed() -> None:
    taken: list[int] = []
    implementation = SimpleNamespace(prepare=lambda first, steps: taken.append(-first), data=Data(TINY))
    implementation.step, implementation.finish = taken.append, lambda loss: 0.5
    answer = run_steps(implementation, first=4, steps=2, warm=1)
    assert taken == [-3, 3, 4, 5]
    assert answer["tokens"] == Data(TINY).tokens(4) + Data(TINY).tokens(5)


def test_a_loss_that_is_not_finite_ends_the_measurement() -> None:
    implementation = SimpleNamespace(
        prepare=lambda first, steps: None, step=lambda k: None, finish=lambda loss: float("nan")
    )
    with pytest.raises(InputError, match="the loss is nan"):
        run_steps(implementation, 0, 1)


# --- processes --------------------------------------------------------------------------------------------------------


def test_a_worker_runs_in_a_process_of_its_own_and_says_what_it_took() -> None:
    with start_worker("numpy", TINY, "gru", threads=1) as started:
        answer = started.ask("run", first=1, steps=2, warm=1)
        assert started.process.poll() is None
        assert answer["tokens"] == Data(TINY).tokens(1) + Data(TINY).tokens(2)
        assert 0 < answer["seconds"] < 60
        assert 1.0 < answer["loss"] < 4.0
        assert 10 < started.ask("usage")["peak_mib"] < 1000
    assert started.process.poll() is not None


def test_what_fails_in_a_worker_is_said_in_one_line() -> None:
    with (
        start_worker("numpy", TINY, "lstm", 1) as started,
        pytest.raises(InputError, match="numpy: a worker does not know the request 'dance'"),
    ):
        started.ask("dance")
    with (
        pytest.raises(InputError, match=r"^nothing like that: unknown backend"),
        start_worker("nothing like that", TINY, "lstm", 1),
    ):
        pass


def test_a_worker_that_is_killed_is_said_too() -> None:
    with start_worker("numpy", TINY, "lstm", 1) as started:
        started.process.kill()
        with pytest.raises(InputError, match="numpy: its process ended with code -9"):
            started.ask("usage")


def test_where_the_system_counts_no_memory_it_is_not_measured(
    result: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert usage()["peak_mib"] > 10  # type: ignore[operator]
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows: an import raises ImportError
    assert set(usage().values()) == {None}
    rows = speed_table([result | {"peak_mib": {"numpy": None, MATMUL: None}}]).rows
    assert [row[-1] for row in rows] == ["not measured", ""]


@needs_torch
@pytest.mark.torch
def test_pytorchs_optimizer_is_one_of_its_variants_and_goes_on() -> None:
    tuned = TorchImplementation(TINY, "lstm", 1)
    assert tuned.tune_optimizer() in VARIANTS
    assert np.isfinite(tuned.finish(tuned.step(0)))


@pytest.mark.parametrize("name", worker.THREAD_SETTINGS)
def test_a_worker_gets_its_number_of_threads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def popen(*arguments: Any, env: dict[str, str], **options: Any) -> Any:
        seen.append(env[name])
        return SimpleNamespace(stdin=SimpleNamespace(write=seen.append, flush=lambda: None))

    monkeypatch.setenv(name, "7")
    monkeypatch.setattr(worker.subprocess, "Popen", popen)
    start_worker("numpy", TINY, "lstm", threads=2).errors.close()
    assert seen[0] == "2"


# --- the bound and the breakdown --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "gates"), [("lstm", 4), ("gru", 3)])
def test_the_matmul_bound_counts_the_operations_of_a_step(cell: str, gates: int) -> None:
    case = replace(TINY, layers=2)
    implementation = MatmulBound(case, cell)
    implementation.prepare(0, 1)
    sources, targets = Data(case).batch(0)
    rows = {"encoder": sum(map(len, sources)), "decoder": sum(len(target) + 1 for target in targets)}
    e, h, v = case.embedding, case.hidden, case.target_words
    columns = gates * h
    # Forward, the input's derivative and the weights' derivative: three products of the same size for every matrix.
    wanted = sum(3 * 2 * n * columns * ((e + h) + (h + h)) for n in rows.values()) + 3 * 2 * rows["decoder"] * h * v
    assert flops(implementation.batch(0)) == implementation.flops(0, 1) == wanted


def test_the_matmul_bound_of_decoding_counts_one_pass_of_the_encoder_and_each_word() -> None:
    implementation = MatmulBound(TINY_DECODE, "lstm")
    e, h, v, b, words = 3, 4, 11, 5, TINY_DECODE.decoded_words
    step = 2 * b * 4 * h * ((e + h) + (h + h))
    assert implementation.flops(0, 1) == 4 * step + words * (step + 2 * b * h * v)


def test_the_matmul_bound_really_multiplies() -> None:
    implementation = MatmulBound(TINY, "gru")
    implementation.prepare(0, 1)
    implementation.buffers["output.y"][...] = np.nan
    implementation.step(0)
    left, right, out = implementation.batch(0)[-1]
    assert np.isfinite(implementation.buffers["output.y"][: Data(TINY).tokens(0)]).all()
    np.testing.assert_allclose(out, left @ right, rtol=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_parts_of_a_step_add_up_to_the_step(cell: str) -> None:
    implementation = ScratchnetImplementation(TINY, cell, "numpy")
    start = time.perf_counter()
    parts = breakdown.measure_breakdown(implementation, 0, 5)
    assert 0 < 5 * sum(parts.values()) < time.perf_counter() - start
    assert set(parts) == set(breakdown.KINDS)
    assert all(seconds > 0 for seconds in parts.values())


def test_a_breakdown_leaves_everything_as_it_was() -> None:
    implementation = ScratchnetImplementation(TINY, "lstm", "numpy")
    own = [set(vars(owner)) for owner, _, _ in breakdown.timed_methods(implementation)]
    breakdown.measure_breakdown(implementation, 0, 1)
    assert [set(vars(owner)) for owner, _, _ in breakdown.timed_methods(implementation)] == own
    assert "forward" not in vars(implementation.model.decoder.output)
    assert "pointwise" not in vars(implementation.model.backend)


def test_a_method_that_is_gone_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(InputError, match="SimpleNamespace has no method 'forward' any more"):
        breakdown.Clock().wrap(SimpleNamespace(), "forward", "matmul")


def test_time_inside_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_ticks = itertools.count()
    monkeypatch.setattr(breakdown.time, "perf_counter", lambda: float(next(clock_ticks)))
    clock = breakdown.Clock()
    layer = SimpleNamespace(inner=lambda: None)
    layer.outer = lambda: layer.inner()
    for name, kind in (("inner", "elementwise"), ("outer", "matmul")):
        clock.wrap(layer, name, kind)
    layer.outer()
    assert {kind: ticks for kind, ticks in clock.seconds.items() if ticks} == {
        "rest": 1.0,
        "matmul": 2.0,
        "elementwise": 1.0,
    }


# --- everything together ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """What is measured of a tiny case, without PyTorch."""
    return measure_case(TINY, "gru", 1, ["numpy"], False, Effort(2, 0.01))


def test_a_measurement_has_all_figures_and_is_plain(result: dict[str, Any]) -> None:
    assert json.loads(json.dumps(result)) == result
    assert set(result["tokens_per_second"]) == {"numpy", MATMUL}
    assert set(result["ratios"]["numpy"]) == {MATMUL}
    assert 0 < result["ratios"]["numpy"][MATMUL]["median"] < 1  # nobody is faster than a part of the own work
    assert result["flops"] > 0
    assert result["best_rate"] > 1e8


def test_tables_show_what_was_measured(result: dict[str, Any]) -> None:
    speed, parts = speed_table([result]), breakdown_table([result])
    assert [row[:4] for row in speed.rows] == [("tiny", "gru", "1", "numpy"), ("tiny", "gru", "1", MATMUL)]
    assert [len(row) for row in speed.rows + parts.rows] == [len(speed.head)] * 2 + [len(parts.head)]
    assert speed.markdown().splitlines()[2].startswith("| tiny | gru | 1 | numpy | ")


def test_results_are_added_to_and_replaced_in_a_file(result: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    Results(file).add([result, result | {"threads": 2}])
    again = Results(file)
    again.add([result | {"repeats": 99}])
    kept = Results(file).in_order()
    assert [(one["threads"], one["repeats"]) for one in kept] == [(1, 99), (2, 2)]


def test_results_of_another_machine_are_not_mixed_in(result: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    Results(file).add([result])
    held = json.loads(file.read_text())
    held["machine"]["processor"] = "an abacus"
    file.write_text(json.dumps(held))
    with pytest.raises(InputError, match=r"measured elsewhere \(processor differ"):
        Results(file)


def test_ragged_training_is_compared_with_two_variants_of_pytorch_and_everything_else_with_one() -> None:
    assert implementations(TINY, ["numpy"], True) == ["numpy", TORCH, TORCH_UNPADDED]
    assert implementations(TINY_EQUAL, ["numpy"], True) == ["numpy", TORCH]
    assert implementations(replace(TINY, work="decode"), ["numpy"], True) == ["numpy", TORCH]
    assert implementations(TINY, ["numpy"], False) == ["numpy"]


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `small` be tiny, and PyTorch absent."""
    monkeypatch.setitem(CASES, "small", TINY)
    monkeypatch.setattr(bench, "torch_installed", lambda: False)
    monkeypatch.setattr(bench, "QUICK", Effort(2, 0.01, True))


@pytest.mark.usefixtures("tiny_cases")
def test_without_pytorch_the_command_still_prints_its_own_figures_and_says_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["bench", "small", "--quick", "--cell", "lstm", "--backend", "numpy", "--threads", "1", "--json"]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert [one["case"] for one in figures["results"]] == ["tiny"]
    assert list(figures["start_seconds"]) == ["numpy"]
    assert "pip install torch" in captured.err


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["huge"], "unknown case 'huge': choose from small, medium"),
        (["small", "--cell", "rnn"], "unknown cell 'rnn': the benchmark knows lstm, gru"),
        (["small", "--backend", "abacus"], "unknown backend 'abacus'"),
        (["small", "--backend", "auto"], "name one backend"),
        (["small", "--backend", "cupy"], "times the processor"),
        (["small", "--threads", "0"], "threads"),
        (["small", "--repeats", "0"], "repeats"),
        (["real", "--data", "/no/such/file"], "hand in a file of pairs with --data"),
        (["small", "--results", __file__], "holds no results of this benchmark"),
        (["small", "--results", "/no/such/folder/speed.json"], "/no/such/folder"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    arguments: list[str], wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.cpu_backends()  # where nothing can be kept in the home folder, Numba's says so, once in a process
    capsys.readouterr()
    assert main(["bench", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert wanted in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_backend_that_is_absent_is_named_with_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scratchnet.backend.numba_backend.find_spec", lambda package: None)
    assert main(["bench", "small", "--backend", "numba"]) == 2
    assert "'numba' is not installed" in capsys.readouterr().err
