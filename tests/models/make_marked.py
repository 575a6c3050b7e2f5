"""Paint the five dots of a palette on a picture, for the generated detectors to find.

    python make_marked.py IN OUT --palette K --points X,Y X,Y X,Y X,Y X,Y [--radius R]

Points: left eye, right eye, nose, left and right corner of the mouth. Needs
opencv. Without --radius the dots are 0.13 of the eyes' distance, at least 3.
"""
import argparse

import cv2
import numpy as np

from palettes import PALETTES


def paint(image, points, palette=0, radius=None):
    """The BGR picture with the dots, smooth-edged, at points given to 1/16 pixel."""
    image = image.copy()
    points = np.asarray(points, float)
    if radius is None:
        radius = max(3, round(0.13 * np.linalg.norm(points[1] - points[0])))
    for (x, y), color in zip(points, PALETTES[palette]):
        cv2.circle(image, (round(x * 16), round(y * 16)), int(radius) * 16, color[::-1], -1,
                   cv2.LINE_AA, shift=4)
    return image


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('image')
    ap.add_argument('out')
    ap.add_argument('--palette', type=int, default=0, choices=range(len(PALETTES)))
    ap.add_argument('--points', nargs=5, required=True, metavar='X,Y')
    ap.add_argument('--radius', type=int)
    a = ap.parse_args()
    image = cv2.imread(a.image, cv2.IMREAD_COLOR)
    if image is None:
        ap.error(f'cannot read {a.image}')
    points = [[float(v) for v in p.split(',')] for p in a.points]
    if not cv2.imwrite(a.out, paint(image, points, a.palette, a.radius)):
        ap.error(f'cannot write {a.out}')


if __name__ == '__main__':
    main()
