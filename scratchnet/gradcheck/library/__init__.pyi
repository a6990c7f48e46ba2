# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .cells_of_files import cell_subject as cell_subject
from .cells_of_files import cells_in as cells_in
from .cells_of_files import check_named as check_named
from .cells_of_files import judged_cells as judged_cells
from .cells_of_files import judged_file as judged_file
from .checks import assert_gradients as assert_gradients
from .checks import check as check
from .checks import check_cell as check_cell
from .checks import check_functions as check_functions
from .checks import check_layer as check_layer
from .copies import program_of as program_of
from .reference_text import edited_files as edited_files
from .reference_text import library_folder as library_folder
from .report import Report as Report
from .report import as_text as as_text
from .report import show as show
from .step_map import gates_right as gates_right
from .step_map import right_parts as right_parts
