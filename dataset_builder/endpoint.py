"""Chat completions from any OpenAI-compatible endpoint: paced, and asked again where asking again can help.

The key comes from an environment variable alone, OPENAI_API_KEY or, for a second service, REVIEWER_API_KEY, and is cut
out of whatever an endpoint says.
"""

import email.utils
import logging
import os
import random
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit


if TYPE_CHECKING:
    import requests

KEY, REVIEWER_KEY = "OPENAI_API_KEY", "REVIEWER_API_KEY"
PASSING = (408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529)  # statuses after which another try may succeed
FIRST_WAIT_S = 1.0  # before the second try; doubled for each further one
LONGEST_WAIT_S = 60.0
LONGEST_PAUSE_S = 600.0  # what an endpoint may ask for; one that asks for more has a spent quota
CONNECT_S = 15.0
ADVICE = {
    401: "check the key in the environment",
    403: "check the key in the environment and what it may use",
    404: "check the base URL, which often ends in /v1, and the model's name",
}

log = logging.getLogger(__name__)


class EndpointError(ValueError):
    """What asking again will not mend; `code` is the endpoint's own name for it, empty without one."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class PassingFault(Exception):
    """What another try may mend; the endpoint asks to wait `after_s` seconds first, 0 where it does not say."""

    def __init__(self, message: str, after_s: float = 0) -> None:
        super().__init__(message)
        self.after_s = after_s


@dataclass(frozen=True)
class Endpoint:
    """Where to ask; raises EndpointError for an address that is none, or holds a password, which files would keep.

    Attributes:
        base_url: what stands before /chat/completions.
        timeout_s: a connection that is silent for so long is given up; an answer comes in one piece, after silence.
        tries: requests per question, at most.
    """

    base_url: str
    model: str
    timeout_s: float = 300
    tries: int = 8

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EndpointError(f"{self.base_url!r} is no base URL; give one such as https://api.openai.com/v1")
        if "@" in parts.netloc:
            raise EndpointError(f"the base URL of {parts.hostname} holds a password; give the key in {KEY}")

    @property
    def url(self) -> str:
        """The address of chat completions."""
        parts = urlsplit(self.base_url)
        return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/chat/completions"))


@dataclass(frozen=True)
class Completion:
    """One answer, the endpoint's account of it (None where it gives none), and the model that it says it is."""

    text: str
    finish_reason: str | None
    refusal: str | None
    prompt_tokens: int | None
    answer_tokens: int | None
    served_as: str | None


class Pace:
    """Lets the requests of many threads start one after the other, so that no minute holds more than it may.

    Args:
        requests_per_minute, tokens_per_minute: 0 for no limit.
        stopped: set, it lets no request start; one of its own by default.
    """

    def __init__(
        self, requests_per_minute: float = 0, tokens_per_minute: float = 0, stopped: threading.Event | None = None
    ) -> None:
        self.request_s = 60 / requests_per_minute if requests_per_minute else 0.0
        self.token_s = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self.next_start = time.monotonic()
        self.lock = threading.Lock()
        self.stopped = stopped or threading.Event()

    def wait(self, tokens: float = 0) -> None:
        """Return when a request of so many tokens may start.

        Raises:
            EndpointError: stopped meanwhile.
        """
        with self.lock:
            now = time.monotonic()
            start = max(now, self.next_start)
            self.next_start = start + max(self.request_s, self.token_s * tokens)
        self.sleep(start - now)

    def pause(self, seconds: float) -> None:
        """No request starts within so many seconds."""
        with self.lock:
            self.next_start = max(self.next_start, time.monotonic() + seconds)

    def sleep(self, seconds: float) -> None:
        """As time.sleep; raises EndpointError once `stopped` is set."""
        if self.stopped.wait(seconds):
            raise EndpointError("stopped before the question was asked")


def api_key(variable: str = KEY) -> str:
    """The key in a variable of the environment, empty without one; a line break at its end is a slip.

    Raises:
        EndpointError: it cannot be sent; the libraries below would show it in their errors.
    """
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise EndpointError(f"what {variable} holds cannot be a key; set it anew")
    return key


