from camstim import Window

def session(window)
    window.flip()
