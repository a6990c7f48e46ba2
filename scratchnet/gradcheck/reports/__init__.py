"""What was found in a file, or in the thirty of a class, as a table, a spreadsheet, pages and JSON.

    files_of(targets, harness)          the files that names, folders and patterns stand for
    Outcome(file, verdict, seconds)     one file's row; failed(file, error): of one that could not be judged
    without_cures(verdict)              what an exam may show of it
    write_mended(verdict)               the mended copy, beside the file
    show_table(outcomes, console)       one row a file
    write_csv(outcomes, file)           the same for a spreadsheet
    write_pages(outcomes, place)        a page for each, and an index
    as_json(outcomes)                   one object for programs

All of them say the same findings in the same words (../words.py). Nothing here runs anybody's code.

Read next: files.py; to go on with the book, skip this folder: ../../usercode/__init__.py.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
