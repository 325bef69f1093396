"""What is to be known of DFAN before it is built."""

from zslviz.models.dfan.loss import training_loss
from zslviz.models.dfan.network import DFAN, DFANConfig
from zslviz.models.fusions import of_two_answers
from zslviz.models.registry import Published, System

BETA = {"cub": 0.5, "sun": 0.5, "awa2": 0.0, "": 0.5}
"""Of beta s + (1 - beta) t in the authors' public code; on AWA2 the local answer takes no part."""

SYSTEM = System(
    "dfan",
    "DFAN",
    DFAN,
    DFANConfig,
    frozenset({"attributes", "attention", "evidence"}),
    granularities=DFAN.granularities,
    strides=(32, 32),
    grounded=(0,),
    published={data: Published("dot", (beta, 1 - beta)) for data, beta in BETA.items()},
    loss=training_loss,
    fusions=of_two_answers,
    held="the length of what each attribute gathered",
    rest="learned correction",
)
