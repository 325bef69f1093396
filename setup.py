"""Puts what is shipped, which lies at the top of the repository, into the package that is built: `zslviz/_shipped`.

All else stands in pyproject.toml. `zslviz.runtime.places` finds it there, and at the top of a checkout where nothing was built.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    "checkpoints/*/config.json",
    "checkpoints/*/metrics.json",
    "checkpoints/*/model.safetensors",
    "checkpoints/*/test_photos.zslviz",
    "checkpoints/*/training_photos.zslviz",
    "checkpoints/*/README.md",
    "assets/*.md",
    "assets/licenses/*",
    "assets/examples/**/*",
    "assets/bundles/**/*",
)
# The Python Package Index takes files of 100 MB at most. What a model of the whole test set would need stays in the repository
# where simpler models of the same data do better; the page says that the model came without it.
LEFT_OUT = ("checkpoints/psvma-cub/test_photos.zslviz", "checkpoints/psvmaplus-cub/test_photos.zslviz")


class BuildWithShipped(build_py):
    """`build_py` that also copies `SHIPPED`; an editable installation finds it where it lies."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for source, target in self._shipped():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        copied = [] if self.editable_mode else [str(target) for _, target in self._shipped()]
        return [*super().get_outputs(include_bytecode), *copied]

    def get_source_files(self) -> list[str]:
        """What a source distribution holds."""
        return [*super().get_source_files(), *(str(source) for source, _ in self._shipped())]

    def _shipped(self) -> Iterator[tuple[Path, Path]]:
        top = Path()
        for pattern in SHIPPED:
            for source in sorted(top.glob(pattern)):
                if source.is_file() and not source.name.startswith(".") and source.as_posix() not in LEFT_OUT:
                    yield source, Path(self.build_lib, "zslviz", "_shipped", source)


setup(cmdclass={"build_py": BuildWithShipped})
