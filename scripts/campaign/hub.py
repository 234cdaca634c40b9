"""A hub that misbehaves: what huggingface.co answers for one repository, with faults drawn from a seed."""

import hashlib
import http.server
import json
import os
import random
import threading
import time

REPOSITORY = "org/name"
COMMIT = "c" * 40


class Hub:
    """Serves a folder; `faults` is the chance that an answer is spoilt, `counts` what was done to them."""

    def __init__(self, folder):
        self.files = {}
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                self.files[name] = file.read()
        self.faults, self.draw, self.spoilt = 0.0, random.Random(0), 0
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                hub.answer(self)

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # A client that is killed resets its connection.
        self.server.handle_error = lambda *_: None
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def digest(content):
        return hashlib.sha256(content).hexdigest()

    def answer(self, request):
        status, headers, content = self.sound(request)
        if self.draw.random() < self.faults:
            self.spoilt += 1
            status, headers, content = self.spoil(status, headers, content)
        try:
            request.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                request.send_header(name, value)
            request.end_headers()
            if request.command != "HEAD":
                request.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass
        if "Content-Length" in headers:
            request.close_connection = True

    def sound(self, request):
        """What the hub itself says."""
        if request.path.startswith(f"/api/models/{REPOSITORY}/revision/"):
            siblings = [{"rfilename": name, "size": len(content),
                         "lfs": {"sha256": self.digest(content), "size": len(content)}}
                        for name, content in self.files.items()]
            return 200, {}, json.dumps({"sha": COMMIT, "siblings": siblings}).encode()
        name = request.path.rsplit("/", 1)[-1].split("?")[0]
        if name not in self.files:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        content = self.files[name]
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{self.digest(content)}"'}
        wanted = request.headers.get("Range", "")
        if wanted.startswith("bytes="):
            start = int(wanted[6:].split("-")[0])
            if start >= len(content):
                return 416, {**headers, "Content-Range": f"bytes */{len(content)}"}, b""
            return 206, {**headers, "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}, content[start:]
        return 200, headers, content

    def spoil(self, status, headers, content):
        kind = self.draw.randrange(6)
        if kind == 0:
            return self.draw.choice([429, 500, 502, 503]), {}, b"busy"
        if kind == 1:  # the connection ends before the content does
            return status, {**headers, "Content-Length": str(len(content))}, content[:self.draw.randrange(len(content) + 1)]
        if kind == 2 and content:  # a flipped byte
            place = self.draw.randrange(len(content))
            return status, headers, content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]
        if kind == 3:
            return status, {**headers, "Content-Length": self.draw.choice(["0", "-1", "9223372036854775808", "x"])}, content
        if kind == 4:
            return status, {**headers, "ETag": self.draw.choice(['""', '"../../x"', '"' + "0" * 64 + '"'])}, content
        time.sleep(self.draw.uniform(0, 0.5))
        return status, headers, content

    def spoil_from(self, seed, faults):
        self.draw, self.faults = random.Random(seed), faults
