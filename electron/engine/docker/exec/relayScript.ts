/**
 * Relay programs that connect stdin and stdout to a TCP port inside a container, for the interpreters
 * that images have. Protocol on stderr, in lines: `ready`; then `end N` when the service has closed its
 * end after N bytes (stdout and stderr are not ordered relative to each other). Instead of `ready`:
 * `closed` (no listener) or `none` (no suitable interpreter).
 */
const perl = `
use Socket;
sub copy {
  my ($from, $to, $sum) = (@_, 0);
  while (sysread($from, my $bytes, 65536)) {
    for (my $at = 0; $at < length $bytes;) {
      my $written = syswrite($to, $bytes, length($bytes) - $at, $at);
      defined $written or return $sum;
      $at += $written;
      $sum += $written;
    }
  }
  return $sum;
}
socket(S, PF_INET, SOCK_STREAM, 6) or exit 1;
connect(S, pack_sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) or exit 1;
my $up = fork;
if ($up) { my $sum = copy(*S, *STDOUT); syswrite(STDERR, "end $sum\\n"); waitpid $up, 0 }
else { copy(*STDIN, *S); shutdown S, 1 }
`;

const python = `
import os, socket, sys, threading
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sum = 0
def out(b):
    global sum
    sum += len(b)
    while b: b = b[os.write(1, b):]
def copy(read, write):
    try:
        while True:
            b = read(65536)
            if not b: return
            write(b)
    except OSError: pass
def up():
    copy(lambda n: os.read(0, n), s.sendall)
    try: s.shutdown(socket.SHUT_WR)
    except OSError: pass
t = threading.Thread(target=up)
t.start()
copy(s.recv, out)
os.write(2, b"end %d\\n" % sum)
t.join()
`;

const node = `
const s = require("net").connect({ host: "127.0.0.1", port: +process.argv[1], allowHalfOpen: true });
process.stdin.pipe(s);
s.pipe(process.stdout);
s.on("end", () => process.stderr.write("end " + s.bytesRead + "\\n"));
s.on("error", () => process.exit(1));
`;

/** Bash cannot half-close a connection: this relay ends when the service ends or when it is killed. */
const bash = `
exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1
cat <&0 >&3 &
cat <&3
kill $!
`;

/**
 * Looks for a listener in the kernel's tables: hexadecimal addresses in host byte order, state 0A
 * (Documentation/networking/proc_net_tcp). Uses only busybox's netcat, because others do not reliably
 * half-close; it ends by itself when the service has ended.
 */
const script = `
port=$1
any='0{8}|0{32}'
loopback='0100007F|7F000001|0{16}FFFF00000100007F|0{20}FFFF7F000001'
grep -qiE "^ *[0-9]+: ($any|$loopback):$(printf %04X "$port") 0+:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null || {
  echo closed >&2
  exit
}
has() { command -v "$1" >/dev/null 2>&1; }
ready() { echo ready >&2; }
if has perl; then ready; exec perl -e "$2" "$port"; fi
if has python3; then ready; exec python3 -c "$3" "$port"; fi
if nc --help 2>&1 | grep -q BusyBox; then ready; exec nc 127.0.0.1 "$port"; fi
if has node; then ready; exec node -e "$4" "$port"; fi
if has bash; then ready; exec bash -c "$5" "$port"; fi
echo none >&2
`;

/** Argument vector of the relay to a port. */
export function relayCommand(port: number): string[] {
  return ['/bin/sh', '-c', script, 'sh', String(port), perl, python, node, bash];
}
