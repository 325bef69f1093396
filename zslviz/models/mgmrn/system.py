"""What is to be known of Mg-MRN before it is built."""

from zslviz.models.mgmrn.loss import fusions, training_loss
from zslviz.models.mgmrn.network import MgMRN, MgMRNConfig
from zslviz.models.registry import Published, System

SCALE = {"sun": 25.0, "": 20.0}  # of the cosines (arXiv 2511.08163)

SYSTEM = System(
    "mgmrn",
    "Mg-MRN",
    MgMRN,
    MgMRNConfig,
    frozenset({"attributes", "attention", "evidence", "parts"}),
    granularities=MgMRN.granularities,
    strides=(8, 16, 32),
    grounded=(0, 1, 2),
    published={data: Published("cosine", (scale,) * 3) for data, scale in SCALE.items()},
    loss=training_loss,
    fusions=fusions,
    idle=("mining.*.group.weight", "mining.*.group.smooth_factor"),  # the authors' grouping cancels out
)
