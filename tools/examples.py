"""`python -m tools.examples [MODEL ...]`: bundles of the photos that the page offers, so that they are there before a network is.

Writes assets/bundles/MODEL/model.zslviz and one file a photo, by the model that explains it on the page: of the models named, or of
all that are not in `WITHOUT`; and in assets/bundles/index.json what the page has to know of them before it has read any. A model
that was trained anew needs nothing but this command. `tests/tools/test_examples.py` holds the files to what the models compute.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zslviz.catalogue import part
from zslviz.checkpoints.files import read_config
from zslviz.errors import ConfigError, UnknownNameError, ZslvizError
from zslviz.files import read_json, replacing
from zslviz.files.bundle import Bundle, read_bundle
from zslviz.runtime.places import bundles_folder
from zslviz.tasks.base.bundle import About
from zslviz.ui.credits import credit_of
from zslviz.ui.examples import Example
from zslviz.ui.openings import INDEX, MODEL_PART, ToldOfModel
from zslviz.ui.scratch import Downloads
from zslviz.ui.service import Service
from zslviz.ui.tabs import TABS

WITHOUT: dict[str, str] = {}
"""Models whose examples have no bundle yet, and why: one that is being trained anew. docs/bundle.md names them as well."""
NEAR = 1e-4  # how far numbers of two processors may be apart
_FLAT = 0.02  # share of maps that may have their highest place elsewhere
_SEEN_ALIKE = 4.0  # grey levels that decoded photos may differ by in the mean, whatever encoder wrote them


@dataclass(frozen=True)
class Baked:
    """An example and the model that explains it on the page. facts: what the page's lists tell of it."""

    example: Example
    model: str
    facts: Mapping[str, Any]

    @property
    def file(self) -> str:
        """Its bundle, below the folder of bundles."""
        return f"{self.model}/{self.example.path.stem}.zslviz"


@dataclass(frozen=True)
class Written:
    """The two parts of a bundle."""

    model: bytes
    photo: bytes


def baked(service: Service) -> list[Baked]:
    """Every shipped example, with the model that explains it on the page, in the page's order."""
    found = {}
    for place in TABS:  # tabs of one task may have the same examples
        tab = place.open(service, Downloads())
        for example in tab.examples:
            model = tab.model_for(example)
            one = Baked(example, model, tab.example_facts(example, model))
            found[one.file] = one
    return list(found.values())


def bundle_of(service: Service, one: Baked) -> Written:
    """What its model computes of an example now."""
    explainer, bundles = service.explainer(one.model), part(one.example.task, "bundle")
    explanation = explainer.explain(one.example.path)
    truth = bundles.truth_of(explanation.space, one.example.truth)
    about = About.of(explainer.checkpoint, one.example.title, truth, str(credit_of(one.example.path) or ""))
    return Written(bundles.model_bundle(explanation, about), explanation.bundle(about, whole=False))


# -- what is written beside what would be written now -------------------------------------------------------------------


def differences(written: Written, now: Written, bundles: Any) -> Iterator[str]:
    """In which way bundles tell something else than those of now; numbers may differ by what processors do.

    bundles: the module of their task.
    """
    models = [bundles.read_model_bundle(one.model) for one in (written, now)]
    yield from _unlike(read_bundle(written.model), read_bundle(now.model))
    yield from _unlike(read_bundle(written.photo), read_bundle(now.photo))
    rankings = [
        bundles.read_explanation_bundle(one.photo, model).rank()
        for one, model in zip((written, now), models, strict=True)
    ]
    orders = [ranking.order for ranking in rankings]
    if len(orders[0]) != len(orders[1]):
        yield "as many compete"
        return
    values = getattr(rankings[1], "biased", getattr(rankings[1], "calibrated", None)).ravel()
    if not np.allclose(values[orders[0]], values[orders[1]], rtol=0, atol=NEAR):
        yield "the ranking"


