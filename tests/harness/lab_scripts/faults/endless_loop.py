from camstim import Window

window = Window(fullscr=True, screen=0)
while True:
    pass
