"""The 21 tasks of Biology-Instructions: the one place that knows them (paper: Tables 2, 4-8, section A.2).

Labels are written in the units, ranges and decimals given here; `low` and `high` bound what a source may say, so
that a shifted column or a wrong unit is caught as a row out of range.
"""

from dataclasses import dataclass


SPLITS = ("train", "validation", "test")

# Protocol constants, word for word (paper, sections 4.2 and 4.3).
SYSTEM_PROMPT = (
    "You are a knowledgeable and helpful biology assistant. Please answer my biology sequence-related questions in a "
    "clear and concise manner. For regression tasks, please return a number."
)
REASONING_SYSTEM_PROMPT = (
    "You are a highly knowledgeable AI assistant specializing in biology, particularly in sequence-related topics. "
    "Your primary task is to provide clear, accurate, and comprehensive answers to biology questions. When analyzing "
    "and interpreting sequences, ensure to provide step-by-step explanations to make your responses natural and easy "
    "to understand. Engage with the user by asking clarifying questions if needed and offer detailed insights into "
    "the biological sequences."
)

# Llama-3.1's chat template writes a date into the system turn; pinned, or prompts would change daily.
CHAT_DATE = "26 Jul 2024"


@dataclass(frozen=True)
class Field:
    """One number of a regression label, `low <= value <= high`, written with at most `decimals` decimals."""

    name: str
    unit: str
    low: float
    high: float
    decimals: int = 2


@dataclass(frozen=True)
class Task:
    """One prediction task.

    Attributes:
        kind: `binary` (labels `positive`, `negative`), `multiclass` (one of `classes`), `multilabel` (any of
            `classes`, or any EC number where `classes` is empty) or `regression` (one number per entry of `fields`).
        molecules: tag of each input sequence, in the source's order: `dna`, `rna` or `protein`.
        metric: name of the metric: a module of metrics/, or `accuracy`.
        hint: Table 8, word for word.
        table2: rows in train, validation and test as Table 2 prints them.
        subtasks: what the label depends on beside the sequence; empty where nothing does.
        condition: what a subtask is called in a `conditioned` question; empty where `conditioned` is no different.
        strand_free: a sequence and its reverse complement are the same input.
    """

    id: str
    title: str
    short: str
    omics: str
    kind: str
    molecules: tuple[str, ...]
    metric: str
    hint: str
    table2: tuple[int, int, int]
    fields: tuple[Field, ...] = ()
    classes: tuple[str, ...] = ()
    subtasks: tuple[str, ...] = ()
    condition: str = ""
    strand_free: bool = False

    @property
    def task_label(self) -> str:
        """What 30% of training questions begin with (section 4.2: "[Classification/Regression:task_name]")."""
        return f"[{'Regression' if self.kind == 'regression' else 'Classification'}:{self.title}]"


YES_NO = "Return yes or no."
ONE_NUMBER = "Return one numeric value with two decimal places."
A_NUMBER = "Return a numeric value with two decimal places."
MARKS = ("H3", "H3K14ac", "H3K36me3", "H3K4me1", "H3K4me2", "H3K4me3", "H3K79me3", "H3K9ac", "H4", "H4ac")
PROMOTER_SETS = ("all", "notata", "tata")
FACTOR_SETS = ("0", "1", "2", "3", "4")
CELL_LINES = ("GM12878", "HUVEC", "HeLa-S3", "IMR90", "K562", "NHEK")
RPI_SETS = ("NPInter", "RPI1807", "RPI2241", "RPI369", "RPI488")
NCRNA_CLASSES = (
    *("5S_rRNA", "5_8S_rRNA", "tRNA", "ribozyme", "CD-box", "miRNA", "Intron_gpI", "Intron_gpII", "HACA-box"),
    *("riboswitch", "IRES", "leader", "scaRNA"),
)
MODIFICATIONS = ("Am", "Cm", "Gm", "Um", "m1A", "m5C", "m5U", "m6A", "m6Am", "m7G", "Psi", "AtoI")


