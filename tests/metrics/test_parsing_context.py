"""What a model says around its answer does not change what is read: every answer within every context."""

from itertools import product

import pytest

from dataset_builder.tasks import TASKS
from metrics.parsing import parse


BEFORE = (
    "",
    "Sure! ",
    "Answer: ",
    "In conclusion, ",
    "Based on the sequence, ",
    "Given the absence of known repeats, ",
    "While it is not GC-rich, ",
    "I can't be certain, but ",
    "As an AI model, I can't run experiments, but ",
    "The sequence is 50 nt long. ",
    "There are no repeats, and the GC content is 45%. ",
    "According to Smith et al. (2019), ",
    "Let me analyze the sequence.\n\n1. Length: 50\n2. GC content: 45%\n\n",
)
AFTER = (
    "",
    " This is only a prediction.",
    " However, experimental validation is needed.",
    " I am 80% confident.",
    " (confidence: 80%)",
    " Note that I cannot verify this.",
    " The free energy is -5.3 kcal/mol.",
    "\n\nExplanation: the sequence has no repeats, 45% GC and a length of 50 nt.",
    "\n\nQuestion: What about the next sequence?\nAnswer: Yes, 0.99, tRNA, m7G, EC 1.1.1.1",
    "<|eot_id|>No, 0.99, tRNA, m7G, EC 1.1.1.1",
)
CLAIMED = {
    "promoter_300": "function as a promoter",
    "core_promoter": "act as a core promoter",
    "tf_binding_human": "bind the factor",
    "epigenetic_marks": "carry the mark",
    "rna_protein": "interact with the RNA",
    "enhancer_promoter": "contact the promoter",
    "antibody_antigen": "neutralise the virus",
    "solubility": "be soluble",
}
ASSERTED = ("it should {}", "it is predicted to {}", "I think that it would {}", "it is not unlikely to {}")
DENIED = ("it does not {}", "it is unlikely to {}", "I doubt that it would {}", "it fails to {}", "it cannot {}")
GIVEN = {
    "apa_isoform": ("the proximal isoform proportion is 0.43", 0.43),
    "mean_ribosome_loading": ("I predict a mean ribosome loading of 6.21", 6.21),
    "crispr_on_target": ("the on-target efficacy is about 0.57", 0.57),
    "protein_stability": ("the stability score would be -0.12", -0.12),
    "fluorescence": ("the log fluorescence is 3.41", 3.41),
    "thermostability": ("the melting temperature is 52.70 °C", 52.7),
    "sirna_efficiency": ("the remaining mRNA is 34.20%", 34.2),
    "enhancer_activity": ("I expect 1.25 for housekeeping and -0.40 for developmental", {"hk": 1.25, "dev": -0.4}),
    "rna_switches": ("ON is 0.71, OFF is 0.20 and ON/OFF is 0.51", {"ON": 0.71, "OFF": 0.2, "ON_OFF": 0.51}),
    "ncrna_family": ("it is a riboswitch rather than a ribozyme", "riboswitch"),
    "rna_modification": ("it carries pseudouridine (Ψ) and m6A, but not m5C", ["Psi", "m6A"]),
    "ec_number": ("it is a kinase (EC 2.7.11.1), not a lyase (EC 4.2.1.11)", ["2.7.11.1"]),
}


def misread(task: str, said: str, reading: object) -> list[str]:
    """The contexts in which `said` is not read as `reading`."""
    texts = (
        before + said + ("" if after.startswith((" (", "<")) else ".") + after
        for before, after in product(BEFORE, AFTER)
    )
    return [f"{text!r}: {parse(text, TASKS[task])}" for text in texts if parse(text, TASKS[task]).value != reading]


@pytest.mark.parametrize("task", CLAIMED)
@pytest.mark.parametrize("reading, ways", [("positive", ASSERTED), ("negative", DENIED)])
def test_a_claim_is_read_alike_in_every_context(task: str, reading: str, ways: tuple[str, ...]) -> None:
    wrong = [text for way in ways for text in misread(task, way.format(CLAIMED[task]), reading)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("task", GIVEN)
def test_a_value_or_name_is_read_alike_in_every_context(task: str) -> None:
    wrong = misread(task, *GIVEN[task])
    assert not wrong, "\n".join(wrong)
