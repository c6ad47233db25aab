"""The behaviours of the published evaluators of these tasks, each under a name that can be switched.

The authors never released their evaluator. `PAPER` is section A.3 of the paper with what public copies of it show;
`OPENCOMPASS` is the copy that OpenCompass maintains, `opencompass/datasets/SciReasoner/bio_instruction.py`
(Apache-2.0), written afresh from its behaviour. It is that of release 0.5.4, the same as in 0.5.3; in 0.5.2 the
classifier reads blank answers of rna_modification too. Scores under one are not comparable with scores under the
other.
"""

from dataclasses import dataclass


AUTHORS_NEGATIVE = (
    *("no", "absence", "not found", "not detected", "not associated", "not inferred", "not linked"),
    *("does not indicate", "no evidence", "not predicted", "absent"),
)

# OpenCompass's lists without the entries that cannot decide anything: those with a capital letter, which are looked
# for in lower-cased text, and those that contain another entry as a whole word ("no evidence": "no").
OPENCOMPASS_POSITIVE = (
    *("yes", "positive", "empirical", "plausible", "confirms", "have detected", "are discernible", "are supported"),
    *("is supported", "display", "detected the presence", "has been identified", "shows", "has identified"),
    *("contains ", "exhibits evidence", "reveals the presence", "include", "are present", "definitely has", "soluble"),
    *("displays regions", "has a high solubility", "dissolves easily", "is predicted", "is likely", "is expected"),
    *("will dissolve",),
)
OPENCOMPASS_NEGATIVE = (
    *("no", "negative", "insoluble", "does not", "unlikely", "absence", "not found", "not detected"),
    *("not associated", "not inferred", "not linked", "not predicted", "absent", "not present", "not exhibit"),
    *("found none", "did not reveal", "lacks", "insolubility", "low solubility", "not soluble", "not be soluble"),
    *("cannot confirm",),
)


@dataclass(frozen=True)
class Rules:
    """One evaluator's behaviours; the defaults are those of the authors.

    How an answer is read, without its label:
        final_part: only what follows the last `</think>` is read, and, but for ncrna_family, enhancer_activity and
            rna_switches, what follows `<summary>`; a lone number after a `<think>` that never ends is unusable.
        number: pattern of a number. Every number is cut to six significant digits (A.3).
        ends_spelled_out: "5'" and "3'" are no numbers.
        first_number: of several numbers where one is wanted the first counts ("5' UTR" is 5); otherwise they are
            unusable. Where two or three are wanted, exactly so many are needed, in the order of Table 8.
        highest_isoform: a larger number is unusable for apa_isoform.
        largest_percent: a number further from 0 is unusable for sirna_efficiency.
        positive, negative, unknown: keywords of yes, no and "I don't know", lower case.
        whole_words: keywords are whole words; otherwise "no" is found in "genomic", "know" and "unknown".
        negative_first: negative keywords are looked for first; otherwise the positive ones are.
        blank_unusable: an answer of white space alone is unusable; otherwise the fallback classifier reads it.

    What an answer counts as, which may depend on its label:
        unusable_is_wrong: an unusable yes or no counts as the opposite of the label, and an unusable class as wrong,
            so that refusing everything scores an MCC of -1; unusable numbers are left out. Otherwise an unusable
            answer counts as the declared constant.
        none_by_label: "none" that is read from negative words rather than from its name counts only where the label
            is none. Otherwise it always counts.

    How counts become a score:
        drops_pooled: the promoters' rows of the sub-task `all` are left out.
        scaled_by_coverage: what is measured on the usable rows is multiplied by their share.
        spearman_limit: larger numbers are left out of Spearman's correlation, but not out of that share.
        constant_undefined: correlations are undefined (NaN; of a single row infinite) where a side is constant.
        none_is_a_class: the AUC is over 13 classes, "none" among them, and undefined unless each has both outcomes.
        range_by_prediction: the mixed score's Range-MAE is over predictions in [0, 30], not over such labels.
        ranked_fmax: Fmax ranks tied labels, by their place in DeepFRI's list, and cuts between them.
    """

    name: str = "paper"
    version: str = "1.0 (arXiv:2412.19191v1, A.3)"
    final_part: bool = False
    number: str = r"-?\d+\.?\d*"
    ends_spelled_out: bool = False
    first_number: bool = True
    highest_isoform: float = float("inf")
    largest_percent: float = 1_000
    positive: tuple[str, ...] = ("yes",)
    negative: tuple[str, ...] = AUTHORS_NEGATIVE
    unknown: tuple[str, ...] = ("don't know", "unknown", "unsure", "uncertain", "not applicable")
    whole_words: bool = False
    negative_first: bool = False
    blank_unusable: bool = False
    unusable_is_wrong: bool = True
    none_by_label: bool = True
    drops_pooled: bool = True
    scaled_by_coverage: bool = True
    spearman_limit: float = float("inf")
    constant_undefined: bool = True
    none_is_a_class: bool = True
    range_by_prediction: bool = True
    ranked_fmax: bool = True


PAPER = Rules()
OPENCOMPASS = Rules(
    name="opencompass",
    version="1.0 (OpenCompass 0.5.4)",
    final_part=True,
    number=r"(?<![a-zA-Z])[-\u2011]?\d+\.?\d*",
    ends_spelled_out=True,
    first_number=False,
    highest_isoform=80,
    positive=OPENCOMPASS_POSITIVE,
    negative=OPENCOMPASS_NEGATIVE,
    whole_words=True,
    negative_first=True,
    blank_unusable=True,
    none_by_label=False,
    drops_pooled=False,
    spearman_limit=300,
)
