#!/usr/bin/env python3
"""Sound and picture stay together: a film of 20 minutes with a flash and a click every second.

    cargo build --release && python3 tests/long/sync.py

A part of the picture becomes white for a moment at the beginning of every second, and at the same
time there is a click. The film, in which somebody's face moves beside, is swapped; then it is decoded
and every flash is held against its click: at most one frame apart, from the first to the last
second. With --uneven a seventh of the frames is missing, as in films of phones. It needs ffmpeg and
nothing but Python.
"""

import argparse
import array
import pathlib
import re
import sys
import tempfile

from rig import PORTRAIT, ROOT, camera, ffmpeg, swap

# Pixels of the part that flashes, at the left edge.
STRIP = 48
SIZE = (320, 180)
# A mean above it is a flash, in steps of 8 bits.
WHITE = 160
# An absolute sample above it is a click.
LOUD = 8000
RATE = 48_000
# Seconds after a click in which there is no other.
QUIET = 0.5


def main():
    """Makes, swaps, measures; the exit code says whether all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--facedeck", type=pathlib.Path, default=ROOT / "target/release/facedeck")
    parser.add_argument("--seconds", type=int, default=1200)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--uneven", action="store_true", help="without a seventh of the frames")
    parser.add_argument("--container", choices=["mp4", "mkv", "mov"], default="mp4")
    wanted = parser.parse_args()
    if not wanted.facedeck.exists():
        sys.exit(f"there is no {wanted.facedeck}: cargo build --release makes it")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        target = folder / f"in.{wanted.container}"
        output = folder / f"out.{wanted.container}"
        make(target, wanted)
        summary, _ = swap(wanted.facedeck, target, output, folder, ["--preset", "veryfast"])
        print(f"{summary['frames_with_swap']} of {summary['frames']} frames are swapped")
        good = judge(measure(target), measure(output), wanted)
    sys.exit(0 if good and summary["frames_with_swap"] else 1)


def make(path, wanted):
    """The film."""
    # Frames of a flash are never left out.
    uneven = ",select='not(eq(mod(n,7),3))+lt(mod(t,1),0.2)'" if wanted.uneven else ""
    picture = (
        f"{camera(*SIZE)},drawbox=x=0:y=0:w={STRIP}:h={SIZE[1]}:t=fill:color=black,"
        f"drawbox=x=0:y=0:w={STRIP}:h={SIZE[1]}:t=fill:color=white:enable='lt(mod(t+0.001,1),0.1)'"
        f"{uneven},format=yuv420p"
    )
    click = f"aevalsrc=exprs='lt(mod(t,1),0.01)*0.8*sin(2*PI*1500*t)':s={RATE}"
    ffmpeg(
        *["-loop", 1, "-framerate", wanted.fps, "-t", wanted.seconds, "-i", PORTRAIT],
        *["-f", "lavfi", "-t", wanted.seconds, "-i", click],
        *["-vf", picture, "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast"],
        *["-crf", 20, "-c:a", "aac", "-b:a", "128k", path],
    )


def measure(path):
    """When there are flashes and when there are clicks, in seconds of the film."""
    words = ["-i", path, "-map", "0:v:0", "-vf", f"crop={STRIP}:{SIZE[1]}:0:0,format=gray,showinfo"]
    said, _ = ffmpeg(*words, "-fps_mode", "passthrough", "-f", "null", "-")
    flashes, bright = [], False
    for time, mean in re.findall(r"pts_time:\s*(\S+).*?mean:\[(\d+)", said):
        if int(mean) > WHITE and not bright:
            flashes.append(float(time))
        bright = int(mean) > WHITE
    # Gaps in the sound are filled, so that the number of a sample is its time.
    words = ["-i", path, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0"]
    _, raw = ffmpeg("-loglevel", "error", *words, "-ac", 1, "-ar", RATE, "-f", "s16le", "-")
    sound = array.array("h", raw)
    clicks, at = [], 0
    while at < len(sound):
        if abs(sound[at]) > LOUD:
            clicks.append(at / RATE)
            at += int(QUIET * RATE)
        at += 1
    return flashes, clicks


def judge(before, after, wanted):
    """Says how far flashes and clicks are apart."""
    good = True
    for name, (flashes, clicks) in (("target", before), ("output", after)):
        if not len(flashes) == len(clicks) == wanted.seconds:
            print(f"FAIL {name}: {len(flashes)} flashes, {len(clicks)} clicks, {wanted.seconds} s")
            good = False
            continue
        apart = [flash - click for flash, click in zip(flashes, clicks)]
        worst = max(apart, key=abs)
        fits = abs(worst) <= 1 / wanted.fps
        good = good and fits
        print(
            f"{'ok  ' if fits else 'FAIL'} {name}: picture after sound by {apart[0] * 1e3:.1f} ms in"
            f" the first second, {apart[-1] * 1e3:.1f} ms in the last, {worst * 1e3:.1f} ms at worst;"
            f" a frame is {1e3 / wanted.fps:.1f} ms"
        )
    return good


if __name__ == "__main__":
    main()
