"""Code that is not ours: a user's file loaded, limited, followed line by line, and its errors located.

    run_file(path)                      a file as a module; load_class("file.py:Name") a class out of it
    call_in_child(function, ...)        a call in a process of its own, with time limits
    side_by_side(calls, ...)            many of them, several at a time
    read_source(file)                   the text of a file or of a notebook, lines by cell
    locate_error(error, files)          an error in one line, with the user's own file and line
    runs_of_lines(run, files)           what every line that ran did, in arrays; first_nan: where the first NaN arose
    lines_run(run, files)               the lines of the functions that ran, parsed
    shown_path(file)                    a file as it is named here; a notebook's cell is In[3]

Nothing here knows a cell or a gradient. `__init__.pyi` lists every name; each is imported when it is first used.

Read next: load.py; to go on with the book, skip this folder: ../cells/gru.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
