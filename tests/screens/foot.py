"""foot under a compositor without a screen, as an ordinary user.

cage shows one program on a screen of 1280x720 pixels, so the font decides how many cells there are.
No keys reach it: foot shows what goes through two pipes, and the dashboard runs on a terminal whose
keys are pressed here.
"""

import fcntl
import os
import pty
import shutil
import struct
import subprocess
import tempfile
import termios
import threading
import tty
from pathlib import Path

from tools import output
from wait import until

SCREEN = (1280, 720)
# Pixels of the font for so many columns and rows: its letters are as wide as the cells.
FONTS = {(80, 24): 26, (128, 36): 16, (160, 45): 13}
KEYS = {"enter": "\r", "esc": "\x1b", "tab": "\t", "down": "\x1b[B", "up": "\x1b[A"}
NOBODY = 65534

RELAY = """#!/bin/sh
# Between the terminal, once it has its size, and two pipes, byte by byte.
stty raw -echo
until [ "$(stty size)" = "$2" ]; do sleep 0.1; done
touch "$1/ready"
cat < "$1/shown" &
exec cat > "$1/typed"
"""


class Foot:
    """foot with a command that believes to run in it."""

    name = "foot"
    offset = (0, 0)
    options = []

    def __init__(self, _display, size, command, env, _folder):
        self.size = size
        # A pixel of each row is for foot's decorations, which cage does not show: a window that
        # covers the screen would be scanned out, and screenshots would show its first frame.
        self.cell = (SCREEN[0] // size[0], SCREEN[1] // size[1] - 1)
        self.folder = Path(tempfile.mkdtemp(prefix="facedeck-foot-"))
        self.wayland = {"XDG_RUNTIME_DIR": str(self.folder), "HOME": str(self.folder)}
        self.write_files()
        self.compositor = self.start_compositor()
        # Opened for both directions, so that neither waits for the other end.
        self.shown = os.open(self.folder / "shown", os.O_RDWR)
        self.typed = os.open(self.folder / "typed", os.O_RDWR)
        self.terminal, self.process = None, None
        try:
            self.socket = until("cage", self.find_socket)
            until("foot in its size", (self.folder / "ready").exists)
            self.terminal, self.process = self.start_command(command, env)
        except Exception:
            self.end()
            raise
        for source, target in [(self.typed, self.terminal), (self.terminal, self.shown)]:
            threading.Thread(target=copy, args=(source, target), daemon=True).start()

    def write_files(self):
        """The settings of foot, the relay and its pipes."""
        (self.folder / "relay").write_text(RELAY)
        (self.folder / "relay").chmod(0o755)
        (self.folder / "foot.ini").write_text(
            f"font=DejaVu Sans Mono:pixelsize={FONTS[self.size]}\nline-height={self.cell[1]}px\n"
            "pad=0x0\n[cursor]\ncolor=0a0e1a e6edf7\n"
            f"[csd]\nsize={self.size[1]}\nborder-width=0\n"
            "[colors]\nbackground=0a0e1a\nforeground=e6edf7\n"
        )
        for name in ["shown", "typed"]:
            os.mkfifo(self.folder / name)
        if os.getuid() == 0:
            for path in [self.folder, *self.folder.iterdir()]:
                os.chown(path, NOBODY, NOBODY)

    def start_compositor(self):
        """cage, and foot in it: neither runs as root."""
        user = []
        if os.getuid() == 0:
            user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **self.wayland,
            "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1",
        }
        with open(self.folder / "cage.log", "w", encoding="utf-8") as log:
            return subprocess.Popen(
                [*user, "cage", "--", "foot", "-c", str(self.folder / "foot.ini"),
                 str(self.folder / "relay"), str(self.folder), f"{self.size[1]} {self.size[0]}"],
                env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def find_socket(self):
        """The name of cage's socket."""
        if self.compositor.poll() is not None:
            raise RuntimeError("cage ended: " + (self.folder / "cage.log").read_text())
        names = [path.name for path in self.folder.glob("wayland-*") if path.suffix != ".lock"]
        return names[0] if names else None

    def start_command(self, command, env):
        """The command on a terminal of its own, with foot's size."""
        terminal, side = pty.openpty()
        tty.setraw(terminal)
        size = struct.pack("HHHH", self.size[1], self.size[0],
                           self.size[0] * self.cell[0], self.size[1] * self.cell[1])
        fcntl.ioctl(side, termios.TIOCSWINSZ, size)
        process = subprocess.Popen(
            command, env={**env, "TERM": "foot", "COLORTERM": "truecolor"},
            stdin=side, stdout=side, stderr=side, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(side)
        return terminal, process

    def type(self, text):
        """Types letters."""
        os.write(self.terminal, text.encode())

    def key(self, name):
        """Presses a key that is no letter."""
        os.write(self.terminal, KEYS[name].encode())

    def shot(self, path):
        """Takes a picture of the screen."""
        output("grim", str(path), env={**os.environ, **self.wayland, "WAYLAND_DISPLAY": self.socket})

    def text(self):
        """foot does not tell what is in its cells."""
        return None

    def end(self):
        """Closes everything."""
        for process in filter(None, [self.process, self.compositor]):
            process.terminate()
            process.wait()
        for handle in [self.terminal, self.shown, self.typed]:
            if handle is not None:
                os.close(handle)
        shutil.rmtree(self.folder, ignore_errors=True)


def copy(source, target):
    """Copies until one of them is closed."""
    try:
        while data := os.read(source, 65536):
            while data:
                data = data[os.write(target, data):]
    except OSError:
        pass
