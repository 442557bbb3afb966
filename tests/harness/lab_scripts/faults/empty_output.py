import os
from camstim import Window
from camstim.zro.agent import OUTPUT_DIR

window = Window(fullscr=True, screen=0)
for frame in range(600):
    window.flip()
open(os.path.join(OUTPUT_DIR, "session.pkl"), "wb").close()
