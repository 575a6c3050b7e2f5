"""What the long checks share: the programs, a film to begin with, and swaps that are watched."""

import json
import os
import pathlib
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORTRAIT = ROOT / "tests/media/astronaut.png"
SOURCE = ROOT / "tests/media/grace_hopper.jpg"

# Seconds between two looks at the memory of all processes.
LOOK_EVERY = 0.1


def ffmpeg(*words):
    """Runs ffmpeg, which must succeed; returns what it says on standard error and output."""
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-y", *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace")[-2000:]
        raise SystemExit(f"{' '.join(command)}\n{said}")
    return done.stderr.decode(errors="replace"), done.stdout


def camera(width, height):
    """Filters for a camera that sways over the portrait, of this size; every frame is another one."""
    wide = 320
    high = wide * height // width
    return (
        f"format=gbrp,crop={wide}:{high}:'70+20*sin(2*PI*t/1.9)':'20+8*cos(2*PI*t/1.3)',"
        f"scale={width}:{height}:flags=bicubic"
    )


def swap(facedeck, target, output, home, flags):
    """Swaps a film. Returns its summary and the most memory that all its processes had at a time, in
    bytes."""
    command = [facedeck, "swap", "-s", SOURCE, "-t", target, "-o", output, "--json", *flags]
    env = {**os.environ, "FACEDECK_ACCEPT_TERMS": "1", "FACEDECK_HOME": str(home)}
    with subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    ) as run:
        most, done = [0], threading.Event()
        watch = threading.Thread(target=look, args=(run.pid, most, done))
        watch.start()
        out, said = run.communicate()
        done.set()
        watch.join()
    if run.returncode:
        raise SystemExit(f"the swap of {target} ended with {run.returncode}: {(said or out)[-2000:]}")
    return json.loads(out.splitlines()[-1]), most[0]


def look(pid, most, done):
    """Adds up the memory of a process and its children, again and again."""
    while not done.wait(LOOK_EVERY):
        most[0] = max(most[0], memory(pid))


def memory(pid):
    """Resident bytes of a process and all below it; nothing of those that are gone."""
    total = 0
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("utf-8").split():
                total += memory(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total
