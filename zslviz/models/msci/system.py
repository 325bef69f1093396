"""What is to be known of MSCI before it is built."""

from zslviz.models.msci.loss import training_loss
from zslviz.models.msci.network import MSCI, MSCIConfig
from zslviz.models.registry import System

SYSTEM = System(
    "msci",
    "MSCI",
    MSCI,
    MSCIConfig,
    frozenset({"compositions", "evidence", "stages"}),
    loss=training_loss,
)
