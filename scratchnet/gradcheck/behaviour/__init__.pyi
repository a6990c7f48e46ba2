# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .asked_twice import why_it_differs as why_it_differs
from .observe import behaviour as behaviour
