"""The pages of docs/ and the README are held to the code: their programs run, their quotations and numbers are true.

`python tests/test_docs.py` runs the programs and writes what they print into the pages. Conventions of a page:
    ```python           runs, all of a page in one session; a ```text right after it is what it prints
    ```python name.py   is saved under that name first        ```python no-run   is only shown
    ```python cell      runs as a cell of a notebook, all of a page in one
    > [`file`](link): `code`       a quotation: the code stands in that file
"""

import ast
import contextlib
import io
import linecache
import re
import runpy
import sys
import tempfile
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import pytest
from IPython.core.interactiveshell import InteractiveShell
from markdown_it import MarkdownIt
from markdown_it.token import Token
from matplotlib.mathtext import MathTextParser
from traitlets.config import Config

from scratchnet.gradcheck import assert_gradients
from scratchnet.version import __version__

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("*.md")])
CELLS = sorted((ROOT / "scratchnet/cells").glob("*.py"))
NUMBERED = [*CELLS, *(ROOT / "scratchnet" / name for name in ("losses.py", "attention.py"))]
NUMBERED = [path for path in [*NUMBERED, *ROOT.glob("examples/*.py")] if path.exists()]
DERIVATION = ROOT / "docs/bptt.md"
EQUATION = re.compile(r"^ +(\(\d+\) {1,2}\S.*)$", re.MULTILINE)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tokens_of(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))


def inline(page: Path) -> Iterator[Token]:
    return (token for token in tokens_of(page) if token.type == "inline")


def quotations(page: Path) -> list[tuple[Path, str]]:
    """Return (file, code) of every quotation."""
    found = re.findall(r"^> \[`[^`]+`\]\(([^)]+)\):\s+(?:> *)?`([^`]+)`$", page.read_text("utf-8"), re.MULTILINE)
    return [((page.parent / link).resolve(), code) for link, code in found]


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text("utf-8")), clean=False) or ""


def citing_lines(path: Path) -> list[tuple[int, str, list[str]]]:
    """Return (line number, line, equation numbers) of every line of code whose comment begins with an equation."""
    source = path.read_text("utf-8")
    lines = source.splitlines()
    comments = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type == tokenize.COMMENT]
    cited = [c for c in comments if re.match(r"# \(\d+\)", c.string)]
    return [(c.start[0], lines[c.start[0] - 1].strip(), re.findall(r"\((\d+)\)", c.string)) for c in cited]


