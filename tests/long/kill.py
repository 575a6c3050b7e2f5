#!/usr/bin/env python3
"""Kills swaps again and again and compares what comes out with an uninterrupted run.

    cargo build --release && python3 tests/long/kill.py
    python3 tests/long/kill.py --runs 3 --seconds 20 --seed 5
    python3 tests/long/kill.py --full-disk

Each run swaps a face into a film of 60 seconds and is killed at seeded random times, facedeck itself
or one of its ffmpegs, up to --kills times; then it is let go. The decoded frames and their
timestamps must be those of one uninterrupted run, and a kill may cost no more than one segment.
With --full-disk the runs write to a small file system instead, which is filled at random times and
freed again (needs root, for a tmpfs). Needs Python and ffmpeg.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = ROOT / "tests/media"
FPS = 25


def make_film(path, seconds, size):
    """A portrait before a swaying camera, with sound."""
    width, height = size
    sway = (
        "crop=460:345:'26+28*sin(2*PI*t/1.9)':'60+14*cos(2*PI*t/1.3)',"
        f"scale={width}:{height}:flags=bicubic,eq=brightness='0.05*sin(2*PI*t/1.7)':eval=frame,"
        "format=yuv420p"
    )
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-loop", "1", "-framerate", str(FPS), "-t", str(seconds)]
        + ["-i", MEDIA / "grace_hopper.jpg", "-f", "lavfi", "-t", str(seconds), "-i", "sine=330"]
        + ["-vf", sway, "-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-c:a", "aac", path],
        check=True,
    )


def frames_of(path):
    """Every decoded frame with its timestamp, as hashes."""
    words = ["ffmpeg", "-v", "error", "-i", path, "-map", "0", "-f", "framemd5", "-"]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if not line.startswith("#")]


class Run:
    """A swap whose events are read as they come."""

    def __init__(self, wanted, film, output):
        command = [wanted.facedeck, "swap", "--json", "-s", MEDIA / "astronaut.png", "-t", film]
        command += ["-o", output, "--preset", "ultrafast", *wanted.flags]
        environment = dict(os.environ, FACEDECK_ACCEPT_TERMS="1", FACEDECK_RUN_SEGMENT=str(wanted.segment))
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        self.frame, self.begun, self.safe, self.events = 0, None, 0, []

    def read_until(self, frame):
        """Reads events until this frame is done; False when the run ends before."""
        for line in self.process.stdout:
            event = json.loads(line)
            self.events.append(event)
            if event["event"] == "progress":
                self.frame = event["frame"]
                if frame is not None and self.frame >= frame:
                    return True
            elif event["event"] == "safe":
                self.safe = event["frames"]
                if self.begun is None:
                    self.begun = self.safe
        return False

    def children(self):
        """Its living ffmpegs."""
        listed = subprocess.run(
            ["ps", "-o", "pid=,stat=,comm=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split("\n")
        rows = [line.split() for line in listed if line.strip()]
        return [int(pid) for pid, state, name in rows if "ffmpeg" in name and "Z" not in state]


def one_run(wanted, chance, film, whole, folder, number):
    """Kills one swap several times and lets it go; the most that a kill has cost, in frames."""
    output = folder / f"out-{number}.mkv"
    frames, before, cost, killed = wanted.seconds * FPS, 0, 0, 0
    for _ in range(wanted.kills):
        run = Run(wanted, film, output)
        # A moment of the clock, not of the film: it may hit the joining at the end, too.
        goal = chance.randrange(before, frames + 1)
        if not run.read_until(max(goal, 1)):
            break
        time.sleep(chance.random() * 0.4)
        victims = run.children()
        victim = chance.choice(victims) if victims and chance.random() < 0.5 else run.process.pid
        try:
            os.kill(victim, signal.SIGKILL)
            killed += 1
        except ProcessLookupError:
            pass
        run.read_until(None)
        run.process.wait()
        if run.process.returncode == 0:
            break
        cost = max(cost, before - run.begun)
        before = run.frame
    if not output.exists():
        run = Run(wanted, film, output)
        run.read_until(None)
        if run.process.wait() != 0:
            sys.exit(f"run {number} failed: {run.events[-3:]}")
        cost = max(cost, before - run.begun)
    if frames_of(output) != whole:
        sys.exit(f"run {number}: the frames differ ({output})")
    left = [name for name in os.listdir(folder) if name.startswith(".")]
    if left:
        sys.exit(f"run {number} left {left}")
    output.unlink()
    return cost, killed


def one_full_disk(wanted, chance, film, whole, folder, number):
    """Fills the disk in the middle of a swap and frees it again."""
    output, ballast = folder / f"out-{number}.mkv", folder / "ballast"
    before, cost, stopped = 0, 0, 0
    for _ in range(wanted.kills):
        run = Run(wanted, film, output)
        # As above: every frame may be written already, and the disk fill up while they are joined.
        goal = chance.randrange(before, wanted.seconds * FPS + 1)
        if run.read_until(max(goal, 1)):
            # Unbuffered: closing it would fail once more on what it still held.
            with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
            run.read_until(None)
        code = run.process.wait()
        ballast.unlink(missing_ok=True)
        if code == 0:
            break
        stopped += 1
        said = json.dumps(run.events[-3:])
        if "No space left" not in said and "full" not in said:
            sys.exit(f"run {number} failed for another reason: {said}")
        cost = max(cost, before - run.begun)
        before = run.frame
    if not output.exists():
        run = Run(wanted, film, output)
        run.read_until(None)
        if run.process.wait() != 0:
            sys.exit(f"run {number} failed: {run.events[-3:]}")
        cost = max(cost, before - run.begun)
    if frames_of(output) != whole:
        sys.exit(f"run {number}: the frames differ ({output})")
    output.unlink()
    return cost, stopped


def main():
    """Runs everything; the exit code says whether all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--facedeck", type=pathlib.Path, default=ROOT / "target/release/facedeck")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--kills", type=int, default=3, help="most kills a run")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--segment", type=float, default=4.0, help="seconds that a kill may cost")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--full-disk", action="store_true")
    parser.add_argument("flags", nargs="*", help="more flags for facedeck, after --")
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    size = tuple(int(side) for side in wanted.size.split("x"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        film, plain = folder / "film.mp4", folder / "whole.mkv"
        make_film(film, wanted.seconds, size)
        run = Run(wanted, film, plain)
        run.read_until(None)
        if run.process.wait() != 0:
            sys.exit(f"the uninterrupted run failed: {run.events[-3:]}")
        whole = frames_of(plain)
        place, attempt, mounted = folder / "runs", one_run, False
        place.mkdir()
        if wanted.full_disk:
            room = plain.stat().st_size * 3
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", place], check=True)
            attempt, mounted = one_full_disk, True
        try:
            worst, times = 0, 0
            for number in range(wanted.runs):
                cost, stopped = attempt(wanted, chance, film, whole, place, number)
                worst, times = max(worst, cost), times + stopped
                print(f"run {number}: stopped {stopped} times, at most {cost} frames lost", flush=True)
        finally:
            if mounted:
                subprocess.run(["umount", place], check=False)
            shutil.rmtree(place, ignore_errors=True)
    most = wanted.segment * FPS
    print(f"{wanted.runs} runs, stopped {times} times: {len(whole)} packets and frames each, all the same;")
    print(f"at most {worst} frames lost at a time, a segment has {most:.0f}")
    if worst > most:
        sys.exit("a kill cost more than a segment")


if __name__ == "__main__":
    main()
