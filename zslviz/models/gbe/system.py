"""What is to be known of our construction of GBE-MLZSL before it is built."""

from zslviz.models.gbe.loss import training_loss
from zslviz.models.gbe.network import GBE, GBEConfig
from zslviz.models.registry import System

SYSTEM = System(
    "gbe",
    "GBE-MLZSL (our construction)",
    GBE,
    GBEConfig,
    frozenset({"labels", "evidence"}),
    about="GBE-MLZSL (arXiv 2309.00923) is known here only by its abstract, and its code is not public; this is our construction.",
    loss=training_loss,
)
