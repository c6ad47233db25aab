"""Facts about sequences, beside values worked out by hand and by other means."""

import random
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataset_builder.reasoning.evidence import KINDS, facts, inputs, sequences_of
from dataset_builder.reasoning.evidence.gfp import AVGFP
from dataset_builder.reasoning.evidence.kind import find, reverse_complement
from dataset_builder.tasks import TASKS


HAIRPIN = "GGGGGGAAAACCCCCC"
SWITCH = "GGGAAAAAGAGGAGAAACATGCCC"  # AGAGGAGA at 8-15, ATG at 19
EARLY_START = "ATGGGGGGGGGGAAAAAAAAAGAGGAGAAAAAAATGAAACCCCCCCCCCAT"  # ATG at 1 is paired, that at 34 is not
WITH_WOBBLE = ("AT", "TA", "GC", "CG", "GT", "TG")
BY_HAND = [  # kind, sequence, what it measures
    ("length_nt", "ACGTN", 5),
    ("gc_percent", "GGCA", 75.0),
    ("gc_percent", "GCAN", pytest.approx(66.667, abs=0.001)),  # N is no letter of it
    ("gc_percent", "NNN", None),
    ("gc_skew", "GGGC", 0.5),
    ("gc_skew", "AT", None),
    ("cpg_count", "CGCGG", 2),
    ("cpg_observed_expected", "CGCGG", 2 * 5 / (2 * 3)),
    ("cpg_observed_expected", "CCA", None),
    ("percent_of_L", "LLAK", 50.0),
    ("middle_letter", "AACTT", "C"),
    ("middle_letter", "AATT", None),
    ("longest_reading_frame_codons", "CCATGAAATTTTAACC", 3),
    ("longest_reading_frame_codons", "CCATGAAATTT", None),  # no stop
    ("downstream_gu_percent", "AATAAAGTGTCC", pytest.approx(200 / 3)),
    ("downstream_gu_percent", "CCCC", None),
    ("drach_to_middle_nt", "CCCCGGACTCC", 1),  # its A is letter 7 of 11
    ("drach_to_middle_nt", "CCCC", None),
    ("longest_stem_bp", HAIRPIN, 6),
    ("hairpin_count", HAIRPIN, 1),
    ("unpaired_percent", HAIRPIN, 25.0),
    ("mfe_kcal_per_mol", "A" * 30, 0.0),
    ("mfe_kcal_per_mol", "GGCAGAGTCCTTCGGGACATTGCACCTGCC", -11.1),  # -10.2 without the bonus of its UUCG loop
    ("mfe_kcal_per_mol", "A" * 201, None),
    ("start_codon_unpaired_nt", EARLY_START, 3),
    ("start_codon_unpaired_nt", "ATG" + "A" * 20, None),  # no ribosome-binding site before it
    ("ribosome_site_unpaired_nt", EARLY_START, 8),
    ("toehold_unpaired_nt", EARLY_START, 0),
    ("toehold_unpaired_nt", "A" * 11, None),
    ("start_after_ribosome_site_nt", SWITCH, 3),
    ("spacer_gc_percent", "GC" * 5 + "AT" * 5 + "TGG", 50.0),
    ("seed_gc_percent", "GC" * 5 + "AT" * 5 + "TGG", pytest.approx(100 / 6)),
    ("spacer_gc_percent", "GCGC", None),
    ("last_of_spacer", "A" * 19 + "C" + "TGG", "C"),
    ("charged_percent", "DEKRAA", pytest.approx(400 / 6)),
    ("aliphatic_index", "AVIL", (100 + 290 + 390 + 390) / 4),
    ("charge_ratio_ek_qh", "EKKQ", 3.0),
    ("charge_ratio_ek_qh", "EK", None),
    ("gravy", "IR", 0.0),  # 4.5 and -4.5
    ("gravy", "XX", None),
    ("isoelectric_point", "D" * 10, pytest.approx(3.08, abs=0.01)),  # one charge of 10 side chains of pK 4.05
    ("isoelectric_point", "R" * 10, pytest.approx(12.95, abs=0.01)),  # likewise of pK 12.0
    ("aromatic_percent", "FWYX", 75.0),  # of all letters, as the other shares
    ("molecular_weight_kda", "GG", pytest.approx(0.1321, abs=0.001)),
    ("gfp_mutation_count", AVGFP[1:], 0),
    ("gfp_mutation_count", AVGFP[2:], None),
    ("gfp_mutation_count", AVGFP[::-1], None),
    ("gfp_chromophore_mutations", AVGFP.replace("LSYGV", "LTYGV"), 1),
    ("gfp_blosum62_sum", AVGFP.replace("LSYGV", "LTYGV"), 1),  # S to T
    ("sirna_seed_gc_percent", "AGGGGTTTACGTACGTACG", pytest.approx(400 / 7)),
    ("ui_tei_rules_met", "TTTATTTCCCGTACGTACG", 4),
    ("ui_tei_rules_met", "GGGGGGGGGGGGGGGGGGA", 0),
    ("ui_tei_rules_met", "TTTT", None),
    # sense CGTACGTACGGGAAATAAA: 8 GC of 19, AATAA at 15-19 is five of A/U, A at 19, T at 3, G at 10, A at 13
    ("reynolds_points", "TTTATTTCCCGTACGTACG", 7),
]
SITES = [  # kind, sequence, (start, end, letters, strand) of every site
    ("tata_box", "CCTATAAAAGCC", [(3, 10, "TATAAAAG", "+")]),
    ("caat_box", "AACCAATAAATTGGAA", [(3, 7, "CCAAT", "+"), (10, 14, "ATTGG", "-")]),
    ("cacgtg_e_box", "ACACGTGA", [(2, 7, "CACGTG", "+")]),  # a palindrome is one site
    ("gaga_site", "GAGAGAG", [(1, 5, "GAGAG", "+"), (3, 7, "GAGAG", "+")]),
    ("at_tract", "CAAAAAAACTTTTTTC", [(2, 8, "AAAAAAA", "+"), (10, 15, "TTTTTT", "+")]),
    ("longest_reading_frame", "CCTTAAAATTTCATGG", [(3, 14, "TTAAAATTTCAT", "-")]),
    ("polya_signal_variant", "CCAATATACC", [(3, 8, "AATATA", "+")]),
    ("ctcf_core", "AACCACTAGGTGGCGAA", [(3, 15, "CCACTAGGTGGCG", "+")]),  # T or G in the middle of GKGGC
    ("polya_signal", "CCAATAAACCATTAAA", [(3, 8, "AATAAA", "+"), (11, 16, "ATTAAA", "+")]),
    ("strong_kozak_start", "GCCACCATGGCC", [(4, 10, "ACCATGG", "+")]),
    ("upstream_reading_frame", "CATGAAATAGCATGC", [(2, 10, "ATGAAATAG", "+")]),
    ("out_of_frame_start", "CATGAAATAGCATGC", [(12, 14, "ATG", "+")]),  # 4 letters to the main start
    ("out_of_frame_start", "CATGCCC", []),
    ("out_of_frame_start", "CATGCCCTA", []),  # with the A of the main start it is TAA
    ("drach_site", "CGGACTC", [(2, 6, "GGACT", "+")]),
    ("t_loop_on_middle", "CCCCGTTCGAATC", [(5, 13, "GTTCGAATC", "+")]),  # the middle is its third letter, U55 of tRNA
    ("t_loop_on_middle", "CCCGTTCGAATCC", []),  # its fourth, C56
    ("pus7_site_on_middle", "CTATAGC", [(2, 6, "TATAG", "+")]),
    ("nsun2_site_on_middle", "AAAACAGGG", [(5, 9, "CAGGG", "+")]),
    ("adar_triplet_on_middle", "CCCTAGAAA", [(4, 6, "TAG", "+")]),
    ("aca_box", "GGGACACCC", [(4, 6, "ACA", "+")]),
    ("terminal_t_run", "TTTTT" + "GC" * 10 + "TTTTTA", [(26, 30, "TTTTT", "+")]),
    ("terminal_t_run", "GC" * 10 + "T" * 20, [(21, 40, "T" * 20, "+")]),  # begins before the last 15
    ("pam", "A" * 20 + "CGG", [(21, 23, "CGG", "+")]),
    ("pam", "A" * 10 + "CGG", []),
    ("glycosylation_site", "NPSNASANAT", [(4, 7, "NASA", "+")]),
    ("heavy_chain_cdr3", "DTAVYYCARDYWGQGTLV", []),  # two letters are too few
    ("heavy_chain_cdr3", "DTAVYYCARDGYWGQGTLV", [(10, 12, "DGY", "+")]),
    ("heavy_chain_cdr3", "DTAVYYCARGYCSGGSCYDYWGQGTLV", [(10, 20, "GYCSGGSCYDY", "+")]),  # its own C begin none
    ("rnp1_motif", "SRSLKMRGQAFVIFKEV", [(7, 14, "RGQAFVIF", "+")]),  # of U1A
    ("p_loop", "LVGPSGSGKSTL", [(3, 10, "GPSGSGKS", "+")]),
    ("zinc_protease_motif", "AAHELGHAA", [(3, 7, "HELGH", "+")]),
    ("gfp_mutation", AVGFP[1:].replace("LSYGV", "LTYGV"), [(64, 64, "S65T", "+")]),
]