def _unlike(written: Bundle, now: Bundle) -> Iterator[str]:
    told = [{key: value for key, value in one.head.items() if key != "digest"} for one in (written, now)]
    for name in {**told[0], **told[1]}:
        if not _alike(told[0].get(name), told[1].get(name)):
            yield name
    if list(written.parts) != list(now.parts):
        yield "the parts"
        return
    for name, array in written.parts.items():
        if (array.shape != now.parts[name].shape and name != "photo") or array.dtype != now.parts[name].dtype:
            yield f"the shape of '{name}'"
        elif name == "photo":
            if not _seen_alike(array.tobytes(), now.parts[name].tobytes()):
                yield "the photo"
        elif name.endswith(" levels"):
            yield from _maps_unlike(written.parts, now.parts, name.removesuffix(" levels"))
        elif name.endswith(" common"):  # of a flat top, another place may be the highest one
            if float((array != now.parts[name]).mean()) > _FLAT:
                yield name
        elif not name.endswith(" steps") and not np.allclose(array, now.parts[name], rtol=NEAR, atol=NEAR):
            yield name


def _alike(written: Any, now: Any) -> bool:
    if isinstance(written, float) and isinstance(now, float):
        return abs(written - now) <= NEAR
    if isinstance(written, dict) and isinstance(now, dict):
        return written.keys() == now.keys() and all(_alike(value, now[key]) for key, value in written.items())
    if isinstance(written, list) and isinstance(now, list):
        return len(written) == len(now) and all(map(_alike, written, now))
    return bool(written == now)


def _maps_unlike(written: Mapping[str, Any], now: Mapping[str, Any], name: str) -> Iterator[str]:
    """Maps in 8 bits are alike if no value is more than a level off."""
    maps, steps = [], []
    for parts in (written, now):
        levels, step = parts[f"{name} levels"].astype(np.float64), parts[f"{name} steps"]
        steps.append(step.reshape(-1, *(1 for _ in levels.shape[1:])))
        maps.append(levels * steps[-1])
    if (np.abs(maps[0] - maps[1]) > 1.01 * np.maximum(*steps)).any():
        yield name


def _seen_alike(written: bytes, now: bytes) -> bool:
    photos = [np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), np.float32) for content in (written, now)]
    return photos[0].shape == photos[1].shape and float(np.abs(photos[0] - photos[1]).mean()) <= _SEEN_ALIKE


def told_of(service: Service, model: str, found: Sequence[Baked]) -> ToldOfModel:
    """What the index tells of a model. found: all examples."""
    info = service.checkpoint(model)
    photos = {one.example.path.stem: dict(one.facts) for one in found if one.model == model}
    return ToldOfModel(info.title, info.task, info.data, read_config(info.folder)["config_sha256"], photos)


# -- the command ----------------------------------------------------------------------------------------------------------


def write(models: Sequence[str], folder: Path) -> list[tuple[Path, int]]:
    """Writes the bundles of some models, or of all that are not in `WITHOUT`: each file with its size in bytes.

    Raises UnknownNameError for a model that explains no example.
    """
    service = Service("cpu")
    found = baked(service)
    known = sorted({one.model for one in found})
    for model in models:
        if model not in known:
            raise UnknownNameError("model with examples", model, known)
    contents: dict[str, bytes] = {}
    index = read_json(folder / INDEX, ConfigError) if (folder / INDEX).is_file() else {}
    for one in found:
        if one.model in (models or set(known) - set(WITHOUT)):
            written = bundle_of(service, one)
            contents |= {f"{one.model}/{MODEL_PART}": written.model, one.file: written.photo}
            index[one.model] = asdict(told_of(service, one.model, found))
    contents[INDEX] = (json.dumps({name: index[name] for name in sorted(index)}, indent=1) + "\n").encode()
    for file, content in contents.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder / file) as partial:
            partial.write_bytes(content)
    return [(folder / file, len(content)) for file, content in contents.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 2 where a model is none."""
    parser = argparse.ArgumentParser(prog="python -m tools.examples", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help="only these")
    parser.add_argument("--out", type=Path, default=bundles_folder(), help="another folder than assets/bundles")
    options = parser.parse_args(arguments)
    try:
        written = write(options.models, options.out)
    except ZslvizError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path, size in written:
        sys.stdout.write(f"{size / 1e3:7.0f} kB  {path}\n")
    sys.stdout.write(f"{sum(size for _, size in written) / 1e6:7.2f} MB in {len(written)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
