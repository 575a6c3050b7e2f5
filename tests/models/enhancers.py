"""Face enhancers, values -1..1, whose output is one line of arithmetic."""
from onnx import TensorProto

from onnxgraph import Graph
from swappers import planes, ramps


def clipped(path, build, size, weight=None, names=('input', 'output')):
    g = Graph('enhancer')
    x = g.input(names[0], [1, 3, size, size])
    w = g.op('Cast', [g.input(weight, [1], TensorProto.DOUBLE)], to=TensorProto.FLOAT) \
        if weight else None
    g.output(g.clip(build(g, x, w), -1, 1), names[1], [1, 3, size, size])
    g.save(path)


def gained(size, gains):
    """clip(g x + ramp): gains of R, G, B; 0.05 column/n on R, 0.05 row/n on G."""
    return lambda p: clipped(p, lambda g, x, _: g.add(g.mul(x, planes(gains)), ramps(g, size)),
                             size)


def by_weight(g, x, w):
    return g.mul(x, g.add(g.mul(w, 0.2), 1.0))


FILES = {
    'tiny_gfpgan.onnx': lambda p: clipped(p, lambda g, x, _: g.mul(x, 1.1), 512),
    'tiny_codeformer.onnx': lambda p: clipped(p, by_weight, 512, 'weight'),
    # The names of VisoMaster's and Rope's export, codeformer_fp16.onnx.
    'tiny_codeformer_xwy.onnx': lambda p: clipped(p, by_weight, 512, 'w', ('x', 'y')),
    'tiny_gpen_256.onnx': gained(256, (1.1, 1.0, 0.9)),
    'tiny_gpen_512.onnx': gained(512, (1.1, 1.0, 0.9)),
    'tiny_gpen_1024.onnx': gained(1024, (1.1, 1.0, 0.9)),
    'tiny_gpen_2048.onnx': gained(2048, (1.1, 1.0, 0.9)),
    'tiny_restoreformer.onnx': gained(512, (1.2, 1.1, 1.05)),
}
