"""Runs a command on a pseudo-terminal of its own.

Bytes for it come as JSON lines on stdin ({"write": text}, {"resize": [cols, rows]}, {"signal":
number}); what it says goes to stdout. At its end one JSON line on stderr tells its exit code, and
whether the terminal is as it was: reads by line, echoes.
"""

import fcntl, json, os, select, struct, subprocess, sys, termios

master, slave = os.openpty()


def resize(cols, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


resize(100, 30)
before = termios.tcgetattr(slave)
child = subprocess.Popen(
    sys.argv[1:],
    stdin=slave,
    stdout=slave,
    stderr=slave,
    start_new_session=True,
    preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
)
lines = b""
while True:
    ended = child.poll() is not None
    ready, _, _ = select.select([master, 0], [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
    elif ended:
        break
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            child.kill()
        lines += chunk
        while b"\n" in lines:
            line, lines = lines.split(b"\n", 1)
            order = json.loads(line)
            if "write" in order:
                os.write(master, order["write"].encode())
            elif "resize" in order:
                resize(*order["resize"])
            else:
                child.send_signal(order["signal"])
restored = termios.tcgetattr(slave) == before
print(json.dumps({"code": child.returncode, "restored": restored}), file=sys.stderr)
