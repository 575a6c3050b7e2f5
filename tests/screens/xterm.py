"""xterm as a VT340, with true sixels, and tmux within it."""

import shlex
import subprocess

from wait import until

# What xdotool calls the keys that are no letters.
KEYS = {"enter": "Return", "esc": "Escape", "tab": "Tab", "down": "Down", "up": "Up"}


class Xterm:
    """A window of this many columns and rows that runs a command."""

    name = "xterm"
    offset = (0, 0)
    # What the dashboard has to be told.
    options = []

    def __init__(self, display, size, command, env, folder):
        self.display = display
        self.size = size
        self.printed = folder / "printed.txt"
        columns, rows = self.outer(size)
        self.errors = folder / "xterm.log"
        self.process = subprocess.Popen(
            ["xterm", "-ti", "vt340", "-geometry", f"{columns}x{rows}+0+0", "-b", "0", "-bw", "0", "+sb",
             "-fa", "DejaVu Sans Mono", "-fs", "12", "-bg", "#0a0e1a", "-fg", "#e6edf7",
             "-xrm", "XTerm*numColorRegisters: 256", "-xrm", "XTerm*allowSendEvents: true",
             "-xrm", "XTerm*allowWindowOps: true",
             # What xterm has in its cells goes into a file with this key.
             "-xrm", f"XTerm*printerCommand: cat > {self.printed}",
             "-xrm", "XTerm*printAttributes: 0",
             "-xrm", "XTerm*VT100.translations: #override <Key>F12: print(noFormFeed)",
             "-e", "sh", "-c", self.inner(shlex.join(command), folder)],
            env={**env, **display.env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self.errors.open("w"),
        )
        self.window = until("the window of xterm", self.find)
        self.pixels = until("the size of the window", self.settled)
        self.cell = (self.pixels[0] // columns, self.pixels[1] // rows)
        display.ask("xdotool", "windowfocus", "--sync", self.window)

    def outer(self, size):
        """Columns and rows of the window."""
        return size

    def inner(self, command, _folder):
        """The command as the shell runs it."""
        return command

    def find(self):
        """The window."""
        if self.process.poll() is not None:
            raise RuntimeError("xterm ended: " + self.errors.read_text())
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
            env=self.display.env | {"PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False)
        return found.stdout.split()[-1] if found.stdout.split() else None

    def settled(self):
        """Width and height of the window in pixels."""
        said = self.display.ask("xdotool", "getwindowgeometry", "--shell", self.window)
        facts = dict(line.split("=") for line in said.split())
        columns, rows = self.outer(self.size)
        wide, high = int(facts["WIDTH"]), int(facts["HEIGHT"])
        return (wide, high) if wide % columns == 0 and high % rows == 0 else None

    def type(self, text):
        """Types letters."""
        self.display.ask("xdotool", "type", "--delay", "12", "--window", self.window, text)

    def key(self, name):
        """Presses a key that is no letter."""
        self.display.ask("xdotool", "key", "--window", self.window, KEYS[name])

    def shot(self, path):
        """Takes a picture of the window."""
        wide, high = self.pixels
        self.display.ask("import", "-window", "root", "-crop", f"{wide}x{high}+0+0", "+repage",
                         str(path))

    def text(self):
        """The words in the cells, line by line."""
        self.printed.unlink(missing_ok=True)
        self.display.ask("xdotool", "key", "--window", self.window, "F12")
        columns, rows = self.outer(self.size)

        def lines():
            if not self.printed.exists():
                return None
            lines = self.printed.read_text(errors="replace").split("\n")
            return lines if len(lines) >= rows else None

        lines = [line.rstrip() for line in until("what xterm prints", lines)]
        return lines[self.offset[1]:][:self.size[1]]

    def end(self):
        """Closes the window."""
        self.process.terminate()
        self.process.wait()


class Tmux(Xterm):
    """tmux in xterm, which hands pictures on. Its own line is above, so that rows are moved."""

    name = "tmux"
    offset = (0, 1)
    # Whether an xterm shows sixels is not to be seen from within tmux.
    options = ["--graphics", "sixel"]

    def outer(self, size):
        return (size[0], size[1] + 1)

    def inner(self, command, folder):
        self.socket = folder / "tmux.sock"
        conf = folder / "tmux.conf"
        conf.write_text(
            "set -g allow-passthrough on\nset -g status-position top\nset -g escape-time 0\n"
            "set -g focus-events on\nset -g default-terminal tmux-256color\n"
            "set -g status-right ''\nset -g status-style bg=#101830,fg=#7d8aa5\n"
        )
        return f"exec tmux -S {self.socket} -f {conf} new-session -s screens {command}"

    def text(self):
        said = subprocess.run(["tmux", "-S", str(self.socket), "capture-pane", "-p"],
                              capture_output=True, text=True, check=True).stdout
        return [line.rstrip() for line in said.split("\n")][:self.size[1]]

    def end(self):
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False,
                       capture_output=True)
        super().end()
