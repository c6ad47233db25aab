"""Serve a local Hub until interrupted: python -m tests.local_hub --store DIR [--port 0]

Prints its URL on one line. Clients need HF_ENDPOINT=<that URL>, HF_TOKEN=$(cat DIR/token) and an HF_HOME of their own.
"""

import argparse
import signal
import sys
from pathlib import Path

from tests.local_hub import LocalHub


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.local_hub", description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, required=True, help="folder of the repositories, made if missing")
    parser.add_argument("--port", type=int, default=0, help="default: any free port")
    parser.add_argument("--user", default="biologist", help="owner of the token (default: %(default)s)")
    parser.add_argument("--org", action="append", help="another namespace of that user (default: biology)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        with LocalHub(options.store, options.port, options.user, options.org or ("biology",)) as hub:
            print(hub.url, flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except (OSError, RuntimeError) as error:
        sys.exit(f"local hub: {error}")


if __name__ == "__main__":
    main()
