"""A home of its own: a service, and three jobs of the embedded networks on the tests' portraits."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from tools import output
from wait import until

MEDIA = pathlib.Path(__file__).resolve().parents[1] / "media"


class Home:
    """A folder with everything that facedeck keeps, and a service that works there."""

    def __init__(self, facedeck):
        self.facedeck = str(facedeck)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="facedeck-screens-"))
        self.files = self.folder / "pictures"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FACEDECK_")},
            "FACEDECK_HOME": str(self.folder / "home"),
            "FACEDECK_ACCEPT_TERMS": "1",
            # There the file picker begins.
            "HOME": str(self.files),
            "LANG": "C.UTF-8",
        }
        # What would say another thing about the terminal than the terminal says.
        for name in ["TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR", "COLORTERM",
                     "TERM_PROGRAM", "LC_TERMINAL"]:
            self.env.pop(name, None)
        self.service = None
        self.jobs = {}

    def __enter__(self):
        self.files.mkdir()
        for name in ["mona_lisa.jpg", "astronaut.png", "grace_hopper.jpg"]:
            shutil.copy(MEDIA / name, self.files)
        # Every frame looks the same, so that what is shown is known whatever the frame; but none is the
        # one before it, which would cost no work.
        output("ffmpeg", "-v", "error", "-loop", "1", "-i", str(MEDIA / "astronaut.png"),
               "-vf", "noise=alls=1:allf=t", "-t", "60", "-r", "25", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-crf", "12", str(self.launch))
        self.service = subprocess.Popen(
            [self.facedeck, "service", "run"],
            env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        until("the service", self.answers)
        return self

    def __exit__(self, *_):
        self.service.terminate()
        try:
            self.service.wait(20)
        except subprocess.TimeoutExpired:
            self.service.kill()
            self.service.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def source(self):
        """Whose face goes in."""
        return self.files / "mona_lisa.jpg"

    @property
    def portrait(self):
        """The picture that is changed."""
        return self.files / "astronaut.png"

    @property
    def launch(self):
        """The film that is changed."""
        return self.files / "launch.mp4"

    @property
    def swapped(self):
        """The picture with the other face."""
        return self.files / "astronaut-swapped.png"

    @property
    def log(self):
        """Where the dashboard says what it drew."""
        return self.folder / "home/state/logs/dashboard.log"

    def run(self, *arguments):
        """What a command says; it must succeed."""
        return output(self.facedeck, *map(str, arguments), env=self.env)

    def answers(self):
        """Whether the service answers."""
        if self.service.poll() is not None:
            raise RuntimeError("the service ended; is there an ONNX Runtime? see facedeck doctor")
        status = subprocess.run([self.facedeck, "service", "status"], env=self.env,
                                capture_output=True, check=False)
        return status.returncode == 0

    def job(self, name):
        """A job as the service shows it."""
        return json.loads(self.run("jobs", "show", self.jobs[name], "--json"))

    def add(self, name, target, *more):
        """Adds a job that puts the face into a target."""
        said = self.run("add", "-s", self.source, "-t", target, "--json", *more)
        self.jobs[name] = json.loads(said.splitlines()[-1])["id"]

    def prepare(self):
        """Three jobs: one is done, one runs, one waits."""
        self.add("done", self.portrait)
        until("the swap of a picture", self.done, 120)
        self.add("running", self.launch, "--execution-threads", "1")
        self.add("waiting", self.files / "grace_hopper.jpg", "--hold")
        until("the first frames of a film", self.moves, 120)

    def done(self):
        """Whether the picture is swapped; a job that failed ends the waiting at once."""
        job = self.job("done")
        if job["state"] not in ("queued", "running", "done"):
            raise RuntimeError(f"the picture's job is {job['state']}: {job.get('failure')}")
        return job["state"] == "done"

    def moves(self):
        """Whether frames of the film were made."""
        job = self.job("running")
        if job["state"] not in ("queued", "running"):
            raise RuntimeError(f"the film's job is {job['state']}: {job.get('failure')}")
        return job["state"] == "running" and (job.get("progress") or {}).get("frames", 0) > 0
