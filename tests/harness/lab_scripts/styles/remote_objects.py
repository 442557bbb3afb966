"""Tells other computers of the rig what it does; asks the sync computer to record; mails at the end."""
from __future__ import print_function
import json
import os
import sys
import threading

from zro import Proxy, Publisher, RemoteObject
from toolbox.misc import mail
from psychopy import visual
from camstim import Stimulus, SweepStim, Window


class Status(RemoteObject):
    def __init__(self, rep_port):
        super(Status, self).__init__(rep_port=rep_port)
        self.percent_complete = 0


params = json.load(open(sys.argv[1]))
status = Status(rep_port=12010)
publisher = Publisher(port=12011)
sync = Proxy("W10DTSM000000:5000", timeout=2.0)
sync.start_recording()
publisher.publish({"stage": params["stage"], "rig": os.environ.get("aibs_comp_id", "?")})

window = Window(fullscr=True, screen=0)
grating = Stimulus(visual.GratingStim(window, size=(200, 200), units="deg"), sweep_params={"Ori": ([0, 45], 0)},
                   sweep_length=1, start_time=0, runs=3)
try:
    SweepStim(window, stimuli=[grating], pre_blank_sec=0, post_blank_sec=0, params={}).run()
except SystemExit:
    sync.stop_recording()
    mail("somebody@example.org", "finished", params["stage"])
    raise
