# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .check import assert_gradients as assert_gradients
from .check import check_cell as check_cell
from .check import check_layer as check_layer
from .command import run as run
from .contract import check_contract as check_contract
from .contract import load_cell as load_cell
from .files_read import library_folder as library_folder
from .mistakes import edited_files as edited_files
from .models import check_gradients as check_gradients
from .models import check_seq2seq as check_seq2seq
from .numerical import CENTRAL_STEP as CENTRAL_STEP
from .numerical import complex_step as complex_step
from .report import Report as Report
from .report_console import as_text as as_text
from .report_console import show as show
from .single_parts import check_clipping as check_clipping
from .single_parts import check_part as check_part
from .textbook import check_functions as check_functions
from .textbook import check_homework as check_homework
