# The public names of the library, by the module that each comes from: read by editors, and by __init__.py itself.

from .attention import AdditiveAttention as AdditiveAttention
from .attention import DotAttention as DotAttention
from .attention import GeneralAttention as GeneralAttention
from .backend import get_backend as get_backend
from .backend import set_threads as set_threads
from .cells import (
    Cell as Cell,
)
from .cells import (
    GRUCell as GRUCell,
)
from .cells import (
    GRUResetBeforeCell as GRUResetBeforeCell,
)
from .cells import (
    LSTMCell as LSTMCell,
)
from .cells import (
    RNNCell as RNNCell,
)
from .data import Vocabulary as Vocabulary
from .data import load_corpus as load_corpus
from .data import make_batch as make_batch
from .decoding import beam_search as beam_search
from .decoding import greedy_search as greedy_search
from .errors import InputError as InputError
from .gradcheck import assert_gradients as assert_gradients
from .gradcheck import check as check
from .gradcheck import check_cell as check_cell
from .gradcheck import check_functions as check_functions
from .gradcheck import check_layer as check_layer
from .layers import Dropout as Dropout
from .layers import Embedding as Embedding
from .layers import Linear as Linear
from .layers import OneHot as OneHot
from .losses import SoftmaxCrossEntropy as SoftmaxCrossEntropy
from .losses import SquaredError as SquaredError
from .optim import SGD as SGD
from .optim import Adam as Adam
from .optim import clip_by_global_norm as clip_by_global_norm
from .packed_sequences import Packing as Packing
from .packed_sequences import pack as pack
from .packed_sequences import unpack as unpack
from .parameters import Module as Module
from .parameters import ModuleDict as ModuleDict
from .recurrent import Recurrent as Recurrent
from .seq2seq import (
    Decoder as Decoder,
)
from .seq2seq import (
    Encoder as Encoder,
)
from .seq2seq import (
    IdentityBridge as IdentityBridge,
)
from .seq2seq import (
    LinearBridge as LinearBridge,
)
from .seq2seq import (
    Seq2Seq as Seq2Seq,
)
from .stack import Bidirectional as Bidirectional
from .stack import Stack as Stack
from .training import TrainingConfig as TrainingConfig
from .training import train as train
from .translation import ModelConfig as ModelConfig
from .translation import Translator as Translator
from .translation import load_translator as load_translator

__version__: str
