"""Hold every test model against its closed form: python check.py [DIR]

Needs onnxruntime and opencv. Prints one line per file; any difference ends it.
"""
import os
import sys

import cv2
import numpy as np
import onnx
import onnxruntime as ort

import analyzers
from generate import MODELS
from make_marked import paint
from palettes import PALETTES
from swappers import IMAGENET, SHIFT

FACE = np.array([[0, 0], [43.6, 2.6], [22, 26], [2, 40.6], [41, 42]])
PLACES = [(60, 60, 2.0), (330, 90, 2.4), (200, 400, 1.7)]       # x, y, scale of three faces
rng = np.random.default_rng(7)


def load(directory, name):
    path = os.path.join(directory, name)
    onnx.checker.check_model(path, full_check=True)
    return ort.InferenceSession(path, providers=['CPUExecutionProvider'])


def run(session, *arrays):
    """The outputs; a second run, which reuses the memory of the first, must agree."""
    feeds = {i.name: a for i, a in zip(session.get_inputs(), arrays, strict=True)}
    first, second = session.run(None, feeds), session.run(None, feeds)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True))
    return first


def near(got, want, tolerance, what):
    assert got.shape == np.shape(want), (what, got.shape, np.shape(want))
    worst = float(np.abs(got - want).max())
    assert worst <= tolerance, f'{what}: differs by {worst}'
    return worst


def scene(palettes):
    """A mottled 640 x 640 BGR picture with a marked face for each palette."""
    gray = rng.integers(60, 200, (80, 80, 1))
    picture = (gray + rng.integers(-20, 20, (80, 80, 3))).astype(np.uint8)
    picture = cv2.resize(picture, (640, 640), interpolation=cv2.INTER_LINEAR)
    points = {}
    for k in palettes:
        x, y, scale = PLACES[k]
        points[k] = FACE * scale + (x, y)
        picture = paint(picture, points[k], k)
    return picture, points


def nchw(bgr, shift, scale, swap=True):
    rgb = bgr[:, :, ::-1] if swap else bgr
    return ((rgb.astype(np.float32) - shift) / scale).transpose(2, 0, 1)[None].astype(np.float32)


