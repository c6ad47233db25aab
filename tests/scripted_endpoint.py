"""An OpenAI-compatible endpoint on loopback that behaves as a test tells it to."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


class Endpoint(ThreadingHTTPServer):
    """Counts what it is asked.

    Attributes:
        behave: what to do with a request: given the handler and the question's text, it answers through the handler.
        questions: text of the last message of every request, in the order of arrival.
        bodies: every request as it was sent.  keys: its Authorization header.  most: requests open at once, at most.
    """

    daemon_threads = True

    def __init__(self, behave: Callable[["Handler", str], None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave = behave
        self.questions: list[str] = []
        self.bodies: list[dict] = []
        self.keys: list[str | None] = []
        self.open = self.most = 0
        self.lock = Lock()
        self.base_url = f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the tests."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open as real endpoints do; `body` is the request."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or each answer waits 40 ms for an acknowledgement
    server: Endpoint
    body: dict

    def do_POST(self) -> None:
        self.body = body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = body["messages"][-1]["content"]
        with self.server.lock:
            self.server.questions.append(question)
            self.server.bodies.append(body)
            self.server.keys.append(self.headers["Authorization"])
            self.server.open += 1
            self.server.most = max(self.server.most, self.server.open)
        try:
            if self.path == "/v1/chat/completions":
                self.server.behave(self, question)
            else:
                self.send(404, {"error": {"message": f"no route {self.path}"}})
        finally:
            with self.server.lock:
                self.server.open -= 1

    def answer(self, text: str | None = "yes", **more: object) -> None:
        """A chat completion of 100 + 10 tokens; `more` replaces fields of its choice."""
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"} | more
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        self.send(200, {"model": "served-1", "system_fingerprint": "fp", "choices": [choice], "usage": usage})

    def fail(self, status: int, message: str = "no", code: str = "", **headers: str) -> None:
        """An error in OpenAI's form."""
        self.send(status, {"error": {"message": message, "code": code}}, **headers)

    def send(self, status: int, body: dict | str, announced: int = 0, **headers: str) -> None:
        """A response whose header announces `announced` more bytes than there are; then the connection ends."""
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data) + announced))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = announced > 0

    def hang_up(self, after_s: float = 0) -> None:
        """No response: silence, then the end of the connection."""
        time.sleep(after_s)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(behave: Callable[[Handler, str], None]) -> Iterator[Endpoint]:
    """The endpoint, while the context lasts."""
    server = Endpoint(behave)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
