"""Parity with the authors' code on every case of a folder: `ZSLVIZ_GOLDENS=DIR pytest tests/goldens`."""

from __future__ import annotations

import re
import warnings

import pytest

from tests.goldens import biam, czsl, dfan, gzsl, mgmrn, msci, msdn, multi_label, psvma, psvmaplus, transzero
from tests.goldens.cases import Case, Tolerance, discover, folder, read_tolerance

CHECKS = {
    "msdn": msdn.CHECKS,
    "mgmrn": mgmrn.CHECKS,
    "biam": biam.CHECKS,
    "dfan": dfan.CHECKS,
    "transzero": transzero.CHECKS,
    "psvma": psvma.CHECKS,
    "psvmaplus": psvmaplus.CHECKS,
    "msci": msci.CHECKS,
    "czsl": czsl.CHECKS,
    "multi-label": multi_label.CHECKS,
    "gzsl-msdn": gzsl.MSDN_CHECKS,
    "gzsl-mgmrn": gzsl.MGMRN_CHECKS,
    "gzsl-dfan": dfan.PROTOCOL_CHECKS,
}
CASES = discover(folder())
_RESULT = re.compile(r"(out|derived|eval|train|f64|grad|grad_eval|grad_train|after\d+|delta\d+)\.")


def _parameters() -> list:
    parameters = []
    for case in CASES:
        if not case.built:
            mark = pytest.mark.skip(reason=f"{case.name}: the system '{case.system}' is not built yet")
            parameters.append(pytest.param(case, "", id=f"{case.name}-{case.system}-not-built", marks=mark))
            continue
        checks = [name for name, (pattern, _) in CHECKS[case.kind].items() if _covers(pattern, case)]
        parameters += [pytest.param(case, name, id=f"{case.name}-{name.replace(' ', '-')}") for name in checks]
    return parameters


def _covers(pattern: str, case: Case) -> bool:
    return any(re.fullmatch(pattern, name) for name in case.own_names)


def test_the_folder_holds_a_case() -> None:
    assert CASES, f"'{folder()}' holds no golden case (a .json that names its system, with its .safetensors)"


@pytest.mark.parametrize(("case", "check"), _parameters())
def test_numbers_of_the_authors_code_are_reproduced(case: Case, check: str) -> None:
    CHECKS[case.kind][check][1](case)


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in CASES if c.built])
def test_every_result_of_a_case_is_compared(case: Case) -> None:
    patterns = [pattern for pattern, _ in CHECKS[case.kind].values()]
    results = [name for name in case.own_names if _RESULT.match(name)]
    compared = [name for name in results if any(re.fullmatch(p, name) for p in patterns)]
    assert compared, f"{case.name} holds nothing that its system's checks know: {', '.join(case.own_names[:8])}"
    for name in sorted(set(results) - set(compared)):
        warnings.warn(f"{case.name}: nothing of ours is compared with '{name}'", stacklevel=1)


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("abs 1e-5 + rel 1e-4", Tolerance(1e-5, 1e-4)),
        ("abs 2e-5 + rel 2e-4 (scores: abs 2e-4)", Tolerance(2e-5, 2e-4)),
        ("max abs error <= 3e-5 * max(1, max|grad tensor|) in float32", Tolerance(3e-5, scaled=True)),
        ("abs 1e-10 when the stored float32 parameters/inputs are cast to double", Tolerance(1e-10)),
        ("abs 5e-9 when run in float64 (float32 runs: abs 2e-7)", Tolerance(5e-9)),
        ("1e-6 (float32 means)", Tolerance(1e-6)),
        (1e-7, Tolerance(1e-7)),
        ({"abs": 1e-6, "rel": 1e-5}, Tolerance(1e-6, 1e-5)),
        (None, Tolerance(0.5)),
    ],
)
def test_tolerances_are_read_from_words(text: object, tolerance: Tolerance) -> None:
    assert read_tolerance(text, Tolerance(0.5)) == tolerance


def test_a_number_outside_its_tolerance_fails() -> None:
    Tolerance(1e-3).check([1.0, 2.0], [1.0005, 2.0], "near")
    with pytest.raises(AssertionError, match="far"):
        Tolerance(1e-3).check([1.0, 2.0], [1.0, 2.002], "far")
    with pytest.raises(AssertionError, match="nothing"):
        Tolerance(1e-3).check([1.0, float("nan")], [1.0, 2.0], "nothing")
