"""Dots of five colors that stand for a face's five points.

A picture whose eyes, nose and mouth corners carry the five colors of a palette
shows "person k" to the generated detectors, landmarkers and recognizer. Any two
of the fifteen colors differ by at least 127 in one channel.
"""
import numpy as np

# Left eye, right eye, nose, left and right corner of the mouth (left: smaller x), RGB.
PALETTES = [
    [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255)],
    [(0, 255, 255), (128, 0, 255), (128, 255, 0), (255, 0, 128), (0, 128, 255)],
    [(0, 255, 128), (255, 128, 255), (128, 255, 128), (0, 128, 128), (128, 255, 255)],
]


class Pixels:
    """How a network's input encodes RGB: value = (level - shift) / scale."""

    def __init__(self, shift, scale, bgr=False):
        self.shift, self.scale, self.bgr = shift, scale, bgr

    def encode(self, color):
        v = (np.array(color, np.float32) - np.float32(self.shift)) / np.float32(self.scale)
        return (v[::-1] if self.bgr else v).reshape(1, 3, 1, 1)

    def levels(self, n):
        """A distance of n of 255 levels in this encoding."""
        return np.float32(n / self.scale)


def coordinates(g, x):
    """(column, row) of every pixel of x [1,C,H,W] of any size: two [1,1,H,W]."""
    ones = g.add(g.mul(g.slice(x, 1, 0, 1), 0.0), 1.0)
    xs = g.sub(g.op('CumSum', [ones, g.i64(3)]), 1.0)
    ys = g.sub(g.op('CumSum', [ones, g.i64(2)]), 1.0)
    return xs, ys


def weights(g, x, color, pixels, reach, core):
    """A weight per pixel [1,1,H,W] that falls from `reach` levels at the color to 0.

    core: count only pixels whose eight neighbors are near the color as well.
    That drops the rims of other dots, whose mixed colors may look like this one.
    """
    d = g.absolute(g.sub(x, pixels.encode(color)))
    d = g.reduce('Max', d, [1])
    if core:
        d = g.op('MaxPool', [d], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
    return g.relu(g.sub(pixels.levels(reach), d))


def locate(g, x, palette, pixels, reach=51.2, core=False, window=None):
    """The dots of a palette: (px, py, found) with px, py lists of five [1,1] values.

    Each dot's center is the weighted mean of the pixels near its color; found
    is 1 when every color is there and 0 when one is missing. Only pixels where
    `window` is 1 count, if there is one.
    """
    def total(v):
        return g.reduce('Sum', v, [2, 3], keepdims=0)

    xs, ys = coordinates(g, x)
    px, py, found = [], [], None
    for color in palette:
        w = weights(g, x, color, pixels, reach, core)
        if window:
            w = g.mul(w, window)
        mass = total(w)
        den = g.add(mass, pixels.levels(1.28e-4))
        px.append(g.div(total(g.mul(w, xs)), den))
        py.append(g.div(total(g.mul(w, ys)), den))
        # 128 levels in all: three pixels that match exactly.
        present = g.greater(mass, pixels.levels(128))
        found = present if found is None else g.mul(found, present)
    return px, py, found
