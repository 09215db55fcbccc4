import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Python HTTP service for a sandbox: reports requests, streams, reads bodies of any length, and echoes over a
 * WebSocket.
 */
export const HTTP_SERVICE = `
import base64, hashlib, json, socketserver, struct
from http.server import BaseHTTPRequestHandler
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, body, status=200):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "own=1; Path=/")
        self.send_header("Content-Security-Policy", "img-src 'none'")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    def told(self):
        return json.dumps({"method": self.command, "path": self.path, "headers": dict(self.headers)}).encode()
    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket": return self.socket()
        if self.path == "/stream":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(3):
                self.wfile.write(b"4\\r\\npart\\r\\n"); self.wfile.flush()
                while not self.next(i): pass
            self.wfile.write(b"0\\r\\n\\r\\n")
        else: self.answer(self.told(), 418 if self.path == "/teapot" else 200)
    def next(self, i):
        import os, time
        time.sleep(0.02)
        return os.path.exists("/tmp/go%d" % i)
    do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = do_PUT = do_GET
    def do_POST(self):
        h, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while left:
            b = self.rfile.read(min(left, 65536)); left -= len(b); h.update(b)
        self.answer(json.dumps({"sha256": h.hexdigest()}).encode())
    def socket(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket"); self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == 8: return
            size = head[1] & 127
            if size == 126: size = struct.unpack(">H", self.rfile.read(2))[0]
            mask = self.rfile.read(4)
            data = bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(size)))
            self.wfile.write(bytes([head[0]]) + (bytes([size]) if size < 126 else bytes([126]) + struct.pack(">H", size)) + data)
            self.wfile.flush()
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("127.0.0.1", 8000), Handler).serve_forever()
`;

/** Response body of `/echo` and others: the request as received. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
}

/** Sends a request with arbitrary headers, which `fetch` does not allow. */
export async function ask(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<IncomingMessage & { body: string }> {
  const sent = httpRequest(url, { method, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return Object.assign(answer, { body: await text(answer) });
}
