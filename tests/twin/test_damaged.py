"""What is no bundle is refused by the page's readers in one sentence, wherever it is cut or changed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.twin.label_vectors import made_explanation
from tests.twin.pair_vectors import made_case
from tests.twin.replaying import NODE, ROOT, TWIN
from zslviz.errors import ConfigError
from zslviz.files.bundle import read_bundle, write_bundle
from zslviz.tasks.compositional.bundle import read_model_bundle as of_pairs
from zslviz.tasks.multilabel.bundle import read_model_bundle as of_labels

pytestmark = pytest.mark.skipif(NODE is None, reason="node is missing")

WHOLE = {
    "labels.js": made_explanation("plain", 4).bundle(embeddings=True),
    "pairs.js": made_case("plain", 20).own.bundle(),
}


@pytest.mark.parametrize("reader", WHOLE)
def test_bytes_that_are_no_bundle_are_refused_in_one_sentence(reader: str, tmp_path: Path) -> None:
    """As many damaged bundles as there are places to cut one, and some with a byte changed in the head."""
    (tmp_path / "whole").write_bytes(WHOLE[reader])
    script = f"""
        import {{ readExplanationBundle, readModelBundle }} from "{(TWIN / reader).as_uri()}";
        import {{ BundleError }} from "{(TWIN / "bundle.js").as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const whole = readFileSync("{tmp_path / "whole"}");
        let refused = 0;
        const given = Array.from({{ length: 200 }}, (_, i) => whole.subarray(0, Math.floor((i * whole.length) / 200)));
        for (let i = 0; i < 600; i += 1) given.push(whole.map((byte, at) => (at === i * 2 ? byte ^ 5 : byte)));
        for (const bytes of given) {{
          for (const read of [readExplanationBundle, readModelBundle]) {{
            try {{ read(bytes); }}
            catch (error) {{
              refused += 1;
              if (!(error instanceof BundleError) || !/^[A-Z].*[.]$/.test(error.message)) throw error;
            }}
          }}
        }}
        readExplanationBundle(whole);
        console.log(refused);
    """
    done = subprocess.run(
        [str(NODE), "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1100  # of them 800 that no model part is


@pytest.mark.parametrize(
    ("reader", "read", "names"), [("labels.js", of_labels, "labels"), ("pairs.js", of_pairs, "objects")]
)
def test_readable_names_may_be_missing_and_are_as_many_as_the_names(
    reader: str, read: Callable[[bytes], Any], names: str, tmp_path: Path
) -> None:
    """Bundles that are older have none, and are read by the own ones."""
    whole = read_bundle(WHOLE[reader])
    model = read_bundle(whole.parts["model"].tobytes())
    key = f"{names[:-1]}_names"
    assert model.head[key] != model.head[names]  # some of these read otherwise
    older = write_bundle({name: told for name, told in model.head.items() if name != key}, model.parts)
    (tmp_path / "older").write_bytes(older)
    (tmp_path / "fewer").write_bytes(write_bundle({**model.head, key: model.head[key][1:]}, model.parts))
    read(older)
    with pytest.raises(ConfigError, match="readable names are not as many"):
        read((tmp_path / "fewer").read_bytes())
    script = f"""
        import {{ readModelBundle }} from "{(TWIN / reader).as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const {{ space }} = readModelBundle(readFileSync("{tmp_path / "older"}"));
        let refused = "";
        try {{ readModelBundle(readFileSync("{tmp_path / "fewer"}")); }} catch (error) {{ refused = error.message; }}
        console.log(JSON.stringify([space.{key}, refused]));
    """
    done = subprocess.run([str(NODE), "--input-type=module", "-e", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    shown, refused = json.loads(done.stdout)
    assert shown == model.head[names]
    assert "readable names are not as many" in refused
