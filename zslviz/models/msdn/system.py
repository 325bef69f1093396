"""What is to be known of MSDN before it is built."""

from zslviz.models.fusions import of_two_answers
from zslviz.models.msdn.loss import training_loss
from zslviz.models.msdn.network import MSDN, MSDNConfig
from zslviz.models.registry import Published, System

MARGIN = 2.0  # +1 on unseen and -1 on seen classes
ALPHA = {"cub": 0.9, "sun": 0.7, "awa2": 1.0, "": 0.9}
"""Of z = alpha z_1 + (1 - alpha) z_2 in the authors' public code (Chen et al., CVPR 2022)."""

SYSTEM = System(
    "msdn",
    "MSDN",
    MSDN,
    MSDNConfig,
    frozenset({"attributes", "attention", "evidence"}),
    granularities=MSDN.granularities,
    strides=(32, 32),
    over_attributes=(1,),
    grounded=(0,),
    published={data: Published("dot", (alpha, round(1 - alpha, 6)), MARGIN) for data, alpha in ALPHA.items()},
    fixed_margin=MARGIN,
    loss=training_loss,
    fusions=of_two_answers,
)
