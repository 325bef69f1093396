"""Training of compositional networks: on photos of seen pairs alone, the epoch chosen on validation photos; resumable."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from zslviz.backbones import BACKBONES
from zslviz.backbones.encoder import Encoder
from zslviz.backbones.features import STAGES, Features
from zslviz.features.cache import FeatureCache
from zslviz.features.encoded import EncodedPhotos
from zslviz.features.predicting import predict, settle
from zslviz.features.sources import CachedFeatures, Source
from zslviz.models.output import CompositionLogits, CompositionText
from zslviz.models.refiner.loss import composition_loss
from zslviz.models.refiner.network import Refiner
from zslviz.models.registry import build_model
from zslviz.runtime.processes import gather
from zslviz.tasks.compositional.choice import EpochFigures, best_epoch, closed_figures, part_scores, validation_summary
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.tasks.compositional.figures import evaluate_compositions
from zslviz.tasks.compositional.scoring import fused_scores
from zslviz.tasks.compositional.space import CompositionSpace
from zslviz.training.recipe import Recipe
from zslviz.training.stepping import TrainingState, build_optimizer, prefetch, rate_factor, update_average

Photos = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TrainedCompositions:
    """network: at the chosen epoch, in evaluation mode. config: that builds it. validation: what was chosen and how it fared."""

    network: Refiner
    config: dict[str, Any]
    validation: dict[str, Any]


class _Logits(nn.Module):
    """A network's logits from the parts of features and word vectors: what Fabric can cast and hand between processes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, stages: dict[str, Tensor], global_vector: Tensor | None, state_vectors: Tensor, object_vectors: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        text = self.network.text(state_vectors, object_vectors)  # type: ignore[operator]
        output = self.network(Features(stages, global_vector), text)
        return output.pair_logits, output.state_logits, output.object_logits


def model_config(recipe: Recipe, space: CompositionSpace, encoder: Encoder | None = None) -> dict[str, Any]:
    """The network's configuration: the recipe's settings, with the sizes that follow from backbone or encoder and word vectors."""
    word_dim = int(space.state_vectors.shape[1])
    if encoder is not None:
        channels = tuple(encoder.channels.values())
        sizes = {"channels": channels, "global_channels": encoder.global_channels, "word_dim": word_dim}
        return {**sizes, **recipe.model, "stages": tuple(encoder.channels)}
    stages = tuple(recipe.model.get("stages", STAGES))
    by_stage = BACKBONES[recipe.backbone].stage_channels
    return {
        "channels": tuple(by_stage[name] for name in stages),
        "word_dim": word_dim,
        **recipe.model,
        "stages": stages,
    }


def train_compositions(
    recipe: Recipe,
    dataset: CompositionalDataset,
    caches: Sequence[FeatureCache],
    run_folder: Path,
    fabric: Fabric,
    encoder: Encoder | None = None,
) -> TrainedCompositions:
    """Trains a recipe on `dataset.train` and keeps the epoch whose closed-world AUC on validation photos is best.

    caches: of the photos as they are, then mirrored ones if the recipe flips. run_folder: keeps what a killed training needs to go
    on, and the trace of validation. Nothing of the test part is read. encoder: sees the photos instead of caches, each time anew;
    the data set's word vectors are then to be `encoder.words`.
    """
    config = model_config(recipe, dataset.space, encoder)
    state = _new_state(recipe, config, fabric)
    source: Source
    if encoder is not None:
        source = EncodedPhotos(dataset, encoder, tuple(config["stages"]), fabric.device, recipe.flip)
    else:
        source = CachedFeatures.read_by(state.network, caches, fabric.device)
    run_folder.mkdir(parents=True, exist_ok=True)
    saved, best_file, trace_file = (run_folder / name for name in ("training.pt", "best.pt", "trace.json"))
    trace: list[EpochFigures] = []
    if saved.is_file() and trace_file.is_file():
        state.load(saved)
        kept = [EpochFigures(**figures) for figures in json.loads(trace_file.read_text(encoding="utf-8"))]
        trace = [figures for figures in kept if figures.epoch <= state.epoch]
    measured = _measured_epochs(recipe)
    while state.epoch < recipe.epochs:
        _train_epoch(state, recipe, dataset, source, fabric)
        if state.epoch in measured:
            scores = _validation_scores(state.best_network, source, dataset, fabric)
            trace.append(closed_figures(dataset, scores, state.epoch))
            if fabric.is_global_zero:
                if best_epoch(trace).epoch == state.epoch:
                    torch.save(state.best_network.state_dict(), best_file)
                trace_file.write_text(json.dumps([asdict(figures) for figures in trace], indent=1), encoding="utf-8")
        state.save(saved)  # last, so that a kill before it repeats the epoch and its measurement
    network = state.best_network
    network.load_state_dict(torch.load(best_file, map_location=fabric.device, weights_only=True))
    scores = _validation_scores(network, source, dataset, fabric)
    validation = validation_summary(dataset, scores, trace, best_epoch(trace))
    assert isinstance(network, Refiner)
    return TrainedCompositions(network.eval(), config, validation)


def measure_compositions(
    network: nn.Module, source: Source, dataset: CompositionalDataset, fabric: Fabric
) -> dict[str, Any]:
    """Figures of the test part in both worlds (`evaluate_compositions`); bias and threshold are chosen on the validation part."""
    text = space_text(network, dataset.space, fabric.device)
    parts = [
        part_scores(dataset, part, predict_compositions(network, source, dataset.photos_of(part), text, fabric))
        for part in ("val", "test")
    ]
    return evaluate_compositions(parts[0], parts[1], dataset.space_for("val"), dataset.space_for("test"), familiar=True)


