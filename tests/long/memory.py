#!/usr/bin/env python3
"""Memory does not grow with a film: the peak of 10 seconds, 2 minutes and 20 minutes of 1080p.

    cargo build --release && python3 tests/long/memory.py [-- flags of facedeck swap]

The same ten seconds over and over are swapped at each length; the peak of facedeck itself must be
the same within 5 %. That of all its processes, ffmpeg included, is told beside it. With
--most-gigabytes the peak may not be above that either. It needs ffmpeg and nothing but Python.
"""

import argparse
import pathlib
import sys
import tempfile

from rig import PORTRAIT, ROOT, camera, ffmpeg, swap

# By how much a peak may be above the smallest.
WITHIN = 0.05
PART = 10


def main():
    """Makes, swaps, compares; the exit code says whether all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--facedeck", type=pathlib.Path, default=ROOT / "target/release/facedeck")
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 120, 1200])
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--most-gigabytes", type=float)
    parser.add_argument("flags", nargs="*", help="flags of facedeck swap, after --")
    wanted = parser.parse_args()
    if not wanted.facedeck.exists():
        sys.exit(f"there is no {wanted.facedeck}: cargo build --release makes it")
    if any(seconds % PART for seconds in wanted.seconds):
        sys.exit(f"lengths are multiples of {PART} seconds")
    flags = wanted.flags if "--preset" in wanted.flags else ["--preset", "ultrafast", *wanted.flags]
    own = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        part = folder / "part.mp4"
        make(part, *map(int, wanted.size.split("x")))
        for seconds in wanted.seconds:
            target, output = folder / f"in{seconds}.mp4", folder / f"out{seconds}.mp4"
            ffmpeg("-stream_loop", seconds // PART - 1, "-i", part, "-c", "copy", target)
            summary, every = swap(wanted.facedeck, target, output, folder, flags)
            own.append(summary["peak_memory"])
            print(
                f"{seconds:6} s: peak {own[-1] / 1e6:8.1f} MB, with ffmpeg {every / 1e6:8.1f} MB,"
                f" {summary['frames_with_swap']} of {summary['frames']} frames swapped,"
                f" {summary['fps']:.1f} fps",
                flush=True,
            )
            output.unlink()
            target.unlink()
    sys.exit(not judge(own, wanted))


def make(path, width, height):
    """Ten seconds of it, with noise, so that no frame is the last one again."""
    filters = f"{camera(width, height)},noise=alls=4:allf=t,format=yuv420p"
    ffmpeg(
        *["-loop", 1, "-framerate", 25, "-t", PART, "-i", PORTRAIT, "-vf", filters],
        *["-c:v", "libx264", "-preset", "ultrafast", "-crf", 24, path],
    )


def judge(own, wanted):
    """Whether all peaks are alike and small enough."""
    spread = max(own) / min(own) - 1
    good = spread <= WITHIN
    print(f"{'ok  ' if good else 'FAIL'} the peaks differ by {spread:.1%}, at most {WITHIN:.0%}")
    if wanted.most_gigabytes:
        small = max(own) <= wanted.most_gigabytes * 1e9
        print(f"{'ok  ' if small else 'FAIL'} at most {wanted.most_gigabytes} GB")
        good = good and small
    return good


if __name__ == "__main__":
    main()
