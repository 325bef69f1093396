"""What is to be known of TransZero before it is built."""

from zslviz.models.registry import Published, System
from zslviz.models.transzero.loss import training_loss
from zslviz.models.transzero.network import TransZero, TransZeroConfig

MARGIN = 2.0  # +1 on unseen and -1 on seen classes

SYSTEM = System(
    "transzero",
    "TransZero",
    TransZero,
    TransZeroConfig,
    frozenset({"attributes", "attention", "evidence"}),
    granularities=TransZero.granularities,
    strides=(32,),
    grounded=(0,),
    idle=("encoder.*.key.bias",),  # the same for all regions, so that no softmax shows it
    published={"": Published("dot", (1.0,), MARGIN)},
    fixed_margin=MARGIN,
    loss=training_loss,
    held="the spread of two norms and the gates of one layer",
    rest="said without looking",
    fusions=lambda granularities, loss: [("dot", (1.0,))],
)
