# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .finder import Found as Found
from .source import file_text as file_text
from .written import written_harness as written_harness
