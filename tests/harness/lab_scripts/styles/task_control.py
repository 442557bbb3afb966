"""A task that talks to the card itself, by nidaqmx, and leaves an HDF5 file in its own folder of the rig's drive."""
from __future__ import division, print_function

import json
import logging
import os
import random
import sys
import time

import h5py
import nidaqmx
from psychopy import event, monitors, visual

logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)


class TaskControl(object):
    saveDir = r"C:\ProgramData\TaskControl\Data"

    def __init__(self, path):
        with open(path) as f:
            self.params = json.load(f)
        self.frame = 0
        self.rewardFrames = []

    def prepareSession(self):
        monitor = monitors.Monitor("rig", width=52.0, distance=15.3)
        monitor.setSizePix((1920, 1200))
        self._win = visual.Window(monitor=monitor, screen=1, fullscr=True, units="pix", checkTiming=False)
        self._win.setRecordFrameIntervals(True)
        self._lick, self._reward = nidaqmx.Task(), nidaqmx.Task()
        self._lick.di_channels.add_di_chan("Dev1/port0/line0")
        self._reward.do_channels.add_do_chan("Dev1/port1/line0")

    def showFrame(self):
        self._win.flip()
        self.frame += 1
        if self._lick.read():
            self._reward.write(True)
            self.rewardFrames.append(self.frame)
        pressed = event.getKeys(keyList=["escape"], modifiers=True)
        return not any(modifiers["shift"] for _, modifiers in pressed)

    def run(self):
        self.prepareSession()
        stim = visual.GratingStim(self._win, mask="raisedCos", maskParams={"fringeWidth": 0.05}, size=400)
        for trial in range(self.params["trials"]):
            stim.ori = random.choice([0, 90])
            wait = 30 + int(min(120, random.expovariate(1 / 60)))
            for frame in range(wait + 30):
                if frame >= wait:
                    stim.phase += 2 / 60
                    stim.draw()
                if not self.showFrame():
                    return
            logging.info("trial %d", trial)

    def save(self):
        if not os.path.exists(self.saveDir):
            os.makedirs(self.saveDir)
        path = os.path.join(self.saveDir, "%s_%s.hdf5" % (type(self).__name__, time.strftime("%Y%m%d_%H%M%S")))
        with h5py.File(path, "w") as f:
            f.create_dataset("frameIntervals", data=self._win.frameIntervals)
        print("saved", os.path.basename(path))


if __name__ == "__main__":
    task = TaskControl(sys.argv[1])
    try:
        task.run()
    finally:
        task.save()
