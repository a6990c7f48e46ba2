"""Readers: every kind of bad file is one clear line; good files, references and splits come out right."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import sample
from hypothesis import given
from hypothesis import strategies as st

from scratchnet.data import Pair, group_references, normalise, read_aligned, read_pairs, split_pairs, write_pairs
from scratchnet.errors import InputError

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
GOOD = [(f"line {number}", f"पंक्ति {number}") for number in range(1, 41)]

Fixture = Callable[[bytes | str], Path]


@pytest.fixture
def file(tmp_path: Path) -> Fixture:
    def write(content: bytes | str) -> Path:
        path = tmp_path / f"pairs{len(list(tmp_path.iterdir()))}.tsv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def as_lines(pairs: list[Pair]) -> list[str]:
    return [f"{source}\t{target}" for source, target in pairs]


def never(message: str) -> None:
    raise AssertionError(f"warned without need: {message}")


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        read()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Files that can be read


@pytest.mark.parametrize(
    ("content", "pairs"),
    [
        ("Wow!\tवाह!\nGo.\tजा.\n", [("Wow!", "वाह!"), ("Go.", "जा.")]),
        ("Wow!\tवाह!\tCC-BY\tmore\n", [("Wow!", "वाह!")]),
        ("a\tb\nc\td", [("a", "b"), ("c", "d")]),
        ("a\tb\r\nc\td\r\n", [("a", "b"), ("c", "d")]),
        ("\ufeffa\tb\n", [("a", "b")]),
        ("\na\tb\n \t \n\u200b\n\n", [("a", "b")]),
        (" Va\u202f!  \te\u0301\u200b\n", [("Va !", "é")]),
    ],
    ids=["two columns", "more columns", "no last line end", "CRLF", "byte order mark", "blank lines", "not normal"],
)
def test_a_file_of_a_usual_layout_is_read_as_its_pairs(file: Fixture, content: str, pairs: list[Pair]) -> None:
    assert read_pairs(file(content), warn=never) == pairs


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_a_line_feed_ends_a_line(file: Fixture, character: str) -> None:
    assert read_pairs(file(f"a{character}b\tc{character}d\n"), warn=never) == [("a b", "c d")]


def test_sentences_come_out_normalised(file: Fixture) -> None:
    assert read_pairs(file(" Va\u202f!  \te\u0301\u200b\n"), warn=never) == [("Va !", "é")]


@pytest.mark.parametrize(
    ("name", "pairs", "sources"), sample([("hin", 2807, 2576), ("mar", 42307, 27229), ("fra", 150308, 0)], 3)
)
def test_a_real_corpus_is_read_whole(name: str, pairs: int, sources: int) -> None:
    path = SHARED / name / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"the corpus {name} is not beside this repository (shared/data/{name}/{name}.txt)")
    read = read_pairs(path, warn=never)
    assert len(read) == pairs
    assert not sources or len(group_references(read)) == sources


# Bad lines


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("no tab here", "no tab"),
        ("\tonly a target", "one side blank"),
        ("only a source\t \u00a0\tCC-BY", "one side blank"),
        ("a\t" + "b" * 51, "longer than 50 characters"),
        ("c" * 51 + "\td", "longer than 50 characters"),
        ("e" * 51, "longer than 50 characters"),
    ],
)
def test_a_few_bad_lines_are_skipped_with_one_warning_that_names_them(file: Fixture, bad: str, fault: str) -> None:
    lines = as_lines(GOOD)
    lines[2:2] = [bad]
    lines[9:9] = [bad]
    path, warnings = file("\n".join(lines)), list[str]()
    assert read_pairs(path, max_length=50, warn=warnings.append) == GOOD
    assert warnings == [f"{path}: skipped 2 of 42 lines ({fault}: lines 3, 10)"]


def test_a_warning_tells_the_kinds_of_bad_lines_apart_and_names_only_the_first_of_many(file: Fixture) -> None:
    path, warnings = file("\n".join(["x"] * 8 + ["\ty"] + as_lines(GOOD))), list[str]()
    read_pairs(path, max_bad_share=0.5, warn=warnings.append)
    assert warnings == [
        f"{path}: skipped 9 of 49 lines (no tab: lines 1, 2, 3, 4, 5 and 3 more; one side blank: line 9)"
    ]


def test_too_many_bad_lines_are_refused(file: Fixture) -> None:
    path = file("\n".join(["x"] * 3 + as_lines(GOOD)))
    message = refusal(lambda: read_pairs(path, warn=never))
    assert message.startswith(
        f"{path}: 3 of 43 lines cannot be used, more than the allowed share of 0.05 (no tab: lines"
    )


def test_the_allowed_share_itself_is_still_allowed(file: Fixture) -> None:
    path = file("\n".join(["x"] * 2 + as_lines(GOOD[:38])))
    assert len(read_pairs(path, warn=lambda _: None)) == 38
    assert "2 of 39" in refusal(lambda: read_pairs(file("\n".join(["x"] * 2 + as_lines(GOOD[:37]))), warn=never))


def test_a_file_of_nothing_but_bad_lines_is_refused_even_where_all_may_be_bad(file: Fixture) -> None:
    path = file("x\ny\n")
    assert refusal(lambda: read_pairs(path, max_bad_share=1, warn=never)).startswith(f"{path}: no line has a tab")
    path = file("x\t\n\ty\n")
    assert refusal(lambda: read_pairs(path, max_bad_share=1, warn=never)).startswith(f"{path}: no line holds")


def test_a_line_of_a_million_characters_is_skipped_and_the_limit_stated(file: Fixture) -> None:
    long = "ab \u0301\u0316" * 200_000
    path, warnings = file("\n".join([*as_lines(GOOD), f"{long}\t{long}", long])), list[str]()
    assert read_pairs(path, warn=warnings.append) == GOOD
    assert warnings == [f"{path}: skipped 2 of 42 lines (longer than 10,000 characters: lines 41, 42)"]


def test_warnings_go_through_the_warnings_module_unless_told_otherwise(file: Fixture) -> None:
    with pytest.warns(UserWarning, match="skipped 1 of 41 lines"):
        read_pairs(file("\n".join(["x", *as_lines(GOOD)])))


@pytest.mark.parametrize(
    "limits", [{"max_bad_share": -0.1}, {"max_bad_share": 1.5}, {"max_bad_share": float("nan")}, {"max_length": 0}]
)
def test_limits_without_sense_are_refused_by_name(file: Fixture, limits: dict[str, Any]) -> None:
    name = "--max-bad-share" if "max_bad_share" in limits else "max_length"
    assert name in refusal(lambda: read_pairs(file("a\tb"), **limits))


# Columns


TATOEBA = "".join(
    f"{70 + k}\t{word}\t{900 + k}\t{wort}\n" for k, (word, wort) in enumerate([("one", "eins"), ("two", "zwei")])
)


def test_any_two_columns_can_be_source_and_target(file: Fixture) -> None:
    assert read_pairs(file(TATOEBA), columns=(2, 4), warn=never) == [("one", "eins"), ("two", "zwei")]
    assert read_pairs(file(TATOEBA), columns=(4, 2), warn=never) == [("eins", "one"), ("zwei", "two")]


def test_a_line_with_fewer_columns_is_bad(file: Fixture) -> None:
    path, warnings = file("1\ta\n" + TATOEBA * 20), list[str]()
    assert len(read_pairs(path, columns=(2, 4), warn=warnings.append)) == 40
    assert warnings == [f"{path}: skipped 1 of 41 lines (fewer than 4 columns: line 1)"]


@pytest.mark.parametrize("columns", [(0, 1), (2, 2), (-1, 2), (1,), (1, 2, 3)])
def test_columns_that_cannot_be_are_refused(file: Fixture, columns: Any) -> None:
    assert "--columns is " in refusal(lambda: read_pairs(file(TATOEBA), columns=columns))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (TATOEBA, "column 1 holds numbers only, such as 70; to read the sentences: --columns 2,4"),
        (
            "one\t1\teins\ntwo\t2.5\tzwei\n",
            "column 2 holds numbers only, such as 1; to read the sentences: --columns 1,3",
        ),
        ("526\tfive hundred twenty-six\n7\tseven\n", "column 1 holds numbers only, such as 526"),
    ],
)
def test_numbers_in_the_place_of_sentences_are_pointed_out(file: Fixture, content: str, told: str) -> None:
    path, warnings = file(content), list[str]()
    assert len(read_pairs(path, warn=warnings.append)) == 2
    assert warnings == [f"{path}: {told}"]


def test_a_number_among_sentences_is_nothing_to_point_out(file: Fixture) -> None:
    read_pairs(file("10\tzehn\nten\tzehn\n"), warn=never)


# Bad files


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert refusal(lambda: read_pairs(tmp_path / "x")) == f"{tmp_path / 'x'}: there is no such file; check the name"
    assert refusal(lambda: read_pairs(tmp_path)) == f"{tmp_path}: this is a folder; name a file in it"


def test_a_file_without_permission_is_refused(file: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file("a\tb\n")

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert refusal(lambda: read_pairs(path)).startswith(f"{path}: no permission to read it")


def test_a_path_through_a_file_is_refused(file: Fixture) -> None:
    path = file("a\tb\n") / "below"
    assert refusal(lambda: read_pairs(path)).startswith(f"{path}: cannot be read (Not a directory)")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (codecs.BOM_UTF8, "the file is empty"),
        (b"\n \n\n", "no line holds a sentence pair"),
        (b"a\tb\nc\t\xe9\n", "line 2, byte 6 (0xe9), is not UTF-8"),
        (codecs.BOM_UTF8 + b"a\t\xff\n", "line 1, byte 5 (0xff), is not UTF-8"),
        ("a\tb\n".encode("utf-16"), "this is UTF-16 text, not UTF-8"),
        (codecs.BOM_UTF16_BE + "a\tb\n".encode("utf-16-be"), "this is UTF-16 text, not UTF-8"),
        ("a\tb\n".encode("utf-32"), "this is UTF-32 text, not UTF-8"),
        (b"a\tb\nc\0\td\n", "line 2, byte 5, is a NUL"),
        (b"a\tb\rc\td\r", "its lines end in carriage returns alone"),
    ],
)
def test_a_file_that_is_no_utf8_text_of_lines_is_refused_with_the_place(
    file: Fixture, content: bytes, message: str
) -> None:
    path = file(content)
    assert refusal(lambda: read_pairs(path)).startswith(f"{path}: {message}")


# Two files


def test_line_n_of_one_file_belongs_to_line_n_of_the_other(file: Fixture) -> None:
    assert read_aligned(file("a\nb\tc\n"), file("x\r\ny"), warn=never) == [("a", "x"), ("b c", "y")]


def test_files_of_unequal_length_are_refused_with_both_counts(file: Fixture) -> None:
    source, target = file("a\nb\nc\n"), file("x\ny\n")
    message = refusal(lambda: read_aligned(source, target))
    assert f"{source} has 3 lines and {target} has 2" in message


def test_a_line_blank_in_one_file_only_is_a_bad_line_and_in_both_is_passed_over(file: Fixture) -> None:
    sources, targets = zip(*GOOD, strict=True)
    source, target = file("\n".join(["", "", *sources])), file("\n".join(["", "x", *targets]))
    warnings: list[str] = []
    assert read_aligned(source, target, warn=warnings.append) == GOOD
    assert warnings == [f"{source} and {target}: skipped 1 of 41 lines (one side blank: line 2)"]


# Writing


SENTENCE = st.text(max_size=20).filter(lambda text: normalise(text) != "" and "\0" not in text)


@given(st.lists(st.tuples(SENTENCE, SENTENCE), min_size=1, max_size=10))
def test_pairs_written_are_read_back_normalised(tmp_path_factory: pytest.TempPathFactory, pairs: list[Pair]) -> None:
    path = tmp_path_factory.getbasetemp() / "written.tsv"
    write_pairs(path, pairs)
    read = read_pairs(path, warn=lambda _: None)  # which may say that these are numbers
    assert read == [(normalise(source), normalise(target)) for source, target in pairs]


@pytest.mark.parametrize("bad", [("a", " "), ("\u200b", "b"), ("a\0", "b")])
def test_a_pair_that_could_not_be_read_back_is_not_written(tmp_path: Path, bad: Pair) -> None:
    path = tmp_path / "written.tsv"
    assert refusal(lambda: write_pairs(path, [("a", "b"), bad])).startswith("pair 2, ")
    assert not path.exists()


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    assert "cannot be written" in refusal(lambda: write_pairs(tmp_path / "absent" / "written.tsv", [("a", "b")]))


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    assert "surrogate" in refusal(lambda: write_pairs(tmp_path / "written.tsv", [("a", "\ud800")]))


# References and splits


def test_references_are_all_different_targets_of_a_source_in_order() -> None:
    pairs = [("Run!", "पळ!"), ("Go.", "जा."), ("Run!", "धाव!"), ("Run\u200b!", "पळा!"), ("Run!", "पळ!")]
    assert group_references(pairs) == [("Run!", ["पळ!", "धाव!", "पळा!"]), ("Go.", ["जा."])]


PAIRS = st.lists(st.tuples(st.sampled_from("abcdefghij") | st.text("ab", min_size=1), st.text("xy", min_size=1)))


@given(PAIRS.filter(lambda pairs: len({source for source, _ in pairs}) > 5), st.integers(0, 9))
def test_a_split_loses_nothing_and_no_source_is_in_two_parts(pairs: list[Pair], seed: int) -> None:
    parts = split_pairs(pairs, validation=0.2, test=0.3, seed=seed)
    assert sorted(pair for part in parts for pair in part) == sorted(pairs)
    train, validation, test = ({source for source, _ in part} for part in parts)
    assert not (train & validation or train & test or validation & test)
    assert len(validation) == max(1, round(0.2 * len(train | validation | test)))
    assert len(test) == max(1, round(0.3 * len(train | validation | test)))


def test_sources_that_differ_only_before_normalising_stay_together() -> None:
    twins = [(f"é{number}", "x") for number in range(20)] + [(f"e\u0301{number} ", "y") for number in range(20)]
    for part in split_pairs(twins, validation=0.3, test=0.3):
        assert len(part) == 2 * len({normalise(source) for source, _ in part})


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    assert split_pairs(GOOD, 0.3, seed=1) == split_pairs(GOOD, 0.3, seed=1)
    assert split_pairs(GOOD, 0.3, seed=1) != split_pairs(GOOD, 0.3, seed=2)


def test_the_order_of_the_pairs_does_not_change_who_goes_where() -> None:
    forward, backward = split_pairs(GOOD, 0.3, 0.2), split_pairs(GOOD[::-1], 0.3, 0.2)
    assert [part[::-1] for part in backward] == list(forward)


def test_a_share_of_zero_is_an_empty_part_and_a_small_share_at_least_one_sentence() -> None:
    train, validation, test = split_pairs(GOOD, validation=0.001, test=0)
    assert (len(train), len(validation), len(test)) == (39, 1, 0)


@pytest.mark.parametrize(("validation", "test"), [(-0.1, 0.0), (0.5, 0.5), (0.0, 1.0), (float("nan"), 0.0)])
def test_shares_that_cannot_be_split_off_are_refused(validation: float, test: float) -> None:
    assert "cannot split off shares" in refusal(lambda: split_pairs(GOOD, validation, test))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "x"), ("a", "y")], "too few pairs: of 1 distinct source sentence, 1 for validation leave none"),
        ([], "no pairs to split"),
    ],
)
def test_too_few_sentences_to_split_are_refused(pairs: list[Pair], message: str) -> None:
    assert message in refusal(lambda: split_pairs(pairs))
