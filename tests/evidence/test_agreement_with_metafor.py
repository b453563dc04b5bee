"""Every number agrees with R's metafor to 1e-8; `tests/oracles/metafor.R` makes the reference values."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from medpol.evidence.pooling import (
    Conventions,
    Counts,
    DifferenceVariance,
    DoubleZeros,
    Effect,
    Egger,
    Estimate,
    Heterogeneity,
    HeterogeneityFrom,
    LeftOut,
    Means,
    Measure,
    Pooled,
    Prediction,
    Test,
    TrimAndFill,
    Variance,
    cumulative,
    egger,
    leave_one_out,
    mantel_haenszel,
    mean_difference,
    of_correlation,
    of_counts,
    peto,
    pool,
    regress,
    standardized_mean_difference,
    subgroups,
    trim_and_fill,
)

ORACLES = Path(__file__).parents[1] / "oracles"
REFERENCE: dict[str, Any] = json.loads((ORACLES / "metafor.json").read_text(encoding="utf-8"))
SETS: dict[str, Any] = REFERENCE["sets"]

VARIANCES = {
    "FE": Variance.FIXED,
    "DL": Variance.DERSIMONIAN_LAIRD,
    "HE": Variance.HEDGES,
    "HS": Variance.HUNTER_SCHMIDT,
    "SJ": Variance.SIDIK_JONKMAN,
    "ML": Variance.ML,
    "REML": Variance.REML,
    "EB": Variance.EMPIRICAL_BAYES,
    "PM": Variance.PAULE_MANDEL,
}
TESTS = {"z": Test.WALD, "knha": Test.KNAPP_HARTUNG, "adhoc": Test.KNAPP_HARTUNG_FLOOR}
MEASURES = {
    "OR": Measure.ODDS_RATIO,
    "RR": Measure.RISK_RATIO,
    "RD": Measure.RISK_DIFFERENCE,
    "MD": Measure.MEAN_DIFFERENCE,
    "SMD": Measure.STANDARDIZED_MEAN_DIFFERENCE,
    "ZCOR": Measure.CORRELATION,
    "GEN": Measure.DIFFERENCE,
}


def agrees(ours: float | None, theirs: float | None) -> bool:
    """The gate. Where metafor has no number there is none here."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= 1e-8 * max(1.0, abs(theirs))


def differing(ours: dict[str, float | None], theirs: dict[str, Any]) -> dict[str, tuple[float | None, float | None]]:
    """The numbers of one row that do not agree: ours, theirs."""
    return {key: (value, theirs[key]) for key, value in ours.items() if not agrees(value, theirs[key])}


def of_estimate(estimate: Estimate) -> dict[str, float | None]:
    return {
        "estimate": estimate.value,
        "se": estimate.standard_error,
        "statistic": estimate.statistic,
        "p": estimate.p,
        "lower": estimate.interval.lower,
        "upper": estimate.interval.upper,
    }


def of_heterogeneity(found: Heterogeneity | None) -> dict[str, float | None]:
    assert found is not None
    return {"tau2": found.tau2, "q": found.q, "q_p": found.p, "i2": found.i2, "h2": found.h2}


def pooled(effects: list[Effect], conventions: Conventions) -> Pooled:
    result = pool(effects, conventions)
    assert isinstance(result, Pooled)
    return result


def row_of(result: Pooled) -> dict[str, float | None]:
    return of_estimate(result.estimate) | of_heterogeneity(result.heterogeneity)


def tables_of(name: str) -> list[Counts]:
    raw = SETS[name]["raw"]
    rows = zip(raw["ai"], raw["n1i"], raw["ci"], raw["n2i"], strict=True)
    return [Counts(f"study {place:02}", *row) for place, row in enumerate(rows)]


