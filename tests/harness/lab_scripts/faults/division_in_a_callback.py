import json, sys
from camstim import Window
from camstim.experiment import ETimer, Experiment


class Session(Experiment):
    licks = 0

    def tell(self):
        print(60.0 / self.licks)


session = Session(window=Window(fullscr=True, screen=0), params=json.load(open(sys.argv[1])))
timer = ETimer(20.0, session.tell)
timer.start()
session.add_item(timer, "timer")
session.start()
