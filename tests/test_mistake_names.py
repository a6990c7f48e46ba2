"""The name of a mistake: each classic one, planted into textbook code, is cured and gets its number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from planted_mistakes import cases, planted_text, subjects
from textbook_recurrent import TEXTBOOK

from scratchnet.gradcheck.judge_subject import judge
from scratchnet.gradcheck.mistake_names import CATALOGUE, ForwardValues, MistakeName, cell_of, mistake_names
from scratchnet.gradcheck.mistake_names.catalogue import EQUATIONS, SECTIONS
from scratchnet.gradcheck.subjects import Subject, subject_of
from scratchnet.gradcheck.words import lines_of

ROOT = Path(__file__).parent.parent
SECONDS = 20.0

# (number, the code, what is right, what is planted)
CLASSIC = [
    (1, "lstm", "dh = dout[t] + dh_next", "dh = dout[t]"),
    (1, "gru", "d = douts[t] + later", "d = douts[t]"),
    (1, "gru", "later = d * update + dah @ self.Wh.T", "later = dah @ self.Wh.T"),
    (1, "lstm", "dh_next = da @ U.T", "dh_next = np.zeros_like(dh)"),
    (2, "lstm", "dc = dc_next + dh * o * (1 - tc ** 2)", "dc = dh * o * (1 - tc ** 2)"),
    (2, "lstm", "dc_next = dc * f", "dc_next = dc * 0"),
    (3, "lstm", "dc_next = dc * f", "dc_next = dc"),
    (3, "lstm", "dc_next = dc * f", "dc_next = dc * o"),
    (4, "lstm", "dc_next + dh * o * (1 - tc ** 2)", "dc_next + dh * o"),
    (4, "tagger", "da = dh * (1 - new * new)", "da = dh"),
    (5, "lstm", "dh * o * (1 - tc ** 2)", "dh * o * (1 - c ** 2)"),
    (5, "gru", "(1 - update) * (1 - cand ** 2)", "(1 - update) * (1 - np.tanh(cand) ** 2)"),
    (6, "lstm", "df = dc * c_prev * f * (1 - f)", "df = dc * c_prev * (1 - f)"),
    (6, "lstm", "di = dc * g * i * (1 - i)", "di = dc * g"),
    (6, "lstm", "dg = dc * i * (1 - g ** 2)", "dg = dc * i"),
    (6, "gru", "dreset = dcand * ah * reset * (1 - reset)", "dreset = dcand * ah * reset"),
    (7, "lstm", "dg = dc * i * (1 - g ** 2)", "dg = dc * i * g * (1 - g)"),
    (7, "lstm", "do = dh * tc * o * (1 - o)", "do = dh * tc * (1 - o ** 2)"),
    (8, "lstm", "df = dc * c_prev * f", "df = dc * c * f"),
    (8, "lstm", "df = dc * c_prev * f", "df = dc * tc * f"),
    (9, "lstm", "[di, df, do, dg]", "[df, di, do, dg]"),
    (9, "gru", "dax = np.hstack([dreset, dupdate, dcand])", "dax = np.hstack([dupdate, dreset, dcand])"),
    (10, "lstm", "dU += h_prev.T @ da", "dU += h.T @ da"),
    (10, "tagger", "dU += hs[t].T @ da", "dU += hs[t + 1].T @ da"),
    (11, "tagger", "dh_next = da @ U.T +", "dh_next = da @ U +"),
    (12, "lstm", "dU += h_prev.T @ da", "dU = h_prev.T @ da"),
    (12, "gru", "self.db += dax.sum(axis=0)", "self.db = dax.sum(axis=0)"),
    (13, "lstm", "db += da.sum(axis=0)", "db += da.mean(axis=0)"),
    (13, "tagger", "db += da.sum(axis=0)", "db += da.mean(axis=0)"),
    (14, "tagger", "dh_next = da @ U.T + dh_kept", "dh_next = da @ U.T"),
    (15, "tagger", "dz = dz * m / n_tokens", "dz = dz / n_tokens"),
    (16, "tagger", "dz = dz * m / n_tokens", "dz = dz * m"),
    (16, "tagger", "dz = dz * m / n_tokens", "dz = dz * m / B"),
    (17, "tagger", "dz = dz * m / n_tokens", "dz = dz * m / n_places"),
    (17, "tagger", "dz = dz * m / n_tokens", "dz = dz * m / (B * T)"),
    (18, "tagger", "np.add.at(dE, ids[:, t], de)", "dE[ids[:, t]] += de"),
    (19, "seq2seq", "back(nothing, dh, dc, encoder", "back(nothing, dh, np.zeros_like(dc), encoder"),
    (20, "seq2seq", "back(nothing, dh, dc, encoder", "back(nothing, 0 * dh, 0 * dc, encoder"),
    (20, "seq2seq", "    nothing = np.zeros(",
     "    dh, dc = np.zeros_like(dh), np.zeros_like(dc)\n    nothing = np.zeros("),
]  # fmt: skip
# Without a number, by what changed.
OTHERS = [
    ("sign", "lstm", "df = dc * c_prev", "df = -dc * c_prev"),
    ("other gate", "lstm", "di = dc * g * i", "di = dc * o * i"),
    ("factor missing", "gru", "dcand = d * (1 - update) *", "dcand = d *"),
    ("term missing", "gru", "(state - cand) *", "state *"),
    ("step skipped", "lstm", "reversed(range(len(steps)))", "reversed(range(1, len(steps)))"),
    ("order returned", "lstm", "return dx, dh_next, dc_next", "return dx, dc_next, dh_next"),
    ("constant", "lstm", "(1 - tc ** 2)", "(1 - tc ** 3)"),
    ("start", "lstm", "dW, dU, db = np.zeros_like(W), np.zeros_like(U)", "dW, dU, db = W.copy(), np.zeros_like(U)"),
    ("target", "lstm", "        dU += h_prev.T @ da", "        U += h_prev.T @ da"),
    ("other index", "tagger", "dz[np.arange(B), tags[:, t]] -= 1", "dz[np.arange(B), tags[:, 0]] -= 1"),
    ("overwritten state", "tagger", "        dz[np.arange(B), tags[:, t]] -= 1",
     "        dz[np.arange(B), tags[:, t]] = -1"),
    ("statement missing", "lstm", "        dx[t] = da @ W.T\n", ""),
    ("statement too many", "lstm", "        dx[t] = da @ W.T\n", "        dx[t] = da @ W.T\n        dc = 2 * dc\n"),
    ("activation twice", "lstm", "dg = dc * i * (1 - g ** 2)", "dg = dc * i * (1 - g ** 2) * (1 - g ** 2)"),
]  # fmt: skip


def write(folder: Path, code: str, right: str = "", wrong: str = "") -> tuple[Subject, str]:
    """Write a textbook code with one text of it replaced; return its subject, and the right text."""
    text, harness = TEXTBOOK[code]
    assert not right or text.count(right) == 1, right
    (folder / "code_file.py").write_text(text.replace(right, wrong) if right else text, "utf-8")
    (folder / "harness_file.py").write_text(harness, "utf-8")
    return subject_of(folder / "harness_file.py"), text


def names_of(folder: Path, code: str, right: str, wrong: str) -> list[MistakeName]:
    subject, text = write(folder, code, right, wrong)
    for T in subject.times:
        assert subject.run(T).error is None
    return mistake_names(subject, {subject.program.name: text})


@pytest.mark.parametrize("code", TEXTBOOK)
def test_the_textbook_code_is_right(code: str, tmp_path: Path) -> None:
    verdict = judge(write(tmp_path, code)[0])
    assert verdict.ok, lines_of(verdict, full=True)


@pytest.mark.parametrize(("number", "code", "right", "wrong"), CLASSIC)
def test_an_edit_that_undoes_a_classic_mistake_has_its_number(
    number: int, code: str, right: str, wrong: str, tmp_path: Path
) -> None:
    names = names_of(tmp_path, code, right, wrong)
    assert {one.mistake.number for one in names} == {number}, names


@pytest.mark.parametrize(("key", "code", "right", "wrong"), OTHERS)
def test_an_edit_of_another_kind_is_named_by_what_it_changes(
    key: str, code: str, right: str, wrong: str, tmp_path: Path
) -> None:
    assert [one.mistake.key for one in names_of(tmp_path, code, right, wrong)] == [key]


@pytest.mark.parametrize("code", ["lstm"])
def test_a_report_gives_the_name_the_equation_and_the_page(code: str, tmp_path: Path) -> None:
    subject, _ = write(tmp_path, code, "df = dc * c_prev * f", "df = dc * c * f")
    verdict = judge(subject, SECONDS)
    (cure,) = verdict.cures
    assert (cure.number, cure.place) == (8, "previous cell state")
    assert cure.page == "classic_mistakes.md#8-the-current-cell-state-where-the-previous-one-belongs"
    assert cure.derivation == "bptt.md#6-the-lstm"
    said = "    classic mistake 8: the current cell state where the previous one belongs; (5) c = f * c_(t-1) + i * g"
    assert said in lines_of(verdict)


CURED_OTHERWISE = {
    (number, wrong)
    for number, _, _, wrong in CLASSIC
    if (number, wrong) == (1, "dh_next = np.zeros_like(dh)") or (number == 20 and wrong.lstrip().startswith("dh, dc ="))
}


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code", "right", "wrong"), CLASSIC[::2])
def test_a_cure_that_is_found_has_the_number_of_its_mistake(
    number: int, code: str, right: str, wrong: str, tmp_path: Path
) -> None:
    verdict = judge(write(tmp_path, code, right, wrong)[0], SECONDS)
    if not verdict.cured:
        pytest.skip("the search found no cure, so there is nothing to be named")
    if (number, wrong) in CURED_OTHERWISE:
        pytest.xfail("the edit that is found is another one with the same values, and has another name")
    assert {cure.number for cure in verdict.cures} == {number}


@pytest.mark.parametrize(("code", "kind"), [("lstm", "lstm"), ("gru", "gru"), ("seq2seq", "lstm"), ("tagger", "rnn")])
def test_a_forward_is_known_by_its_numbers(code: str, kind: str, tmp_path: Path) -> None:
    subject, _ = write(tmp_path, code)
    subject.run(subject.times[-1])
    cell = cell_of(ForwardValues(subject))
    assert (cell.kind if cell is not None else "") == kind
    if kind == "lstm" and cell is not None:
        assert set(cell.roles) == {"i", "f", "g", "o", "c", "c_prev", "tanh_c", "h"}


def test_names_do_not_matter(tmp_path: Path) -> None:
    """The LSTM with the names of its gates exchanged is the same LSTM, and so is its mistake."""
    text, harness = TEXTBOOK["lstm"]
    wrong = text.replace("df = dc * c_prev * f", "df = dc * c * f")
    for old, new in (("c_prev", "q0"), ("c_new", "q1"), ("h_prev", "s0"), ("h_new", "s1"), ("tc", "w")):
        text, wrong = (re.sub(rf"\b{old}\b", new, one) for one in (text, wrong))
    for old, new in (("i", "f"), ("f", "k_"), ("o", "i"), ("k_", "o"), ("c", "u"), ("dc", "du"), ("df", "dq")):
        text, wrong = (re.sub(rf"\b{old}\b(?!\()", f"{new}_", one) for one in (text, wrong))
    (tmp_path / "code_file.py").write_text(wrong, "utf-8")
    (tmp_path / "harness_file.py").write_text(harness, "utf-8")
    subject = subject_of(tmp_path / "harness_file.py")
    subject.run(subject.times[-1])
    (name,) = mistake_names(subject, {subject.program.name: text})
    assert name.mistake.number == 8


def test_a_count_that_is_exchanged_by_two_factors_is_named_by_their_ratio(tmp_path: Path) -> None:
    wrong = "dz = dz * m / (B * T)"
    subject, text = write(tmp_path, "tagger", "dz = dz * m / n_tokens", wrong)
    mended = text.replace("dz = dz * m / n_tokens", f"{wrong} * n_places / n_tokens")
    (name,) = mistake_names(subject, {subject.program.name: mended})
    assert name.mistake.number == 17


@pytest.mark.parametrize(
    ("id", "number", "place"),
    [("lstm.f-current-c", 8, "previous cell state"), ("lstm.o-derivative-1-y", 6, "output gate"),
     ("lstm.dc-through-o", 3, "previous cell state"), ("gru.n-derivative-sigmoid", 7, "candidate"),
     ("lstm.dc-without-tanh", 4, "tanh of the cell state")],
)  # fmt: skip
def test_a_mistake_in_a_module_that_the_file_imports_has_its_number(
    id: str, number: int, place: str, tmp_path: Path
) -> None:
    case = next(case for case in cases() if case.mistakes[0].id == id)
    subject = next(subjects(tmp_path, case))
    subject.run(subject.times[-1])
    (edit,) = case.mistakes[0].edits
    module = f"library.{edit.file.removesuffix('.py').replace('/', '.')}"
    (name,) = mistake_names(subject, {module: planted_text(edit.file, [])})
    assert (name.mistake.number, name.place) == (number, place)


def test_every_classic_mistake_has_its_heading_in_the_page_and_a_test() -> None:
    page = (ROOT / "docs" / "classic_mistakes.md").read_text("utf-8")
    numbered = [one for one in CATALOGUE.values() if one.number]
    assert [one.number for one in numbered] == list(range(1, 21))
    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == [one.heading for one in numbered]
    for one in numbered:
        (exercise,) = (ROOT / "scratchnet" / "learn" / "exercises").glob(f"{one.exercise:02}_*")
        assert f"({exercise.relative_to(ROOT)}/text.md)" in page.replace("../", "")
        assert f"| [{one.number}](#{one.page.split('#')[1]}) | {one.words} |" in page
    assert {number for number, *_ in CLASSIC} == set(range(1, 21))
    assert "\n## Without a number\n" in page


def test_what_a_name_refers_to_in_the_derivation_is_there() -> None:
    text = (ROOT / "docs" / "bptt.md").read_text("utf-8").lower()
    anchors = {re.sub(r"[^\w\- ]", "", line).replace(" ", "-") for line in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    assert {one.rule for one in CATALOGUE.values() if one.rule} <= anchors
    assert set(SECTIONS.values()) <= anchors
    equations = {line for kind in EQUATIONS.values() for line in kind.values()}
    for line in equations:
        assert re.sub(r"\s+", " ", line.split(") ", 1)[1]).lower() in re.sub(r"\s+", " ", text), line
