from __future__ import annotations

import subprocess
import sys

import zslviz.backbones.torchvision_compat as compat


def test_torchvision_and_timm_import_in_a_fresh_process() -> None:
    code = "import zslviz.backbones.torchvision_compat, torchvision, timm; torchvision.models.resnet18(); print('ok')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "ok", done.stderr


def test_operators_are_declared_once_and_only_where_the_compiled_ones_do_not_load() -> None:
    assert (compat._declared is None) is compat.compiled_operators_load()
    assert compat.declare_missing_operators() is False
