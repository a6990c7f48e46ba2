# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .instrumentation import Instrumented as Instrumented
from .instrumentation import instrument as instrument
from .numbered_array import plain as plain
from .recorder import Recorder as Recorder
from .syntax import Node as Node
from .tape import Tape as Tape
from .traced_array import TracedArray as TracedArray
from .traced_array import traced as traced
