"""A merchant's server that webhooks are sent to, on this machine."""

import http.server
import threading
import time


class Delivery:
    def __init__(self, path, headers, body):
        self.at = time.monotonic()
        self.path = path
        self.headers = headers
        self.body = body

    @property
    def id(self):
        return self.headers["webhook-id"]


class Receiver:
    """Keeps every delivery. `answer` says what a delivery gets: a status and headers."""

    def __init__(self):
        self.deliveries = []
        self.answer = lambda delivery: (200, {})
        self._lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                delivery = Delivery(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                status, headers = receiver._take(delivery)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def handle_error(self, *_):
                """The gateway was killed while it was being answered."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def _take(self, delivery):
        answer = self.answer(delivery)
        with self._lock:
            self.deliveries.append(delivery)
        return answer

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def to(self, path):
        """What has come to a path so far."""
        with self._lock:
            return [delivery for delivery in self.deliveries if delivery.path == path]

    def count(self):
        with self._lock:
            return len(self.deliveries)
