"""What is to be known of MSDN before it is built."""

from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.models.registry import System

SYSTEM = System(
    "msdn",
    "MSDN",
    MSDN,
    MSDNConfig,
    frozenset({"attributes", "attention", "evidence"}),
    granularities=MSDN.granularities,
    strides=(32, 32),
    over_attributes=(1,),
)
