"""Claims about the letter at a position: Cys57, W12, Ser195, S65T, "the first nucleotide is G", "ends with CCA"."""

import re
from collections.abc import Iterator

from dataset_builder.reasoning.evidence import KINDS
from metrics.reasoning.counts import NUMBER, value
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACID, BASE, CODE_OF, code_of
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.places import SPELLED, positions
from metrics.reasoning.text import Clause


CODES = "ACDEFGHIKLMNPQRSTVWY"
NAMES = "|".join(sorted((name for name in CODE_OF if "-" not in name), key=len, reverse=True))
RESIDUE = re.compile(
    rf"\b(?:(?P<name>(?i:{NAMES}))[- ]?|"
    rf"(?P<code>[{CODES}]))(?P<position>\d{{1,4}})(?![\d.]*[%\w]|[- ]?tag\b|-?(?:fold|mer|nt|"
    r"bp|aa)\b)"
)
MUTATION = re.compile(
    rf"\b(?P<old>[{CODES}]|(?:p\.)?[A-Z][a-z]{{2}})(?P<position>\d{{1,4}})"
    rf"(?P<new>[{CODES}](?![A-Za-z])|[A-Z][a-z]{{2}}\b)"
)
# "this variant carries 9 substitutions", not "two of the mutations" or "3 surface mutations"
SUBSTITUTIONS = re.compile(
    rf"\b(?:carries|has|with|contains|bears|shows|by|there are|harbou?rs|total of|differs (?:\w+ )*?(?:at|by|in)):? "
    rf"(?:only |just |exactly |a total of )?(?P<n>{NUMBER}) (?:amino[- ]acid |point |missense |coding )?"
    r"(?:substitutions?|mutations?|exchanges|replacements)\b(?! (?:in|at|within|near|on)\b)",
    re.IGNORECASE,
)
# Letters with numbers that name something else: a histone, a strain, a cell line, a protein of the ribosome.
OTHER_NAMES = re.compile(
    r"\b(?:coli|strain|histone|ribosomal|cell line|type|class|family|group|domain|vitamin|"
    r"figure|table|CD|phospholipase|lipase|protein|cytochrome|factor|subunit|chain|"
    r"glycan|(?:patch|supersite|epitope)s? (?:around|near|at))\s$",
    re.IGNORECASE,
)
OTHER_STRAND = re.compile(r"\breverse[- ]complement|\b(?:other|opposite|minus|bottom|reverse) strand", re.IGNORECASE)
SUMMED = re.compile(r"\w(?:\s?[+/]\s?|\splus\s)$|[a-z]\sand\s$")  # "Lys+Arg 32", "Asp and Glu 6"
NOT_RESIDUES = frozenset(("P450", "G418"))  # a cytochrome, an antibiotic
OF_OTHERS = re.compile(
    r"(?:wild[- ]?type|parent\w*|reference|consensus|equivalent to|corresponding to|"
    r"counterpart|homolog\w*|numbering of)[^,;]{0,25}$",
    re.IGNORECASE,
)
START = (
    r"(?<![Tt]he )(?<![Bb]oth )\b(?i:begins|beginning|starts|starting|opens|commences|"
    r"starts with)(?i: off)?(?i: at (?:its|the) (?:5'|N)[\w' -]{0,12})?(?i: with|:| in| by)?\s"
)
END = (
    r"(?<![Tt]he )(?<![Bb]oth )\b(?i:ends|ending|terminates|terminating|finishes|closes|"
    r"concludes)(?i: at (?:its|the) (?:3'|C)[\w' -]{0,12})?(?i: with| in| by)?\s(?!:)"
)
AT_START = (
    r"\b(?:the )?(?:first|5'[- ]?(?:most|terminal)|N-terminal|"
    r"initial) (?:(?P<n>\w+)[ -])?(?:nucleotides?|bases?|residues?|amino acids?|letters?|"
    r"positions?|nt|[\w]*mer)(?: (?:at the (?:5' end|N-terminus)))?(?: (?:is|are|read|being)|\s?:)|"
    r"\bstart:|\b(?:its|the) (?:beginning|start|opening)(?: is| reads|:)|"
    r"\b(?:the |its )?(?:5' end|N-?terminus)(?: of [\w -]{1,20})?(?: (?:is|reads?|starts with|begins with|has|"
    r"carries)|:)"
)
AT_END = (
    r"(?<!next to the )\bPAM(?: sequence)?(?: \([^()]*\))? (?:is|reads|=)|\bPAM:|"
    r"\b(?:the )?(?:last|final|3'[- ]?(?:most|terminal)|"
    r"C-terminal) (?:(?P<m>\w+)[ -])?(?:nucleotides?|bases?|residues?|amino acids?|letters?|"
    r"positions?|nt|[\w]*mer)(?: (?:at the (?:3' end|C-terminus)))?(?: (?:is|are|read|being)|\s?:)|"
    r"(?<!5' )(?<!N-terminal )\bend(?: of the \w+)?:|\bits (?:very )?end(?: is| reads)?\b|"
    r"\b(?:the |its )?(?:3' end|C-?terminus)(?: of [\w -]{1,20})?(?: (?:is|reads?|ends (?:in|with)|has|carries)|"
    r":)"
)
# Words between, such as "the letters", and the letters or the name of one.
LETTERS = (
    r"[\s\"'(:]*(?:(?!(?:of|in|after|before|near|at|to|and|not|no|starts?|begins?|opens?|stops?|"
    r"ends?)\b)(?:[a-z][\w'-]*|[35]'-?|GNU)[\s\"'(:]+){0,3}"
    r"(?P<letters>(?<![A-Za-z])[A-Z]{1,60}(?![A-Za-z])|(?<![A-Za-z])(?P<named>[A-Za-z]+))(?P<gap>(?:\.{2,}|…)?)"
)
ENDS = (
    (re.compile(rf"(?:{START}|(?i:{AT_START})){LETTERS}"), True),
    (re.compile(rf"(?:{END}|(?i:{AT_END})){LETTERS}"), False),
)
# "… the first of them beginning with TATAAA at position 12", "a tag (HHHHHH, 5-10)"
STANDS_AT = re.compile(
    r"[\"')]*[\s,]*(?:at |\()?(?:(?:positions?|nt|residues?|nucleotides?)\b|\d)|[^.;]{1,30} at \d", re.IGNORECASE
)
# "the frame that ends with TGA", "W114 starts the WGQG", "both ends: …": the ends of something else, or both at once
OF_PART = re.compile(
    r"\b(?:frames?|orfs?|sites?|heli(?:x|ces)|helical|runs?|tracts?|stems?|loops?|repeats?|hairpins?|domains?|"
    r"segments?|motifs?|tags?|[Bb]oth|[Ff]irst and|[A-Z]{3,}|[A-Z]\d+)\b(?:(?!\band\b)[^,;])*$|\b(?:that|which) $|"
    r"\w+-like\b|:|\b(?:near|towards?|close to|beside|around)\b[^,;]{0,20}$"
)
POSITION_HOLDS = re.compile(
    r"(?<![\w-])(?P<before>(?-i:[A-Z])) at (?:guide )?(?:position|nucleotide|residue) (?P<at>\d{1,4})\b|"
    r"\b(?:position|residue|nucleotide|base) (?P<position>\d{1,4}) (?:is|holds|has|contains|"
    r"carries|being|corresponds to) (?:an? |the |occupied by )*(?:\"(?P<code>[A-Z])\"|"
    r"(?P<letter>[A-Z])\b(?![\w-])|(?P<name>[A-Za-z]+))",
    re.IGNORECASE,
)


