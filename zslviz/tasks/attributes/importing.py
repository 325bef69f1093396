"""From the authors' published weights to a checkpoint that explains, is measured and opens in the page like any other.

Nothing is chosen here: the fusion is the paper's, gamma is the authors' fixed bias (MSDN: +1 on unseen and -1 on seen classes,
so 2 in our terms; Mg-MRN: none), and both are told as such. Only the scale on which scores are shown has to be fitted: on
training photos of the data, run through the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from zslviz.backbones import BACKBONES, build_backbone, spec_of
from zslviz.backbones.features import STAGES
from zslviz.backbones.opened import encoder_of
from zslviz.backbones.registry import settled
from zslviz.errors import CheckpointError, ConfigError, DataError
from zslviz.files import check_can_hold, replacing
from zslviz.files.typed import MAX_SIDE
from zslviz.models.registry import MODELS, build_model
from zslviz.models.state_dicts import OfficialWeights, read_official, reader_of
from zslviz.runtime.devices import pick_device
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.scoring import AttributeScale, ScoringRule

PAPER_SIZE = 448
SCALE_PHOTOS = 200
MIN_AGREEMENT = 0.9  # mean cosine of the file's class signatures with the class table


def import_weights(
    system: str,
    file: Path,
    dataset: ZeroShotDataset,
    folder: Path,
    backbone: str | None = None,
    size: int | None = None,
    scale_photos: int = SCALE_PHOTOS,
    device: str | None = None,
) -> AttributeCheckpoint:
    """Reads a published state dict and writes a checkpoint folder; returns the checkpoint.

    dataset: gives the class table, Mg-MRN's word vectors, and `scale_photos` training photos. backbone, size: the paper's
    ResNet-101 at 448 px, or what fits the channels, if None. Raises CheckpointError, ConfigError, DataError, UnknownNameError.
    """
    check_can_hold(folder)
    weights = read_official(system, file)
    _check_space(weights, dataset, file.name)
    name = settled(_pick_backbone(weights, backbone, file.name))
    side = size or (PAPER_SIZE if name.startswith("resnet") else spec_of(name).input_size)
    if side % 32 or not 32 <= side <= MAX_SIDE:
        raise ConfigError(f"The input side must be a multiple of 32 pixels, up to {MAX_SIDE}, not {side}.")
    rule, gamma = _paper_rule(system, dataset.name)
    config = {**weights.config, **reader_of(system).settings_for(dataset.name)}
    network = build_model(system, config)
    if reader_of(system).needs_word_vectors:
        network.set_word_vectors(torch.from_numpy(np.array(dataset.space.word_vectors)))  # type: ignore[operator]
    own = network.state_dict()  # a setting may leave out layers that the file has and its authors do not use either
    network.load_state_dict({**own, **{name: tensor for name, tensor in weights.state.items() if name in own}})
    attributes, granularities = len(dataset.space.attributes), len(MODELS[system].granularities)
    ones = np.ones((granularities, attributes), dtype=np.float32)
    unfitted = AttributeScale(0 * ones, ones, 0 * ones[0], ones[0], rule.shares)
    checkpoint = AttributeCheckpoint(
        name=folder.name,
        system=system,
        data=dataset.name,
        model_config=config,
        backbone=name,
        size=side,
        network=network.eval().requires_grad_(False),
        space=dataset.space,
        rule=rule,
        scale=unfitted,
        gamma=gamma,
        trained=STAGES if weights.backbone else (),
        backbone_state=_backbone_state(name, weights.backbone, file.name) if weights.backbone else {},
    )
    scale, used = _fit_scale(checkpoint, dataset, scale_photos, device)
    metrics = {
        "data": dataset.name,
        "terms": dataset.terms,
        "imported": {
            "file": file.name,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "fusion": "the paper's, not chosen here",
            "gamma": "the authors' fixed bias, not chosen on validation" if gamma else "none, as in the paper",
            "scale_photos": used,
        },
    }
    finished = replace(checkpoint, scale=scale, metrics=metrics)
    finished.save(folder, half=False)
    with replacing(folder / "README.md") as card:
        card.write_text(_card(finished), encoding="utf-8")
    return finished


def _check_space(weights: OfficialWeights, dataset: ZeroShotDataset, source: str) -> None:
    """The file's attributes are those of the data, as far as it can tell. Raises CheckpointError, ConfigError."""
    attributes, space = int(weights.config["attributes"]), dataset.space
    if attributes != len(space.attributes):
        raise CheckpointError(
            f"'{source}' predicts {attributes} attributes, but the data '{dataset.name}' has {len(space.attributes)}."
        )
    dimension = None if space.word_vectors is None else space.word_vectors.shape[1]
    if reader_of(weights.system).needs_word_vectors and dimension != weights.config["word_dim"]:
        found = "none there" if dimension is None else f"of {dimension}"
        raise ConfigError(
            f"'{source}' was trained with word vectors of {weights.config['word_dim']} dimensions, and the data '{dataset.name}' "
            f"has {found}; put the authors' as 'attribute_word_vectors.npy' into its folder."
        )
    if weights.signatures is not None and weights.signatures.shape == space.prototypes.shape:
        rows = torch.nn.functional.normalize(weights.signatures.float(), dim=1).numpy()
        agreement = float((rows * space.prototypes).sum(axis=1).mean())
        if agreement < MIN_AGREEMENT:
            raise CheckpointError(
                f"The class signatures in '{source}' are not those of the data '{dataset.name}' (mean cosine {agreement:.2f}): "
                "its classes or attributes stand in another order."
            )