TASKS: dict[str, Task] = {
    task.id: task
    for task in (
        Task(
            id="epigenetic_marks",
            title="Epigenetic Marks Prediction",
            short="EMP",
            omics="DNA",
            kind="binary",
            molecules=("dna",),
            metric="mcc",
            hint=YES_NO,
            table2=(229_885, 28_741, 28_741),
            subtasks=MARKS,
            condition="histone mark",
            strand_free=True,
        ),
        Task(
            id="enhancer_activity",
            title="Enhancer Activity Prediction",
            short="EA",
            omics="DNA",
            kind="regression",
            molecules=("dna",),
            metric="pcc",
            hint="Return two numeric values with two decimal places for 'Housekeeping EA' and 'Developmental EA'.",
            table2=(402_296, 40_570, 41_186),
            fields=(
                Field("hk", "log2 enrichment", -20, 20),
                Field("dev", "log2 enrichment", -20, 20),
            ),
            strand_free=True,
        ),
        Task(
            id="promoter_300",
            title="Promoter Detection 300",
            short="PD300",
            omics="DNA",
            kind="binary",
            molecules=("dna",),
            metric="mcc",
            hint=YES_NO,
            table2=(94_712, 11_840, 11_840),
            subtasks=PROMOTER_SETS,
        ),
        Task(
            id="core_promoter",
            title="Core Promoter Detection",
            short="CPD",
            omics="DNA",
            kind="binary",
            molecules=("dna",),
            metric="mcc",
            hint=YES_NO,
            table2=(94_712, 11_840, 11_840),
            subtasks=PROMOTER_SETS,
        ),
        Task(
            id="tf_binding_human",
            title="Transcription Binding Sites Detection Human",
            short="TB-H",
            omics="DNA",
            kind="binary",
            molecules=("dna",),
            metric="mcc",
            hint=YES_NO,
            table2=(128_344, 5_000, 5_000),
            subtasks=FACTOR_SETS,
            condition="transcription factor set",
            strand_free=True,
        ),
        Task(
            id="tf_binding_mouse",
            title="Transcription Binding Sites Detection Mouse",
            short="TB-M",
            omics="DNA",
            kind="binary",
            molecules=("dna",),
            metric="mcc",
            hint=YES_NO,
            table2=(80_018, 10_005, 10_005),
            subtasks=FACTOR_SETS,
            condition="transcription factor set",
            strand_free=True,
        ),
        Task(
            id="apa_isoform",
            title="APA Isoform Prediction",
            short="APA",
            omics="RNA",
            kind="regression",
            molecules=("rna",),
            metric="r2",
            hint=ONE_NUMBER,
            table2=(1_575_557, 33_170, 49_755),
            fields=(Field("value", "proportion of proximal isoform", 0, 1),),
        ),
        Task(
            id="ncrna_family",
            title="Non-coding RNA Function Classification",
            short="ncRNA",
            omics="RNA",
            kind="multiclass",
            molecules=("rna",),
            metric="accuracy",
            hint="Return one RNA class: 5S_rRNA, 5_8S_rRNA, tRNA, ribozyme, CD-box, miRNA, Intron_gpI, Intron_gpII, "
            "HACA-box, riboswitch, IRES, leader, or scaRNA.",
            table2=(5_670, 650, 4_840),
            classes=NCRNA_CLASSES,
        ),
        Task(
            id="rna_modification",
            title="Modification Prediction",
            short="Modif",
            omics="RNA",
            kind="multilabel",
            molecules=("rna",),
            metric="auc",
            hint="Return RNA modification(s): Am, Cm, Gm, Um, m1A, m5C, m5U, m6A, m6Am, m7G, Psi, AtoI, or none.",
            table2=(304_661, 3_599, 1_200),
            classes=MODIFICATIONS,
        ),
        Task(
            id="mean_ribosome_loading",
            title="Mean Ribosome Loading Prediction",
            short="MRL",
            omics="RNA",
            kind="regression",
            molecules=("rna",),
            metric="r2",
            hint=A_NUMBER,
            table2=(76_319, 7_600, 7_600),
            fields=(Field("value", "ribosomes per transcript", 0, 14),),
        ),
        Task(
            id="rna_switches",
            title="Programmable RNA Switches",
            short="PRS",
            omics="RNA",
            kind="regression",
            molecules=("rna",),
            metric="r2",
            hint="Return three numeric values with two decimal places for 'ON', 'OFF', and 'ON/OFF'.",
            table2=(73_227, 9_153, 11_019),
            fields=(
                Field("ON", "normalised fluorescence", 0, 1),
                Field("OFF", "normalised fluorescence", 0, 1),
                Field("ON_OFF", "difference ON - OFF", -1, 1),
            ),
        ),
        Task(
            id="crispr_on_target",
            title="CRISPR On Target Prediction",
            short="CRI-On",
            omics="RNA",
            kind="regression",
            molecules=("rna",),
            metric="spearman",
            hint=A_NUMBER,
            table2=(1_453, 207, 416),
            fields=(Field("value", "knock-out efficacy", 0, 1),),
        ),
        Task(
            id="ec_number",
            title="Enzyme Commission Number Prediction",
            short="EC",
            omics="Protein",
            kind="multilabel",
            molecules=("protein",),
            metric="fmax",
            hint="Return Enzyme Commission number(s), e.g., 2.7.11.12",
            table2=(15_551, 1_729, 1_919),
        ),
        Task(
            id="protein_stability",
            title="Stability Prediction",
            short="Sta",
            omics="Protein",
            kind="regression",
            molecules=("protein",),
            metric="spearman",
            hint=ONE_NUMBER,
            table2=(53_614, 2_512, 12_851),
            fields=(Field("value", "stability score (log10 EC50 difference)", -5, 5),),
        ),
        Task(
            id="fluorescence",
            title="Fluorescence Prediction",
            short="Flu",
            omics="Protein",
            kind="regression",
            molecules=("protein",),
            metric="spearman",
            hint=ONE_NUMBER,
            table2=(21_446, 5_362, 27_217),
            fields=(Field("value", "log10 fluorescence", 0, 6),),
        ),
        Task(
            id="solubility",
            title="Solubility Prediction",
            short="Sol",
            omics="Protein",
            kind="binary",
            molecules=("protein",),
            metric="accuracy",
            hint=YES_NO,
            table2=(62_478, 6_942, 2_001),
        ),
        Task(
            id="thermostability",
            title="Thermostability Prediction",
            short="Ther",
            omics="Protein",
            kind="regression",
            molecules=("protein",),
            metric="spearman",
            hint=ONE_NUMBER,
            table2=(5_056, 639, 1_336),
            fields=(Field("value", "°C", 0, 130),),
        ),
        Task(
            id="antibody_antigen",
            title="Antibody-Antigen Neutralization",
            short="AAN",
            omics="Multi-molecule",
            kind="binary",
            molecules=("protein", "protein"),
            metric="mcc",
            hint=YES_NO,
            table2=(22_359, 1_242, 3_301),
        ),
        Task(
            id="rna_protein",
            title="RNA-Protein Interaction Prediction",
            short="RPI",
            omics="Multi-molecule",
            kind="binary",
            molecules=("rna", "protein"),
            metric="mcc",
            hint=YES_NO,
            table2=(14_994, 1_666, 4_164),
            subtasks=RPI_SETS,
        ),
        Task(
            id="enhancer_promoter",
            title="Enhancer-Promoter Interaction Prediction",
            short="EPI",
            omics="Multi-molecule",
            kind="binary",
            molecules=("dna", "dna"),
            metric="mcc",
            hint=YES_NO,
            table2=(14_288, 1_772, 308),
            subtasks=CELL_LINES,
            condition="cell line",
        ),
        Task(
            id="sirna_efficiency",
            title="siRNA Efficiency Prediction",
            short="siRNA",
            omics="Multi-molecule",
            kind="regression",
            molecules=("rna", "dna"),
            metric="mixed_score",
            hint=A_NUMBER,
            table2=(53_592, 6_707, 6_688),
            fields=(Field("value", "% mRNA remaining", 0, 100),),
        ),
    )
}
