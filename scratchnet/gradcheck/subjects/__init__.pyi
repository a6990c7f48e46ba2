# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .harness_file import subject_of as subject_of
from .harness_form import is_harness as is_harness
from .module_state import wrong_entries as wrong_entries
from .program import Program as Program
from .subject import Result as Result
from .subject import Subject as Subject
from .subject import TracedRun as TracedRun
from .tool import Border as Border
from .tool import HarnessError as HarnessError
from .tool import Tool as Tool