def effects_of(name: str) -> list[Effect | LeftOut]:
    """The effects of a data set, made by us of what the studies printed."""
    given = SETS[name]
    raw, options, measure = given["raw"], given["options"] or {}, MEASURES[given["measure"]]
    if "ai" in raw:
        kept = DoubleZeros.LEFT_OUT_OF_RATIOS if options.get("drop00") else DoubleZeros.KEPT
        return [of_counts(table, measure, Conventions(double_zeros=kept)) for table in tables_of(name)]
    if "m1i" in raw:
        rows = zip(*(raw[key] for key in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")), strict=True)
        means = [Means(f"study {place:02}", *row) for place, row in enumerate(rows)]
        if measure is Measure.MEAN_DIFFERENCE:
            return [mean_difference(each) for each in means]
        unbiased = options.get("vtype") == "UB"
        variance = DifferenceVariance.UNBIASED if unbiased else DifferenceVariance.LARGE_SAMPLE
        return [standardized_mean_difference(each, Conventions(standardized_variance=variance)) for each in means]
    if "ri" in raw:
        rows = zip(raw["ri"], raw["ni"], strict=True)
        return [of_correlation(f"study {place:02}", r, n) for place, (r, n) in enumerate(rows)]
    rows = zip(raw["yi"], raw["vi"], strict=True)
    return [Effect(f"study {place:02}", y, v) for place, (y, v) in enumerate(rows)]


def kept(name: str) -> list[Effect]:
    return [effect for effect in effects_of(name) if isinstance(effect, Effect)]


@pytest.mark.parametrize("name", SETS)
def test_the_effect_and_variance_of_each_study_agree(name: str) -> None:
    for effect, y, v in zip(effects_of(name), SETS[name]["yi"], SETS[name]["vi"], strict=True):
        if y is None:
            assert isinstance(effect, LeftOut)
        else:
            assert isinstance(effect, Effect)
            assert agrees(effect.estimate, y)
            assert math.isclose(effect.variance, v, rel_tol=1e-10)


@pytest.mark.parametrize("name", SETS)
def test_every_estimator_with_every_test_agrees(name: str) -> None:
    effects = kept(name)
    wrong = {}
    for theirs in SETS[name]["fits"]:
        conventions = Conventions(variance=VARIANCES[theirs["method"]], test=TESTS[theirs["test"]])
        result = pooled(effects, conventions)
        ours = row_of(result)
        if theirs["tau2_interval"]:
            found = result.heterogeneity.tau2_interval if result.heterogeneity else None
            assert found is not None
            ours |= {"tau2_lower": found.lower, "tau2_upper": found.upper}
            theirs = theirs | dict(zip(("tau2_lower", "tau2_upper"), theirs["tau2_interval"], strict=True))
        wrong |= {(theirs["method"], theirs["test"], key): two for key, two in differing(ours, theirs).items()}
    assert len(SETS[name]["fits"]) == 27
    assert wrong == {}


@pytest.mark.parametrize("name", SETS)
def test_every_prediction_interval_agrees_with_the_one_of_the_same_quantile(name: str) -> None:
    for theirs in SETS[name]["fits"]:
        own = Prediction.NORMAL if theirs["test"] == "z" else Prediction.T_K_MINUS_1
        for prediction, key in ((own, "own"), (Prediction.T_K_MINUS_2, "t_k_minus_2")):
            conventions = Conventions(
                variance=VARIANCES[theirs["method"]], test=TESTS[theirs["test"]], prediction=prediction
            )
            found = pooled(kept(name), conventions).prediction
            if not theirs["prediction"]:
                assert found is None
                continue
            assert found is not None
            assert found.name == prediction.value
            assert agrees(found.lower, theirs["prediction"][key][0])
            assert agrees(found.upper, theirs["prediction"][key][1])


@pytest.mark.parametrize("name", SETS)
def test_heterogeneity_from_q_agrees_with_that_of_the_fixed_effect(name: str) -> None:
    theirs = next(fit for fit in SETS[name]["fits"] if fit["method"] == "FE")
    found = pooled(kept(name), Conventions(heterogeneity=HeterogeneityFrom.Q)).heterogeneity
    assert found is not None
    assert differing({"i2": found.i2, "h2": found.h2}, theirs) == {}


@pytest.mark.parametrize("name", [name for name in SETS if "mantel_haenszel" in SETS[name]])
def test_mantel_haenszel_agrees(name: str) -> None:
    theirs = SETS[name]["mantel_haenszel"]
    result = mantel_haenszel(tables_of(name), MEASURES[SETS[name]["measure"]])
    assert isinstance(result, Pooled)
    assert result.heterogeneity is not None
    ours = row_of(result) | {"q_df": result.heterogeneity.degrees}
    del ours["tau2"]
    assert differing(ours, theirs) == {}


@pytest.mark.parametrize("name", [name for name in SETS if "peto" in SETS[name]])
def test_peto_agrees(name: str) -> None:
    theirs = SETS[name]["peto"]
    result = peto(tables_of(name))
    assert isinstance(result, Pooled)
    assert result.heterogeneity is not None
    ours = row_of(result) | {"q_df": result.heterogeneity.degrees}
    del ours["tau2"]
    assert differing(ours, theirs) == {}


@pytest.mark.parametrize("name", [name for name in SETS if "egger" in SETS[name]])
def test_egger_agrees(name: str) -> None:
    found = egger(kept(name))
    assert isinstance(found, Egger)
    ours = {
        "statistic": found.slope.statistic,
        "df": found.slope.degrees,
        "p": found.slope.p,
        "slope": found.slope.value,
        "slope_se": found.slope.standard_error,
        "limit": found.limit.value,
        "limit_se": found.limit.standard_error,
    }
    assert differing(ours, SETS[name]["egger"]) == {}


@pytest.mark.parametrize("name", [name for name in SETS if "trimfill" in SETS[name]])
def test_trim_and_fill_agrees_in_the_number_missing_the_side_and_the_filled_pool(name: str) -> None:
    for theirs in SETS[name]["trimfill"]:
        found = trim_and_fill(kept(name), Conventions(variance=VARIANCES[theirs["method"]], test=Test.WALD))
        assert isinstance(found, TrimAndFill)
        assert (found.missing, found.side.value) == (theirs["k0"], theirs["side"])
        assert differing(row_of(found.filled), theirs) == {}


@pytest.mark.parametrize("place", range(len(REFERENCE["regressions"])))
def test_regression_on_a_number_and_on_a_factor_agrees(place: int) -> None:
    given = REFERENCE["regressions"][place]
    assert len(given["fits"]) == 27
    for theirs in given["fits"]:
        conventions = Conventions(variance=VARIANCES[theirs["method"]], test=TESTS[theirs["test"]])
        found = regress(kept(given["set"]), given["moderator"], conventions)
        for column, (name, estimate) in enumerate(found.coefficients):
            row = {key: theirs[key][column] for key in ("estimate", "se", "statistic", "p", "lower", "upper")}
            assert differing(of_estimate(estimate), row) == {}, (theirs["method"], theirs["test"], name)
        assert found.moderator is not None
        ours = of_heterogeneity(found.residual) | {"qm": found.moderator.statistic, "qm_p": found.moderator.p}
        assert differing(ours, theirs) == {}, (theirs["method"], theirs["test"])
        if theirs["tau2_interval"]:
            assert found.residual.tau2_interval is not None
            assert agrees(found.residual.tau2_interval.lower, theirs["tau2_interval"][0])
            assert agrees(found.residual.tau2_interval.upper, theirs["tau2_interval"][1])


@pytest.mark.parametrize("place", range(len(REFERENCE["subgroups"])))
def test_subgroups_agree_each_and_between(place: int) -> None:
    given = REFERENCE["subgroups"][place]
    conventions = Conventions(variance=VARIANCES[given["method"]], test=Test.WALD)
    found = subgroups(kept(given["set"]), given["group"], conventions)
    assert [level for level, _ in found.parts] == [part["level"] for part in given["parts"]]
    for (_, result), theirs in zip(found.parts, given["parts"], strict=True):
        assert differing(row_of(result), theirs) == {}
    assert found.between is not None
    ours = {"q_between": found.between.statistic, "q_between_p": found.between.p}
    assert differing(ours, given) == {}


@pytest.mark.parametrize("place", range(len(REFERENCE["sensitivity"])))
def test_leaving_out_and_adding_studies_agrees(place: int) -> None:
    given = REFERENCE["sensitivity"][place]
    effects = kept(given["set"])
    conventions = Conventions(variance=VARIANCES[given["method"]], test=Test.WALD)
    without = [result for _, result in leave_one_out(effects, conventions)]
    growing = [result for _, result in cumulative(effects, conventions)][1:]
    for results, key in ((without, "leave_one_out"), (growing, "cumulative")):
        for result, theirs in zip(results, given[key], strict=True):
            assert isinstance(result, Pooled)
            assert differing(row_of(result), theirs) == {}


def test_the_default_fit_of_metafor_stops_early_where_the_shared_page_says_so() -> None:
    fit = next(fit for fit in SETS["nielweise_rd"]["fits"] if fit["method"] == "REML")
    assert abs(fit["default_tau2"] - fit["tau2"]) > 0.1 * fit["tau2"]


def has_metafor() -> bool:
    program = shutil.which("Rscript")
    asked = "library(metafor); library(metadat); library(jsonlite)"
    return (
        program is not None and subprocess.run([program, "-e", asked], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not has_metafor(), reason="R with metafor, metadat and jsonlite is not installed")
def test_the_stored_values_are_what_the_script_makes(tmp_path: Path) -> None:
    made = tmp_path / "metafor.json"
    subprocess.run(["Rscript", str(ORACLES / "metafor.R"), str(made)], check=True, capture_output=True)
    assert list(unlike(json.loads(made.read_text(encoding="utf-8")), REFERENCE, "")) == []


def unlike(ours: Any, stored: Any, path: str) -> list[str]:
    """Where two references differ by more than other builds of the same arithmetic do; versions may differ."""
    if path == "/versions" or path.endswith(("/threshold", "/default_tau2")):
        return []
    if isinstance(stored, dict):
        same = list(ours) == list(stored)
        return [at for key in stored for at in unlike(ours[key], stored[key], f"{path}/{key}")] if same else [path]
    if isinstance(stored, list):
        same = len(ours) == len(stored)
        return [at for n, one in enumerate(stored) for at in unlike(ours[n], one, f"{path}/{n}")] if same else [path]
    if isinstance(stored, float) and isinstance(ours, float | int):
        return [] if abs(ours - stored) <= 1e-10 * max(1.0, abs(stored)) else [path]
    return [] if ours == stored or agrees_as_numbers(ours, stored) else [path]


def agrees_as_numbers(ours: Any, stored: Any) -> bool:
    return isinstance(ours, float | int) and isinstance(stored, float | int) and agrees(ours, stored)
