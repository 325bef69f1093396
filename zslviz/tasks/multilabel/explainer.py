"""LabelExplainer: scores and exact maps of labels in a photo, and of labels that people add by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from zslviz.backbones import Features
from zslviz.backbones.encoder import Encoder
from zslviz.errors import DataError
from zslviz.models.output import LabelOutput
from zslviz.photos.loading import ImageSource
from zslviz.tasks.base.added import WordLookup, checked_name
from zslviz.tasks.base.explainer import EncodedPhoto, Explainer, as_numpy, told_by
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.words.source import word_source


class LabelExplainer(Explainer):
    """Explains photos by a multi-label model (BiAM)."""

    checkpoint: LabelCheckpoint
    task = "multilabel"

    def __init__(self, checkpoint: LabelCheckpoint, encoder: Encoder, device: torch.device) -> None:
        super().__init__(checkpoint, encoder, device)
        self._words = WordLookup(lambda: encoder.words or word_source(checkpoint.space.words))
        self._vectors = torch.from_numpy(np.array(checkpoint.space.vectors)).to(self._head_device)

    @property
    def space(self) -> LabelSpace:
        return self.checkpoint.space

    @property
    def gamma(self) -> float:
        return self.checkpoint.gamma

    @property
    def threshold(self) -> float:
        return self.checkpoint.threshold

    def explain(self, image: ImageSource) -> LabelExplanation:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        explanation: LabelExplanation = super().explain(image)
        return explanation

    def explained(self, features: Features, photos: Sequence[EncodedPhoto]) -> list[LabelExplanation]:
        output: LabelOutput = self._network(features, self._vectors, explain=True)
        return [self._explanation(output, i, photo) for i, photo in enumerate(photos)]

    def _explanation(self, output: LabelOutput, index: int, photo: EncodedPhoto) -> LabelExplanation:
        """What the network found in the photo at `index` of its batch."""
        assert output.region_logits is not None and output.embeddings is not None, "explanations were asked for"
        part_embeddings = parts = None
        if output.part_embeddings is not None:
            of_parts = output.part_embeddings[index]
            part_embeddings = as_numpy(of_parts)
            products = (of_parts @ self._network.classifiers(self._vectors).mT).mT  # [P, K, R]
            parts = as_numpy(products.unflatten(-1, output.region_logits.shape[-2:]))
        return LabelExplanation(
            model=self.name,
            photo=photo.pixels,
            geometry=photo.geometry,
            space=self.space,
            region_scores=as_numpy(output.region_logits[index]),
            counted=self._network.config.top,
            embeddings=as_numpy(output.embeddings[index]),
            region_attention=None if output.region_attention is None else as_numpy(output.region_attention[index]),
            scene_gate=None if output.scene_gate is None else as_numpy(output.scene_gate[index]),
            part_scores=parts,
            part_embeddings=part_embeddings,
            insights=told_by(output.insights, index),
            shift=self._shift,
            gamma=self.gamma,
            threshold=self.threshold,
            unseen_threshold=self.checkpoint.unseen_threshold,
            timing=photo.timing(),
        )

    @torch.inference_mode()
    def scores_of(self, features: Features) -> NDArray[np.float32]:
        """Scores from features: [B, K]; gamma is not taken off."""
        return as_numpy(self._network(features.to(self._head_device), self._vectors).logits)

    def add(self, explanation: LabelExplanation, *names: str) -> LabelExplanation:
        """The explanation with labels added by name, as unseen ones. The network does not run.

        Raises TableError if a name is taken, empty or too long, DataError if it holds a word without a vector, ConfigError if the
        word vectors are not installed.
        """
        labels = [checked_name(name, "label") for name in names]
        explanation.space.named_labels.check_new(*labels)  # said before any word is looked up
        if not labels:
            return explanation
        vectors = np.stack([self.vector(label) for label in labels])
        classifiers = np.stack([self._classifier(vector) for vector in vectors])  # each as if it were alone
        return explanation.with_labels(labels, vectors, classifiers)

    def vector(self, label: str) -> NDArray[np.float32]:
        """The word vector of a label, of unit length [D], from the source that this model was trained with. Raises DataError."""
        found = self._words.vector(label)
        norm = float(np.linalg.norm(found))
        if norm == 0:
            raise DataError(f"The word vector of '{label}' is empty; use another word.")
        return (found / norm).astype(np.float32)

    def words(self) -> str:
        """The name of the source of word vectors that this model was trained with."""
        return self.space.words

    def warm_up(self) -> None:
        """Opens the word vectors, so that the first word added need not wait for them; to be called any number of times."""
        self._words.warm_up(self.space.labels[0])

    @property
    def _shift(self) -> float:
        """How many pixels of the input further right and down than drawn a region sees (that of the stage whose grid it is)."""
        return self.encoder.shift["c4" if "c4" in self._network.stages else "c5"]

    @torch.inference_mode()
    def _classifier(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        return as_numpy(self._network.classifiers(torch.from_numpy(vector)[None].to(self._head_device))[0])


EXPLAINER = LabelExplainer
