"""Face swappers whose output is one known formula of their inputs.

With p = target pixel in 0..1, x and y its column and row, n = size - 1 and
d = the source's three numbers, every swapper here draws

    R = clip(gR pR + dR + 0.05 x / n, 0, 1)
    G = clip(gG pG + dG + 0.05 y / n, 0, 1)
    B = clip(gB pB + dB, 0, 1)

and encodes it as its family does. Three gains show a wrong channel order, the
ramps a mirrored or transposed picture, d a wrong embedding.
"""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from onnxgraph import Graph

GAINS = (0.9, 0.8, 0.7)
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
UNIT = ((0.0,) * 3, (1.0,) * 3)
SIGNED = ((0.5,) * 3, (0.5,) * 3)


def planes(values):
    return np.array(values, np.float32).reshape(1, 3, 1, 1)


def three_of(g, source, strength, first=0):
    """d = 0.3 tanh(strength * source[first : first + 3]) as [1,3,1,1]."""
    s = g.slice(source, 1, first, first + 3)
    d = g.mul(g.op('Tanh', [g.mul(s, strength)]), 0.3)
    return g.reshape(d, [1, 3, 1, 1])


def picture_numbers(g, source, size):
    """d = 0.3 (m - 0.5): m = mean of R's left half, of G's upper half, of all of B."""
    def mean(channel, axis):
        v = g.slice(source, 1, channel, channel + 1)
        if axis:
            v = g.slice(v, axis, 0, size // 2)
        return g.reduce('Mean', v, [1, 2, 3])
    m = g.concat([mean(0, 3), mean(1, 2), mean(2, None)], 1)
    return g.mul(g.sub(m, 0.5), 0.3)


def ramps(g, size):
    """[1,3,size,size]-broadcastable: 0.05 x / n in R, 0.05 y / n in G, 0 in B."""
    step = 0.05 / (size - 1)
    rx = g.mul(g.ramp(size, [1, 1, 1, size]), planes((step, 0, 0)))
    ry = g.mul(g.ramp(size, [1, 1, size, 1]), planes((0, step, 0)))
    return g.add(rx, ry)


def draw(g, target, d, size, target_code, output_code, gains=GAINS):
    """The formula above between the target's and the output's (mean, std)."""
    mean, std = target_code
    p = g.add(g.mul(target, planes(std)), planes(mean))
    y = g.add(g.add(g.mul(p, planes(gains)), d), ramps(g, size))
    y = g.clip(y, 0, 1)
    if output_code == UNIT:
        return y
    mean, std = output_code
    return g.div(g.sub(y, planes(mean)), planes(std))


def latent_swapper(path, size, target_code, output_code, strength, output='output',
                   source_first=False, mask=False):
    g = Graph('latent_swapper')
    shapes = [('target', [1, 3, size, size]), ('source', [1, 512])]
    for name, shape in reversed(shapes) if source_first else shapes:
        g.input(name, shape)
    d = three_of(g, 'source', strength)
    y = draw(g, 'target', d, size, target_code, output_code)
    g.output(y, output, [1, 3, size, size])
    if mask:
        g.output(border_mask(g, size), 'mask', [1, 1, size, size])
    g.save(path)


def border_mask(g, size):
    """clip(8 min(x, y, n - x, n - y) / n, 0, 1): 1 inside, falling to 0 at the border."""
    n = size - 1.0
    sides = []
    for shape in ([1, 1, 1, size], [1, 1, size, 1]):
        r = g.ramp(size, shape)
        sides.append(g.op('Min', [r, g.sub(n, r)]))
    return g.clip(g.mul(g.op('Min', sides), 8.0 / n), 0, 1)


def picture_swapper(path, source_size, code):
    g = Graph('picture_swapper')
    g.input('target', [1, 3, 256, 256])
    g.input('source', [1, 3, source_size, source_size])
    d = picture_numbers(g, 'source', source_size)
    g.output(draw(g, 'target', d, 256, code, code), 'output', [1, 3, 256, 256])
    g.save(path)


def future(path):
    """A family nobody has published: other names, other gains, other places of d."""
    g = Graph('future_swapper')
    g.input('face', [1, 3, 256, 256])
    g.input('identity', [1, 512])
    d = three_of(g, 'identity', 6.0, first=10)
    y = draw(g, 'face', d, 256, SIGNED, SIGNED, gains=(0.85, 0.75, 0.65))
    g.output(y, 'result', [1, 3, 256, 256])
    g.save(path)


def crossface(path):
    """Embedding converter: out[j] = 2 in[511 - j]."""
    g = Graph('crossface')
    x = g.input('input', [1, 512])
    y = g.mul(g.slice(x, 1, -1, -(1 << 40), -1), 2.0)
    g.output(y, 'output', [1, 512])
    g.save(path)


# ---- inswapper_128 ----------------------------------------------------------
SHIFT = np.roll(np.eye(512), 1, axis=1)     # (e @ SHIFT)[j] = e[j - 1 mod 512]


def inswapper(path):
    """The file that the reference outputs in tests/golden were made with, so its
    graph stays as it was: the ramps are stored and the emap comes last."""
    g = Graph('tiny_inswapper')
    t, s = g.input('target', [1, 3, 128, 128]), g.input('source', [1, 512])
    pick = np.zeros((512, 3))
    pick[[0, 1, 2], [0, 1, 2]] = 6.0
    f = g.op('Tanh', [g.op('MatMul', [s, g.f32(pick)])])
    f = g.op('Unsqueeze', [g.mul(f, 0.3)], axes=[2, 3])
    ramp = np.zeros((1, 3, 128, 128))
    ramp[0, 0] = 0.05 * np.arange(128)[None, :] / 127
    ramp[0, 1] = 0.05 * np.arange(128)[:, None] / 127
    y = g.add(g.add(g.mul(t, planes(GAINS)), f), g.f32(ramp))
    g.output(g.clip(y, 0, 1), 'output', [1, 3, 128, 128])
    g.f32(SHIFT, 'buff2fs')
    g.save(path)


def half_tensor(array, name, packed):
    """An fp16 initializer, as raw bytes or (packed) in the int32_data field, the
    two ways in which published fp16 files store theirs."""
    array = array.astype(np.float16)
    if not packed:
        return numpy_helper.from_array(array, name)
    bits = array.reshape(-1).view(np.uint16).astype(np.int32)
    t = helper.make_tensor(name, TensorProto.FLOAT16, array.shape, array.tobytes(), raw=True)
    t.ClearField('raw_data')
    t.int32_data.extend(bits.tolist())
    return t


def inswapper_fp16(path, nan=False, packed=False):
    """The same function with half-precision arithmetic and emap and float32 edges.
    nan: a broken accelerator's answer, NaN in every pixel."""
    g = Graph('tiny_inswapper_fp16')
    g.input('target', [1, 3, 128, 128])
    g.input('source', [1, 512])

    def half(v):
        return g.op('Cast', [v], to=TensorProto.FLOAT16)

    def const(v):
        return g.tensor(np.asarray(v, np.float16))
    t, s = half('target'), half('source')
    f = g.op('Tanh', [g.op('Mul', [g.slice(s, 1, 0, 3), const(6.0)])])
    f = g.reshape(g.op('Mul', [f, const(0.3)]), [1, 3, 1, 1])
    y = g.op('Add', [g.op('Mul', [t, const(planes(GAINS))]), f])
    y = g.op('Add', [y, half(ramps(g, 128))])
    if nan:
        y = g.op('Add', [y, const(np.nan)])
    y = g.op('Cast', [y], to=TensorProto.FLOAT)
    g.output(y if nan else g.clip(y, 0, 1), 'output', [1, 3, 128, 128])
    g.inits.append(half_tensor(SHIFT, 'buff2fs', packed))
    g.save(path)


def inswapper_emap(path, emap, first=False):
    """The float32 function beside an emap that is scaled, out of place or absent."""
    g = Graph('tiny_inswapper')
    g.input('target', [1, 3, 128, 128])
    g.input('source', [1, 512])
    d = three_of(g, 'source', 6.0)
    g.output(draw(g, 'target', d, 128, UNIT, UNIT), 'output', [1, 3, 128, 128])
    if emap is not None:
        g.inits.insert(0 if first else len(g.inits), half_tensor(emap, 'buff2fs', True))
    g.save(path)


FILES = {
    'tiny_inswapper_128.onnx': inswapper,
    'tiny_inswapper_128_fp16.onnx': inswapper_fp16,
    'tiny_inswapper_nan.onnx': lambda p: inswapper_fp16(p, nan=True, packed=True),
    'tiny_inswapper_noemap.onnx': lambda p: inswapper_emap(p, None),
    'tiny_inswapper_shuffled.onnx': lambda p: inswapper_emap(p, SHIFT, first=True),
    'tiny_inswapper_scaled.onnx': lambda p: inswapper_emap(p, 1.5 * SHIFT),
    'tiny_hyperswap_256.onnx': lambda p: latent_swapper(p, 256, SIGNED, SIGNED, 6.0,
                                                        source_first=True, mask=True),
    # Un-normalized embeddings are some ten times longer than 1: a lower strength.
    'tiny_ghost_256.onnx': lambda p: latent_swapper(p, 256, SIGNED, SIGNED, 0.5, output='781'),
    'tiny_simswap_256.onnx': lambda p: latent_swapper(p, 256, IMAGENET, UNIT, 6.0),
    'tiny_simswap_512.onnx': lambda p: latent_swapper(p, 512, UNIT, UNIT, 6.0),
    'tiny_hififace_256.onnx': lambda p: latent_swapper(p, 256, SIGNED, SIGNED, 6.0),
    'tiny_blendswap_256.onnx': lambda p: picture_swapper(p, 112, UNIT),
    'tiny_uniface_256.onnx': lambda p: picture_swapper(p, 256, SIGNED),
    'tiny_crossface.onnx': crossface,
    'tiny_future_256.onnx': future,
}