def anchors_of(page: Path) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    tokens = tokens_of(page)
    titles = [tokens[k + 1].content for k, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@contextlib.contextmanager
def notebook() -> Iterator[Callable[[str], None]]:
    """Give what runs a cell as Jupyter does. The process is in IPython's shell until the end."""
    main = sys.modules["__main__"]  # the shell puts its own there
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    try:
        yield lambda source: shell.run_cell(source, store_history=True).raise_error()
    finally:
        sys.modules["__main__"] = main
        InteractiveShell.clear_instance()


def run_programs(page: Path) -> Iterator[tuple[Token, Token | None, list[str]]]:
    """Run a page's programs in one session; yield each with the text block after it and the lines it prints.

    Files are written to the current folder.
    """
    tokens = tokens_of(page)
    if not any(token.info == "python cell" for token in tokens):
        yield from _run_programs(page, tokens)
        return
    with notebook() as run_cell:
        yield from _run_programs(page, tokens, run_cell)


def _run_programs(
    page: Path, tokens: list[Token], run_cell: Callable[[str], None] | None = None
) -> Iterator[tuple[Token, Token | None, list[str]]]:
    session = {"__name__": "page"}
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        language, name = (*token.info.split(), "", "")[:2]
        if token.type != "fence" or language != "python" or name == "no-run":
            continue
        source, name = token.content, name or f"{page.stem}, line {(token.map or [0])[0] + 1}"
        if name.endswith(".py"):
            Path(name).write_text(source, "utf-8")
        # A traceback, and whoever asks for the source of a class, finds it here.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if name == "cell" and run_cell:
                run_cell(source)
            else:
                exec(compile(source, name, "exec"), session)
        shows = following is not None and following.type == "fence" and following.info == "text"
        yield token, following if shows else None, [line.rstrip() for line in printed.getvalue().rstrip().splitlines()]


def without_noise(lines: list[str]) -> list[str]:
    """Return the lines with errors of mere rounding, which differ from one machine to the next, made the same."""
    return [re.sub(r"to 1[0-2] digits", "to 12 digits", re.sub(r"\b\de-1[5-9]\b", "1e-16", line)) for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_program_of_a_page_runs_and_prints_what_the_page_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for program, shown, printed in run_programs(page):
        wanted = [] if shown is None else shown.content.splitlines()
        assert without_noise(printed) == without_noise(wanted), f"{name_of(page)}, line {(program.map or [0])[0] + 1}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for token in inline(page):
        for child in token.children or []:
            link = str(child.attrs.get("href") or child.attrs.get("src") or "")
            if not link or "://" in link:
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{name_of(page)} links to {link}: no such file"
            assert not anchor or anchor in anchors_of(target), f"{name_of(page)} links to {link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_quoted_code_stands_in_the_file_named(page: Path) -> None:
    for path, code in quotations(page):
        assert code in path.read_text("utf-8"), f"{name_of(page)} quotes {code!r}: not in {name_of(path)}"


def test_lines_of_code_with_an_equation_in_the_readme_stand_in_a_cell() -> None:
    cells = "".join(path.read_text("utf-8") for path in CELLS)
    programs = [token.content for token in tokens_of(ROOT / "README.md") if token.info.startswith("python")]
    lines = [line.strip() for line in "".join(programs).splitlines() if re.search(r"# \(\d+\)", line)]
    assert [line for line in lines if line not in cells] == []


def test_an_answer_of_the_check_in_the_readme_is_one_that_a_page_prints() -> None:
    shown = [token.content for token in tokens_of(ROOT / "README.md") if "every gradient is right" in token.content]
    printed = {token.content for page in ROOT.glob("docs/*.md") for token in tokens_of(page) if token.info == "text"}
    assert shown
    assert set(shown) <= printed


def test_every_equation_of_the_derivation_stands_in_a_docstring() -> None:
    numbered = {line for path in NUMBERED for line in EQUATION.findall(docstring(path))}
    shown = [token.content for token in tokens_of(DERIVATION) if token.type == "fence" and token.info == "text"]
    lines = [line for text in shown for line in EQUATION.findall(" " + text.replace("\n", "\n "))]
    assert lines
    assert [line for line in lines if line not in numbered] == []


@pytest.mark.parametrize("path", [*CELLS, ROOT / "scratchnet/losses.py"], ids=name_of)
def test_every_equation_of_a_docstring_is_derived(path: Path) -> None:
    text = DERIVATION.read_text("utf-8")
    assert [line for line in EQUATION.findall(docstring(path)) if line not in text] == []


@pytest.mark.parametrize("path", [*CELLS, ROOT / "scratchnet/losses.py"], ids=name_of)
def test_every_backward_line_that_cites_an_equation_is_quoted_in_the_derivation(path: Path) -> None:
    quoted = [code for file, code in quotations(DERIVATION) if file == path]
    functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    backward = [f for f in functions if "backward" in f.name or f.name == "accumulate_gradients"]
    for number, line, _ in citing_lines(path):
        inside = any(f.lineno <= number <= (f.end_lineno or 0) for f in backward)
        if inside and not line.startswith("self.pointwise("):
            assert any(code in line for code in quoted), f"{name_of(path)}, line {number}: {line}"


@pytest.mark.parametrize("path", NUMBERED, ids=name_of)
def test_every_equation_cited_in_code_is_numbered_in_the_docstring(path: Path) -> None:
    defined = set(re.findall(r"^ +.*?\((\d+)\)(?:  | *$)", docstring(path), re.MULTILINE))
    defined |= set(re.findall(r" \((\d+)\)$", docstring(path), re.MULTILINE))
    for number, line, cited in citing_lines(path):
        assert set(cited) <= defined, f"{name_of(path)}, line {number}, cites an equation that is not there: {line}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_markdown_leaves_the_formulas_of_a_page_as_they_are(page: Path) -> None:
    for token in inline(page):
        children = token.children or []
        if token.content.startswith("$$"):
            assert {child.type for child in children} <= {"text", "softbreak"}, token.content
            assert "".join(child.content or "\n" for child in children) == token.content
            assert token.content.endswith("\n$$"), token.content
            continue
        text = "".join("\0" if child.type == "code_inline" else child.content for child in children)
        assert "$" not in re.sub(r"\$\0\$", "", text), f"not written as $`...`$: {token.content}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_formula_of_a_page_is_tex_that_github_renders(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    formulas = re.findall(r"^\$\$\n(.*?)\n\$\$$", prose, re.MULTILINE | re.DOTALL) + re.findall(r"\$`(.*?)`\$", prose)
    parser = MathTextParser("path")
    with matplotlib.rc_context({"mathtext.fontset": "cm"}):
        for formula in dict.fromkeys(formulas):
            assert not re.search(r"\\(operatorname|mbox|phantom)\b", formula), f"GitHub refuses a macro in {formula}"
            parser.parse(f"${formula}$".replace("\n", " "))  # raises ValueError where it is not TeX


def test_the_citation_and_the_list_of_changes_have_the_version() -> None:
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## {__version__} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_page_or_message_fetches_the_package_of_that_name_from_pypi() -> None:
    texts = [*PAGES, *ROOT.glob("scratchnet/**/*.py"), *ROOT.glob("examples/*.py")]
    assert [name_of(path) for path in texts if re.search(r"pip install\W+scratchnet", path.read_text("utf-8"))] == []


def test_the_custom_cell_is_short_enough_to_read_aloud() -> None:
    assert len((ROOT / "examples/custom_cell.py").read_text("utf-8").splitlines()) < 120


def test_the_custom_cell_has_the_right_gradient() -> None:
    assert_gradients(runpy.run_path(str(ROOT / "examples/custom_cell.py"))["IndRNNCell"])


def rewrite(page: Path) -> None:
    """Put what the programs of a page print into the text blocks after them."""
    lines = page.read_text("utf-8").splitlines()
    found = [(shown.map, printed) for _, shown, printed in run_programs(page) if shown and shown.map]
    for place, printed in reversed(found):
        lines[place[0] + 1 : place[1] - 1] = printed
    if found:
        page.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for each in PAGES:
            rewrite(each)
