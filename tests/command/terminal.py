"""Runs a command on a terminal of its own, and says what it left of the terminal.

    terminal.py AWAITED ACTION PID COMMAND...

When AWAITED has been drawn, ACTION happens: keys to type (`q`, `^C`), or a signal to the command (`TERM`) or to the
process PID (`kill`). `resize` makes the terminal smaller, awaits AWAITED once more and types q.
Prints its exit code, whether the modes of the terminal are what they were, and all that was written to it."""

import fcntl, json, os, select, signal, struct, subprocess, sys, termios, time

# After this the test has hung.
HUNG = 100

awaited, action, pid, *command = sys.argv[1:]
master, slave = os.openpty()


def size(rows, columns):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def own_terminal():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


size(24, 100)
before = termios.tcgetattr(slave)
child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=own_terminal)
output, since, end = b"", 0, time.time() + HUNG


def read():
    global output
    if select.select([master], [], [], 0.1)[0]:
        output += os.read(master, 65536)


def until_drawn():
    while awaited.encode() not in output[since:] and child.poll() is None and time.time() < end:
        read()


until_drawn()
if action == "resize":
    since = len(output)
    size(12, 60)
    until_drawn()
    os.write(master, b"q")
elif action == "TERM":
    child.send_signal(signal.SIGTERM)
elif action == "kill":
    os.kill(int(pid), signal.SIGKILL)
else:
    os.write(master, {"^C": b"\x03"}.get(action, action.encode()))
while child.poll() is None and time.time() < end:
    read()
while select.select([master], [], [], 0)[0]:
    read()
child.kill()
print(json.dumps({
    "code": child.wait(),
    "restored": termios.tcgetattr(slave) == before,
    "output": output.decode(errors="replace"),
}))