@pytest.mark.parametrize(("kind", "sequence", "expected"), BY_HAND)
def test_a_kind_measures_what_is_worked_out_by_hand(kind: str, sequence: str, expected: object) -> None:
    assert KINDS[kind].measure(sequence) == expected


@pytest.mark.parametrize(("kind", "sequence", "expected"), SITES)
def test_a_kind_finds_the_sites_that_one_sees(kind: str, sequence: str, expected: list) -> None:
    assert KINDS[kind].measure(sequence) == expected


def test_an_sirna_is_found_where_it_pairs_with_its_target() -> None:
    guide, target = "TTGTAATATTTGACTTAAA", "GGG" + "TTTAAGTCAAATATTACAA" + "CCC" + "ATATTACAG"
    assert KINDS["target_site"].measure(guide, target) == [(4, 22, "TTTAAGTCAAATATTACAA", "+")]
    assert KINDS["target_paired_nt"].measure(guide, target) == 19
    assert KINDS["target_paired_nt"].measure(guide, target.replace("TCAAATA", "TCAGATA")) == 18
    assert KINDS["target_site"].measure(guide + "TT", target) == [(4, 22, "TTTAAGTCAAATATTACAA", "+")]  # overhang
    assert KINDS["target_paired_nt"].measure("N" * 19, "N" * 19) == 0
    seeds = [(15, 21, "TATTACA", "+"), (27, 33, "TATTACA", "+")]  # guide 2-8 is TGTAATA
    assert KINDS["target_seed_site"].measure(guide, target) == seeds


