"""Write the test models: python generate.py OUTDIR [--only NAME,NAME...]

Every file has a published network's inputs, outputs and value ranges and
computes something that can be worked out by hand: see README.md. The same
versions of numpy and onnx give the same bytes; no random numbers are used.
"""
import argparse
import os

import analyzers
import detectors
import enhancers
import swappers

MODELS = {
    'tiny_det.onnx': detectors.tiny_det,
    'tiny_det_many.onnx': detectors.tiny_det_many,
    'tiny_yunet.onnx': detectors.tiny_yunet,
    **analyzers.FILES, **swappers.FILES, **enhancers.FILES,
}


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('outdir')
    ap.add_argument('--only', help='comma-separated file names')
    a = ap.parse_args()
    names = a.only.split(',') if a.only else list(MODELS)
    if unknown := [n for n in names if n not in MODELS]:
        ap.error(f'no such model: {", ".join(unknown)}')
    os.makedirs(a.outdir, exist_ok=True)
    for name in names:
        path = os.path.join(a.outdir, name)
        MODELS[name](path)
        print(f'{name:30s} {os.path.getsize(path):9d} bytes')


if __name__ == '__main__':
    main()
