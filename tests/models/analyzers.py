"""Networks that say something about a face: who, where its points are, what covers it."""
import numpy as np

from onnxgraph import Graph
from palettes import PALETTES, Pixels, coordinates, locate, weights
from swappers import IMAGENET, planes


# ---- recognition -------------------------------------------------------------
def arcface(path):
    """embedding = the crop's 7 x 7 block means, R's 256 blocks, then G's, row by row."""
    g = Graph('tiny_arcface')
    x = g.input('input.1', ['None', 3, 112, 112])
    x = g.op('AveragePool', [x], kernel_shape=[7, 7], strides=[7, 7])
    x = g.op('Flatten', [x], axis=1)
    g.output(g.slice(x, 1, 0, 512), '683', ['None', 512])
    g.save(path)


def arcface_many(path):
    """embedding[i] = m[i mod 4]: m[k] tells how much of palette k the crop shows
    (k = 0, 1, 2), m[3] = 0.05. One identity per palette, whatever the face."""
    g = Graph('tiny_arcface_many')
    x = g.input('input.1', [1, 3, 112, 112])
    pixels = Pixels(127.5, 127.5)
    m = []
    for palette in PALETTES:
        mass = [g.reduce('Sum', weights(g, x, c, pixels, 51.2, False), [2, 3], keepdims=0)
                for c in palette]
        m.append(g.op('Min', mass))
    m = g.concat(m + [g.f32([[0.05]])], 1)
    g.output(g.op('Tile', [m, g.i64([1, 128])]), '683', [1, 512])
    g.save(path)


def genderage(path):
    """With r, g, b = mean of the crop's middle half in 0..1: (b - r, r - b, g).
    So it says male when red outweighs blue, and an age of 100 x the green."""
    g = Graph('tiny_genderage')
    x = prologue(g, g.input('data', ['None', 3, 96, 96]))
    x = g.slice(g.slice(x, 2, 24, 72), 3, 24, 72)
    m = g.op('Flatten', [g.op('GlobalAveragePool', [x])], axis=1)
    # Undo the prologue: levels = 128 v + 127.5.
    m = g.add(g.mul(m, 128 / 255), 0.5)
    red, green, blue = (g.slice(m, 1, i, i + 1) for i in range(3))
    g.output(g.concat([g.sub(blue, red), g.sub(red, blue), green], 1), 'fc1', ['None', 3])
    g.save(path)


def prologue(g, x):
    """(x - 127.5) / 128, the first two nodes of InsightFace's converted networks: the
    package knows by them that such a network takes raw levels."""
    return g.mul(g.sub(x, 127.5), 0.0078125)


# ---- landmarks ---------------------------------------------------------------
# Where the five points of an upright face lie in a crop that is 1 wide and high.
UPRIGHT = np.array([(0.36, 0.42), (0.64, 0.42), (0.5, 0.56), (0.39, 0.70), (0.61, 0.70)])


def mix(points):
    """Rows of weights [n,5] that make `points` (given for UPRIGHT) of five points: the
    least-norm weights that sum to 1 and are exact for UPRIGHT, so affine maps carry over."""
    a = np.vstack([UPRIGHT.T, np.ones(5)])
    b = np.vstack([np.asarray(points).T, np.ones(len(points))])
    return (np.linalg.pinv(a) @ b).T


def ellipse(center, radius, degrees):
    t = np.radians(np.asarray(degrees, float))
    return np.stack([center[0] + radius[0] * np.cos(t), center[1] + radius[1] * np.sin(t)], 1)


def line(a, b, n):
    return np.linspace(a, b, n)


def exact(rows, index, point):
    """Landmark `index` is point number `point` itself."""
    rows[index] = np.eye(5)[point]


