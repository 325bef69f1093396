"""What is to be known of BiAM before it is built."""

from zslviz.models.biam.network import BiAM, BiAMConfig
from zslviz.models.label_loss import label_loss
from zslviz.models.registry import System

SYSTEM = System(
    "biam",
    "BiAM",
    BiAM,
    BiAMConfig,
    frozenset({"labels", "evidence", "attention", "scene"}),
    loss=label_loss,
)
