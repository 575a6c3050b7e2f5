"""SCRFD and YuNet by contract: they find dots and answer in the networks' encoding."""
from onnxgraph import Graph
from palettes import PALETTES, Pixels, coordinates, locate

STRIDES = (8, 16, 32)
BLOB = Pixels(127.5, 128.0)


class Face:
    """One palette's face inside a graph: five points, a box around them, found or not."""

    def __init__(self, g, x, palette, pixels, core):
        self.px, self.py, self.found = locate(g, x, palette, pixels, core=core)
        vx, vy = g.concat(self.px, 1), g.concat(self.py, 1)
        self.cx, self.cy = g.reduce('Mean', vx, [1]), g.reduce('Mean', vy, [1])
        width = g.sub(g.reduce('Max', vx, [1]), g.reduce('Min', vx, [1]))
        height = g.sub(g.reduce('Max', vy, [1]), g.reduce('Min', vy, [1]))
        # The box is a square, 1.9 x the longer side of the points' bounding box.
        self.half = g.mul(g.op('Max', [width, height]), 0.95)

    def points(self, g):
        return g.concat([v for p in zip(self.px, self.py) for v in p], 1)


def cells(g, v, stride, anchors):
    """Every stride-th value of v [1,1,H,W] as [K,1], each `anchors` times in a row."""
    v = g.reshape(g.slice(g.slice(v, 2, 0, 1 << 30, stride), 3, 0, 1 << 30, stride), [-1, 1])
    return g.reshape(g.concat([v] * anchors, 1), [-1, 1])


def at_center(g, gx, gy, face, stride):
    """1 for the cell under the middle of the face's points if it was found, else 0."""
    def same_cell(a, b):
        step = 1.0 / stride
        d = g.sub(g.op('Floor', [g.mul(a, step)]), g.op('Floor', [g.mul(b, step)]))
        return g.sub(1.0, g.greater(g.absolute(d), 0.5))
    return g.mul(g.mul(same_cell(gx, face.cx), same_cell(gy, face.cy)), face.found)


def scrfd(path, faces):
    """det_10g.onnx's contract. `faces` maps a stride to (palette, score, core)."""
    g = Graph('scrfd')
    x = g.input('input.1', [1, 3, '?', '?'])
    xs, ys = coordinates(g, x)
    seen = {st: Face(g, x, palette, BLOB, core) for st, (palette, _, core) in faces.items()}
    rows = {}
    for st in STRIDES:
        gx, gy = cells(g, xs, st, 2), cells(g, ys, st, 2)
        # Strides without a face of their own still say where a face is, with no confidence.
        face = seen.get(st) or next(iter(seen.values()))
        step = 1.0 / st
        box = g.mul(g.concat([
            g.sub(gx, g.sub(face.cx, face.half)), g.sub(gy, g.sub(face.cy, face.half)),
            g.sub(g.add(face.cx, face.half), gx), g.sub(g.add(face.cy, face.half), gy)], 1), step)
        points = g.mul(g.sub(face.points(g), g.concat([gx, gy] * 5, 1)), step)
        score = g.add(g.mul(gx, 0.0), 0.01)
        if st in faces:
            first = g.mul(g.reshape(at_center(g, gx, gy, face, st), [-1, 2]), [[1.0, 0.0]])
            score = g.add(score, g.mul(g.reshape(first, [-1, 1]), faces[st][1] - 0.01))
        rows[st] = (score, box, points)
    for j, (kind, columns) in enumerate((('score', 1), ('bbox', 4), ('kps', 10))):
        for st in STRIDES:
            g.output(rows[st][j], f'{kind}_{st}', [None, columns])
    g.save(path)


def tiny_det(path):
    """Finds the face of palette 0, score 0.9, on stride 32."""
    scrfd(path, {32: (PALETTES[0], 0.9, False)})


def tiny_det_many(path):
    """Finds up to three faces: palette 0 (score 0.9) on stride 32, palette 1
    (0.8) on stride 16, palette 2 (0.7) on stride 8."""
    scrfd(path, {32: (PALETTES[0], 0.9, True), 16: (PALETTES[1], 0.8, True),
                 8: (PALETTES[2], 0.7, True)})


def tiny_yunet(path, size=640):
    """YuNet 2023mar: BGR 0..255, one prior per cell, the face of palette 0 on
    stride 32 with cls 0.9 and obj 0.8 (so cls x obj = 0.72, its root 0.8485)."""
    g = Graph('yunet')
    x = g.input('input', [1, 3, size, size])
    xs, ys = coordinates(g, x)
    face = Face(g, x, PALETTES[0], Pixels(0.0, 1.0, bgr=True), False)
    heads = {'cls': {}, 'obj': {}, 'bbox': {}, 'kps': {}}
    for st in STRIDES:
        gx, gy = cells(g, xs, st, 1), cells(g, ys, st, 1)
        step = 1.0 / st
        low = g.add(g.mul(gx, 0.0), 0.01)
        hit = at_center(g, gx, gy, face, st) if st == 32 else g.mul(gx, 0.0)
        heads['cls'][st] = g.add(low, g.mul(hit, 0.89))
        heads['obj'][st] = g.add(low, g.mul(hit, 0.79))
        # The smallest side keeps the logarithm finite where there is no face.
        side = g.op('Log', [g.op('Max', [g.mul(face.half, 2.0 * step), g.f32(1e-6)])])
        side = g.add(g.mul(gx, 0.0), side)
        heads['bbox'][st] = g.concat([g.mul(g.sub(face.cx, gx), step),
                                      g.mul(g.sub(face.cy, gy), step), side, side], 1)
        heads['kps'][st] = g.mul(g.sub(face.points(g), g.concat([gx, gy] * 5, 1)), step)
    for kind, columns in (('cls', 1), ('obj', 1), ('bbox', 4), ('kps', 10)):
        for st in STRIDES:
            k = (size // st) ** 2
            g.output(g.reshape(heads[kind][st], [1, k, columns]), f'{kind}_{st}', [1, k, columns])
    g.save(path)
