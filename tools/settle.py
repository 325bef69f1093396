"""Tries settings of a recipe on validation alone, and keeps what each gave.

    python -m tools.settle RECIPE --data cub=DIR [--cache DIR] [--set grounding.weight=0.1] [--set epochs=5] ...

Every call trains on the recipe's validation problems as `zslviz train` does and adds one line to
docs/results/validation/RECIPE.jsonl: what was set, and the figures of pseudo-unseen classes and held-out photos after the last
epoch, with the fusion and gamma that are best there; an earlier epoch that is better is named beside them. Of labels: the figures
of labels and photos held out. Of pairs: those of the validation photos at the best epoch. Where parts are marked, the pointing game
of held-out photos is there too. Test photos are never read. A line that is there already is not measured again.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import typer
from lightning_fabric import Fabric

from tools.tried import keep, lines, run, settings_of, with_settings
from zslviz.backbones import build_backbone
from zslviz.backbones.encoder import BackboneEncoder
from zslviz.catalogue import data_card
from zslviz.datasets.reading import load_dataset, parse_data_argument
from zslviz.faithfulness.localisation import TOLERANCE, localise_all, visible_targets
from zslviz.faithfulness.maps import STRONG, attribute_maps
from zslviz.features.cache import FeatureCache, open_cache
from zslviz.features.sources import Source
from zslviz.models.registry import MODELS
from zslviz.runtime.places import DEFAULT_CACHE
from zslviz.runtime.processes import launch
from zslviz.tasks.attributes.checkpoint import AttributeCheckpoint
from zslviz.tasks.attributes.choice import Choice, best_on_average
from zslviz.tasks.attributes.data import ZeroShotDataset
from zslviz.tasks.attributes.explainer import AttributeExplainer
from zslviz.tasks.attributes.grounding import part_locations
from zslviz.tasks.attributes.network import model_config
from zslviz.tasks.attributes.problems import Problem, validation_problems
from zslviz.tasks.attributes.scoring import AttributeScale
from zslviz.tasks.attributes.settings import AttributeRecipe
from zslviz.tasks.attributes.training import AttributeLearner, predict_scores
from zslviz.tasks.base.choice import averages, best
from zslviz.tasks.base.recipes import recipe_from_dict
from zslviz.tasks.compositional.choice import merit_of
from zslviz.tasks.compositional.data import CompositionalDataset
from zslviz.tasks.compositional.settings import CompositionRecipe
from zslviz.tasks.compositional.training import CompositionLearner
from zslviz.tasks.multilabel import choice as labels_choice
from zslviz.tasks.multilabel.data import MultiLabelDataset
from zslviz.tasks.multilabel.settings import LabelRecipe
from zslviz.tasks.multilabel.training import LabelLearner
from zslviz.training.loop import train_epoch
from zslviz.training.recipe import Recipe, read_recipe
from zslviz.training.stepping import fresh_state

SHOWN = ("attention", "attention, smooth", "evidence", "evidence, smooth")


def measured(
    recipe: AttributeRecipe, dataset: ZeroShotDataset, caches: list[FeatureCache], photos: int, device: str = "cpu"
) -> dict[str, Any]:
    """Trains on the validation problems; the figures of the best candidate of the last epoch, and of its maps on the first."""
    fabric = launch(device, recipe.precision)
    learners = [
        AttributeLearner(recipe, p, dataset, caches, fabric) for p in validation_problems(dataset, recipe.validation)
    ]
    trained = [_trained(learner, fabric) for learner in learners]
    last = [[choice for choice in found if choice.epoch == recipe.epochs] for _, _, found in trained]
    best = best_on_average(last)  # maps are those of the last epoch, so figures are too
    earlier = best_on_average([found for _, _, found in trained])
    figures = {**best.to_dict(), "merit": best.merit, "best_epoch": earlier.epoch, "best_merit": earlier.merit}
    card = data_card(dataset.name)
    if photos and card is not None and card.part_locations is not None:
        network, source, _ = trained[0]
        figures["pointing"] = _pointing(learners[0], network, source, best, photos, fabric)
    return figures


def measured_labels(
    recipe: LabelRecipe, dataset: MultiLabelDataset, caches: list[FeatureCache], device: str = "cpu"
) -> dict[str, Any]:
    """Trains on the validation problems; the figures of the last epoch, averaged over them, and which epoch is best."""
    fabric = launch(device, recipe.precision)
    problems = labels_choice.validation_problems(dataset, recipe.validation)
    found = [_label_figures(LabelLearner(recipe, problem, caches, fabric), fabric) for problem in problems]
    epochs = averages(found)
    earlier = best(epochs)
    told = {"merit": epochs[-1].merit, "best_epoch": earlier.epoch, "best_merit": earlier.merit}
    return {**epochs[-1].to_dict(), **told}


def _label_figures(learner: LabelLearner, fabric: Fabric) -> list[labels_choice.LabelChoice]:
    """Every epoch measured."""
    state = fresh_state(learner, fabric)
    source = learner.source(state.network)
    found: list[labels_choice.LabelChoice] = []
    while state.epoch < learner.recipe.epochs:
        loss = train_epoch(state, learner, source, learner.recipe.name)
        (figures,) = learner.measure(learner.finished(state.best_network), source, fabric, state.epoch)
        found.append(labels_choice.LabelChoice(**figures))
        typer.echo(f"epoch {state.epoch}: loss {loss:.3f}, merit {found[-1].merit:.4f}")
    return found


def measured_pairs(
    recipe: CompositionRecipe, dataset: CompositionalDataset, caches: list[FeatureCache], device: str = "cpu"
) -> dict[str, Any]:
    """Trains on photos of seen pairs; the figures of the best measured epoch on the validation photos, closed world."""
    fabric = launch(device, recipe.precision)
    learner = CompositionLearner(recipe, dataset, caches, fabric)
    state = fresh_state(learner, fabric)
    source = learner.source(state.network)
    found: list[dict[str, Any]] = []
    while state.epoch < recipe.epochs:
        loss = train_epoch(state, learner, source, recipe.name)
        if learner.is_measured(state.epoch):
            found += learner.measure(learner.finished(state.best_network), source, fabric, state.epoch)
            typer.echo(f"epoch {state.epoch}: loss {loss:.3f}, AUC {found[-1]['auc']:.4f} H {found[-1]['h']:.4f}")
    best = max(found, key=merit_of)
    return {**best, "merit": merit_of(best), "last_merit": merit_of(found[-1])}


def _trained(learner: AttributeLearner, fabric: Fabric) -> tuple[Any, Source, list[Choice]]:
    """The network after the last epoch, what it is fed, and every candidate measured on the way."""
    state = fresh_state(learner, fabric)
    source = learner.source(state.network)
    found: list[Choice] = []
    while state.epoch < learner.recipe.epochs:
        loss = train_epoch(state, learner, source, learner.recipe.name)
        if learner.is_measured(state.epoch):
            every = learner.measure(learner.finished(state.best_network), source, fabric, state.epoch)
            found += [choice for choice in map(Choice.from_dict, every) if choice.candidate]
            best = max(found, key=lambda choice: choice.merit)
            typer.echo(f"epoch {state.epoch}: loss {loss:.3f}, best T1 {best.t1:.4f} H {best.h:.4f}")
    return state.best_network.eval(), source, found


def _pointing(
    learner: AttributeLearner, network: Any, source: Source, choice: Choice, photos: int, fabric: Fabric
) -> dict[str, float | int]:
    """The share of maps that point at their part, on held-out photos of the validation problem."""
    recipe, problem, dataset = learner.recipe, learner.problem, learner.dataset
    located, groups = part_locations(dataset), problem.space.groups
    explainer = _explainer(recipe, problem, dataset, network, choice, source, fabric)
    pool = np.sort(np.concatenate([problem.test_unseen, problem.test_seen]))
    hits: dict[str, list[bool]] = {name: [] for name in SHOWN}
    for photo in np.random.default_rng(0).permutation(pool)[:photos].tolist():
        strong = np.flatnonzero(problem.space.table[problem.labels[photo]] >= STRONG)
        targets = visible_targets(located, groups, photo, strong)
        explanation = explainer.explain(dataset.files[photo])
        maps = attribute_maps(explanation, list(targets))
        shown = {name: maps[name] for name in hits.keys() & maps.keys()}
        for name, measured in localise_all(shown, explanation.geometry, list(targets.values())).items():
            hits[name] += [one.distance <= TOLERANCE for one in measured]
    return {"pairs": len(hits[SHOWN[-1]]), **{n: round(float(np.mean(h)), 4) for n, h in hits.items() if h}}


def _explainer(
    recipe: AttributeRecipe,
    problem: Problem,
    dataset: ZeroShotDataset,
    network: Any,
    choice: Choice,
    source: Source,
    fabric: Fabric,
) -> AttributeExplainer:
    """The network of a validation problem as a checkpoint would hold it."""
    some = problem.train[::4]
    scores = predict_scores(network, source, some, fabric)
    scale = AttributeScale.fit(scores, np.asarray(problem.space.table)[problem.labels[some]], choice.rule.shares)
    checkpoint = AttributeCheckpoint(
        name=recipe.name,
        system=recipe.system,
        data=dataset.name,
        model_config=model_config(recipe, problem.space),
        backbone=recipe.backbone,
        size=recipe.size,
        space=problem.space,
        recipe=recipe.to_dict(),
        metrics={},
        network=network,
        rule=choice.rule,
        scale=scale,
        gamma=choice.gamma,
    )
    encoder = BackboneEncoder(build_backbone(recipe.backbone).eval().to(fabric.device))
    return AttributeExplainer(checkpoint, encoder, fabric.device)


def _caches(folder: Path, dataset: Any, recipe: Recipe) -> list[FeatureCache]:
    return [open_cache(folder, dataset, spec) for spec in recipe.cache_specs()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--data", required=True)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--pointing", type=int, default=150, help="held-out photos for the pointing game")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or cuda:N")
    given = parser.parse_args()
    recipe = recipe_from_dict(with_settings(read_recipe(given.recipe), given.settings), given.recipe)
    if not isinstance(recipe, AttributeRecipe | LabelRecipe | CompositionRecipe) or MODELS[recipe.system].loss is None:
        parser.error(f"'{given.recipe}' is no recipe of a model that is trained in epochs.")
    settings = settings_of(recipe.to_dict())
    if settings in [line["settings"] for line in lines(recipe.name)]:
        typer.echo("measured already")
        return
    name, folder = parse_data_argument(given.data)
    if isinstance(recipe, LabelRecipe):
        labels: MultiLabelDataset = load_dataset(name, folder, "multilabel", recipe.words or None)
        figures = measured_labels(recipe, labels, _caches(given.cache, labels, recipe), given.device)
    elif isinstance(recipe, CompositionRecipe):
        pairs: CompositionalDataset = load_dataset(name, folder, "compositional", recipe.words or None)
        figures = measured_pairs(recipe, pairs, _caches(given.cache, pairs, recipe), given.device)
    else:
        dataset: ZeroShotDataset = load_dataset(name, folder, "attributes").with_word_vectors()
        figures = measured(recipe, dataset, _caches(given.cache, dataset, recipe), given.pointing, given.device)
    typer.echo(json.dumps(figures))
    keep(recipe.name, settings, figures)


if __name__ == "__main__":
    sys.exit(run(main))
