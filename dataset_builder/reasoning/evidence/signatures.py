"""Active-site and binding motifs of enzymes: short patterns from the literature, each with its PROSITE or Pfam entry.

Most are looser than the curated pattern of that entry, so a match is a hint of a mechanism, never proof of one.
"""

from pathlib import Path

import yaml

from dataset_builder.reasoning.evidence.kind import Kind
from dataset_builder.reasoning.evidence.proteins import PROTEIN, matches


def signatures() -> list[dict[str, str]]:
    """The entries of signatures.yaml: name, pattern, entry, source, says and the EC classes that it suggests."""
    text = Path(__file__).with_name("signatures.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def signature(name: str, pattern: str, entry: str, source: str, **_: object) -> Kind:
    """The Kind of a pattern."""
    return Kind(name, PROTEIN, "sites", 0, 0, f"{entry}; {source}", matches(pattern))


KINDS = tuple(signature(**entry) for entry in signatures())
