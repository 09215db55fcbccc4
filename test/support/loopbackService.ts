/**
 * Python program for a sandbox that listens on the loopback interface only. Port 7001 reads to the end and
 * responds with length and hash; 7002 sends 20 MiB, half-closes and writes what it receives to /opt/rest;
 * 7003 echoes. Port 7003 listens last.
 */
export const LOOPBACK_SERVICE = `
import hashlib, socket, sys, threading
def hash(c):
    h, n = hashlib.sha256(), 0
    while True:
        b = c.recv(65536)
        if not b: break
        h.update(b); n += len(b)
    c.sendall(f"{n} {h.hexdigest()}".encode())
def send(c):
    for i in range(20): c.sendall(bytes([i]) * 1048576)
    c.shutdown(socket.SHUT_WR)
    rest = b""
    while True:
        b = c.recv(65536)
        if not b: break
        rest += b
    open("/opt/rest", "wb").write(rest)
def echo(c):
    while True:
        b = c.recv(65536)
        if not b: break
        c.sendall(b)
def serve(s, work):
    def one(c):
        try: work(c)
        finally: c.close()
    while True: threading.Thread(target=one, args=(s.accept()[0],)).start()
all = [(socket.create_server(("127.0.0.1", port)), work) for port, work in ((7001, hash), (7002, send), (7003, echo))]
for s, work in all: threading.Thread(target=serve, args=(s, work)).start()
`;
