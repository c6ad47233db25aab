"""The prompts of the baselines are the paper's, letter by letter; base models get their words without a template."""

from pathlib import Path

import pyarrow as pa
import pytest

from dataset_builder.tasks import REASONING_SYSTEM_PROMPT, TASKS
from metrics.benchmark.generation import encode, load_model
from metrics.benchmark.prompts import prompted
from tests.metrics.benchmark_inputs import write_model


# The paper's Table 8. Its task names differ from Table 2's; "Promoter Detection" is Promoter Detection 300.
TABLE_8 = """\
Epigenetic Marks Prediction\tReturn yes or no.
Promoter Detection\tReturn yes or no.
Core Promoter Detection\tReturn yes or no.
Enhancer-Promoter Interaction Prediction\tReturn yes or no.
RNA-Protein Interaction Prediction\tReturn yes or no.
Antibody-Antigen Neutralization\tReturn yes or no.
Transcription Binding Sites Detection Human\tReturn yes or no.
Transcription Binding Sites Detection Mouse\tReturn yes or no.
EA Prediction\tReturn two numeric values with two decimal places for 'Housekeeping EA' and 'Developmental EA'.
Fluorescence Prediction\tReturn one numeric value with two decimal places.
Enzyme Commission Number Prediction\tReturn Enzyme Commission number(s), e.g., 2.7.11.12
Solubility Prediction\tReturn yes or no.
Stability Prediction\tReturn one numeric value with two decimal places.
Thermostability Prediction\tReturn one numeric value with two decimal places.
APA Isoform Prediction\tReturn one numeric value with two decimal places.
Non-coding RNA Function Classification\tReturn one RNA class: 5S_rRNA, 5_8S_rRNA, tRNA, ribozyme, CD-box, miRNA, \
Intron_gpI, Intron_gpII, HACA-box, riboswitch, IRES, leader, or scaRNA.
Modification\tReturn RNA modification(s): Am, Cm, Gm, Um, m1A, m5C, m5U, m6A, m6Am, m7G, Psi, AtoI, or none.
Mean Ribosome Loading Prediction\tReturn a numeric value with two decimal places.
Programmable RNA Switches\tReturn three numeric values with two decimal places for 'ON', 'OFF', and 'ON/OFF'.
CRISPR On Target Prediction\tReturn a numeric value with two decimal places.
siRNA Efficiency Prediction\tReturn a numeric value with two decimal places."""
RENAMED = {
    "Promoter Detection": "Promoter Detection 300",
    "EA Prediction": "Enhancer Activity Prediction",
    "Modification": "Modification Prediction",
}
HINTS = {RENAMED.get(name, name): hint for name, hint in (line.split("\t") for line in TABLE_8.splitlines())}

# The paper's Table 9, with "%s" for what is filled in: input, task type and hint, in this order.
OPEN = "My question is %s This is a %s task. %s Do not explain or repeat."
CLOSED = """\
You are an expert biology AI assistant specializing in sequence-related topics. Focus on: DNA, RNA, and protein \
sequences When answering questions, please follow this format: First give a direct answer in JSON dict such as: \
{"answer": "Yes"}:
Remember to follow the provided rules:
- For binary classification questions: Answer "Yes" or "No".
- For multi-label classification questions: State the specific label(s).
- For regression questions: Provide the numerical value or range.
Answer the question: "%s".
Task type: %s.
For better understanding the task, hint: %s."""

MULTI_LABEL = {"ncrna_family", "rna_modification", "ec_number"}
SEVERAL_NUMBERS = {"enhancer_activity", "rna_switches"}


def expected_type(name: str) -> str:
    if name in SEVERAL_NUMBERS:
        return "multi-label regression"
    if name in MULTI_LABEL:
        return "multi-label classification"
    return "regression" if "numeric value" in HINTS[TASKS[name].title] else "binary classification"


@pytest.mark.parametrize("task", TASKS)
def test_the_formats_are_those_of_tables_8_and_9(task: str) -> None:
    question = f"Is {{hint}} in <dna>ACGT</dna>, {TASKS[task].title}?"  # what looks like a place stays as it is
    messages = [{"role": "system", "content": "Be clear."}, {"role": "user", "content": question}]
    rows = pa.table({"id": ["a"], "task": [task], "prompt": [messages]})
    filled = (question, expected_type(task), HINTS[TASKS[task].title])
    for name, form in (("open-source", OPEN), ("closed-source", CLOSED)):
        asked = prompted(rows, name)
        assert asked["prompt"].to_pylist() == [[{"role": "user", "content": form % filled}]]
        assert asked.drop_columns("prompt") == rows.drop_columns("prompt")
    assert prompted(rows, "chat") is rows
    reasons = {"role": "system", "content": REASONING_SYSTEM_PROMPT}
    assert prompted(rows, "reasoning")["prompt"].to_pylist() == [[reasons, messages[1]]]


def test_a_base_model_gets_the_plain_words(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    (folder / "chat_template.jinja").unlink()
    tokenizer, _ = load_model(str(folder), None)
    messages = [{"role": "system", "content": "Be clear."}, {"role": "user", "content": "Is <dna>ACGT</dna> one?"}]
    ids, cut = encode(messages, tokenizer, context=100)
    assert tokenizer.decode(ids) == "Be clear.\nIs <dna>ACGT</dna> one?\n" and not cut
    ids, cut = encode(messages, tokenizer, context=len(ids) - 2)
    assert tokenizer.decode(ids) == "Be clear.\nIs <dna>AC</dna> one?\n" and cut
