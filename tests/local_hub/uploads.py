"""Endpoints for the content of large files: Git LFS with its basic transfer, and the Xet CAS over HTTP.

The store's UUID is part of the CAS address, because hf_xet remembers per address what it has uploaded: at another
store's address it would leave out chunks that this store never saw.
"""

import hmac
import time

from tests.local_hub.messages import Request, Response, reply
from tests.local_hub.store import HubError
from tests.local_hub.xet import chunk_offsets, known_chunks, read_shard, rebuild


XET_TOKEN_SECONDS = 3600


def lfs_batch(request: Request, kind: str | None, id: str) -> Response:
    """A signed upload address for every object that is not here yet."""
    request.repository(kind or "models", id, write=True)
    objects = []
    for item in request.json()["objects"]:
        oid, size = item["oid"], item["size"]
        answer = {"oid": oid, "size": size}
        if not request.store.large(oid).is_file():
            signature = request.store.sign(f"lfs/{oid}/{size}")
            answer["actions"] = {"upload": {"href": f"{request.url}/lfs/{oid}/{size}/{signature}"}}
        objects.append(answer)
    return reply({"transfer": "basic", "objects": objects})


def lfs_upload(request: Request, oid: str, size: str, signature: str) -> Response:
    """The content of one object; the signature stands for the permission that lfs_batch checked."""
    if not hmac.compare_digest(signature, request.store.sign(f"lfs/{oid}/{size}")):
        raise HubError(403, "SignatureDoesNotMatch")
    if request.unread != int(size):
        raise HubError(400, f"{oid}: received {request.unread} bytes, announced {size}")
    request.store.write(request.store.large(oid), request.blocks(), sha256=oid)
    return Response()


def xet_write_token(request: Request, kind: str, id: str, revision: str) -> Response:
    repository = request.repository(kind, id, write=True)
    repository.resolve(revision)
    token, expires = request.store.sign("xet"), int(time.time()) + XET_TOKEN_SECONDS
    url = f"{request.url}/cas/{request.store.uuid}"
    headers = {"X-Xet-Cas-Url": url, "X-Xet-Access-Token": token, "X-Xet-Token-Expiration": str(expires)}
    return reply({"casUrl": url, "accessToken": token, "exp": expires}, headers=headers)


def require_xet_token(request: Request, store_uuid: str) -> None:
    if store_uuid != request.store.uuid:
        raise HubError(404, f"no store {store_uuid} here")
    if not hmac.compare_digest(request.bearer() or "", request.store.sign("xet")):
        raise HubError(401, "Invalid Xet access token")


def xorb(request: Request, store_uuid: str, name: str) -> Response:
    require_xet_token(request, store_uuid)
    path, content = request.store.root / "xorbs" / name, request.body()
    chunk_offsets(content)
    if new := not path.exists():
        request.store.write(path, [content])
    return reply({"was_inserted": new})


def known_chunk(request: Request, store_uuid: str, name: str) -> Response:
    """Where the content that begins with a chunk already is. Clients ask for the first chunk of every file."""
    require_xet_token(request, store_uuid)
    path = request.store.root / "chunks" / name
    if not path.is_file():
        raise HubError(404, f"chunk {name} is not known")
    return Response(path, length=path.stat().st_size)


def shard(request: Request, store_uuid: str) -> Response:
    """Rebuild every file of the shard and check its sha256, so that a commit can refer to it."""
    require_xet_token(request, store_uuid)
    store, uploaded = request.store, read_shard(request.body())
    for sha256, terms in uploaded.files.items():
        if not store.large(sha256).is_file():
            store.write(store.large(sha256), rebuild(terms, store.root / "xorbs"), sha256)
        if terms and terms[0].xorb in uploaded.chunks:
            first = uploaded.chunks[terms[0].xorb][terms[0].start]
            store.write(store.root / "chunks" / first, [known_chunks(uploaded)])
    return reply({"result": 1})
