"""A session put together from camstim's experiment objects, one of them the script's own."""
import json
import sys

from camstim import Window
from camstim.experiment import EObject, ETimer, Experiment


class Sampler(EObject):
    """Counts what the frames bring, as long as its timer runs."""

    def __init__(self, seconds):
        super(Sampler, self).__init__()
        self.samples = []
        self.timer = ETimer(seconds)

    def update(self, index=None):
        self.timer.update(index)
        self.samples.append(index)

    def package(self):
        return {'samples': len(self.samples)}


class Session(Experiment):

    def __init__(self, *args, **kwargs):
        super(Session, self).__init__(*args, **kwargs)
        self.seen = 0

    def update(self, index=None):
        super(Session, self).update(index)
        self.seen += 1


def main():
    params = json.load(open(sys.argv[1]))
    window = Window(fullscr=True, monitor='Gamma1.Luminance50', screen=0)
    session = Session(window=window, params=params)
    session.add_item(Sampler(5.0), "sampler")
    session.start()


if __name__ == '__main__':
    main()
