"""Ask the running demo one question over HTTP and check the answer's shape."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

ADDRESS = f"http://127.0.0.1:{os.environ['QUILLUX_SERVER__PORT']}"
QUESTION = "How many orders did we ship per region last month?"


def wait_until_ready(seconds: float) -> None:
    """Poll /ready; raises SystemExit when it takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{ADDRESS}/ready", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    sys.exit(f"not ready within {seconds:.0f} s")


def main() -> None:
    """One question, one answer."""
    wait_until_ready(180)
    token = subprocess.run([".venv/bin/quillux", "token", "analyst"], check=True, capture_output=True, text=True)
    request = urllib.request.Request(
        f"{ADDRESS}/v1/messages?wait=30",
        json.dumps({"text": QUESTION}).encode(),
        {"Authorization": f"Bearer {token.stdout.strip()}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        run = json.load(response)
    print(run["text"])
    if run["state"] != "completed" or "Western Europe" not in run["text"]:
        sys.exit(f"the question ended as {run['state']}")


main()