def residue_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The claims of a clause about single positions, and about both ends, checked."""
    text = clause.text
    mutated = [match.span() for match in MUTATION.finditer(text)]
    for match in MUTATION.finditer(text):
        new = match["new"] if len(match["new"]) == 1 else CODE_OF.get(match["new"].lower())
        if new and clause.asserted:
            yield from letter_at(clause, match, new, molecules, "mutation")
    for match in RESIDUE.finditer(text):
        if any(a <= match.start() < b for a, b in mutated) or not clause.asserted:
            continue
        if match["code"] and (
            len(match["position"]) < 2 or re.match(r"[HK]\d", match[0]) and "histone" in clause.sentence.lower()
        ):
            continue
        before = text[: match.start()]
        if (
            match[0] in NOT_RESIDUES
            or OTHER_NAMES.search(before)
            or OF_OTHERS.search(before)
            or (" " in match[0] and SUMMED.search(before))
            or re.match(r"[KRS]?\d+(?:me|ac|ph)", text[match.end() :])
            or before.endswith("/")
            or (match["code"] in ("L", "S") and not all(m.is_protein for m in molecules))  # of the ribosome
        ):
            continue
        code = match["code"] or code_of(match["name"])
        if code == "M" and match["position"] == "1" and any(1 in m.shifts for m in molecules):
            continue
        yield from letter_at(clause, match, code, molecules, "residue")
    for match in POSITION_HOLDS.finditer(text):
        code = letter_of(match["code"] or match["letter"] or match["before"] or match["name"])
        if code and clause.asserted:
            yield from letter_at(clause, match, code, molecules, "residue")
    if clause.asserted:
        yield from end_claims(clause, molecules)
        yield from substitution_claims(clause, molecules)


def substitution_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """How many substitutions against its parent a variant of GFP is said to carry."""
    for match in SUBSTITUTIONS.finditer(clause.text):
        for molecule in molecules:
            measured = KINDS["gfp_mutation_count"].measure(molecule.letters) if len(molecule.shifts) > 1 else None
            if measured is not None:
                n = value(match["n"])
                yield checked("count", match[0], f"{n} substitutions", str(measured), n == measured, value=n)


def letter_at(clause: Clause, match: re.Match, code: str, molecules: list[Molecule], kind: str) -> Iterator[Finding]:
    """Whether a letter is at a position; numbering with a methionine that the sequence lacks is right as well."""
    about = [m for m in spoken_of(clause, match.start(), molecules) if fits(match, code, m)]
    about = about or [m for m in molecules if fits(match, code, m)]
    if not about:
        return
    position = int(match["position"] or match["at"])
    there = [
        m.letters[position - 1 - shift : position - shift] for m in about for shift in m.shifts if position > shift
    ]
    measured = " or ".join(letter or "beyond the end" for letter in there)
    only = about[0].index if len(about) == 1 else None
    holds = code in there or any(m.letters.count(code) == position for m in about)  # "Cys 14", "R28"
    yield checked(kind, match[0], f"{code} at {position}", measured, holds, about=only)


def fits(match: re.Match, code: str, molecule: Molecule) -> bool:
    """Whether a molecule has letters of this kind; "position 12 is a G" may be said of either."""
    if match.re is not POSITION_HOLDS:
        return molecule.is_protein
    if match["name"]:
        return molecule.is_protein == (AMINO_ACID.fullmatch(match["name"]) is not None)
    return molecule.is_protein or code in "ACGT"


def letter_of(word: str) -> str | None:
    """The letter that a word is: itself, or an amino acid or base by name."""
    if len(word) == 1:
        return word.replace("U", "T") if word.isupper() else None
    if AMINO_ACID.fullmatch(word) or BASE.fullmatch(word):
        return code_of(word)
    return None


def end_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """What a sequence begins or ends with."""
    for pattern, at_start in ENDS:
        for match in pattern.finditer(clause.text):
            word, named = match["letters"], match["named"]
            letters = word if word.isupper() else letter_of(named or word)
            if (
                not letters
                or letters in ("I", "NGG")
                or re.match(r"[- ]?(?:rich|tail|box)", clause.text[match.end() :])
            ):
                continue
            lead = clause.text[: match.start()]
            placed = any(not lead[place.stop :].strip() for place in positions(lead, False))  # "Position 12 starts …"
            subject = lead + " the" * match[0].lower().startswith(("the ", "its "))
            if placed or STANDS_AT.match(clause.text, match.end()) or OF_PART.search(subject):
                continue
            denied = re.search(r"(?:\bnot\b|n't|never|without|neither)[^,;]{0,12}$", lead) is not None
            yield from end_claim(clause, match, letters, at_start, denied, molecules)


def end_claim(
    clause: Clause, match: re.Match, letters: str, at_start: bool, denied: bool, molecules: list[Molecule]
) -> Iterator[Finding]:
    """Whether one of the molecules has these letters at its end; a count beside single letters repeats them."""
    n = SPELLED.get((match.groupdict().get("n") or match.groupdict().get("m") or "").lower())
    if n and len(letters) == 1:
        letters *= n
    about = spoken_of(clause, match.start(), molecules)
    nucleic = set(letters) <= set("ACGTUN")
    about = [m for m in about if m.is_protein or nucleic] or [m for m in molecules if m.is_protein or nucleic]
    if not about:
        return
    read = {"+", "-"} if OTHER_STRAND.search(clause.before + clause.text[: match.start()]) else {"+"}
    ends = [
        (m.letters, letters) if m.is_protein else (m.reverse if way == "-" else m.letters, letters.replace("U", "T"))
        for m in about
        for way in read
    ]
    holds = any((ours.startswith(said) if at_start else ours.endswith(said)) for ours, said in ends)
    width = max(len(letters), 3)
    measured = " or ".join(ours[:width] if at_start else ours[-width:] for ours, _ in ends)
    stated = f"{'not ' * denied}{'begins' if at_start else 'ends'} with {letters}"
    yield checked(
        "end", match[0], stated, measured, holds != denied, about=about[0].index if len(about) == 1 else None
    )
