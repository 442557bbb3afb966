from camstim import Window

window = Window(fullscr=True, screen=0)
exposure = 1000.0 / window.monitor.getRefreshRate()
steps = int(exposure) + 1
print([60, 30][steps + 5])
