"""What is shown, by which keys, and what has to be seen then."""

from dataclasses import dataclass

SIZE = (128, 36)


@dataclass
class Scene:
    """A screen of the dashboard."""

    name: str
    size: tuple
    # What is typed; a name in pointed brackets is a key that is no letter, a path in braces a
    # picture that has to be seen before more is typed.
    keys: list
    # A part of what names each picture, in any order.
    pictures: list
    # Words that are to be read.
    words: list
    # Nothing of what was beneath it may be seen.
    covers: bool = False


def scenes(home):
    """All of them, in an order in which one goes on from the other where the size stays."""
    live = [f'path: "{home.source}"', "Live", "Live"]
    still = ["attempt: 1, side: Before", "attempt: 1, side: After"]
    queue = ["3", "launch.mp4", "astronaut.png", "grace_hopper.jpg"]
    return [
        Scene("queue", SIZE, [], live, queue),
        Scene("help", SIZE, ["?"], [], ["Search", "what the keys do", "pause or resume"], True),
        Scene("job", SIZE, ["?", "G", "<enter>"], still, ["attempts", "Before and after"]),
        Scene("new-job", SIZE,
              ["a", "<enter>", "mona", f"{{{home.source}}}", "<enter>", "<enter>",
               "astronaut.png", f"{{{home.portrait}}}", "<enter>", f"{{{home.portrait}}}", "p"],
              [f'path: "{home.source}"', f'path: "{home.portrait}"', "Preview"],
              ["1 face found", "1 face changed"]),
        Scene("queue-80x24", (80, 24), [], live, queue),
        Scene("job-160x45", (160, 45), ["G", "<enter>"], still, ["attempts"]),
    ]
