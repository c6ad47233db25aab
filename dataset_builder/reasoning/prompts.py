"""What the writer, the same model as its own checker, and the reviewer are asked, and the JSON that each replies with.

The steps and the four criteria are those of the paper (section 3.2.3, appendix D, Figure 10); the wording is ours, and
the measurements are an addition: a model that is given true numbers need not make any up. Every request is one system
and one user turn.
"""

import hashlib
import json

from dataset_builder.reasoning.evidence import KINDS, Fact, facts, inputs, kinds_of, sequences_of
from dataset_builder.tasks import TASKS


MOST_SITES = 12  # that are listed of one kind and sequence; the others are counted
WITHOUT_UNIT = ("count", "ratio", "letter", "text")  # what the kind's name says already

WRITE = """\
You write worked answers for a collection from which language models learn to reason about biological sequences. You \
are given a question with its sequences, measurements that programs made on these sequences, and the result that \
experiment or annotation established. Write what an expert would answer who studies the sequences and arrives at that \
result.

The answer
1. begins with the sequences: composition, motifs, their places, in so far as they bear on the question. Numbers, \
positions and quoted letters come from the measurements, exactly as they stand there; count and compute nothing \
yourself, and claim no motif or property that is not among them;
2. recalls what is known of the matter and is correct;
3. reasons step by step from evidence to result, calls weak evidence weak, and passes over nothing that speaks against;
4. names a publication, database or method where one applies and you are certain of it; it invents none;
5. ends with one sentence that states the result, in full and with the same values;
6. reads as if written from the sequences alone: it never mentions that a result, an answer, a label or measurements \
were handed over.
It has 120 to 350 words, in plain paragraphs.

Reply with one JSON object and nothing else:
{"answer": "the whole answer as one string"}"""

CHECK = """\
You wrote the answer below for a collection from which language models learn to reason about biological sequences. \
Check it against four criteria, sternly:
- analysis: it analyses the sequences in detail and agrees with the measurements wherever it states a number or place;
- knowledge: what it recalls of studies, databases or textbooks is correct and belongs to the question;
- reasoning: it reasons in full from the evidence to the result, and the result follows from what it says;
- references: sources are named where they apply, and none is made up.

Reply with one JSON object and nothing else; `advice` says what to change, and is empty where all four are met:
{"analysis": true, "knowledge": true, "reasoning": true, "references": true, "advice": ""}"""

REVIEW = """\
You review an answer that another model wrote to a question about biological sequences. You are given the question, \
measurements that programs made on the sequences, the established result, and the answer. Trust the measurements, not \
the answer. Decide two things:
- accurate: every statement about the sequences and every biological statement is right, as far as you can tell;
- consistent: no step contradicts another or the measurements, the conclusion follows from the steps, it is the \
established result, and nothing in the answer shows that the result was known beforehand.

Reply with one JSON object and nothing else; `problems` has one string for each thing to repair:
{"accurate": true, "consistent": true, "problems": []}"""

AGAIN = "Write the answer anew so that this is mended; keep what was right. Reply with the JSON object alone."
UNREADABLE = "Your last reply was not that JSON object. It began: "


def digest() -> str:
    """sha256 of all wording: another prompt asks for other answers."""
    wording = [WRITE, CHECK, REVIEW, AGAIN, UNREADABLE, MOST_SITES]
    return hashlib.sha256(json.dumps(wording).encode()).hexdigest()


def given(row: dict) -> str:
    """What is known of a row: its question, measurements on its sequences, and its answer in the dataset's words."""
    task = TASKS[row["task"]]
    subject = f"{task.title}, {row['subtask']}" if row["subtask"] else task.title
    sections = {
        "Task": subject,
        "Question": row["prompt"][-1]["content"],
        "Measurements": measurements(row),
        "Established result": f"{row['completion'][0]['content']} (label: {row['label']})",
    }
    return "\n\n".join(f"{name}:\n{text}" for name, text in sections.items())


def to_write(known: str) -> list[dict]:
    """The request for a first answer."""
    return turns(WRITE, known)


def to_mend(known: str, earlier: str, wrong: str) -> list[dict]:
    """The request for another answer, after what was wrong with an earlier one."""
    return turns(WRITE, f"{known}\n\nAn earlier attempt:\n{earlier}\n\nWhat is wrong with it:\n{wrong}\n\n{AGAIN}")


def to_check(known: str, answer: str) -> list[dict]:
    """The request to the writer to judge its answer by the four criteria."""
    return turns(CHECK, f"{known}\n\nAnswer:\n{answer}")


def to_review(known: str, answer: str) -> list[dict]:
    """The request to the reviewer."""
    return turns(REVIEW, f"{known}\n\nAnswer:\n{answer}")


def unread(messages: list[dict], reply: str) -> list[dict]:
    """The same request after a reply that could not be read."""
    system, user = messages
    return [system, user | {"content": f"{user['content']}\n\n{UNREADABLE}{reply[:200]}"}]


def turns(system: str, user: str) -> list[dict]:
    """One system and one user turn."""
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def measurements(row: dict) -> str:
    """A line for every kind of fact and sequence, and one for all that was looked for and not found."""
    tags, order = [tag for tag, _ in sequences_of(row)], inputs(row)
    of = [f" of sequence {i} ({tag})" if len(tags) > 1 else "" for i, tag in enumerate(tags, 1)]
    found: dict[tuple[str, int], list[Fact]] = {}
    for fact in facts(row):
        found.setdefault((fact.kind, fact.sequence), []).append(fact)
    asked = [(name, order[places[0]]) for names, places in kinds_of(row["task"]) for name in names]
    absent = [f"{kind}{of[i]}" for kind, i in asked if KINDS[kind].is_site and (kind, i) not in found]
    lines = [f"- {kind}{of[i]}: {values(some)}" for (kind, i), some in found.items()]
    return "\n".join([*lines, f"- looked for and not found: {', '.join(absent)}"] if absent else lines)


def values(found: list[Fact]) -> str:
    """The values of one kind of fact."""
    if found[0].start is None:
        unit = KINDS[found[0].kind].unit
        unit = "" if unit in WITHOUT_UNIT else unit
        return ", ".join(f"{fact.value} {unit}".rstrip() for fact in found)
    listed = [
        f"{fact.value} at {fact.start}-{fact.end}" + (" on the reverse strand" if fact.strand == "-" else "")
        for fact in found[:MOST_SITES]
    ]
    more = f" and {len(found) - MOST_SITES} more" if len(found) > MOST_SITES else ""
    return f"{len(found)}: " + ", ".join(listed) + more
