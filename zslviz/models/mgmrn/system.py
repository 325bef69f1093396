"""What is to be known of Mg-MRN before it is built."""

from zslviz.models.mgmrn.network import MgMRN, MgMRNConfig
from zslviz.models.registry import System

SYSTEM = System(
    "mgmrn",
    "Mg-MRN",
    MgMRN,
    MgMRNConfig,
    frozenset({"attributes", "attention", "evidence", "parts"}),
    granularities=MgMRN.granularities,
    strides=(8, 16, 32),
)