def scrfd_faces(outputs, size=640):
    faces = []
    for i, st in enumerate((8, 16, 32)):
        c = np.stack(np.meshgrid(np.arange(size // st), np.arange(size // st)), -1)
        c = np.repeat(c.reshape(-1, 2), 2, axis=0) * st
        for k in np.nonzero(outputs[i][:, 0] > 0.5)[0]:
            faces.append((outputs[i][k, 0], outputs[6 + i][k].reshape(5, 2) * st + c[k],
                          outputs[3 + i][k] * st + np.tile(c[k], 2) * [-1, -1, 1, 1]))
    return faces


def box_of(points):
    half = 0.95 * np.ptp(points, axis=0).max()
    return np.concatenate([half - points.mean(axis=0), half + points.mean(axis=0)])


def check_det(session, scores):
    for present in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2), ()):
        picture, points = scene(present)
        faces = scrfd_faces(run(session, nchw(picture, 127.5, 128.0)))
        expected = [k for k in present if k in scores]
        assert len(faces) == len(expected), (present, len(faces))
        for k in expected:
            score, kps, box = next(f for f in faces if abs(f[0] - scores[k]) < 1e-5)
            near(kps, points[k], 0.3, f'points of palette {k}')
            near(box, box_of(kps), 1e-2, f'box of palette {k}')


def check_yunet(session):
    picture, points = scene((0,))
    out = run(session, nchw(picture, 0.0, 1.0, swap=False))
    cls, obj, bbox, kps = (out[3 * i + 2][0] for i in range(4))
    k = int(np.argmax(cls[:, 0] * obj[:, 0]))
    near(np.array([cls[k, 0], obj[k, 0]]), [0.9, 0.8], 1e-5, 'scores')
    assert max(o.max() for o in out[:2]) < 0.5
    cell = np.array([k % 20, k // 20])
    found = (kps[k].reshape(5, 2) + cell) * 32
    near(found, points[0], 0.3, 'points')
    middle, side = (bbox[k, :2] + cell) * 32, np.exp(bbox[k, 2:]) * 32
    want = np.concatenate([side / 2 - middle, side / 2 + middle])
    near(want, box_of(found), 1e-2, 'box')


def check_arcface(session):
    x = rng.uniform(-1, 1, (1, 3, 112, 112)).astype(np.float32)
    blocks = x.reshape(1, 3, 16, 7, 16, 7).mean(axis=(3, 5)).reshape(1, -1)[:, :512]
    near(run(session, x)[0], blocks, 1e-6, 'blocks')


def check_arcface_many(session):
    kps = [[38, 52], [74, 52], [56, 72], [42, 92], [71, 92]]
    gray = np.full((112, 112, 3), 120, np.uint8)
    es = [run(session, nchw(paint(gray, kps, k), 127.5, 127.5))[0][0] for k in range(3)]
    es = [e / np.linalg.norm(e) for e in es + [run(session, nchw(gray, 127.5, 127.5))[0][0]]]
    near(np.array(es) @ np.array(es).T, np.eye(4), 0.02, 'cosines')
    for k in range(4):
        assert es[k][k] > 0.088 and (es[k].reshape(-1, 4)[:, k] == es[k][k]).all()


def check_genderage(session):
    bgr = np.zeros((96, 96, 3), np.uint8)
    bgr[24:72, 24:72] = (51, 102, 204)
    near(run(session, nchw(bgr, 0.0, 1.0))[0], [[-0.6, 0.6, 0.4]], 1e-5, 'scores')


def check_landmarks(session, size, scale, decode, groups):
    want = analyzers.UPRIGHT * size
    gray = np.full((size, size, 3), 120, np.uint8)
    turned = want @ cv2.getRotationMatrix2D((0, 0), 10, 0.8)[:, :2].T + (10, 40)
    for k, points in ((None, want), (0, want), (1, turned), (2, want)):
        picture = gray if k is None else paint(gray, points, k)
        got, score = decode(run(session, nchw(picture, 0.0, scale)))
        five = np.array([got[list(i)].mean(axis=0) for i in groups])
        near(five, points, 0.3, f'five points of palette {k}')
        assert score is None or abs(score - (0.1 if k is None else 0.9)) < 1e-5


def decode_68(out):
    assert np.allclose(out[1].max(axis=(2, 3)), out[0][:, :, 2])
    return out[0][0, :, :2] * 4, out[0][0, :, 2].mean()


def check_bisenet(session):
    colors = {(20, 30, 10): 0, (60, 160, 60): 17, (230, 60, 60): 11, (60, 60, 200): 4,
              (220, 170, 140): 1, (255, 255, 255): 1}
    for color, label in colors.items():
        x = np.tile(np.array(color, np.float32) / 255, (512, 512, 1))
        x = ((x - IMAGENET[0]) / IMAGENET[1]).transpose(2, 0, 1)[None].astype(np.float32)
        out = run(session, x)[0]
        assert out.shape == (1, 19, 512, 512) and (out.argmax(axis=1) == label).all(), color


def check_xseg(session):
    x = rng.uniform(0, 1, (1, 256, 256, 3)).astype(np.float32)
    want = 1.0 - (x[..., :1] > np.maximum(x[..., 1:2], x[..., 2:3]) + 0.3)
    near(run(session, x)[0], want, 0, 'mask')


def formula(p, d, gains=(0.9, 0.8, 0.7)):
    """The swappers' formula for pixels p [3,n,n] in 0..1 and the source's numbers d."""
    n = p.shape[1]
    y = p * np.array(gains)[:, None, None] + np.array(d)[:, None, None]
    y[0] += 0.05 * np.arange(n)[None, :] / (n - 1)
    y[1] += 0.05 * np.arange(n)[:, None] / (n - 1)
    return y.clip(0, 1)


def unit_vector():
    v = rng.normal(size=(1, 512)).astype(np.float32)
    v[0, :16] *= 3
    return v / np.linalg.norm(v)


def check_latent(session, code_in=((0,), (1,)), code_out=((0,), (1,)), strength=6.0, first=0,
                 gains=(0.9, 0.8, 0.7), tolerance=2e-6):
    inputs = {i.name: i.shape for i in session.get_inputs()}
    target = next(k for k in inputs if k in ('target', 'face'))
    source = next(k for k in inputs if k in ('source', 'identity'))
    p = rng.uniform(0, 1, inputs[target][1:])
    s = unit_vector() * (20 if strength < 1 else 1)
    mean, std = (np.array(v).reshape(-1, 1, 1) for v in code_in)
    blobs = {target: ((p - mean) / std)[None].astype(np.float32), source: s}
    out = run(session, *(blobs[name] for name in inputs))
    mean, std = (np.array(v).reshape(-1, 1, 1) for v in code_out)
    d = 0.3 * np.tanh(strength * s[0, first:first + 3])
    near(out[0][0] * std + mean, formula(p, d, gains), tolerance, 'picture')
    return out


def check_hyperswap(session):
    mask = check_latent(session, HALF, HALF)[1]
    r = np.minimum(np.arange(256), 255 - np.arange(256))
    near(mask[0, 0], (8 * np.minimum(r[None], r[:, None]) / 255).clip(0, 1), 1e-6, 'mask')


def check_picture(session, code):
    n = session.get_inputs()[1].shape[2]
    p, s = rng.uniform(0, 1, (3, 256, 256)), rng.uniform(0, 1, (3, n, n)).astype(np.float32)
    mean, std = code[0][0], code[1][0]
    out = run(session, ((p - mean) / std)[None].astype(np.float32), s[None])[0][0] * std + mean
    m = np.array([s[0, :, :n // 2].mean(), s[1, :n // 2].mean(), s[2].mean()])
    near(out, formula(p, 0.3 * (m - 0.5)), 2e-6, 'picture')


def check_nan(session):
    x = np.zeros((1, 3, 128, 128), np.float32)
    assert np.isnan(run(session, x, unit_vector())[0]).all()


def check_crossface(session):
    v = unit_vector()
    near(run(session, v)[0], 2 * v[:, ::-1], 0, 'embedding')


def check_enhancer(session, gains=None, weight=False):
    n = session.get_inputs()[0].shape[2]
    x = rng.uniform(-1, 1, (1, 3, n, n)).astype(np.float32)
    for w in (0.0, 0.5, 1.0) if weight else (None,):
        got = run(session, x, np.array([w])) if weight else run(session, x)
        want = x * (1 + 0.2 * w if weight else np.reshape(gains, (1, -1, 1, 1)))
        if not weight and len(gains) == 3:
            want[:, 0] += 0.05 * np.arange(n)[None, :] / (n - 1)
            want[:, 1] += 0.05 * np.arange(n)[:, None] / (n - 1)
        near(got[0], want.clip(-1, 1), 2e-6, f'picture at weight {w}')


HALF = ((0.5,), (0.5,))
EYES_68 = (range(36, 42), range(42, 48), [30], [48], [54])
POINTS_106 = ([38], [88], [86], [52], [61])
GPEN = (1.1, 1.0, 0.9)
CHECKS = {
    'tiny_det.onnx': lambda s: check_det(s, {0: 0.9}),
    'tiny_det_many.onnx': lambda s: check_det(s, {0: 0.9, 1: 0.8, 2: 0.7}),
    'tiny_yunet.onnx': check_yunet,
    'tiny_arcface.onnx': check_arcface,
    'tiny_arcface_many.onnx': check_arcface_many,
    'tiny_genderage.onnx': check_genderage,
    'tiny_2dfan4.onnx': lambda s: check_landmarks(s, 256, 255.0, decode_68, EYES_68),
    'tiny_2d106det.onnx': lambda s: check_landmarks(
        s, 192, 1.0, lambda out: ((out[0].reshape(106, 2) + 1) * 96, None), POINTS_106),
    'tiny_bisenet.onnx': check_bisenet,
    'tiny_xseg.onnx': check_xseg,
    'tiny_inswapper_128.onnx': check_latent,
    'tiny_inswapper_128_fp16.onnx': lambda s: check_latent(s, tolerance=2e-3),
    'tiny_inswapper_nan.onnx': check_nan,
    'tiny_inswapper_noemap.onnx': check_latent,
    'tiny_inswapper_shuffled.onnx': check_latent,
    'tiny_inswapper_scaled.onnx': check_latent,
    'tiny_hyperswap_256.onnx': check_hyperswap,
    'tiny_ghost_256.onnx': lambda s: check_latent(s, HALF, HALF, strength=0.5),
    'tiny_simswap_256.onnx': lambda s: check_latent(s, IMAGENET),
    'tiny_simswap_512.onnx': check_latent,
    'tiny_hififace_256.onnx': lambda s: check_latent(s, HALF, HALF),
    'tiny_blendswap_256.onnx': lambda s: check_picture(s, ((0,), (1,))),
    'tiny_uniface_256.onnx': lambda s: check_picture(s, HALF),
    'tiny_crossface.onnx': check_crossface,
    'tiny_future_256.onnx': lambda s: check_latent(s, HALF, HALF, first=10,
                                                   gains=(0.85, 0.75, 0.65)),
    'tiny_gfpgan.onnx': lambda s: check_enhancer(s, (1.1,)),
    'tiny_codeformer.onnx': lambda s: check_enhancer(s, weight=True),
    'tiny_codeformer_xwy.onnx': lambda s: check_enhancer(s, weight=True),
    **{f'tiny_gpen_{n}.onnx': lambda s: check_enhancer(s, GPEN) for n in (256, 512, 1024, 2048)},
    'tiny_restoreformer.onnx': lambda s: check_enhancer(s, (1.2, 1.1, 1.05)),
}
# Position of the 512 x 512 initializer and what it is a multiple of.
EMAPS = {'tiny_inswapper_128.onnx': (-1, 1.0), 'tiny_inswapper_128_fp16.onnx': (-1, 1.0),
         'tiny_inswapper_nan.onnx': (-1, 1.0), 'tiny_inswapper_shuffled.onnx': (0, 1.0),
         'tiny_inswapper_scaled.onnx': (-1, 1.5), 'tiny_inswapper_noemap.onnx': None}


def check_emap(path, expected):
    inits = onnx.load(path).graph.initializer
    squares = [i for i, t in enumerate(inits) if list(t.dims) == [512, 512]]
    if expected is None:
        assert not squares
        return
    place, factor = expected
    assert squares == [place % len(inits)]
    near(onnx.numpy_helper.to_array(inits[squares[0]]), factor * SHIFT, 0, 'emap')


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    ort.set_default_logger_severity(3)
    assert CHECKS.keys() == MODELS.keys() and len(PALETTES) == 3
    for name, check in CHECKS.items():
        session = load(directory, name)
        check(session)
        if name in EMAPS:
            check_emap(os.path.join(directory, name), EMAPS[name])
        sides = [' '.join(f'{v.name}{v.shape}' for v in side)
                 for side in (session.get_inputs(), session.get_outputs())]
        print(f'{name:30s} {sides[0]} -> {sides[1]}', flush=True)


if __name__ == '__main__':
    main()
