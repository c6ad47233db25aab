"""Toehold switches (Angenent-Mari 2020): normalised fluorescence ON and OFF, and ON_OFF, their difference.

Table 2's 73,227 + 9,153 + 11,019 rows are BEACON's, whose files are read where they are there. The authors' own table
(CL_RNA_SynthBio) has both measurements of fewer switches; its sequence is what their models take: GGG and all from
loop1 to post_linker, the switch in its OFF state. STORM's repository has two extracts of the same library: 20 rows of
that table, and 100 of 59 nt (switch to stem2). Both are the switches that did worst, so they stand in for the layout,
not for the library.
"""

import logging
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.delimited import read_csv
from dataset_builder.files import Sources
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import parted, raw_table, sequence_keys
from dataset_builder.sources import beacon
from dataset_builder.tasks import Task


FOLDER = "ProgrammableRNASwitches"
PARTS = ("loop1", "switch", "loop2", "stem1", "atg", "stem2", "linker", "post_linker")
OURS = {"ON": "ON", "OFF": "OFF", "ON_OFF": "ON_OFF"}
STORMS = {"ON": "on_value", "OFF": "off_value", "ON_OFF": "onoff_value"}
FORMS = {  # file: what the sequence is joined of, column of each label
    "Toehold_Dataset_Final_2019-10-23.csv": (PARTS, OURS),
    "worst_toehold_sequences.csv": (("switch_sequence",), STORMS),
    "worst_toeholds.csv": (PARTS, STORMS),
}
WHOLE = next(iter(FORMS))

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """BEACON's files, or the measured switches of the first other form that is there, drawn by their sequences.

    A row with an empty ON or OFF was not measured and is left out.
    """
    if beacon.is_there(task, sources, FOLDER):
        yield from beacon.read(task, sources, FOLDER, ("sequence", *OURS))
        return
    name = next((name for name in FORMS if sources.has(task.id, [name])), WHOLE)
    for file in sources.find_for_every_split(task.id, [name]) or ():
        parts, labels = FORMS[name]
        if name != WHOLE:
            log.warning("%s: the switches that did worst stand in for the library: %s is not there", file, WHOLE)
        rows = read_csv(file, [*parts, *labels.values()])
        empty = [pc.equal(pc.utf8_trim_whitespace(rows[labels[state]]), "") for state in ("ON", "OFF")]
        file.leave_out(rows.filter(pc.or_(*empty)), "ON or OFF is empty: not measured")
        rows = rows.filter(pc.invert(pc.or_(*empty)))
        start = ["GGG"] if parts == PARTS else []
        sequence = pc.binary_join_element_wise(*start, *(rows[part] for part in parts), "")
        raw = raw_table(file, rows, sequence, **{field: rows[column] for field, column in labels.items()})
        yield from parted(raw, split_by_hash(sequence_keys(raw, task), task.table2, task.id))
