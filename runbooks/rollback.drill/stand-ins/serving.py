"""What the drill's own servers share: each listens on a loopback port and is ended by the process id that it leaves."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, kind, text, headers=()):
        body = text.encode()
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(sandbox, name, handler, port=0):
    """Serves in the background, and returns in there when it is ended. Whoever called goes on when it listens, and finds NAME.pid and
    NAME.port in the sandbox."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    (sandbox / f"{name}.port").write_text(f"{server.server_port}\n")
    sys.stdout.flush()
    if pid := os.fork():
        (sandbox / f"{name}.pid").write_text(f"{pid}\n")
        os._exit(0)
    os.setsid()
    log = os.open(sandbox / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, target)
    os.chdir("/")
    server.serve_forever()
