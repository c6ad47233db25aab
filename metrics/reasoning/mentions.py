"""What of a sequence a clause names: quoted letters, named elements, amino acids and bases."""

import re
from collections.abc import Iterator
from dataclasses import replace

from metrics.answers.lexicon import words
from metrics.reasoning.background import explains
from metrics.reasoning.counts import NUMBER
from metrics.reasoning.letter_mentions import amino_acids, bases, groups, symbols
from metrics.reasoning.letters import code_of
from metrics.reasoning.mention import LETTER, NAMED, QUOTED, Mention
from metrics.reasoning.molecules import Molecule
from metrics.reasoning.motifs import motifs


# Capitals that spell no sequence.
ACRONYMS = words(
    "DNA RNA TATA HACA ATP GTP ADP NAD NADH GFP AVGFP EGFP YFP WT PDB EC CDS MFE GRAVY SASA PCR FACS CRISPR CAS PAM "
    "MRNA RRNA TRNA SIRNA SHRNA MIRNA NCRNA TSS UTR ORF CPG MRL RISC AGO NMR ELISA IGG IGV CDR FR VH VL SCFV FAB "
    "HIV ENV SARS AND THE NOT YES NO STEP NOTE GC AT CG TA AU II III IV VI AA NT BP KD KDA DA PI MW LLM AI MS PD "
    "CHIP SNP MHC HLA KEY FINAL ANSWER RESULT CLASS DATA SEQUENCE RIP CLIP ATPASE GTPASE NGG EMSA RRM PTM SAP TM "
    "IDR PSI PFAM DRACH INR DPE BRE SP CTCF YY ETS MYC MAX CREB RBS SD ARE PAS IRES TYPE ON OFF HIS SER ASP GLU "
    "LYS ARG ALA GLY PHE LEU ILE VAL TRP TYR THR MET CYS PRO ASN GLN FLAG MALDI TAD SAM TPP VEGF EGF MSR PLA PMSR "
    "LOW HIGH HK DEV DNASE RNASE TBP TFIIB TFIID TFIIA RT IRF STAT SRF SRY KLF HNF NRF CRE TRE AP NF UNIPROT "
    "PROSITE HTH WW SH LTR"
)
# "a promoter without a TATA box": one of a kind.
OF_A_KIND = re.compile(
    r"\b(?:an?|any|many|most|some|other) (?:[\w-]+ ){0,2}?(?:(?:promoter|enhancer|protein|"
    r"enzyme|intron|rna|gene|leader|guide|class|"
    r"family|minority|majority|kind|one)(?:e?s)?) (?:with(?:out)?|lacking|containing|having|"
    r"that (?:lacks?|ha(?:s|ve)|contains?))(?: an?| the)? $",
    re.IGNORECASE,
)
CODONS = words("ATG AUG TAA TAG TGA UAA UAG UGA")
# In front of letters that are compared with, or known from elsewhere, not said to be in the sequence.
ELSEWHERE = re.compile(
    r"(?:\b(?:consensus(?: sequence)?(?: (?:for|of))?|complements? of(?: [\w'-]+){0,4}|"
    r"complementary to|known as|called|defined as|"
    r"instead of|rather than|fits?|match(?:es|ing)?(?! (?:to|of))|(?:the|an?|good|"
    r"close) match(?:es)? to|and not(?: as)?|"
    r"not as|than|unlike|resembl\w+|similar to|"
    r"reminiscent of|as in(?: [\w'-]+){0,4}|(?<!-)like|(?:seen|read|written)(?: here)? as|(?:strength|use|usage|"
    r"choice|role|function|activity|recognition) of(?: the (?:proximal|distal))?|proximal|"
    r"distal|equivalent to|corresponds? to|replac\w+|(?-i:[A-Z]{4,}) for|[a-z]+(?:ine|ate|tryptophan) for|"
    r"(?:others?|strains?|isolates?|homologs?|relatives|members|[a-z]+(?:ases|ins))(?: \w+)? "
    r"(?:have|carry|contain|show)|"
    r"compared (?:with|to)|differs? from|derived from|variants? of|vs|versus|close(?:st)? to|"
    r"mismatch(?:es)? (?:from|to)|outside|"
    r"(?:wild[- ]type|parent\w*|avGFP|consensus|reference) (?:has|have|is|reads|contains|sequence is)|"
    r"(?:look(?:ed|ing)?|search(?:ed|ing)?|scan(?:ned|ning)?|check(?:ed|ing)?|screen(?:ed|"
    r"ing)?|test(?:ed|ing)?)(?: \w+){0,3}? for|"
    r"expect\w*|such as (?:SAM|TPP)|recognition of|recogni[sz]\w+|bind\w* to|prefer\w*|"
    r"together with|along with|in addition to)"
    r"(?:,? (?:an?|the|any|conserved|perfect|classical|typical|usual|its|half-?site|core|motif [IVX\d]+|"
    r"sequence|motif|pattern|"
    r"signal)){0,3}[\s\"(:]*)$",
    re.IGNORECASE,
)
PLURAL = re.compile(
    r"(?:boxes|elements|motifs|sites|frames|AUGs|ATGs|codons|hexamers|repeats|segments|"
    r"variants|runs|copies|CREs|DREs|sequons|CpGs|"
    r"dinucleotides|initiators|ends|signals|sequences|triplets|uORFs)\b"
)
OF_PART = re.compile(
    r"[- ](?:tracts?|stretch\w*|runs?|rich|tails?|box(?:es)?|patch\w*|domains?|regions?|genes?|segments?|chains?|"
    r"loops?|"
    r"proteins?|factors?|cells?|quartets?|clusters?|islands?|arms?|\w*mers?)\b",
    re.IGNORECASE,
)
OF_OTHERS = re.compile(
    r"[\"')]*,? (?:included|excluded|not counted|is (?:only |but )?(?:partly|partially|nearly|almost) )\b|"
    r"[\"')]*,? (?:in|of|for) (?:the )?(?:wild[- ]?type|parent\w*|reference|native|av?GFP|"
    r"consensus|original)|[- ]?(?:like|less|binding|type|seq|mediated|dependent)\b|"
    r"[\"')]*,? (?:(?:kind|being|is|as) (?:the|an?) (?:consensus|canonical|perfect|optimal)|kind\b)|"
    r"[- ](?:factors?|transcription|proteins?|family|families|polymerase|islands?|content|ratio|decay|depletion|"
    r"suppression)\b",
    re.IGNORECASE,
)
CONTENT = re.compile(r"s? content\b")  # "U content: 41"
NUCLEIC = re.compile(
    r"(?<![A-Za-z\d])(?:[53]'-?)?(?P<letters>[ACGTUN]{2,}(?:(?:\.{2,}|…|"
    r"\s?\[?\.\.\.\]?\s?)[ACGTUN]{3,})*)(?P<plural>'?s)?(?:-?[53]')?(?![A-Za-z\d])"
)
AMBIGUOUS = re.compile(r"(?<![A-Za-z\d])(?P<letters>(?=[ACGTU]*[RYSWKMBDHVN])[ACGTURYSWKMBDHVN]{3,})(?![A-Za-z\d])")
PROTEIN = re.compile(
    r"(?<![A-Za-z\d])(?P<letters>(?:[A-Z]/[A-Z](?=[Xx])|(?<=[xX-])[A-Z]/[A-Z](?![A-Za-z])|[ACDEFGHIKLMNPQRSTVWYXx]|"
    r"\[[A-Z](?:[/,]?[A-Z]){1,5}\]|"
    r"\([A-Z](?:/[A-Z])+\)|[xX]\(\d{1,2}(?:,\d{1,2})?\)|(?<=[A-Zx\])])-(?=[A-Zx\[(]))"
    r"{2,}(?:(?:\.{3}|…)[A-Z]{3,})?)(?![A-Za-z\d])"
)
THREE_LETTER = re.compile(
    r"\b(?P<letters>(?:[A-Z][a-z]{2}-){1,5}[A-Z][a-z]{2})\b(?! (?:catalytic )?(?:triad|dyad|charge))"
)
CONTEXT_AFTER = re.compile(
    r"[\"')]*\s*(?:[\w-]+ )?(?:motifs?|consensus|sites?|sequences?|elements?|boxe?s?|codons?|"
    r"triplets?|tripeptides?|repeats?|stretch\w*|"
    r"hexamers?|pentamers?|heptamers?|octamers?|signatures?|segments?|tags?|start|stop|"
    r"dinucleotides?|steps?|pairs?|\(?(?:at )?(?:positions?|residues?)|PAM|is present|is found|"
    r"occurs?|"
    r"(?:is |are )?(?:at|from) \d)",
    re.IGNORECASE,
)
# "CG dinucleotides", "CG occurs 12 times"
STEPS = re.compile(
    rf" (?:dinucleotides?|steps?)\b|(?: (?:is|are|occurs?|appears?|shows up|turns up|can be|"
    rf"\w+))* (?:{NUMBER}) times?\b"
)
CONTEXT_BEFORE = re.compile(
    r"(?:\b(?:motifs?|sites?|sequences?|elements?|codons?|triplets?|tripeptides?|repeats?|"
    r"stretch\w*|hexamers?|pentamers?|heptamers?|octamers?|"
    r"signatures?|segments?|dinucleotides?|peptides?|reads?|begin\w*|start\w*|end\w*|opens?|"
    r"terminat\w*|chromophore|linker|tail|tag|PAM|palindrome|loop|pattern|subsequence|box|"
    r"with|in|by|of|at|is|two|three|four|copies of|one)(?: (?:an?|the))?[\s(:\"]*|\")$",
    re.IGNORECASE,
)