def landmarks_68():
    """68 points as weights of five: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47 (their
    means are points 0 and 1), mouth 48-67 (48 and 54 are its corners); 30 is the nose."""
    left, right, nose = UPRIGHT[:3]
    around = [180, 240, 300, 0, 60, 120]
    shape = np.concatenate([
        ellipse((0.5, 0.45), (0.36, 0.47), np.linspace(180, 0, 17)),
        line((0.27, 0.35), (0.45, 0.35), 5), line((0.55, 0.35), (0.73, 0.35), 5),
        line((0.5, 0.42), nose, 4), line((0.44, 0.6), (0.56, 0.6), 5),
        ellipse(left, (0.06, 0.025), around), ellipse(right, (0.06, 0.025), around),
        ellipse((0.5, 0.70), (0.11, 0.05), [180, 210, 240, 270, 300, 330, 0, 30, 60, 90, 120, 150]),
        ellipse((0.5, 0.70), (0.08, 0.02), [180, 225, 270, 315, 0, 45, 90, 135])])
    rows = mix(shape)
    for start, point in ((36, 0), (42, 1)):
        rows[start:start + 6] += np.eye(5)[point] - rows[start:start + 6].mean(axis=0)
    for index, point in ((30, 2), (48, 3), (54, 4)):
        exact(rows, index, point)
    return rows


def landmarks_106():
    """106 points as weights of five: contour 0-32, left eye 33-42 (38 its center), left
    brow 43-51, mouth 52-71 (52 and 61 its corners), nose 72-86 (86 its tip), right eye
    87-96 (88 its center), right brow 97-105."""
    left, right, nose = UPRIGHT[:3]
    turn = np.arange(10) * 36
    shape = np.concatenate([
        ellipse((0.5, 0.45), (0.36, 0.47), np.linspace(180, 0, 33)),
        ellipse(left, (0.06, 0.025), turn), line((0.27, 0.35), (0.45, 0.35), 9),
        ellipse((0.5, 0.70), (0.11, 0.05), np.arange(20) * 18 + 180),
        line((0.5, 0.42), nose, 15),
        ellipse(right, (0.06, 0.025), turn), line((0.55, 0.35), (0.73, 0.35), 9)])
    rows = mix(shape)
    for index, point in ((38, 0), (88, 1), (86, 2), (52, 3), (61, 4)):
        exact(rows, index, point)
    return rows


def five_points(g, x, pixels, size):
    """(px [1,5], py [1,5]) in pixels, the dots of the first palette that is complete within
    the crop's middle 6/10 or UPRIGHT when none is, and for each palette whether it is."""
    xs, ys = coordinates(g, x)
    middle = [g.greater(0.3 * size, g.absolute(g.sub(v, size / 2))) for v in (xs, ys)]
    window = g.mul(*middle)
    px, py = g.f32(UPRIGHT[:, 0][None] * size), g.f32(UPRIGHT[:, 1][None] * size)
    complete = []
    for palette in reversed(PALETTES):
        qx, qy, found = locate(g, x, palette, pixels, window=window)
        px = blend(g, px, g.concat(qx, 1), found)
        py = blend(g, py, g.concat(qy, 1), found)
        complete.append(found)
    return px, py, complete


def blend(g, a, b, t):
    return g.add(a, g.mul(g.sub(b, a), t))


def place(g, px, py, rows):
    """Landmarks [1,n,1] in x and in y from the five points and a table of weights."""
    n = len(rows)
    table = g.f32(rows.T)
    return [g.reshape(g.op('MatMul', [v, table]), [1, n, 1]) for v in (px, py)]


