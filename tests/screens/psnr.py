"""How much a part of a screenshot looks like a picture, by ImageMagick."""

import math
import subprocess

from tools import output

# In decibels. 256 colors without dithering are above it, half blocks below.
ENOUGH = 25.0


def size_of(path, crop=None):
    """Width and height of a picture, or of the part of it."""
    if crop:
        return crop[2:]
    said = output("identify", "-format", "%w %h\n", f"{path}[0]")
    return tuple(map(int, said.split()[:2]))


def psnr(shot, rectangle, path, crop=None):
    """The likeness of the rectangle (x, y, width, height) and the picture in decibels. The dashboard
    gets the picture in a smaller size, whose shape is rounded: it may be a pixel narrower or lower.
    """
    x, y, wide, high = rectangle
    shapes = [(wide, high), (wide - 1, high), (wide, high - 1)]
    return max(exactly(shot, (x, y, *shape), path, crop) for shape in shapes)


def exactly(shot, rectangle, path, crop=None):
    """The same with no pixel more or less."""
    x, y, wide, high = rectangle
    part = ["-crop", "%dx%d+%d+%d" % (crop[2], crop[3], crop[0], crop[1]), "+repage"] if crop else []
    said = subprocess.run(
        ["convert", "-metric", "PSNR",
         "(", str(shot), "-crop", f"{wide}x{high}+{x}+{y}", "+repage", "-alpha", "off", ")",
         "(", str(path), *part, "-alpha", "off", "-strip",
         "-filter", "Lanczos", "-resize", f"{wide}x{high}!", ")",
         "-compare", "-format", "%[distortion]", "info:"],
        capture_output=True, text=True, check=False)
    try:
        value = float(said.stdout.strip())
    except ValueError:
        raise RuntimeError(f"ImageMagick cannot compare {shot} and {path}: {said.stderr}") from None
    return 99.0 if math.isinf(value) else value


def share_of_commonest(shot, rectangle):
    """The commonest color in a rectangle, and its share of the pixels."""
    x, y, wide, high = rectangle
    said = output("convert", str(shot), "-crop", f"{wide}x{high}+{x}+{y}", "+repage",
                  "-alpha", "off", "-depth", "8", "-format", "%c", "histogram:info:-")
    best = max(said.strip().splitlines(), key=lambda line: int(line.split(":")[0]))
    count, rest = best.split(":", 1)
    color = rest.split("#")[1][:6]
    return (color.lower(), int(count) / (wide * high))
