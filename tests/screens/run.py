#!/usr/bin/env python3
"""Takes screenshots of the dashboard in real terminals and compares them with what they have to show.

    cargo build && python3 tests/screens/run.py

A service with three jobs of the embedded networks runs in a folder of its own. xterm under Xvfb as
a VT340, tmux in xterm, and foot under cage show the queue, a job, a new job with its preview, the
help, the queue at 80x24 and a job at 160x45. The dashboard logs where its pictures are (`-v`); each
of these rectangles is compared with the picture that has to be there. The rig is proven first by
img2sixel, and the other way round by half blocks, which must fail. It needs nothing but Python, and
says which programs are missing. The screenshots lie in --out.
"""

import argparse
import contextlib
import pathlib
import signal
import sys

from check import Checks
from display import Display
from foot import Foot
from home import Home
from scenes import scenes
from tools import missing
from xterm import Tmux, Xterm

ROOT = pathlib.Path(__file__).resolve().parents[2]
TERMINALS = {"xterm": Xterm, "tmux": Tmux, "foot": Foot}


def main():
    """Runs everything; the exit code says whether all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--facedeck", type=pathlib.Path, default=ROOT / "target/debug/facedeck")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target/screens")
    parser.add_argument("--only", choices=TERMINALS, action="append", help="only this terminal")
    parser.add_argument("--scene", action="append", help="only this scene")
    wanted = parser.parse_args()
    names = wanted.only or list(TERMINALS)
    packages = missing(names)
    if packages:
        sys.exit("missing: apt-get install --no-install-recommends " + " ".join(packages))
    if not wanted.facedeck.exists():
        sys.exit(f"there is no {wanted.facedeck}: cargo build makes it")
    # What was started ends, too, when this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted.out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        display = stack.enter_context(Display()) if set(names) != {"foot"} else None
        home = stack.enter_context(Home(wanted.facedeck))
        home.prepare()
        checks = Checks(home, display, wanted.out)
        todo = [s for s in scenes(home) if not wanted.scene or s.name in wanted.scene]
        for name in names:
            if name == "xterm":
                checks.rig(Xterm)
            checks.terminal(TERMINALS[name], todo)
            if name == "xterm":
                checks.half_blocks(Xterm, todo)
    print("\n".join(checks.failed) or "all as it should be")
    sys.exit(bool(checks.failed))


if __name__ == "__main__":
    main()
