# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .command import run as run
from .contract import check_contract as check_contract
from .contract import load_cell as load_cell
from .library import Report as Report
from .library import as_text as as_text
from .library import assert_gradients as assert_gradients
from .library import cell_subject as cell_subject
from .library import check as check
from .library import check_cell as check_cell
from .library import check_functions as check_functions
from .library import check_layer as check_layer
from .library import edited_files as edited_files
from .library import library_folder as library_folder
from .library import program_of as program_of
from .library import right_parts as right_parts
from .library import show as show
from .numerical import CENTRAL_STEP as CENTRAL_STEP
from .numerical import complex_step as complex_step
from .words import hint_steps as hint_steps
from .words import mistake as mistake
