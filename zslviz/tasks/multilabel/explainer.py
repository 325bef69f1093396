"""LabelExplainer: scores and exact maps of labels in a photo, and of labels that people add by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zslviz.backbones import Pyramid
from zslviz.errors import DataError, TableError, ZslvizError
from zslviz.photos.loading import ImageSource
from zslviz.tasks.base.explainer import Explainer, as_numpy
from zslviz.tasks.base.photo import Timing
from zslviz.tasks.multilabel.checkpoint import LabelCheckpoint
from zslviz.tasks.multilabel.explanation import LabelExplanation
from zslviz.tasks.multilabel.space import LabelSpace
from zslviz.words.source import WordSource, word_source

MAX_NAME = 60
_KEPT_WORDS = 4096


class LabelExplainer(Explainer):
    """Explains photos by a multi-label model (BiAM)."""

    checkpoint: LabelCheckpoint
    task = "multilabel"

    @property
    def space(self) -> LabelSpace:
        return self.checkpoint.space

    @property
    def gamma(self) -> float:
        return self.checkpoint.gamma

    @property
    def threshold(self) -> float:
        return self.checkpoint.threshold

    @torch.inference_mode()
    def explain(self, image: ImageSource) -> LabelExplanation:
        """Scores and maps of one photo; the network runs once. Raises ImageError with one sentence."""
        started = time.perf_counter()
        photo, geometry, pyramid, backbone_ms = self._seen(image)
        output = self._network(pyramid, self._vectors, explain=True)
        return LabelExplanation(
            model=self.name,
            photo=photo,
            geometry=geometry,
            space=self.space,
            region_scores=as_numpy(output.region_logits[0]),
            counted=self._network.config.top,
            embeddings=as_numpy(output.embeddings[0]),
            region_attention=None if output.region_attention is None else as_numpy(output.region_attention[0]),
            scene_gate=None if output.scene_gate is None else as_numpy(output.scene_gate[0]),
            shift=self._shift,
            gamma=self.gamma,
            threshold=self.threshold,
            timing=Timing(backbone_ms, (time.perf_counter() - started) * 1e3, str(self.device)),
        )

    def scores(self, images: Iterable[ImageSource], batch_size: int = 8) -> Iterator[NDArray[np.float32]]:
        """Scores [K] of many photos, in batches and without maps, in the order given; gamma is not taken off."""
        return self._in_batches(images, self._batch_scores, batch_size)

    def add(self, explanation: LabelExplanation, *names: str) -> LabelExplanation:
        """The explanation with labels added by name, as unseen ones. The network does not run.

        Raises TableError if a name is taken, empty or too long, DataError if it holds a word without a vector, ConfigError if the
        word vectors are not installed.
        """
        labels = [" ".join(name.split()) for name in names]
        taken = {label.casefold() for label in explanation.space.labels}
        for label in labels:  # all said before any word is looked up
            if not label or len(label) > MAX_NAME:
                raise TableError(f"A label's name has 1 to {MAX_NAME} letters.")
            if label.casefold() in taken:
                raise TableError(f"There is a label '{label}' already.")
            taken.add(label.casefold())
        if not labels:
            return explanation
        vectors = np.stack([self.vector(label) for label in labels])
        classifiers = np.stack([self._classifier(vector) for vector in vectors])  # each as if it were alone
        return explanation.with_labels(labels, vectors, classifiers)

    def vector(self, label: str) -> NDArray[np.float32]:
        """The word vector of a label, of unit length [D], from the source that this model was trained with."""
        with self._looking_up:
            if label not in self._looked_up:
                if len(self._looked_up) >= _KEPT_WORDS:
                    self._looked_up.clear()
                found = self._words.phrase(label)
                norm = float(np.linalg.norm(found))
                if norm == 0:
                    raise DataError(f"The word vector of '{label}' is empty; use another word.")
                self._looked_up[label] = (found / norm).astype(np.float32)
            return self._looked_up[label]

    def warm_up(self) -> None:
        """Reads the word vectors, so that the first word added need not wait for them. What is wrong with them, `vector` says."""
        with suppress(ZslvizError):
            self.vector(self.space.labels[0])

    @cached_property
    def _words(self) -> WordSource:
        return word_source(self.space.words)

    @cached_property
    def _looking_up(self) -> threading.Lock:
        return threading.Lock()

    @cached_property
    def _looked_up(self) -> dict[str, NDArray[np.float32]]:
        return {}

    @cached_property
    def _vectors(self) -> Tensor:
        return torch.from_numpy(np.array(self.space.vectors)).to(self._head_device)

    @property
    def _shift(self) -> float:
        """How many pixels of the input further right and down than drawn a region sees (that of the stage whose grid it is)."""
        _, c4, c5 = self._backbone.spec.shift
        return c4 if "c4" in self._network.stages else c5

    @torch.inference_mode()
    def _classifier(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        return as_numpy(self._network.classifiers(torch.from_numpy(vector)[None].to(self._head_device))[0])

    def _batch_scores(self, pyramid: Pyramid) -> list[NDArray[np.float32]]:
        return list(as_numpy(self._network(pyramid, self._vectors).logits))


EXPLAINER = LabelExplainer