def test_the_ends_of_an_sirna_differ_by_the_stacking_energies_of_turner_2004() -> None:
    """In ViennaRNA's tables AA/UU stacks to -0.9 and GG/CC to -3.3 kcal/mol; each A-U pair at an end costs 0.5."""
    asymmetry = KINDS["end_asymmetry_kcal_per_mol"].measure
    assert asymmetry("AAAA" + "CGTACGTACGT" + "GGGG") == pytest.approx(3 * (3.3 - 0.9) + 2 * 0.5)
    assert asymmetry("GGGG" + "CGTACGTACGT" + "AAAA") == -asymmetry("TTTT" + "ACGTACGTACG" + "CCCC")


def test_words_that_two_regions_share_count_once_on_either_strand() -> None:
    rng = random.Random(2)
    first, second = ("".join(rng.choices("ACGT", k=300)) for _ in range(2))
    shared = KINDS["shared_12mers"].measure
    assert shared(first, second) == 0
    assert shared(first, second + first[100:113]) == 2
    assert shared(first, second + reverse_complement(first[100:113]) + first[100:113]) >= 2


def test_proteins_measure_as_their_textbook_formulas_say() -> None:
    """Lysozyme of hen egg white, as ExPASy's ProtParam prints it (P00698, chain 19-147)."""
    lysozyme = (
        "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITASVNCAKKIVSDGNGM"
        "NAWVAWRNRCKGTDVQAWIRGCRL"
    )
    printed = {"molecular_weight_kda": 14.3, "isoelectric_point": 9.32, "gravy": -0.472, "aliphatic_index": 65.12}
    for name, value in printed.items():
        assert KINDS[name].measure(lysozyme) == pytest.approx(value, abs=0.06), name


def test_a_membrane_helix_is_a_hydrophobic_segment() -> None:
    glycophorin = "LAHHFSEPEITLIIFGVMAGVIGTILLISYGIRRLIKKSPSDVKPLPSPDTDVPLSSVEI"  # its helix: ITLIIFGVMAGVIGTILLISYGI
    (segment,) = KINDS["hydrophobic_segment"].measure(glycophorin)
    assert "IIFGVMAGVIGTILLISYG" in segment.letters
    assert glycophorin[segment.start - 1 : segment.end] == segment.letters
    assert KINDS["hydrophobic_segment"].measure("DEKRDEKR" * 10) == []