def mentions(text: str, molecules: list[Molecule]) -> list[Mention]:
    """The mentions of a clause in order; where two overlap, the one that stands first, the longer of equals."""
    tags = {molecule.tag for molecule in molecules}
    nucleic, protein = bool(tags & {"dna", "rna"}), "protein" in tags
    found = [*named(text, tags)]
    if nucleic:
        found += [*quoted(text, NUCLEIC, False), *bases(text)]
        found += [] if protein else quoted(text, AMBIGUOUS, False)  # of a pair "SKRGGKA" is residues
    if protein:
        found += [*quoted(text, PROTEIN, True), *amino_acids(text), *three_letters(text)]
    if not (nucleic and protein):
        found += symbols(text, protein)
    found += groups(text, nucleic, protein)
    order = {QUOTED: 1, NAMED: 0, LETTER: 2}
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda one: (one.start, order[one.form], -one.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return [replace(one, elsewhere=is_elsewhere(text, one)) for one in merged(text, kept)]


def is_elsewhere(text: str, mention: Mention) -> bool:
    """Whether a mention is only compared with, or is a part of another name."""
    return bool(
        (OF_OTHERS.match(text, mention.end) and not (mention.form == LETTER and CONTENT.match(text, mention.end)))
        or (mention.form == QUOTED and explains(text, mention.start, mention.end, mention.protein))
        or (mention.form == LETTER and OF_PART.match(text, mention.end))
        or OF_A_KIND.search(text[: mention.start])
        or ELSEWHERE.search(text[max(0, mention.start - 80) : mention.start])
    )


def named(text: str, tags: set[str]) -> Iterator[Mention]:
    """Named elements of these molecules."""
    for motif in motifs():
        if tags.isdisjoint(motif.tags):
            continue
        for match in motif.called.finditer(text):
            plural = PLURAL.search(match[0]) is not None
            yield Mention(
                *match.span(),
                *(NAMED, match[0], motif.loose, motif.strict, motif.tags == ("protein",), plural),
                kind=motif.kind,
                weak=motif.weak,
            )


def quoted(text: str, pattern: re.Pattern, protein: bool) -> Iterator[Mention]:
    """Letters of a sequence: long runs wherever they stand, short ones in quotes or where words beside say so."""
    for match in pattern.finditer(text):
        letters = match["letters"]
        start, end = match.span("letters")
        bare = re.sub(r"[^A-Za-z]", "", letters)
        spelled = (text[start - 1 : start] == '"' and len(bare) > 2) or (not protein and STEPS.match(text, end))
        if bare.upper() in ACRONYMS and not spelled:
            continue
        if protein and any(len(part) > 2 for part in re.split(r"-|\[[A-Z]+\]", letters)[1:]) and "-" in letters:
            continue  # "SDS-PAGE"; residues of a pattern are joined one by one
        inside_quotes = text[start - 1 : start] == '"' and text[end : end + 1] == '"'
        beside = CONTEXT_AFTER.match(text, end) or CONTEXT_BEFORE.search(text[max(0, start - 40) : start])
        beside = beside or match.groupdict().get("plural") or bare in CODONS
        long = len(bare) >= (6 if protein else 4) or (len(bare) > 2 and len(set(bare)) == 1)
        if not protein and not (long or inside_quotes or beside) and set(bare) <= set("ACGTU"):
            yield Mention(start, end, QUOTED, letters, bare.replace("U", "T"), None, False, weak=True)
            continue
        if len(bare) < 3 and not (inside_quotes or (beside and len(bare) == 2 and CONTEXT_AFTER.match(text, end))):
            continue
        if not (long or inside_quotes or beside) or (
            protein and long and not (inside_quotes or beside) and bare.isalpha() and is_word(bare)
        ):
            continue
        regex = as_pattern(letters, protein)
        yield Mention(start, end, QUOTED, letters, regex, regex, protein, bool(match.groupdict().get("plural")))


def is_word(letters: str) -> bool:
    """Capitals without any W, Y, K, Q or other rare letter may be an emphasised word."""
    return len(letters) < 6


def as_pattern(letters: str, protein: bool) -> str:
    """The pattern of letters as written: x and X are any residue, [ST] and (S/T) alternatives, … any gap."""
    letters = re.sub(r"\s?\[?(?:\.{2,}|…)\]?\s?", "…", letters)
    if "…" in letters:
        return letters if protein else letters.replace("U", "T")
    if not protein:
        return letters.replace("U", "T")
    letters = re.sub(r"\[[A-Z/,]+\]", lambda m: re.sub("[/,]", "", m[0]), letters)
    letters = re.sub(r"\(([A-Z](?:/[A-Z])+)\)", lambda m: f"[{m[1].replace('/', '')}]", letters)
    letters = re.sub(r"([A-Z])/([A-Z])", r"[\1\2]", letters)
    letters = re.sub(r"[xX]\((\d+)(?:,(\d+))?\)", lambda m: f".{{{m[1]}{',' + m[2] if m[2] else ''}}}", letters)
    return letters.replace("-", "").replace("x", ".").replace("X", ".")


def three_letters(text: str) -> Iterator[Mention]:
    """Ser-Tyr-Gly."""
    for match in THREE_LETTER.finditer(text):
        try:
            letters = "".join(map(code_of, match["letters"].split("-")))
        except KeyError:
            continue
        yield Mention(*match.span(), QUOTED, match[0], letters, letters, True)


def merged(text: str, found: list[Mention]) -> list[Mention]:
    """A named element and the letters beside it, "TATA box (TATAAA)", as one mention of those letters."""
    kept: list[Mention] = []
    for mention in found:
        last = kept[-1] if kept else None
        gap = text[last.end : mention.start] if last else ""
        if (
            last
            and {last.form, mention.form} == {NAMED, QUOTED}
            and (BESIDE if last.form == NAMED else NAME_AFTER).fullmatch(gap)
            and not (last.plural and re.search("[:,]", gap))
        ):
            letters, name = (last, mention) if last.form == QUOTED else (mention, last)
            if name.kind and name.plural and not letters.loose.isalpha():  # a pattern that explains the name
                kept[-1] = replace(name, start=last.start, end=max(last.end, mention.end))
                continue
            stated = "consensus" in gap.lower() or "canonical" in gap.lower()
            loose = name.loose if stated and name.loose else letters.loose
            kept[-1] = replace(
                letters,
                start=last.start,
                end=max(last.end, mention.end),
                text=text[last.start : mention.end],
                loose=loose,
                plural=last.plural or mention.plural,
            )
        elif last and last.form == mention.form == QUOTED and "(" in last.text and ALTERNATIVE.fullmatch(gap):
            both = f"{last.loose}|{mention.loose}"
            kept[-1] = replace(last, end=mention.end, text=text[last.start : mention.end], loose=both, strict=both)
        else:
            kept.append(mention)
    return kept


ALTERNATIVE = re.compile(r"[\"']*\s?(?:or|/)\s?[\"']*")
BESIDE = re.compile(
    r"[\s\"']*(?:[(:=,]|is|reading|with the (?:sequence|letters)|of (?:the )?(?:sequence|"
    r"form))?[\s\"']*(?:(?:sequence|motif|consensus|canonical|i\.e\.,?|namely|such as|"
    r"e\.g\.,?)[\s:]*)*[\"']?",
    re.IGNORECASE,
)
NAME_AFTER = re.compile(r"[\"']*\s*(?:\(|, )?(?:an?|the|one)?\s?", re.IGNORECASE)
