"""Which programs the rig needs, and how Debian installs them."""

import shutil
import subprocess

# Program, package of Debian, and which terminals need it.
NEEDED = [
    ("Xvfb", "xvfb", "xterm tmux"),
    ("xterm", "xterm", "xterm tmux"),
    ("xdotool", "xdotool", "xterm tmux"),
    ("img2sixel", "libsixel-bin", "xterm"),
    ("import", "imagemagick", "xterm tmux"),
    ("compare", "imagemagick", "xterm tmux foot"),
    ("tmux", "tmux", "tmux"),
    ("foot", "foot", "foot"),
    ("cage", "cage", "foot"),
    ("Xwayland", "xwayland", "foot"),  # cage does not start without it.
    ("grim", "grim", "foot"),
    ("setpriv", "util-linux", "foot"),
    ("ffmpeg", "ffmpeg", "xterm tmux foot"),
    ("fc-match", "fontconfig", "xterm tmux foot"),
]
FONT = ("DejaVu Sans Mono", "fonts-dejavu-core")


def missing(terminals):
    """The packages that are missing for these terminals."""
    packages = {
        package
        for program, package, of in NEEDED
        if set(of.split()) & set(terminals) and not shutil.which(program)
    }
    if shutil.which("fc-match") and FONT[0] not in output("fc-match", FONT[0], "family"):
        packages.add(FONT[1])
    return sorted(packages)


def output(*command, **more):
    """What a program says on standard output; it must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout
