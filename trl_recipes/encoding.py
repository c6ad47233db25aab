"""Texts and chats -> token ids and labels, a batch at a time. The loss falls on the answer and its end token.

The words around question and answer are read off the tokenizer's own chat template once, joined in Arrow, and
tokenised by the tokenizer's threads: no template is rendered per row.
"""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.overlap import reverse_complement
from dataset_builder.tags import longest_sequence, shorten
from dataset_builder.tasks import CHAT_DATE, TASKS
from trl_recipes.recipe import RecipeError


if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IDS = pa.list_(pa.int32())
IGNORED = -100  # the label of a token without loss
ENDS_OF_TEXT = ("<|end_of_text|>", "<|endoftext|>", "<eos>")  # Llama, Qwen, Gemma: what ends a text, not a turn
STRAND_FREE = [name for name, task in TASKS.items() if task.strand_free]
ONE_DNA = r"(?s)^(?P<before>.*<dna>)(?P<strand>[A-Z]+)(?P<after></dna>.*)$"
BETWEEN_TAGS = r"(>[A-Z]+)</"  # a sequence, with the end of its opening tag, which tokenizers join to letters
APART = "\0"  # put between a sequence and its words


@dataclass(frozen=True)
class Frame:
    """What stands around question and answer: `head` + tokens of (`lead` question `lag`) + `tail`, answer, `end`.

    `head` and `tail` are token ids up to the last special token before the question and from the first one after it:
    special tokens split a text, so what is beyond them is tokenised once.
    """

    head: list[int]
    lead: str
    lag: str
    tail: list[int]
    end: str