def open_session(connections: int = 1, variable: str = KEY) -> "requests.Session":
    """A session for so many threads, which sends the key in a variable of the environment where there is one."""
    import requests

    key = api_key(variable)

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if key:
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    session = requests.Session()
    session.auth = sign  # not a header: those yield to what a ~/.netrc says
    for scheme in ("http://", "https://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=connections))
    return session


def complete(
    session: "requests.Session",
    endpoint: Endpoint,
    messages: list[dict],
    options: dict,
    pace: Pace,
    tokens: float = 0,
) -> Completion:
    """The answer to `messages`.

    Args:
        options: further fields of the request, such as max_tokens.
        tokens: what the request counts for in the endpoint's tokens per minute.

    Raises:
        EndpointError: the endpoint refuses the request, or failed `endpoint.tries` times.
    """
    body = {"model": endpoint.model, "messages": messages, **options}
    for tried in range(1, endpoint.tries + 1):
        pace.wait(tokens)
        try:
            return request(session, endpoint, body)
        except PassingFault as fault:
            if tried == endpoint.tries or fault.after_s > LONGEST_PAUSE_S:
                asks = f", which asks to wait {fault.after_s:,.0f} s" if fault.after_s else ""
                advice = "check the base URL or try again later"
                raise EndpointError(f"{endpoint.url}: {fault} at try {tried}{asks}; {advice}") from fault
            backoff = min(FIRST_WAIT_S * 2 ** (tried - 1), LONGEST_WAIT_S) * random.uniform(0.5, 1)
            wait_s = max(fault.after_s, backoff)
            log.warning("%s: %s at try %d; asked again in %.0f s", endpoint.url, fault, tried, wait_s)
            pace.pause(fault.after_s)
            pace.sleep(wait_s)
    raise AssertionError("unreachable: the last try returns or raises")


def request(session: "requests.Session", endpoint: Endpoint, body: dict) -> Completion:
    """One try.

    Raises:
        PassingFault: no answer, half an answer or none in it, or a status that passes.
        EndpointError: any other status.
    """
    import requests

    try:
        response = session.post(
            endpoint.url, json=body, timeout=(CONNECT_S, endpoint.timeout_s), allow_redirects=False
        )
    except requests.exceptions.InvalidURL as error:
        raise EndpointError(f"{endpoint.url}: {error}") from None
    except requests.exceptions.RequestException as error:  # refused, reset, silent, or cut within the body
        raise PassingFault(f"no whole answer ({reason(error)})") from error
    if response.status_code != 200:
        raise fault_of(response, endpoint)
    try:
        return completion(response.json())
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise PassingFault(f"an answer that is no chat completion ({hidden(response.text[:80])!r})") from error


def reason(error: Exception) -> str:
    """Why there is no answer: what the system says where it says something, or else the kind of error."""
    stated = re.search(r"\[Errno -?\d+\] ([\w ]+)", str(error))
    return stated[1] if stated else type(error).__name__


def fault_of(response: "requests.Response", endpoint: Endpoint) -> Exception:
    """What a status other than 200 means."""
    status, (code, said) = response.status_code, stated_error(response)
    message = f"{endpoint.url}: HTTP {status}: {said}"
    if status in PASSING and code != "insufficient_quota":
        return PassingFault(f"HTTP {status}: {said}", wanted_pause_s(response.headers))
    advice = ADVICE.get(status)
    return EndpointError(f"{message}; {advice}" if advice else message, code)


def stated_error(response: "requests.Response") -> tuple[str, str]:
    """Code and message of an error, in one line, whatever form the endpoint gives them."""
    code, said = "", response.text or response.reason or "no message"
    try:
        found = response.json()
        error = found.get("error", found)
        said = error.get("message", said) if isinstance(error, dict) else str(error)
        code = str(error.get("code") or error.get("type") or "") if isinstance(error, dict) else ""
    except (ValueError, AttributeError):
        pass
    return code, hidden(" ".join(str(said).split()))[:300]


def hidden(text: str) -> str:
    """The text without the keys."""
    for variable in (KEY, REVIEWER_KEY):
        if key := api_key(variable):
            text = text.replace(key, f"[{variable}]")
    return text


def wanted_pause_s(headers: "requests.structures.CaseInsensitiveDict") -> float:
    """Seconds of the headers retry-after-ms or Retry-After (a number or a date), 0 without one."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        wanted = headers.get("Retry-After", "0")
        if wanted.replace(".", "", 1).isdigit():
            return float(wanted)
        return max(0.0, email.utils.parsedate_to_datetime(wanted).timestamp() - time.time())
    except ValueError:
        return 0.0


def completion(found: dict) -> Completion:
    """A response's first choice; raises LookupError, TypeError or AttributeError where it has none."""
    choice = found["choices"][0]
    message, usage = choice["message"], found.get("usage") or {}
    text = message.get("content") or ""
    if not isinstance(text, str):  # a list of parts
        text = "".join(part.get("text") or "" for part in text)
    fingerprint = found.get("system_fingerprint")
    served_as = " ".join(str(name) for name in (found.get("model"), fingerprint) if name)
    return Completion(
        text.strip(),
        choice.get("finish_reason"),
        message.get("refusal"),
        usage.get("prompt_tokens"),
        usage.get("completion_tokens"),
        served_as or None,
    )
