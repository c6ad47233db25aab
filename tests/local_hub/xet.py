"""The two binary formats that hf_xet uploads: xorbs, which hold compressed chunks, and shards, which list files.

Layouts: github.com/huggingface/xet-core, spec/xorb.md, spec/shard.md and spec/api.md (hashes as text).
"""

import mmap
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.local_hub.store import HubError


CHUNK_HEADER_BYTES = 8  # version u8, compressed size u24, scheme u8, size u24, little-endian
STORED, LZ4, GROUPED_LZ4 = 0, 1, 2
RECORD_BYTES = 48
LAST_RECORD = b"\xff" * 32 + bytes(16)
SHARD_VERSION = 2
FOOTER_BYTES = 200
KNOWN_SECONDS = 86_400
HAS_VERIFICATION, HAS_SHA256 = 1 << 31, 1 << 30


@dataclass(frozen=True)
class Term:
    """Chunks `start` to `end` (exclusive) of one xorb."""

    xorb: str
    start: int
    end: int


@dataclass(frozen=True)
class Shard:
    """Terms by sha256 of the file; hashes of the chunks by xorb; `xorb_records`, what says the latter in the shard."""

    files: dict[str, list[Term]]
    chunks: dict[str, list[str]]
    tag: bytes
    xorb_records: bytes


def chunk_offsets(xorb: bytes | mmap.mmap) -> list[int]:
    """Where each chunk begins, and where the last one ends; HubError 400 if the xorb is cut short or has no chunk."""
    offsets = [0]
    while offsets[-1] < len(xorb) and xorb[offsets[-1]] == 0:  # chunk version 0; an optional footer starts with X
        start = offsets[-1]
        offsets.append(start + CHUNK_HEADER_BYTES + int.from_bytes(xorb[start + 1 : start + 4], "little"))
    if len(offsets) == 1 or offsets[-1] > len(xorb):
        raise HubError(400, f"malformed xorb of {len(xorb)} bytes: expected whole chunks, found {len(offsets) - 1}")
    return offsets


def read_chunk(xorb: bytes | mmap.mmap, start: int, end: int) -> bytes:
    """The content of the chunk whose header is at `start`."""
    import pyarrow

    scheme, size = xorb[start + 4], int.from_bytes(xorb[start + 5 : start + 8], "little")
    data = xorb[start + CHUNK_HEADER_BYTES : end]
    if scheme == STORED:
        return data
    if scheme not in (LZ4, GROUPED_LZ4):
        raise HubError(400, f"unknown compression scheme {scheme}: expected 0, 1 or 2")
    data = pyarrow.Codec("lz4").decompress(data, size, asbytes=True)
    return data if scheme == LZ4 else ungroup(data)


def ungroup(data: bytes) -> bytes:
    """Undo byte grouping: all first bytes of each four, then all second bytes, ..., back into order."""
    out, start = bytearray(len(data)), 0
    for position in range(4):
        end = start + len(range(position, len(data), 4))
        out[position::4] = data[start:end]
        start = end
    return bytes(out)


def hash_text(raw: bytes) -> str:
    """Xet writes a hash as four little-endian 64-bit words."""
    return "".join(raw[i : i + 8][::-1].hex() for i in range(0, 32, 8))


def hash_at(shard: bytes, position: int) -> str:
    return hash_text(*struct.unpack_from("<32s", shard, position))


def read_shard(shard: bytes) -> Shard:
    """HubError 400 if the shard is malformed or a file has no sha256."""
    try:
        _, version, _ = struct.unpack_from("<32sQQ", shard)
        if version != SHARD_VERSION:
            raise HubError(400, f"shard version {version}: expected {SHARD_VERSION}")
        at, files, chunks = RECORD_BYTES, {}, {}
        while shard[at : at + 32] != LAST_RECORD[:32]:
            name, flags, n = struct.unpack_from("<32sII", shard, at)
            records = (struct.unpack_from("<32sIIII", shard, at + RECORD_BYTES * (1 + i)) for i in range(n))
            terms = [Term(hash_text(xorb), start, end) for xorb, _, _, start, end in records]
            at += RECORD_BYTES * (1 + n + (n if flags & HAS_VERIFICATION else 0))
            if not flags & HAS_SHA256:
                raise HubError(400, f"file {hash_text(name)} in the shard has no sha256")
            files[hash_at(shard, at)] = terms
            at += RECORD_BYTES
        start = at = at + RECORD_BYTES
        while shard[at : at + 32] != LAST_RECORD[:32]:
            xorb, _, n = struct.unpack_from("<32sII", shard, at)
            chunks[hash_text(xorb)] = [hash_at(shard, at + RECORD_BYTES * i) for i in range(1, n + 1)]
            at += RECORD_BYTES * (1 + n)
    except struct.error as error:
        raise HubError(400, f"malformed shard of {len(shard)} bytes: {error}") from error
    return Shard(files, chunks, shard[:32], shard[start:at])


def known_chunks(shard: Shard) -> bytes:
    """A shard without files that tells a client which chunks it need not send."""
    header = shard.tag + struct.pack("<QQ", SHARD_VERSION, FOOTER_BYTES)
    now, end = int(time.time()), 3 * RECORD_BYTES + len(shard.xorb_records)
    places = (1, RECORD_BYTES, 2 * RECORD_BYTES, end, 0, end, 0, end, 0)  # version, files, xorbs, empty lookup tables
    footer = struct.pack("<9Q32xQQ72xQ", *places, now, now + KNOWN_SECONDS, end)
    return header + LAST_RECORD + shard.xorb_records + LAST_RECORD + footer


def rebuild(terms: list[Term], xorbs: Path) -> Iterator[bytes]:
    """The content of a file, chunk by chunk; HubError 400 if a xorb was never uploaded."""
    for term in terms:
        if not (path := xorbs / term.xorb).is_file():
            raise HubError(400, f"xorb {term.xorb} is not in this store: upload it before the shard")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as xorb:
            offsets = chunk_offsets(xorb)
            for i in range(term.start, min(term.end, len(offsets) - 1)):
                yield read_chunk(xorb, offsets[i], offsets[i + 1])