class ChatFrame:
    """The fixed text around the user's and the assistant's words, read off the tokenizer's own chat template once."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.tokenizer = tokenizer
        self.frames: dict[str, Frame] = {}
        self.tokenise = tokenise_apart if sequences_stand_apart(tokenizer) else tokenise

    def __call__(self, system: str) -> Frame:
        """The frame under a system prompt.

        Raises:
            RecipeError: the template refuses such a chat, or does not go on as it began.
        """
        from jinja2 import TemplateError

        if system not in self.frames:
            turns = [{"role": "system", "content": system}, {"role": "user", "content": "USER_WORDS"}]
            answer = {"role": "assistant", "content": "ASSISTANT_WORDS"}
            try:
                asked = self.tokenizer.apply_chat_template(
                    turns, tokenize=False, add_generation_prompt=True, date_string=CHAT_DATE
                )
            except TemplateError as error:
                raise RecipeError(f"the chat template takes no system prompt ({error}); give another one") from error
            full = self.tokenizer.apply_chat_template([*turns, answer], tokenize=False, date_string=CHAT_DATE)
            before, _, between = asked.partition("USER_WORDS")
            if not full.startswith(f"{asked}ASSISTANT_WORDS"):
                raise RecipeError("the chat template does not continue its own generation prompt; give another one")
            end = full.removeprefix(f"{asked}ASSISTANT_WORDS").rstrip("\n")
            self.frames[system] = split_at_special_tokens(self.tokenizer, before, between, end)
            self.check(self.frames[system], system)
        return self.frames[system]

    def check(self, frame: Frame, system: str) -> None:
        """A chat put together by the frame has the tokens that the tokenizer's own template gives it.

        Raises:
            RecipeError: it has others; no row could be trusted.
        """
        user, answer = "<dna>ACGT</dna> Is it?", "Yes, 0.5."
        roles = {"system": system, "user": user, "assistant": answer}
        chat = [{"role": role, "content": content} for role, content in roles.items()]
        wanted = self.tokenizer.apply_chat_template(chat, date_string=CHAT_DATE, return_dict=True)["input_ids"]
        parts = tokenise(self.tokenizer, pa.array([frame.lead + user + frame.lag, answer + frame.end]))
        asked, said = parts.to_pylist()
        made = frame.head + asked + frame.tail + said
        if made != wanted[: len(made)]:
            raise RecipeError(
                f"the chat template's own tokens of a chat, {self.tokenizer.convert_ids_to_tokens(wanted)}, are not "
                f"those of its parts, {self.tokenizer.convert_ids_to_tokens(made)}: rows cannot be put together so"
            )


def split_at_special_tokens(tokenizer: "PreTrainedTokenizerBase", before: str, between: str, end: str) -> Frame:
    """The frame of its texts; nothing is split off where that would change how a question is tokenised."""

    def ids(text: str) -> list[int]:
        return tokenise(tokenizer, pa.array([text])).values.to_pylist()

    special = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    start = max((before.rfind(token) + len(token) for token in special if token in before), default=0)
    stop = min((between.find(token) for token in special if token in between), default=len(between))
    frame = Frame(ids(before[:start]), before[start:], between[:stop], ids(between[stop:]), end)
    for words in ("words", " \n words \n"):
        whole = frame.head + ids(frame.lead + words + frame.lag) + frame.tail
        if whole != ids(before + words + between):
            return Frame([], before, between, [], end)
    return frame


def encode_texts(rows: pa.Table, tokenizer: "PreTrainedTokenizerBase", end: int) -> pa.Table:
    """Corpus rows, which have a `text`: beginning of sequence, text, end of text; every token is a label.

    Returns:
        `input_ids` and `labels`, lists of int32.
    """
    texts = rows["text"].combine_chunks()
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    first, last = (pa.repeat(pa.scalar(around, IDS), len(texts)) for around in (start, [end]))
    ids = join(first, tokenise(tokenizer, texts), last)
    return pa.table({"input_ids": ids, "labels": ids})


def end_of_text(tokenizer: "PreTrainedTokenizerBase") -> int:
    """Id of the token that ends a corpus text: one of ENDS_OF_TEXT where there is one, else the end token."""
    vocabulary = tokenizer.get_vocab()
    return next((vocabulary[token] for token in ENDS_OF_TEXT if token in vocabulary), tokenizer.eos_token_id)


def encode_chats(
    rows: pa.Table,
    tokenizer: "PreTrainedTokenizerBase",
    frame: ChatFrame,
    max_length: int,
    other_strand: bool = False,
    answer_only: bool = True,
) -> pa.Table:
    """Prompt-completion rows as `input_ids`, `labels` (lists of int32) and `letters_cut` from their sequences.

    A row whose question and answer alone are longer than `max_length` is left out.

    Args:
        rows: `task`, `prompt` and `completion`.
        other_strand: show the reverse complement where strand does not matter.
        answer_only: labels are IGNORED on the prompt; otherwise every token is a label.
    """
    (systems, users), answers = ends(rows["prompt"]), ends(rows["completion"])[1]
    if other_strand:
        users = to_other_strand(users, rows["task"].combine_chunks())
    systems = systems.dictionary_encode()
    frames = [frame(system) for system in systems.dictionary.to_pylist()]

    def part(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([getattr(frame, name) for frame in frames], kind).take(systems.indices)

    head, tail = part("head", IDS), part("tail", IDS)
    lead, lag, end = (part(name, pa.string()) for name in ("lead", "lag", "end"))
    asked = frame.tokenise(tokenizer, pc.binary_join_element_wise(lead, users, lag, ""))
    said = tokenise(tokenizer, pc.binary_join_element_wise(answers, end, ""))
    room = max_length - lengths(head) - lengths(tail) - lengths(said)
    cut, use = np.zeros(len(rows), dtype=np.int32), np.arange(len(rows))  # `use`: which of `asked` is a row's
    long = np.flatnonzero(lengths(asked) > room)
    fitted = [fit(tokenizer, lead[i].as_py(), users[i].as_py(), lag[i].as_py(), room[i]) for i in long]
    use[long], cut[long] = len(rows) + np.arange(len(long)), [letters for _, letters in fitted]
    asked = pa.concat_arrays([asked, pa.array([ids for ids, _ in fitted], IDS)])
    kept = np.flatnonzero(cut >= 0)
    prompt = join(head.take(kept), asked.take(use[kept]), tail.take(kept))
    ids = join(prompt, said.take(kept))
    labels = ids
    if answer_only:
        values = ids.values.to_numpy().copy()
        values[ranges(ids.offsets.to_numpy()[:-1], lengths(prompt))] = IGNORED
        labels = pa.ListArray.from_arrays(ids.offsets, pa.array(values))
    return pa.table({"input_ids": ids, "labels": labels, "letters_cut": cut[kept]})


def fit(tokenizer: "PreTrainedTokenizerBase", lead: str, user: str, lag: str, room: int) -> tuple[list[int], int]:
    """Token ids, `room` at most, of a question whose longest sequence lost letters at its end, and how many it lost.

    Those of as many tokens as are too many; and again, as the cut may divide a token into more. `[]` and -1 where the
    words alone are too long.
    """
    kept = user
    while True:
        encoded = tokenizer.backend_tokenizer.encode(lead + kept + lag, add_special_tokens=False)
        excess = len(encoded.ids) - room
        if excess <= 0:
            return encoded.ids, len(user) - len(kept)
        longest = longest_sequence(kept)
        if longest is None or len(longest[2]) == 1:
            return [], -1
        end, begins = len(lead) + longest.end(2), [begin for begin, _ in encoded.offsets]
        kept = shorten(kept, end - begins[max(0, bisect_left(begins, end) - excess)])


def ends(turns: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """The content of the first and of the last turn of every row."""
    lists = turns.combine_chunks()
    offsets, contents = lists.offsets.to_numpy(), pc.struct_field(lists.values, "content")
    return contents.take(pa.array(offsets[:-1])), contents.take(pa.array(offsets[1:] - 1))


def to_other_strand(users: pa.Array, tasks: pa.Array) -> pa.Array:
    """The questions with their DNA read from the other strand, in the tasks where strand does not matter."""
    free = pc.is_in(tasks, pa.array(STRAND_FREE))
    parts = pc.extract_regex(users, ONE_DNA)
    strands = reverse_complement(pa.chunked_array([pc.fill_null(pc.struct_field(parts, "strand"), "")])).chunk(0)
    turned = pc.binary_join_element_wise(
        pc.struct_field(parts, "before"), strands, pc.struct_field(parts, "after"), ""
    )
    return pc.if_else(pc.and_(free, pc.is_valid(parts)), turned, users)


def tokenise(tokenizer: "PreTrainedTokenizerBase", texts: pa.Array) -> pa.ListArray:
    """Token ids of every text, without special tokens around it, by all threads of the tokenizer; equal texts once."""
    texts = texts.dictionary_encode()
    rows = tokenizer.backend_tokenizer.encode_batch_fast(texts.dictionary.to_pylist(), add_special_tokens=False)
    offsets = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    values = np.fromiter(chain.from_iterable(row.ids for row in rows), np.int32, offsets[-1])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values)).take(texts.indices)


def tokenise_apart(tokenizer: "PreTrainedTokenizerBase", texts: pa.Array) -> pa.ListArray:
    """The same where sequences stand apart: the words around them, which many questions share, are tokenised once."""
    parts = pc.split_pattern(pc.replace_substring_regex(texts, BETWEEN_TAGS, rf"{APART}\1{APART}</"), APART)
    ids = tokenise(tokenizer, parts.values)
    return pa.ListArray.from_arrays(ids.offsets.take(parts.offsets), ids.values)


def sequences_stand_apart(tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Whether no token reaches from the words around a tagged sequence into it: its pre-tokenizer parts them there.

    A tokenizer without one, or with the tags as tokens of their own, has such tokens.
    """
    split = tokenizer.backend_tokenizer.pre_tokenizer
    if split is None:
        return False
    around = [(before, after) for before in ("", "a", " ", "\n", "(") for after in ("", "a", " ", "\n", ")", "?")]
    texts = [f"{b}<{kind}>ACGTU</{kind}>{a}" for kind in ("dna", "rna", "protein") for b, a in around]
    for text in texts:
        starts = {start for _, (start, _) in split.pre_tokenize_str(text)}
        if not {text.index(">A"), text.index("</")} <= starts:
            return False
    whole, apart = (how(tokenizer, pa.array(texts)) for how in (tokenise, tokenise_apart))
    return whole.equals(apart)


def lengths(lists: pa.ListArray) -> np.ndarray:
    """Number of values in every list."""
    return pc.list_value_length(lists).to_numpy()


def join(*parts: pa.ListArray) -> pa.ListArray:
    """Lists of int32 put together row by row."""
    offsets = np.zeros(len(parts[0]) + 1, dtype=np.int32)
    np.cumsum(sum(map(lengths, parts)), out=offsets[1:])
    values, starts = np.empty(offsets[-1], dtype=np.int32), offsets[:-1].copy()
    for part in parts:
        values[ranges(starts, lengths(part))] = part.flatten()
        starts += lengths(part)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))


def ranges(starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """start, start + 1, …, start + size - 1 of every pair, one after another."""
    before = np.cumsum(sizes) - sizes
    return np.arange(sizes.sum()) + np.repeat(starts - before, sizes)
