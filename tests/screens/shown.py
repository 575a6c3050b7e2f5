"""Where the dashboard says that its pictures are, and what has to be there."""

import re

START = re.compile(r"pictures on the screen count=(\d+) wide=(\d+) high=(\d+)")
PICTURE = re.compile(r" picture x=(\d+) y=(\d+) width=(\d+) height=(\d+) key=(.*)$")
CROP = re.compile(r"crop: Some\(Crop \{ x: (\d+), y: (\d+), width: (\d+), height: (\d+) \}\)")


class Picture:
    """A picture on the screen: its cells, and what is in it."""

    def __init__(self, cells, key):
        self.cells = cells
        self.key = key

    def __repr__(self):
        x, y, columns, rows = self.cells
        return f"{columns}x{rows} cells at {x},{y}: {self.key}"

    def expected(self, home):
        """The file that has to be seen, and the part of it."""
        found = CROP.search(self.key)
        crop = tuple(map(int, found.groups())) if found else None
        if self.key.startswith("File"):
            path = re.search(r'path: "([^"]*)"', self.key)[1]
            # Frames of the film are all the portrait.
            return (home.portrait if path == str(home.launch) else path, crop)
        after = "side: After" in self.key
        of_waiting = home.jobs["waiting"] in self.key
        if of_waiting:
            return (home.files / "grace_hopper.jpg", None)
        return (home.swapped if after else home.portrait, None)

    def rectangle(self, size, cell, offset):
        """Its pixels on the screen: x, y, width and height. `size` are the pixels of the whole
        picture, which is fitted into the cells from their upper left corner on."""
        x, y, columns, rows = self.cells
        wide, high = columns * cell[0], rows * cell[1]
        scale = min(wide / size[0], high / size[1])
        return ((x + offset[0]) * cell[0], (y + offset[1]) * cell[1],
                round(size[0] * scale), round(size[1] * scale))


def pictures(log):
    """The pictures that are on the screen now, and the size of a cell, as the log says last."""
    lines = log.read_text().splitlines() if log.exists() else []
    for at in range(len(lines) - 1, -1, -1):
        start = START.search(lines[at])
        if not start:
            continue
        count = int(start[1])
        found = [PICTURE.search(line) for line in lines[at + 1:at + 1 + count]]
        if len(found) < count or not all(found):
            return ([], None)  # It is being written.
        shown = [Picture(tuple(int(n) for n in f.groups()[:4]), f[5]) for f in found]
        return (shown, (int(start[2]), int(start[3])))
    return ([], None)