@torch.inference_mode()
def space_text(network: nn.Module, space: CompositionSpace, device: torch.device) -> CompositionText:
    """The texts of a space's states and objects."""
    network.eval()
    text: CompositionText = network.text(*_vectors(space, device))  # type: ignore[operator]
    return text


def predict_compositions(
    network: nn.Module, source: Source, photos: Photos, text: CompositionText, fabric: Fabric, batch_size: int = 64
) -> NDArray[np.float32]:
    """Fused scores of all pairs: float32 [N, S, O]. The processes of a fabric take a share each and all get the whole."""
    logits = predict_logits(network, source, photos, text, fabric, batch_size)
    scores: NDArray[np.float32] = fused_scores(*(part.numpy() for part in logits))
    return scores


def predict_logits(
    network: nn.Module, source: Source, photos: Photos, text: CompositionText, fabric: Fabric, batch_size: int = 64
) -> CompositionLogits:
    """Logits of pairs [N, S, O], states [N, S] and objects [N, O], on the CPU."""
    settle(network, fabric)

    def score(features: Features) -> tuple[Tensor, ...]:
        output = network(features, text)
        return output.pair_logits, output.state_logits, output.object_logits

    return CompositionLogits(*predict(score, source, photos, fabric, batch_size))


def _new_state(recipe: Recipe, config: dict[str, Any], fabric: Fabric) -> TrainingState:
    torch.manual_seed(recipe.seed)
    network = build_model(recipe.system, config).to(fabric.device)
    average = copy.deepcopy(network).requires_grad_(False) if recipe.average else None
    module, stepper = fabric.setup(_Logits(network), build_optimizer(network, recipe))
    return TrainingState(network, average, stepper.optimizer, module, stepper, fabric)


def _measured_epochs(recipe: Recipe) -> set[int]:
    """Five epochs of the second half, the last one among them; before, the learning rate is high and nothing is worth choosing."""
    return {round(recipe.epochs * share) for share in (0.6, 0.7, 0.8, 0.9, 1.0)}


def _train_epoch(
    state: TrainingState, recipe: Recipe, dataset: CompositionalDataset, source: Source, fabric: Fabric
) -> float:
    """One epoch of the training photos; returns the mean loss. Order and chance follow from the recipe's seed and the epoch."""
    state.network.train()
    rng = np.random.default_rng((recipe.seed, state.epoch))
    torch.manual_seed(recipe.seed * 100_003 + state.epoch)
    count = max(1, math.ceil(len(dataset.train) / recipe.batch_size))
    batches = [batch for batch in np.array_split(rng.permutation(dataset.train), count) if len(batch) > 1]
    vectors = _vectors(dataset.space, fabric.device)
    seen = torch.from_numpy(np.array(dataset.space.seen)).to(fabric.device)
    total = 0.0
    for number, (parts, photos) in enumerate(_with_bar(state, recipe, batches, source, rng)):
        factor = rate_factor(recipe.optimizer, state.epoch + number / len(batches), recipe.epochs)
        for group in state.optimizer.param_groups:
            group["lr"] = group["base_lr"] * factor
        states, objects = (torch.from_numpy(a[photos]).to(fabric.device) for a in (dataset.states, dataset.objects))
        state.optimizer.zero_grad()
        start = 0
        for turn, (features, size) in enumerate(parts):
            with fabric.no_backward_sync(state.module, enabled=turn + 1 < len(parts)):  # type: ignore[arg-type]
                shares = state.module(*features.to(fabric.device).parts, *vectors)
                whole = (gather(fabric, share.float(), size, axis=0, gradients=True) for share in shares)
                there = slice(start, start + size)
                loss = composition_loss(CompositionLogits(*whole), states[there], objects[there], seen, **recipe.loss)
                fabric.backward(loss.total * (size / len(photos)))
            start += size
            total += loss.total.item() * size / len(photos)
        if recipe.optimizer.clip_norm:
            fabric.clip_gradients(state.module, state.stepper, max_norm=recipe.optimizer.clip_norm)  # type: ignore[arg-type]
        state.stepper.step()
        if state.average is not None:
            update_average(state.average, state.network, recipe.average, state.epoch * len(batches) + number)
    state.epoch += 1
    return total / len(batches)


def _with_bar(
    state: TrainingState, recipe: Recipe, batches: list[Photos], source: Source, rng: np.random.Generator
) -> Iterator[tuple[list[tuple[Features, int]], Photos]]:
    """Batches as they are loaded, under a progress bar of the first process."""
    title = f"{recipe.name} epoch {state.epoch + 1}/{recipe.epochs}"
    loaded = prefetch(batches, source, rng, recipe.accumulate, state.fabric)
    with tqdm(total=len(batches), desc=title, unit="batch", disable=not state.fabric.is_global_zero) as bar:
        for item in loaded:
            yield item
            bar.update()


def _validation_scores(
    network: nn.Module, source: Source, dataset: CompositionalDataset, fabric: Fabric
) -> NDArray[np.float32]:
    text = space_text(network, dataset.space, fabric.device)
    return predict_compositions(network, source, dataset.photos_of("val"), text, fabric)


def _vectors(space: CompositionSpace, device: torch.device) -> tuple[Tensor, Tensor]:
    states, objects = (torch.from_numpy(np.array(v)).to(device) for v in (space.state_vectors, space.object_vectors))
    return states, objects