def test_the_wild_type_of_the_real_source_has_no_mutation(real_sources: Path) -> None:
    from dataset_builder.files import Sources
    from dataset_builder.sources.sarkisyan import PROTEINS, mutate, read_wild_type

    wild_type = read_wild_type(Sources(real_sources).find("fluorescence", PROTEINS))
    assert KINDS["gfp_mutation"].measure(wild_type) == []
    variant, _ = mutate(wild_type, "SK1A:SY64H")  # counted from 0 and without the first M: K3A and Y66H
    assert [site.letters for site in KINDS["gfp_mutation"].measure(variant)] == ["K3A", "Y66H"]
    assert KINDS["gfp_chromophore_mutations"].measure(variant) == 1


@pytest.mark.parametrize("pattern", ["TATAWAWR", "CCAAT", "RGWYV", "CANNTG"])
def test_sites_are_found_again_by_slicing_and_mirror_on_the_other_strand(pattern: str) -> None:
    rng = random.Random(0)
    for _ in range(200):
        sequence = "".join(rng.choices("ACGTN", k=rng.randint(0, 80)))
        sites = find(sequence, pattern, both_strands=True)
        assert all(sequence[site.start - 1 : site.end] == site.letters for site in sites)
        length = len(sequence)
        mirrored = find(reverse_complement(sequence), pattern, both_strands=True)
        places = {(length - site.end + 1, length - site.start + 1): site.strand for site in mirrored}
        assert {(site.start, site.end) for site in sites} == set(places)
        for site in sites:  # one that both strands match is a site of the given strand, whichever that is
            both = find(site.letters, pattern) and find(reverse_complement(site.letters), pattern)
            assert both or site.strand != places[site.start, site.end]


def test_pairs_of_a_structure_are_complementary_and_as_many_as_its_letters_say() -> None:
    from dataset_builder.reasoning.evidence.structure import fold, partners

    rng = random.Random(1)
    for _ in range(30):
        sequence = "".join(rng.choices("ACGT", k=rng.randint(1, 80)))
        structure, energy = fold(sequence)
        assert {sequence[i] + sequence[j] for i, j in partners(structure).items()} <= {*WITH_WOBBLE}
        assert energy <= 0 and KINDS["mfe_kcal_per_mol"].measure(sequence) == pytest.approx(energy, abs=0.01)
        assert (KINDS["longest_stem_bp"].measure(sequence) or 0) <= structure.count("(")


@pytest.mark.parametrize("task_id", TASKS)
def test_every_fact_of_a_row_is_measured_again_by_its_kind(task_id: str, dataset: Path) -> None:
    rows = pq.read_table(dataset / "data" / task_id / "test-00000-of-00001.parquet").slice(0, 20).to_pylist()
    for row in rows:
        sequences, found = sequences_of(row), facts(row)
        assert found
        for fact in found:
            kind = KINDS[fact.kind]
            letters = [sequences[fact.sequence][1]]
            if "pair" in kind.molecules:
                letters = [sequences[index][1] for index in inputs(row)]
            again = kind.measure(*letters)
            if kind.is_site:
                assert (fact.start, fact.end, fact.value, fact.strand) in again
                assert fact.kind == "gfp_mutation" or letters[-1][fact.start - 1 : fact.end] == fact.value
            elif isinstance(again, str):
                assert again == fact.value
            else:
                assert abs(again - fact.value) <= 0.5 * 10**-kind.decimals + 1e-9


def test_the_promoter_is_told_from_the_enhancer_whichever_the_question_names_first(dataset: Path) -> None:
    path = dataset / "data" / "enhancer_promoter" / "train-00000-of-00001.parquet"
    rows = pq.read_table(path).to_pylist()
    orders = {tuple(inputs(row)) for row in rows}
    assert orders == {(0, 1), (1, 0)}
    for row in rows:
        text = row["prompt"][-1]["content"].lower()
        before = [re.findall("promoter|enhancer", part) for part in text.split("<dna>")[:2]]
        if before[0] and len(set(before[0])) == 1 and set(before[0]) != set(before[1][:1]):
            assert inputs(row) == ([0, 1] if before[0][0] == "promoter" else [1, 0]), text
