"""What is to be known of MSCI before it is built."""

from zslviz.models.msci.loss import training_loss
from zslviz.models.msci.network import MSCI, MSCIConfig
from zslviz.models.refining import Refining
from zslviz.models.registry import System

SYSTEM = System(
    "msci",
    "MSCI",
    MSCI,
    MSCIConfig,
    frozenset({"compositions", "evidence", "stages"}),
    refining=Refining(
        before="Words as they are",
        after="Words refined",
        turned="The low and the high layers turned the words of pairs by {} on average.",
        beside="The words themselves",
    ),
    loss=training_loss,
)