def _pick_backbone(weights: OfficialWeights, wanted: str | None, source: str) -> str:
    """The backbone asked for, or one whose channels fit: the papers' ResNet-101 first."""
    if wanted is not None:
        spec_of(wanted)
    needed = weights.config["channels"]

    def fits(name: str) -> bool:
        return MODELS[weights.system].channels_of(spec_of(name).channels) == needed

    order = [wanted] if wanted else ["resnet101", *BACKBONES]
    found = next((name for name in order if fits(name)), None)
    if found is None:
        told = f"the backbone '{wanted}' gives {spec_of(wanted).channels}" if wanted else "no backbone here gives them"
        raise CheckpointError(f"'{source}' was trained on features of {needed} channels; {told}.")
    return found


def _paper_rule(system: str, data: str) -> tuple[ScoringRule, float]:
    """The paper's fusion and the authors' fixed bias for a data set, or what they use where they have none for it."""
    known = MODELS[system].published
    paper = known.get(data, known[""])
    return ScoringRule(paper.rule, paper.weights), paper.gamma  # type: ignore[arg-type]


def _backbone_state(name: str, given: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """The trained backbone by the names of ours. Its classifier has no use and stays zero where the file has none."""
    wanted = build_backbone(name, weights=None).state_dict()
    prefix = "network.network."
    classifier = ("fc.", "classifier.")
    state: dict[str, Tensor] = {}
    for full, own in wanted.items():
        short = full.removeprefix(prefix)
        if short not in given:
            if not short.startswith(classifier) and not short.endswith("num_batches_tracked"):
                raise CheckpointError(
                    f"'{source}' does not hold the whole backbone {name}: 'backbone.{short}' is missing."
                )
            state[full] = torch.zeros_like(own)
        elif given[short].shape != own.shape:
            if not short.startswith(classifier):
                raise CheckpointError(
                    f"'{source}' does not fit {name}: 'backbone.{short}' is {tuple(given[short].shape)}, not {tuple(own.shape)}."
                )
            state[full] = torch.zeros_like(own)
        else:
            state[full] = given[short].to(own.dtype)
    strangers = {s for s in given if prefix + s not in wanted and not s.startswith(classifier)}
    if strangers:
        raise CheckpointError(f"'{source}' holds 'backbone.{min(strangers)}', which {name} does not have.")
    return state


def _fit_scale(
    checkpoint: AttributeCheckpoint, dataset: ZeroShotDataset, count: int, device: str | None
) -> tuple[AttributeScale, int]:
    """The scale from the scores of some training photos, the same ones every time, and how many were used."""
    photos = np.random.default_rng(0).permutation(dataset.trainval)[: max(count, 2)]
    if len(photos) < 2:
        raise DataError("The scale on which scores are shown needs at least two training photos.")
    where = pick_device(device)
    explainer = AttributeExplainer(checkpoint, encoder_of(checkpoint, where), where)
    scores = explainer.scores(dataset.files[i] for i in photos)
    gathered: list[NDArray[Any]] = list(tqdm(scores, total=len(photos), unit="photo", desc="scale"))
    rows = np.asarray(dataset.space.table)[dataset.labels[photos]]
    return AttributeScale.fit(np.stack(gathered), rows, checkpoint.rule.shares), len(photos)


def _card(checkpoint: AttributeCheckpoint) -> str:
    """The card of imported weights: whose they are and what was not chosen here. It states no figure, for none was measured."""
    imported = checkpoint.metrics["imported"]
    trained = "as trained along with the network" if checkpoint.backbone_state else "with its ImageNet weights"
    return f"""# {checkpoint.name}: {checkpoint.title}

Weights published by the authors of {MODELS[checkpoint.system].title}, imported from `{imported["file"]}` (sha256
`{imported["sha256"]}`), on {checkpoint.backbone} at {checkpoint.size} px {trained}.

- Fusion {list(checkpoint.rule.weights)}: {imported["fusion"]}.
- gamma {checkpoint.gamma:g}: {imported["gamma"]}.
- The scale of the values shown was fitted on {imported["scale_photos"]} training photos.
- Figures: `zslviz evaluate --model FOLDER --data {checkpoint.data}=DIR`.

The weights are the authors' and so are the terms of their use. Data: {checkpoint.metrics["terms"]}
"""
