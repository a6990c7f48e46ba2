# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .program import Program as Program
from .subject import Result as Result
from .subject import Subject as Subject
from .tool import Border as Border
from .tool import HarnessError as HarnessError
from .tool import Tool as Tool
