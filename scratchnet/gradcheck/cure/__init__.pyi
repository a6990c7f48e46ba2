# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .described import Cured as Cured
from .described import clearest as clearest
from .findings import NOT_RUN as NOT_RUN
from .findings import NOTES as NOTES
from .findings import PARTLY as PARTLY
from .findings import REFUSED as REFUSED
from .findings import RIGHT as RIGHT
from .findings import WRONG as WRONG
from .findings import Cure as Cure
from .findings import Finding as Finding
from .findings import Verdict as Verdict
from .patch import Change as Change
from .patch import changes as changes
from .search import Search as Search
