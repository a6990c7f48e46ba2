# The names of the folder, by the file that each comes from: read by editors, and by __init__.py itself.

from .files import files_of as files_of
from .files import is_file_or_folder as is_file_or_folder
from .files import is_several as is_several
from .outcome import Outcome as Outcome
from .outcome import as_json as as_json
from .outcome import dumped as dumped
from .outcome import exit_code as exit_code
from .outcome import failed as failed
from .outcome import without_cures as without_cures
from .outcome import write_mended as write_mended
from .page import as_html as as_html
from .page import write_pages as write_pages
from .spreadsheet import write_csv as write_csv
from .table import progress as progress
from .table import show_table as show_table
