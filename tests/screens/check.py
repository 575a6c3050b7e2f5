"""Takes the screenshots, and says what is wrong with them."""

from itertools import groupby

from psnr import ENOUGH, psnr, share_of_commonest, size_of
from shown import pictures
from wait import until

# Of the rectangle of a picture, how much has the one color of what covers it; the rest is words.
COVERED = 0.6


class Checks:
    """What was found."""

    def __init__(self, home, display, out):
        self.home = home
        self.display = display
        self.out = out
        self.failed = []
        # Of xterm, for the half blocks: rectangles and what they show, by scene.
        self.rectangles = {}
        # Whether there is nothing in the log about pictures.
        self.blind = False

    def say(self, good, what):
        """Prints a finding, and keeps a bad one."""
        print("ok  " if good else "FAIL", what, flush=True)
        if not good:
            self.failed.append(what)

    def rig(self, kind):
        """img2sixel shows a picture: the terminal and the comparison work."""
        shot = self.out / "rig-img2sixel.png"
        picture = self.home.portrait
        command = ["sh", "-c", f"clear; img2sixel -w 400 {picture}; exec sleep 600"]
        terminal = kind(self.display, (80, 30), command, self.home.env, self.home.folder)
        try:
            rectangle = (0, 0, 400, 400)
            likeness = self.best(terminal, shot, [(rectangle, (picture, None))])[0]
        finally:
            terminal.end()
        self.say(likeness >= ENOUGH, f"rig: img2sixel in xterm, {likeness:.1f} dB")

    def best(self, terminal, shot, wanted):
        """The likeness of each rectangle, once they are enough, or as they stay."""
        found = []

        def enough():
            terminal.shot(shot)
            found[:] = [psnr(shot, rectangle, *file) for rectangle, file in wanted]
            return all(value >= ENOUGH for value in found)

        try:
            until("the pictures", enough, 15, 0.3)
        except TimeoutError:
            pass
        return list(found)

    def start(self, kind, size, options):
        """The dashboard in a terminal, with its first screen: what is typed earlier is lost."""
        self.home.log.unlink(missing_ok=True)
        command = [self.home.facedeck, "-v", *options]
        terminal = kind(self.display, size, command, self.home.env, self.home.folder)
        try:
            until("the first screen", lambda: self.begun(terminal), 60)
        except Exception:
            terminal.end()
            raise
        return terminal

    def begun(self, terminal):
        """Whether the queue is on the screen."""
        if self.blind:
            return any("Queue 3" in line for line in terminal.text())
        return bool(pictures(self.home.log)[0])

    def terminal(self, kind, scenes):
        """Every scene in a terminal."""
        for size, group in groupby(scenes, lambda scene: scene.size):
            terminal = self.start(kind, size, kind.options)
            try:
                for scene in group:
                    self.scene(terminal, scene)
            finally:
                terminal.end()

    def play(self, terminal, scene):
        """Presses the keys of a scene."""
        for keys in scene.keys:
            if keys.startswith("<"):
                terminal.key(keys.strip("<>"))
            elif keys.startswith("{"):
                path = keys.strip("{}")
                until(f"a picture of {path}", lambda: self.shows(terminal, path), 30)
            else:
                terminal.type(keys)

    def shows(self, terminal, path):
        """Whether a picture is on the screen; half blocks are not logged, but the name is read."""
        if any(f'path: "{path}"' in picture.key for picture in pictures(self.home.log)[0]):
            return True
        name = path.rsplit("/", maxsplit=1)[-1]
        return self.blind and any(name in line for line in terminal.text())

    def scene(self, terminal, scene):
        """One scene: pictures where they have to be, words that have to be there."""
        what = f"{terminal.name} {scene.name}"
        shot = self.out / f"{terminal.name}-{scene.name}.png"
        before = self.last(terminal)

        def here():
            shown, cell = pictures(self.home.log)
            left = list(scene.pictures)
            for picture in shown:
                left = without(left, picture.key)
            return (shown, cell) if len(shown) == len(scene.pictures) and not left else None

        shown, cell = [], None
        try:
            self.play(terminal, scene)
            if scene.pictures:
                shown, cell = until("the pictures", here, 40)
        except TimeoutError as error:
            terminal.shot(shot)
            return self.say(False, f"{what}: {error}: {pictures(self.home.log)[0]}")
        if cell and cell != terminal.cell:
            self.say(False, f"{what}: cells are {terminal.cell}, the dashboard believes {cell}")
        wanted = []
        for picture in shown:
            file = picture.expected(self.home)
            place = picture.rectangle(size_of(*file), terminal.cell, terminal.offset)
            wanted.append((place, file))
        for picture, value in zip(shown, self.best(terminal, shot, wanted)):
            self.say(value >= ENOUGH, f"{what}: {value:.1f} dB, {picture}")
        if scene.covers:
            self.covered(terminal, what, shot, before)
        self.read(terminal, scene, what)
        if terminal.name == "xterm":
            self.rectangles[scene.name] = wanted
        return None

    def last(self, terminal):
        """Where pictures are now."""
        return [
            picture.rectangle(size_of(*picture.expected(self.home)), terminal.cell, terminal.offset)
            for picture in pictures(self.home.log)[0]
        ]

    def covered(self, terminal, what, shot, before):
        """Where pictures were there is nothing but the color of what covers them, and words."""
        def shares():
            terminal.shot(shot)
            found = [share_of_commonest(shot, rectangle) for rectangle in before]
            return found if all(share >= COVERED for _, share in found) else None

        try:
            found = until("the pictures to go", shares, 15, 0.3)
        except TimeoutError:
            return self.say(False, f"{what}: a picture is still seen beneath it")
        colors = {color for color, _ in found}
        said = ", ".join(f"{share:.0%} #{color}" for color, share in found)
        return self.say(bool(found) and len(colors) == 1, f"{what}: only one color, {said}")

    def read(self, terminal, scene, what):
        """The words that are in the cells."""
        if terminal.text() is None:
            return
        missing = []

        def there():
            text = "\n".join(terminal.text())
            missing[:] = [word for word in scene.words if word not in text]
            return not missing

        try:
            until("the words", there, 10)
        except TimeoutError:
            pass
        self.say(not missing, f"{what}: words {missing or 'are all'} {'missing' if missing else 'there'}")

    def half_blocks(self, kind, scenes):
        """Half blocks in the same rectangles must not pass for pictures."""
        self.blind = True
        for size, group in groupby(scenes, lambda scene: scene.size):
            terminal = self.start(kind, size, ["--graphics", "blocks"])
            try:
                for scene in group:
                    self.blocks(terminal, scene)
            finally:
                terminal.end()
        self.blind = False

    def blocks(self, terminal, scene):
        """One scene in half blocks."""
        what = f"half blocks, {scene.name}"
        shot = self.out / f"blocks-{scene.name}.png"
        wanted = self.rectangles.get(scene.name, [])

        def painted():
            terminal.shot(shot)
            return all(share_of_commonest(shot, place)[1] < 0.5 for place, _ in wanted)

        try:
            self.play(terminal, scene)
            if not wanted:
                return None
            until("the half blocks", painted, 40, 0.3)
        except TimeoutError as error:
            return self.say(False, f"{what}: {error}")
        found = [psnr(shot, place, *file) for place, file in wanted]
        said = ", ".join(f"{value:.1f}" for value in found)
        return self.say(max(found) < ENOUGH, f"{what}: {said} dB, no pictures")


def without(parts, key):
    """The list without the first that is a part of the key."""
    for at, part in enumerate(parts):
        if part in key:
            return parts[:at] + parts[at + 1:]
    return parts
