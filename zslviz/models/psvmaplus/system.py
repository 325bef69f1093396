"""What is to be known of PSVMA+ before it is built."""

from zslviz.models.psvmaplus.loss import fusions, training_loss
from zslviz.models.psvmaplus.network import PSVMAPlus, PSVMAPlusConfig
from zslviz.models.registry import Published, System

GAMMA = {"sun": 1.5, "": 2.0}  # of the authors' public settings

SYSTEM = System(
    "psvmaplus",
    "PSVMA+",
    PSVMAPlus,
    PSVMAPlusConfig,
    frozenset({"attributes", "evidence"}),
    granularities=PSVMAPlus.granularities,
    strides=(8, 16, 32),
    published={data: Published("dot", (1.0, 1.0, 1.0), gamma) for data, gamma in GAMMA.items()},
    about="The descriptions of unseen classes took part in training (the debias term); none of their photos did.",
    loss=training_loss,
    fusions=fusions,
)
