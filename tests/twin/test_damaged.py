"""What is no bundle is refused by the page's readers in one sentence, wherever it is cut or changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.twin.label_vectors import made_explanation
from tests.twin.pair_vectors import made_case
from tests.twin.replaying import NODE, ROOT, TWIN

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
