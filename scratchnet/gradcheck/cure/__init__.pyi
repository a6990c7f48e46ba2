# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .findings import Cure as Cure
from .findings import Finding as Finding
from .findings import Verdict as Verdict
from .patch import Change as Change
from .patch import changes as changes
from .search import Cured as Cured
from .search import Search as Search
from .search import clearest as clearest