def fan4(path):
    """68 points in heatmap pixels (crop / 4) and the heatmaps, whose peaks, the scores,
    are 0.9 where dots were found and 0.1 where they were not."""
    g = Graph('tiny_2dfan4')
    x = g.input('input', [1, 3, 256, 256])
    px, py, complete = five_points(g, x, Pixels(0.0, 255.0), 256)
    lx, ly = (g.mul(v, 0.25) for v in place(g, px, py, landmarks_68()))
    score = g.reshape(g.add(g.mul(g.op('Max', complete), 0.8), 0.1), [1, 1, 1])
    column = g.add(g.mul(lx, 0.0), score)
    g.output(g.concat([lx, ly, column], 2), 'landmarks_xyscore', [1, 68, 3])

    def bump(v, shape):
        peak = g.clip(g.op('Floor', [g.add(v, 0.5)]), 0, 63)
        d = g.absolute(g.sub(g.ramp(64, shape), g.reshape(peak, [1, 68, 1, 1])))
        return g.relu(g.sub(1.0, g.mul(d, 0.5)))
    heat = g.mul(bump(lx, [1, 1, 1, 64]), bump(ly, [1, 1, 64, 1]))
    heat = g.mul(heat, g.reshape(score, [1, 1, 1, 1]))
    g.output(heat, 'heatmaps', [1, 68, 64, 64])
    g.save(path)


def insight_106(path):
    """106 points, x then y of each, in -1..1 across the crop: (v + 1) 96 = crop pixel."""
    g = Graph('tiny_2d106det')
    data = g.input('data', [1, 3, 192, 192])
    x = prologue(g, data)
    px, py, _ = five_points(g, x, Pixels(127.5, 128.0), 192)
    lx, ly = place(g, px, py, landmarks_106())
    xy = g.sub(g.mul(g.concat([lx, ly], 2), 1 / 96), 1.0)
    g.output(g.reshape(xy, [1, 212]), 'fc1', [1, 212])
    g.save(path)


# ---- masks ---------------------------------------------------------------------
def bisenet(path):
    """logit[k] = -|k - class|, the class by color in 0..1, the first rule that holds:
    0 background if max(R,G,B) < 0.15; 17 hair if G > max(R,B) + 0.2; 11 mouth if
    R > max(G,B) + 0.4; 4 left eye if B > max(R,G) + 0.2; otherwise 1 skin."""
    g = Graph('tiny_bisenet')
    x = g.input('input', ['batch', 3, 512, 512])
    p = g.add(g.mul(x, planes(IMAGENET[1])), planes(IMAGENET[0]))
    c = [g.slice(p, 1, i, i + 1) for i in range(3)]

    def leads(i, margin):
        others = g.op('Max', [c[j] for j in range(3) if j != i])
        return g.greater(c[i], g.add(others, margin))
    rules = [(4.0, leads(2, 0.2)), (11.0, leads(0, 0.4)), (17.0, leads(1, 0.2)),
             (0.0, g.greater(0.15, g.reduce('Max', p, [1])))]
    label = g.add(g.mul(c[0], 0.0), 1.0)
    for value, holds in rules:
        label = blend(g, label, g.f32(value), holds)
    d = g.absolute(g.sub(g.f32(np.arange(19).reshape(1, 19, 1, 1)), label))
    g.output(g.op('Neg', [d]), 'output', ['batch', 19, 512, 512])
    g.save(path)


def xseg(path):
    """mask = 0 where blue outweighs green and red by 0.3 (of 0..1), otherwise 1; BGR."""
    g = Graph('tiny_xseg')
    x = g.input('input', ['batch', 256, 256, 3])
    blue = g.slice(x, 3, 0, 1)
    rest = g.reduce('Max', g.slice(x, 3, 1, 3), [3])
    mask = g.sub(1.0, g.greater(blue, g.add(rest, 0.3)))
    g.output(mask, 'output', ['batch', 256, 256, 1])
    g.save(path)


FILES = {
    'tiny_arcface.onnx': arcface,
    'tiny_arcface_many.onnx': arcface_many,
    'tiny_genderage.onnx': genderage,
    'tiny_2dfan4.onnx': fan4,
    'tiny_2d106det.onnx': insight_106,
    'tiny_bisenet.onnx': bisenet,
    'tiny_xseg.onnx': xseg,
}
