# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .arrays import Arrays as Arrays
from .arrays import Family as Family
from .harness_file import simple_pairs as simple_pairs
from .harness_file import subject_of as subject_of
from .harness_form import is_harness as is_harness
from .left_out import as_written as as_written
from .left_out import first_line as first_line
from .left_out import with_replacements as with_replacements
from .module_state import ModuleState as ModuleState
from .module_state import as_numbers as as_numbers
from .module_state import right_entries as right_entries
from .module_state import wrong_entries as wrong_entries
from .program import Program as Program
from .reached import described as described
from .runs import Result as Result
from .runs import TracedRun as TracedRun
from .subject import Subject as Subject
from .tool import Border as Border
from .tool import HarnessError as HarnessError
from .tool import Tool as Tool
