"""A session as a class hierarchy: rig settings from camstim's configuration, running wheel and gratings."""
import json
import os
import sys

from psychopy import monitors, visual
from camstim import Foraging, Stimulus, SweepStim, Window
from camstim.misc import CAMSTIM_CONFIG, get_config


class Session(object):
    name = None

    def __init__(self, path):
        with open(path) as f:
            self.params = json.load(f)
        self.rig = os.environ.get("aibs_rig_id", os.environ.get("AIBS_RIG_ID", "unknown"))
        self.config = get_config("SweepStim")
        self.window = Window(fullscr=True, monitor=self.monitor(), screen=0)

    def monitor(self):
        mon = monitors.Monitor("testMonitor")
        mon.setWidth(51.0)
        mon.setDistance(15.0)
        mon.setSizePix((1920, 1200))
        assert mon.getWidth() / mon.getDistance() > 3
        return mon

    def stimuli(self):
        raise NotImplementedError

    def run(self):
        ss = SweepStim(self.window, stimuli=self.stimuli(), pre_blank_sec=self.params["pre_blank"],
                       post_blank_sec=self.params["post_blank"], params=self.config)
        wheel = Foraging(window=self.window, auto_update=False, params=self.params,
                         nidaq_tasks={'digital_input': ss.di, 'digital_output': ss.do})
        ss.add_item(wheel, "foraging")
        ss.run()


class Flashes(Session):
    name = "flashes"

    def stimuli(self):
        width, height = self.window.size
        flash = visual.GratingStim(self.window, tex=None, size=(width * 2, height * 2), units='pix', color=-1)
        stimulus = Stimulus(flash, sweep_params={'Color': ([-1, 1], 0)}, sweep_length=0.25, start_time=0.0,
                            blank_length=1.75, runs=5, shuffle=True)
        stimulus.stim_path = os.path.abspath(__file__)
        return [stimulus]


if __name__ == "__main__":
    Flashes(sys.argv[1]).run()
