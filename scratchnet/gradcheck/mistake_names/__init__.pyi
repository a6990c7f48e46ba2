# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .catalogue import CATALOGUE as CATALOGUE
from .catalogue import ClassicMistake as ClassicMistake
from .forward_values import ForwardValues as ForwardValues
from .forward_values import Values as Values
from .forward_values import same as same
from .known_forwards import Cell as Cell
from .known_forwards import cell_of as cell_of
from .naming import MistakeName as MistakeName
from .naming import mistake_names as mistake_names
from .naming import name_at as name_at
from .naming import named_facts as named_facts
