"""Stage-3 answers from evidence: they say what was measured, weigh it, and end in the label."""

import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.files import SourceError
from dataset_builder.reasoning.choices import Choices
from dataset_builder.reasoning.config import rewrite
from dataset_builder.reasoning.evidence import sequences_of
from dataset_builder.reasoning.findings import findings
from dataset_builder.reasoning.grounded import choose, explain
from dataset_builder.reasoning.parallel import grounded
from dataset_builder.reasoning.sample import WITHOUT_REASONING, draw_sample
from dataset_builder.reasoning.statements import state
from dataset_builder.reasoning.variety import report, variety
from dataset_builder.reasoning.weighing import sides_of, stance
from dataset_builder.tasks import REASONING_SYSTEM_PROMPT, SYSTEM_PROMPT, TASKS
from metrics.parsing import parse
from metrics.reasoning.verify import verify


REASONED = [task for task in TASKS if task not in WITHOUT_REASONING]
LEAK = re.compile(
    r"ground truth|\b(?:given|provided|true|gold) label|\b(?:given|standard|correct|reference) answer", re.IGNORECASE
)
PLACE = re.compile(r"\b([ACGT]{3,}) at (?:position|positions|residues) (\d+)(?:-(\d+))?")


def answer_of(row: dict) -> str:
    return row["completion"][0]["content"]


def value(row: dict) -> object:
    label = json.loads(row["label"])
    return sorted(label) if isinstance(label, list) else label


def validation(dataset: Path, task_id: str) -> list[dict]:
    return pq.read_table(dataset / "data" / task_id / "validation-00000-of-00001.parquet").to_pylist()


def assert_argued(rows: list[dict]) -> None:
    """Every answer is read as its label, names places where they are, and does not say that it knew the answer."""
    for row in rows:
        answer, letters = answer_of(row), [sequence for _, sequence in sequences_of(row)]
        assert parse(answer, TASKS[row["task"]]).value == value(row), answer
        assert not LEAK.search(answer) and not re.search(r"[{}]|\bnan\b", answer), answer
        for word, start, end in PLACE.findall(answer):
            assert any(text[int(start) - 1 : int(end or start)] == word for text in letters), (word, start, answer)
        assert row["prompt"][0]["content"] == REASONING_SYSTEM_PROMPT


@pytest.mark.parametrize("task_id", REASONED)
def test_answers_end_in_the_label_and_say_where_things_are(task_id: str, dataset: Path) -> None:
    rows = [explain(row, seed=0) for row in validation(dataset, task_id)]
    assert_argued(rows)
    assert len({answer_of(row) for row in rows}) == len(rows)


@pytest.mark.parametrize("task_id", REASONED)
def test_the_check_of_reasoning_texts_finds_answers_faithful(task_id: str, dataset: Path) -> None:
    for row in validation(dataset, task_id)[:6]:
        answer = answer_of(explain(row, seed=0))
        assert not verify(row, answer).findings, answer


def test_all_answers_of_the_real_files_end_in_the_label_and_are_faithful(real_dataset: Path) -> None:
    rows = pq.read_table(real_dataset / "reasoning" / "train-00000-of-00001.parquet").to_pylist()
    argued = [row for row in rows if row["id"].startswith("reasoning/")]
    assert (len(argued), len(rows)) == (8_000, 11_000)
    assert_argued(argued)
    for row in argued[:150]:
        assert not verify(row, answer_of(row)).findings, answer_of(row)


@pytest.mark.parametrize("task_id", ["promoter_300", "mean_ribosome_loading", "ncrna_family"])
def test_evidence_against_the_label_is_told(task_id: str, dataset: Path) -> None:
    """The label that the telling findings do not support: one of them is in the answer all the same."""
    task, told = TASKS[task_id], 0
    for row in validation(dataset, task_id):
        sides, found = sides_of(row["label"], task), findings(row)
        against = {f.kind for f in found if stance(f, sides, task) == "opposing"}
        chosen = {f.kind for f in choose(found, sides, task, Choices(row["id"], 0))}
        assert not against or against & chosen
        told += bool(against)
    assert told


def test_a_frame_of_the_other_strand_is_said_to_lie_there() -> None:
    sequence = "CCTTAAAATTTCATGG"  # ATGAAATTTTAA on the reverse strand
    row = {"task": "epigenetic_marks", "question_id": 1, "prompt": [{"content": f"<dna>{sequence}</dna>"}]}
    (frame,) = [finding for finding in findings(row) if finding.kind == "longest_reading_frame"]
    for seed in range(4):
        assert "positions 3-14 on the reverse strand" in state(frame, ["sequence"], Choices("a", seed), first=True)


