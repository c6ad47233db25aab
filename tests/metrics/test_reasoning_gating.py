"""Which sentences are claims about the molecule at hand, which give the answer away, and where a text concludes."""

import pytest

from metrics.reasoning.findings import FAITHFUL, LEAK, UNSUPPORTED, WRONG
from metrics.reasoning.verify import verify


# 70 nt: no E-box, no TATAAAA, GC 50%.
DNA = "ATTTACTTTGGCAATGTACAAAGTGGTGAGGACAGTCCTAGCCCGGAGGGCCCCTAACACATTGTCGTCT"
ROW = {
    "task": "core_promoter",
    "prompt": [{"role": "user", "content": f"Is this a human core promoter? <dna>{DNA}</dna>"}],
    "label": '"positive"',
}
END = " The answer is yes, a core promoter."


@pytest.mark.parametrize(
    "knowledge",
    (
        "Sp1 recognises GGGCGG, and Myc likes CACGTG best.",
        "E-boxes follow CANNTG.",
        "An AATAAA signal lies 10-30 nt upstream of the cleavage site.",
        "In random DNA, a chance TATAAAA somewhere says little.",
        "Motifs such as TGACGTCA might be expected in regulated genes.",
        "The consensus for YY1 is AAGATGGCGGC.",
        "Had there been a TATAAAA, I would say so.",
        "Yeast has a GC content of 38%.",
        "A GC content above 70% is unfavourable.",
        "The E. coli -10 element is TATAAT.",
        "Roughly a quarter of human promoters carry a TATAAA, about 30 bp upstream of the start.",
        "GC boxes (GGGCGG) recruit Sp1.",
        "Elements such as TATAAA, CCAAT or GGGCGG need not be there.",
        "No single motif such as TATAAA makes a promoter.",
        "A random 70-mer has about four CpG.",
        "The average human promoter has a GC content of 60%.",
        "As a rule of thumb, 60% GC marks an island.",
        "Without an ATG they do not matter.",
        "Housekeeping genes dispense with TATAAA and score above 65% GC.",
        "I see no TATAA that could serve.",
    ),
)
def test_knowledge_is_no_claim(knowledge: str) -> None:
    assert verify(ROW, knowledge + END).status == FAITHFUL


@pytest.mark.parametrize(
    "claim",
    (
        "A TATAAAAG element lies at position 3.",
        "Sp1 binds GGGCGGGG at position 11.",
        "In this fragment, CACGTGAC occurs twice.",
        "The motif CACGTGAC is present.",
        "TA dinucleotides occur 16 times.",
        "A GC content of 12% makes it AT-rich.",
        "CpG dinucleotides number eleven.",
        "Seven ATG triplets are there.",
        "CAAT boxes number five.",
        "Purines account for 80%.",
        "It lacks guanine altogether.",
        "Elements present: TATAAA, GGGCGG.",
        "The commonest base is C, by far.",
    ),
)
def test_a_plain_statement_stays_a_claim(claim: str) -> None:
    assert verify(ROW, claim + END).status == WRONG


@pytest.mark.parametrize(
    "status, sentence",
    (
        (LEAK, "Knowing beforehand that the reply should be positive, I collect supporting points."),
        (LEAK, "The solution was handed to me."),
        (LEAK, "The metadata says it is positive."),
        (LEAK, "As annotated in the source record, it starts transcription."),
        (LEAK, "The answer sheet that I was handed gives yes, so yes it is."),
        (LEAK, "I was told to polish an existing answer, and so I do."),
        (LEAK, "According to the output I received, the verdict is settled."),
        (FAITHFUL, "With no ground truth at hand, this stays a guess."),
        (FAITHFUL, "The sequence supplied with the question has 70 letters."),
        (FAITHFUL, "The true class cannot be known in advance."),
        (UNSUPPORTED, "A reporter assay in HEK293 cells gave a 12-fold increase for this fragment."),
        (UNSUPPORTED, "CAGE peaks overlap this window."),
        (UNSUPPORTED, "A filter-binding titration of this exact DNA gave 3 nM."),
        (UNSUPPORTED, "Our group purified the factor, and in our hands it drove no expression."),
        (UNSUPPORTED, "Deleting it halved the measured output, as shown by Sato and Mori (2011)."),
        (FAITHFUL, "CAGE data would settle it."),
        (FAITHFUL, "In chromatin immunoprecipitation this site is predicted to be found."),
    ),
)
def test_what_gives_the_answer_away_and_what_nothing_supports(status: str, sentence: str) -> None:
    assert verify(ROW, sentence + END).status == status


@pytest.mark.parametrize(
    "status, text",
    (
        (
            FAITHFUL,
            "Promoters may lack a TATA box. No promoter is read from letters.\n\n## Outcome\nCore promoter: detected.",
        ),
        (WRONG, "Promoters may lack a TATA box. It might be a promoter.\n\n## Outcome\nCore promoter: not detected."),
        (WRONG, "So far, then, a core promoter is clearly absent. The answer is yes, a core promoter."),
        (WRONG, "From this it follows that no promoter starts here. Still, the answer is yes, a core promoter."),
        (FAITHFUL, "I first thought of no promoter. If pressed for an answer, I say yes, it is a core promoter."),
        (FAITHFUL, "Core promoter, given how little is known: yes.\n\nA promoter without a TATA box is no rarity."),
        (FAITHFUL, "You ask whether it is a core promoter. It is. Chromatin would be worth a look."),
        (FAITHFUL, "Overall: a core promoter would be expected here.\n\nA promoter without a TATA box is no rarity."),
        (UNSUPPORTED, "The GC content is 50%."),
    ),
)
def test_the_conclusion_is_looked_for_where_it_stands(status: str, text: str) -> None:
    assert verify(ROW, text).status == status
