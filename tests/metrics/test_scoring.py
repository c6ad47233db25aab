import json

import numpy as np
import pytest
from scipy.stats import pearsonr

from dataset_builder.tasks import TASKS
from metrics.biology_instructions.biology_instructions import biology_instructions
from metrics.scoring import default_constant, score


POSITIVE, NEGATIVE = '"positive"', '"negative"'


def test_every_task_has_a_metric_and_a_default_constant_within_its_labels() -> None:
    for task in TASKS.values():
        constant = default_constant(task)
        perfect = score(task, [""], [constant if constant != "[]" else '["m6A"]'], constant)
        assert 0 <= perfect.value <= 1 and perfect.coverage == 0 and perfect.n == 1


def test_an_unusable_answer_counts_as_the_constant() -> None:
    task, labels = TASKS["core_promoter"], [POSITIVE, NEGATIVE, POSITIVE, NEGATIVE]
    answers = ["Yes.", "No.", "I cannot tell.", "Yes. No."]
    for constant in ("No.", "Yes."):
        label = POSITIVE if constant == "Yes." else NEGATIVE
        found = score(task, answers, labels, label)
        plain = score(task, ["Yes.", "No.", constant, constant], labels, label)
        assert (found.value, found.coverage, plain.coverage) == (plain.value, 0.5, 1.0)


def test_refusing_everything_scores_nothing() -> None:
    labels = {"core_promoter": [POSITIVE, NEGATIVE], "protein_stability": ["0.5", "1.5"], "ec_number": ['["1.1.1.1"]']}
    for task, canonical in labels.items():
        refused = score(TASKS[task], ["I don't know."] * len(canonical), canonical, default_constant(TASKS[task]))
        assert (refused.value, refused.coverage) == (0.0, 0.0)


def test_several_numbers_are_scored_apart_and_averaged() -> None:
    random = np.random.default_rng(0)
    true = random.normal(size=(30, 2)).round(2)
    said = (true + random.normal(size=(30, 2))).round(2)
    labels = [json.dumps({"hk": hk, "dev": dev}) for hk, dev in true]
    answers = [f"Developmental EA: {dev:.2f}, Housekeeping EA: {hk:.2f}" for hk, dev in said]
    found = score(TASKS["enhancer_activity"], answers, labels, '{"hk": 0, "dev": 0}')
    expected = [pearsonr(said[:, i], true[:, i]).statistic for i in (0, 1)]
    assert list(found.fields.values()) == pytest.approx(expected, abs=1e-12)
    assert found.value == pytest.approx(np.mean(expected), abs=1e-12)

    switches = [json.dumps({"ON": on, "OFF": off, "ON_OFF": 0.1}) for on, off in [(0.1, 0.5), (0.7, 0.2), (0.8, 0.9)]]
    found = score(TASKS["rna_switches"], ["0.1, 0.5, 0.1", "0.7, 0.2, 0.1", "0.8, 0.9, 0.1"], switches, switches[0])
    assert found.fields == pytest.approx({"ON": 1.0, "OFF": 1.0, "ON_OFF": 0.0})
    assert found.value == pytest.approx(2 / 3)


def test_label_sets_and_classes() -> None:
    labels = ['["m6A"]', '["m6A"]', "[]", '["Psi"]']
    found = score(TASKS["rna_modification"], ["m6A", "none", "None.", "Psi and m6A"], labels, "[]")
    assert found.value == pytest.approx(((1 / 2 + 1 / 2) / 2 + 1) / 2)
    found = score(TASKS["ncrna_family"], ["tRNA", "an IRES", "no idea"], ['"tRNA"', '"tRNA"', '"miRNA"'], '"miRNA"')
    assert found.value == pytest.approx(2 / 3) and found.coverage == pytest.approx(2 / 3)


def test_answers_and_labels_must_be_parallel() -> None:
    with pytest.raises(ValueError, match="solubility: 2 answers and 1 labels"):
        score(TASKS["solubility"], ["Yes.", "No."], [POSITIVE], NEGATIVE)


def test_composite_scores_tasks_and_subtasks() -> None:
    answers = ["Yes.", "No.", "Yes.", "", "45%", "20%"]
    labels = [POSITIVE, NEGATIVE, NEGATIVE, POSITIVE, "45.0", "20.0"]
    tasks = ["rna_protein"] * 4 + ["sirna_efficiency"] * 2
    subtasks = ["NPInter", "NPInter", "RPI369", "RPI369", "", ""]
    found = biology_instructions(answers, labels, tasks, subtasks, {"rna_protein": POSITIVE})
    assert list(found) == ["rna_protein", "sirna_efficiency"]
    alone = {"metric": "mixed_score", "value": 1.0, "fields": {}, "coverage": 1.0, "n": 2, "subtasks": {}}
    assert found["sirna_efficiency"] == alone
    pooled = found["rna_protein"]
    assert (pooled["metric"], pooled["n"], pooled["coverage"]) == ("mcc", 4, 0.75)
    assert pooled["value"] == pytest.approx(1 / 3**0.5)
    assert pooled["subtasks"] == {
        "NPInter": {"value": 1.0, "fields": {}, "coverage": 1.0, "n": 2},
        "RPI369": {"value": 0.0, "fields": {}, "coverage": 0.5, "n": 2},
    }


def test_composite_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="unknown task ids.*'solubilty'.*solubility"):
        biology_instructions(["Yes."], [POSITIVE], ["solubilty"])
    with pytest.raises(ValueError, match="2 predictions, 1 references"):
        biology_instructions(["Yes.", "No."], [POSITIVE], ["solubility"] * 2)
