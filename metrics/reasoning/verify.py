"""Whether a reasoning text is true of its row.

    verify(row, "The DNA is 70 nt long and has a TATAAA at 12. … So it is a core promoter.").status    # "wrong fact"

Every claim about the row's sequences is measured again: letters, elements, counts, positions, properties, lengths.
What holds in general, what is only possible, and what says nothing concrete is no claim. A claim is wrong only if no
reading of it that a biologist would accept is true: either strand of a DNA where none is named, T or U, overlapping
occurrences or not. Only the conclusion is compared with the label; nothing else is known of it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from dataset_builder.tasks import TASKS
from metrics.reasoning.background import is_of_another
from metrics.reasoning.comparisons import comparison_claims
from metrics.reasoning.compositions import composition_claims
from metrics.reasoning.conclusion import conclusion_findings
from metrics.reasoning.contradictions import contradictions
from metrics.reasoning.findings import FAITHFUL, STATUSES, Finding, Status
from metrics.reasoning.leaks import leak_findings
from metrics.reasoning.lengths import length_claims
from metrics.reasoning.molecules import Molecule, molecules_of
from metrics.reasoning.neighbours import unexplained
from metrics.reasoning.pairs import pair_claims
from metrics.reasoning.qualities import quality_claims
from metrics.reasoning.quantities import quantity_claims
from metrics.reasoning.residues import residue_claims
from metrics.reasoning.runs import run_claims
from metrics.reasoning.sites import site_claims
from metrics.reasoning.text import Clause, clauses, plain
from metrics.reasoning.unsupported import unsupported_findings


@dataclass(frozen=True)
class Verdict:
    """What a text is worth.

    Attributes:
        status: of the worst finding; "faithful" without one.
        findings: what is wrong, unsupported or a leak, in the order of the text, the conclusion last.
        checked: the claims that were measured and hold.
    """

    status: Status
    findings: tuple[Finding, ...]
    checked: tuple[Finding, ...]


def verify(row: dict, answer: str) -> Verdict:
    """Check a reasoning text.

    Args:
        row: task, prompt and label, as in the dataset: the label is canonical JSON.
        answer: the text, with its conclusion.

    Any text gets a verdict; one without a readable conclusion is unsupported.
    """
    task = TASKS[row["task"]]
    text, molecules = plain(answer), molecules_of(row)
    found = [
        finding
        for clause in clauses(text)
        for finding in unexplained(list(claims(clause, molecules)), clause, molecules)
    ]
    found = [*dict.fromkeys(found), *contradictions(found), *leak_findings(text)]
    found += conclusion_findings(answer, json.loads(row["label"]), task)
    bad = tuple(finding for finding in found if finding.status != FAITHFUL)
    status = max((finding.status for finding in bad), key=STATUSES.index, default=FAITHFUL)
    return Verdict(status, bad, tuple(finding for finding in found if finding.status == FAITHFUL))


def claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The claims of one clause, checked."""
    if molecules and not is_of_another(clause.text):
        yield from site_claims(clause, molecules)
        yield from composition_claims(clause, molecules)
        yield from residue_claims(clause, molecules)
        yield from run_claims(clause, molecules)
        yield from quantity_claims(clause, molecules)
        yield from length_claims(clause, molecules)
        yield from quality_claims(clause, molecules)
        yield from comparison_claims(clause, molecules)
        yield from pair_claims(clause, molecules)
    yield from unsupported_findings(clause)
