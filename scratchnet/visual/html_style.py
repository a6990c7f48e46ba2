"""How the library's HTML looks, on a page of its own and inside a notebook, in light and in dark.

    fragment(body)       HTML that a notebook can show: it brings its own style, which touches nothing else

Every rule is bound to the class SCOPE. It is repeated there so that the rules win over those of JupyterLab.

Read next: model_summary.py.
"""

from __future__ import annotations

CLASS = "scratchnet"
SCOPE = f".{CLASS}" * 4
LIGHT = """color-scheme: light; --ink: #1c2024; --soft: #5f6b76; --paper: #fdfdfb; --line: #d9dde1; --card: #fff;
  --right: #17734a; --right-paper: #e6f4ec; --wrong: #b3261e; --wrong-paper: #fdecea; --warm: 8;"""
DARK = """color-scheme: dark; --ink: #e6e8ea; --soft: #9aa5b0; --paper: #15181b; --line: #343a40; --card: #1c2024;
  --right: #6bd3a0; --right-paper: #14301f; --wrong: #ff8a80; --wrong-paper: #3a1714;"""
# JupyterLab, VS Code and Colab say which theme they have; anywhere else the system's counts.
DARK_HOSTS = (
    'body[data-jp-theme-light="false"]',
    "body.vscode-dark",
    "body.vscode-high-contrast",
    'html[theme="dark"]',
)
SILENT_HOST = "html:not([theme]) body:not([data-jp-theme-light]):not([data-vscode-theme-kind])"
RULES = """
h1, h2, p, pre, table { margin: .4em 0; }
.verdict { font-size: 1.2em; font-weight: 600; padding: .6em .8em; border-radius: .4em; }
.verdict.right { color: var(--right); background: var(--right-paper); }
.verdict.wrong { color: var(--wrong); background: var(--wrong-paper); }
.title { font-size: 1em; margin: 1.4em 0 .4em; color: var(--soft); font-weight: 600; }
p { line-height: 1.5; }
.note, footer, details { color: var(--soft); font-size: .9em; }
summary { cursor: pointer; margin: .8em 0 .4em; }
.scroll { overflow-x: auto; }
pre { background: var(--card); color: var(--ink); border: 1px solid var(--line); border-radius: .4em; overflow-x: auto;
  padding: .6em .8em; font: .9em/1.45 ui-monospace, monospace; white-space: pre; }
pre mark { background: var(--wrong-paper); color: var(--wrong); display: block; margin: 0 -.8em; padding: 0 .8em; }
table { border-collapse: collapse; border: none; font-size: .92em; table-layout: auto; width: auto; margin: 0; }
tr { background: none; }
th, td { padding: .28em .7em; text-align: right; font-variant-numeric: tabular-nums; color: inherit;
  white-space: nowrap; border: none; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, th.words, td.words { text-align: left; }
thead th { color: var(--soft); font-weight: 600; }
td.code { font-family: ui-monospace, monospace; }
pre.said { white-space: pre-wrap; }
td.long { white-space: normal; min-width: 12rem; }
table.source td { border: none; padding: .05em .7em; vertical-align: top; }
table.source td:first-child { text-align: right; color: var(--soft); }
table.source td.code { text-align: left; white-space: pre; font-weight: 400; }
table.source td.code.bad { background: var(--wrong-paper); }
table.source td.code.good { background: var(--right-paper); }
table.source tr.note td { text-align: left; white-space: normal; }
a { color: inherit; }
tr.sum td { font-weight: 600; border-bottom: none; }
tr.part td:first-child { padding-left: 1.7em; color: var(--soft); }
tr.note td { color: var(--soft); }
td.bad { color: var(--wrong); font-weight: 600; }
td.good { color: var(--right); }
table.map th + th, table.map td + td { text-align: center; }
table.map td.cell { min-width: 3.6em; border: 2px solid var(--paper); border-radius: .3em; }
table.map td.good { background: var(--right-paper); }
table.map td.bad { color: var(--ink);
  background: color-mix(in srgb, var(--wrong) calc(var(--warm) * 1%), var(--wrong-paper)); }
"""


def style() -> str:
    """Return the style sheet."""
    dark = ", ".join(f"{host} {SCOPE}" for host in DARK_HOSTS)
    rules = []
    for rule in RULES.strip().split("}\n"):
        selectors, _, declarations = rule.partition("{")
        bound = ", ".join(f"{SCOPE} {selector.strip()}" for selector in selectors.split(","))
        rules.append(f"{bound} {{{declarations.rstrip().removesuffix('}')}}}")
    return "\n".join(
        [
            f"{SCOPE} {{ {LIGHT} color: var(--ink); background: var(--paper);",
            "  font: var(--size, 14px)/1.5 system-ui, sans-serif;",
            "  max-width: 62rem; padding: .2em 1em .8em; border-radius: .5em; }",
            f"@media (prefers-color-scheme: dark) {{ {SILENT_HOST} {SCOPE} {{ {DARK} }} }}",
            f"{dark} {{ {DARK} }}",
            *rules,
        ]
    )


def fragment(body: str) -> str:
    """Return HTML that can stand inside another page, such as a notebook."""
    return f'<div class="{CLASS}"><style>\n{style()}\n</style>\n{body}\n</div>'
