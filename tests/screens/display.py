"""A screen without a screen: Xvfb."""

import os
import subprocess

from tools import output

SIZE = (1680, 1000)


class Display:
    """An X server of its own."""

    def __init__(self):
        self.read, self.write = os.pipe()
        # It chooses the number itself, so that it is in nobody's way.
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(self.write), "-screen", "0", "%dx%dx24" % SIZE,
             # Or it would begin anew, and refuse whoever comes, each time the last client leaves.
             "-noreset", "-nolisten", "tcp", "-dpi", "96"],
            pass_fds=[self.write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(self.write)
        with os.fdopen(self.read) as said:
            number = said.readline().strip()
        if not number:
            raise RuntimeError("Xvfb does not start")
        self.name = f":{number}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    @property
    def env(self):
        """What a program needs to find it."""
        return {"DISPLAY": self.name}

    def ask(self, *command):
        """What a program says that talks to this display."""
        return output(*command, env={**os.environ, **self.env})
