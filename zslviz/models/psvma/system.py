"""What is to be known of PSVMA before it is built."""

from zslviz.models.psvma.loss import SCALE, fusions, training_loss
from zslviz.models.psvma.network import PSVMA, PSVMAConfig
from zslviz.models.registry import Published, System

GAMMA = {"awa2": 3.5, "": 1.5}  # of the authors' public settings

SYSTEM = System(
    "psvma",
    "PSVMA",
    PSVMA,
    PSVMAConfig,
    frozenset({"attributes", "evidence"}),
    granularities=PSVMA.granularities,
    strides=(32,),
    published={data: Published("cosine", (SCALE,), gamma) for data, gamma in GAMMA.items()},
    about="The descriptions of unseen classes took part in training (the debias term); none of their photos did.",
    loss=training_loss,
    fusions=fusions,
)