@pytest.mark.parametrize(
    ("task_id", "tagged", "kind", "label", "expected"),
    [  # PCIF1 makes m6Am next to the cap; a DRACH motif is METTL3's
        ("rna_modification", "<rna>CCCCCGGACTCCCCC</rna>", "drach_to_middle_nt", '["m6Am"]', ""),
        ("rna_modification", "<rna>CCCCCGGACTCCCCC</rna>", "drach_to_middle_nt", '["m6A"]', "supporting"),
        # CTP synthase is a glutamine amidotransferase, imidazole glycerol phosphate synthase another
        ("ec_number", "<protein>AAPFLGICLGAA</protein>", "glutamine_amidotransferase", '["6.3.4.2"]', "supporting"),
        ("ec_number", "<protein>AAPFLGICLGAA</protein>", "glutamine_amidotransferase", '["4.3.2.10"]', "supporting"),
    ],
)
def test_a_motif_speaks_for_what_its_owner_makes(
    task_id: str, tagged: str, kind: str, label: str, expected: str
) -> None:
    found = findings({"task": task_id, "question_id": 1, "prompt": [{"content": tagged}]})
    (finding,) = [finding for finding in found if finding.kind == kind]
    assert stance(finding, sides_of(label, TASKS[task_id]), TASKS[task_id]) == expected


@pytest.mark.parametrize(("sequence", "near"), [("AACGT" * 20, True), ("AATGT" * 20, False)])  # 40 and 20% GC
def test_only_a_gc_content_near_the_average_of_the_genome_is_called_so(sequence: str, near: bool) -> None:
    for task_id in ("tf_binding_human", "tf_binding_mouse"):
        found = findings({"task": task_id, "question_id": 1, "prompt": [{"content": f"<dna>{sequence}</dna>"}]})
        (content,) = [finding for finding in found if finding.kind == "gc_percent"]
        assert (content.reading is not None) == near


def test_a_seed_changes_the_wording_and_not_the_label(dataset: Path) -> None:
    for row in validation(dataset, "solubility"):
        first, again, other = explain(row, 0), explain(row, 0), explain(row, 1)
        assert first == again and answer_of(first) != answer_of(other)
        assert parse(answer_of(other), TASKS["solubility"]).value == value(row)


def test_every_task_is_drawn_in_turn_and_no_row_twice(dataset: Path) -> None:
    rows = pq.read_table(dataset / "reasoning" / "train-00000-of-00001.parquet").to_pylist()
    argued = [row["task"] for row in rows if row["id"].startswith("reasoning/")]
    plain = [row for row in rows if not row["id"].startswith("reasoning/")]
    assert set(argued) == set(REASONED) == set(argued[: len(REASONED)])
    assert {row["task"] for row in plain} >= set(WITHOUT_REASONING)
    assert {row["prompt"][0]["content"] for row in plain} == {SYSTEM_PROMPT}
    assert len({row["id"].removeprefix("reasoning/") for row in rows}) == len(rows)
    sizes = [argued.count(task) for task in REASONED]
    for task, size in zip(REASONED, sizes, strict=True):
        assert size >= max(sizes) - 1 or size == len(validation(dataset, task))


def test_reasoning_is_written_anew_whole_and_to_the_same_bytes(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    shutil.rmtree(copy / "reasoning")
    record = rewrite(copy, grounded(workers=3))
    assert record["backend"] == "grounded" and record["accepted"] == sum(record["tasks"].values())
    files = [path.relative_to(dataset) for path in sorted(dataset.rglob("*")) if path.is_file()]
    assert files == [path.relative_to(copy) for path in sorted(copy.rglob("*")) if path.is_file()]
    assert all((dataset / file).read_bytes() == (copy / file).read_bytes() for file in files)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_a_backend_that_fails_leaves_the_dataset_as_it_was(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    def broken(sample: object) -> None:
        raise ConnectionError("no answer")

    with pytest.raises(ConnectionError):
        rewrite(copy, broken)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    rewrite(copy, grounded())
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_what_is_no_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no manifest.json here; build one"):
        rewrite(tmp_path, grounded())


def test_a_sample_takes_rows_across_shards_in_their_order(dataset: Path) -> None:
    sample = draw_sample(dataset, seed=0)
    numbers = sample.candidates()[:50]
    taken = sample.take(numbers)
    assert taken["id"].to_pylist() == sample.keys.take(pa.array(numbers))["id"].to_pylist()
    assert draw_sample(dataset, seed=1).candidates()[:50].tolist() != numbers.tolist()


def test_variety_is_measured_in_threes(dataset: Path) -> None:
    same = variety([["GC is 40%.", "GC is 40%.", "GC is 40%."]])
    assert same == {
        "words": 3,
        "distinct_1": 1 / 3,
        "distinct_2": 1 / 3,
        "distinct_3": 1 / 3,
        "self_bleu": pytest.approx(100),
    }
    assert variety([["one two", "three four", "five six"]])["self_bleu"] == 0
    lines = report(pq.read_table(dataset / "reasoning")).split("\n")
    bleu = [float(line.rpartition(" ")[2]) for line in lines]
    assert len(lines) == 2 and 0 < bleu[0] < bleu[1] < 60  # answers of one task have more in common
