"""Texts and chats -> token ids and labels, a batch at a time. The loss falls on the answer and its end token.

The words around question and answer are read off the tokenizer's own chat template once, joined in Arrow, and
tokenised by the tokenizer's threads: no template is rendered per row.
"""

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.overlap import reverse_complement
from dataset_builder.tags import shorten
from dataset_builder.tasks import CHAT_DATE, TASKS
from trl_recipes.recipe import RecipeError


if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100  # the label of a token without loss
ENDS_OF_TEXT = ("<|end_of_text|>", "<|endoftext|>", "<eos>")  # Llama, Qwen, Gemma: what ends a text, not a turn
STRAND_FREE = [name for name, task in TASKS.items() if task.strand_free]
ONE_DNA = r"(?s)^(?P<before>.*<dna>)(?P<strand>[A-Z]+)(?P<after></dna>.*)$"


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
        asked, said = tokenise(self.tokenizer, pa.array([frame.lead + user + frame.lag, answer + frame.end]))
        made = frame.head + asked + frame.tail + said
        if made != wanted[: len(made)]:
            raise RecipeError(
                f"the chat template's own tokens of a chat, {self.tokenizer.convert_ids_to_tokens(wanted)}, are not "
                f"those of its parts, {self.tokenizer.convert_ids_to_tokens(made)}: rows cannot be put together so"
            )


def split_at_special_tokens(tokenizer: "PreTrainedTokenizerBase", before: str, between: str, end: str) -> Frame:
    """The frame of its texts; nothing is split off where that would change how a question is tokenised."""

    def ids(text: str) -> list[int]:
        return tokenise(tokenizer, pa.array([text]))[0]

    special = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    start = max((before.rfind(token) + len(token) for token in special if token in before), default=0)
    stop = min((between.find(token) for token in special if token in between), default=len(between))
    frame = Frame(ids(before[:start]), before[start:], between[:stop], ids(between[stop:]), end)
    for words in ("words", " \n words \n"):
        whole = frame.head + ids(frame.lead + words + frame.lag) + frame.tail
        if whole != ids(before + words + between):
            return Frame([], before, between, [], end)
    return frame


def encode_texts(texts: pa.Array, tokenizer: "PreTrainedTokenizerBase", end: int) -> pa.Table:
    """Corpus texts: beginning of sequence, text, end of text; every token is a label.

    Returns:
        `input_ids` and `labels`, lists of int32.
    """
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    ids = to_lists([[*start, *row, end] for row in tokenise(tokenizer, texts)])
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
    frames = [frame(system) for system in systems.to_pylist()]
    lead, lag, after = (pa.array([getattr(f, part) for f in frames], pa.string()) for part in ("lead", "lag", "end"))
    asked = tokenise(tokenizer, pc.binary_join_element_wise(lead, users, lag, ""))
    prompts = [f.head + words + f.tail for f, words in zip(frames, asked, strict=True)]
    answers = tokenise(tokenizer, pc.binary_join_element_wise(answers, after, ""))
    cut = np.zeros(len(rows), dtype=np.int32)
    for i in np.flatnonzero([len(p) + len(a) > max_length for p, a in zip(prompts, answers, strict=True)]):
        user = kept = users[i].as_py()
        while (excess := len(prompts[i]) + len(answers[i]) - max_length) > 0 and (
            less := shorten(kept, excess)
        ) != kept:
            kept, f = less, frames[i]
            prompts[i] = f.head + tokenise(tokenizer, pa.array([f.lead + kept + f.lag]))[0] + f.tail
        cut[i] = -1 if excess > 0 else len(user) - len(kept)
    fits = cut >= 0
    kept = [p + a for p, a, fit in zip(prompts, answers, fits, strict=True) if fit]
    ids = to_lists(kept)
    labels = ids
    if answer_only:
        starts = ids.offsets.to_numpy()[:-1]
        lengths = np.fromiter((len(p) for p, fit in zip(prompts, fits, strict=True) if fit), np.int64, len(kept))
        values = ids.values.to_numpy().copy()
        values[ranges(starts, lengths)] = IGNORED
        labels = pa.ListArray.from_arrays(ids.offsets, pa.array(values))
    return pa.table({"input_ids": ids, "labels": labels, "letters_cut": cut[fits]})


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


def tokenise(tokenizer: "PreTrainedTokenizerBase", texts: pa.Array) -> list[list[int]]:
    """Token ids of every text, without special tokens around it, by all threads of the tokenizer."""
    return [
        row.ids for row in tokenizer.backend_tokenizer.encode_batch_fast(texts.to_pylist(), add_special_tokens=False)
    ]


def to_lists(rows: list[list[int]]) -> pa.ListArray:
    """Python lists as one Arrow array of lists of int32."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return pa.ListArray.from_arrays(offsets, np.fromiter(chain.from_iterable(rows), np.int32, offsets[-1]))


def ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """start, start + 1, …, start + length - 1 of every pair, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
