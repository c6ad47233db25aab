"""The Hub on loopback: routes, HTTP/1.1, and LocalHub, which a test starts and stops."""

import re
import socketserver
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

from tests.local_hub import files, repositories, uploads
from tests.local_hub.messages import Request, Response, reply
from tests.local_hub.store import HubError, Store


KIND, ID, REVISION = "(models|datasets|spaces)", "([^/]+/[^/]+)", "([^/]+)"
API = f"/api/{KIND}/{ID}"
PAGE = f"/(?:(datasets|spaces)/)?{ID}"
SHA256 = "([0-9a-f]{64})"
ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/api/whoami-v2", repositories.whoami),
    ("POST", "/api/validate-yaml", repositories.validate_yaml),
    ("POST", "/api/repos/create", repositories.create),
    ("DELETE", "/api/repos/delete", repositories.delete),
    ("POST", "/api/repos/move", repositories.move),
    ("GET", f"/api/{KIND}", repositories.listing),
    ("GET", API, repositories.info),
    ("GET", f"{API}/revision/{REVISION}", repositories.info),
    ("PUT", f"{API}/settings", repositories.change_settings),
    ("GET", f"{API}/refs", repositories.refs),
    ("GET", f"{API}/commits/{REVISION}", repositories.commits),
    ("POST", f"{API}/branch/{REVISION}", repositories.create_branch),
    ("DELETE", f"{API}/branch/{REVISION}", repositories.delete_branch),
    ("POST", f"{API}/tag/{REVISION}", repositories.create_tag),
    ("DELETE", f"{API}/tag/{REVISION}", repositories.delete_tag),
    ("POST", f"{API}/super-squash/{REVISION}", repositories.squash),
    ("GET", f"{API}/tree/{REVISION}(?:/(.+))?", files.tree),
    ("POST", f"{API}/paths-info/{REVISION}", files.paths_info),
    ("POST", f"{API}/preupload/{REVISION}", files.preupload),
    ("POST", f"{API}/commit/{REVISION}", files.commit),
    ("GET", f"{PAGE}/resolve/{REVISION}/(.+)", files.resolve),
    ("POST", rf"{PAGE}\.git/info/lfs/objects/batch", uploads.lfs_batch),
    ("PUT", rf"/lfs/{SHA256}/(\d+)/{SHA256}", uploads.lfs_upload),
    ("GET", f"{API}/xet-write-token/{REVISION}", uploads.xet_write_token),
    ("GET", f"/cas/([^/]+)/v1/chunks/default/{SHA256}", uploads.known_chunk),
    ("POST", f"/cas/([^/]+)/v1/xorbs/default/{SHA256}", uploads.xorb),
    ("POST", "/cas/([^/]+)/v1/shards", uploads.shard),
)
REPOSITORY_PATH = re.compile(r"/api/(models|datasets|spaces)/.|.*/resolve/")


def dispatch(request: Request) -> Response:
    """Call the endpoint of the first route that fits, with the decoded groups of its pattern."""
    if "Transfer-Encoding" in request.headers:
        raise HubError(411, "send the body with a Content-Length", headers={"Connection": "close"})
    method = "GET" if request.method == "HEAD" else request.method
    for route_method, pattern, endpoint in ROUTES:
        if method == route_method and (match := re.fullmatch(pattern, request.path)):
            return endpoint(request, *(group and unquote(group) for group in match.groups()))
    code = "RepoNotFound" if REPOSITORY_PATH.match(request.path) else ""
    raise HubError(404, f"no endpoint {request.method} {request.path}", code)


def respond(request: Request) -> Response:
    """dispatch, with refusals and failures turned into the answers that the clients understand."""
    try:
        return dispatch(request)
    except HubError as error:
        code = {"X-Error-Code": error.code} if error.code else {}
        headers = {"X-Error-Message": " ".join(error.message.split())} | code | error.headers
        return reply({"error": error.message}, error.status, headers)
    except ConnectionError:
        raise
    except Exception:
        traceback.print_exc()
        return reply({"error": "Internal error"}, 500)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # header and body are two writes: together with delayed ACK, 40 ms per answer
    server: "Server"

    def answer(self) -> None:
        hub = self.server.hub
        request = Request(
            self.command, self.path, self.headers, self.rfile, hub.url, hub.store, hub.user, hub.namespaces
        )
        hub.log.append((self.command, self.path, request.unread))
        try:
            if hub.on_request:
                hub.on_request(self.command, self.path)
            response = respond(request)
            for _ in request.blocks():  # what an endpoint left unread would be taken for the next request
                pass
            self.send(response)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def send(self, response: Response) -> None:
        length = len(response.body) if response.length is None else response.length
        self.send_response(response.status)
        for name, value in {**response.headers, "Content-Length": str(length)}.items():
            self.send_header(name, value.encode("latin-1", "replace").decode("latin-1"))
        self.end_headers()
        if self.command == "HEAD" or not length:
            return
        if isinstance(response.body, Path):
            with response.body.open("rb") as file:
                self.connection.sendfile(file, response.start, length)
        else:
            self.wfile.write(response.body[response.start : response.start + length])

    def log_message(self, format: str, *args: object) -> None:
        """LocalHub.log has every request; the terminal belongs to the client."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    hub: "LocalHub"


class LocalHub:
    """A Hugging Face Hub on 127.0.0.1 for the unmodified clients, kept in one folder.

    `with LocalHub(folder) as hub:` serves until the block ends; the same folder later continues where it stopped.
    `hub.token` may write to the namespaces `user` and `orgs`, no token may only read what is public. `hub.log` lists
    (method, path, bytes received) of every request. `hub.on_request(method, path)`, if set, is called before each
    answer: what it raises as ConnectionError drops the connection. OSError if `port` is taken (0: any free one).
    """

    def __init__(self, store: Path, port: int = 0, user: str = "biologist", orgs: Sequence[str] = ("biology",)):
        self.folder, self.port, self.user, self.namespaces = Path(store), port, user, frozenset((user, *orgs))
        self.log: list[tuple[str, str, int]] = []
        self.on_request: Callable[[str, str], None] | None = None

    def __enter__(self) -> "LocalHub":
        with ExitStack() as stack:
            self.store = stack.enter_context(closing(Store(self.folder)))
            self.token = self.store.token
            server = stack.enter_context(Server(("127.0.0.1", self.port), Handler))
            server.hub = self
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            stack.callback(server.shutdown)
            self._stop = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.close()

    def environment(self, home: Path) -> dict[str, str]:
        """What a child process needs before it imports any client; `home` is its cache, new for every store."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_TOKEN": self.token,
            "HF_HOME": str(home),
            "HF_HUB_OFFLINE": "0",
            "HF_DATASETS_OFFLINE": "0",
            "HF_EVALUATE_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
