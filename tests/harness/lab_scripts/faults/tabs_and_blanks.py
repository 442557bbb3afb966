from camstim import Window
if True:
	first = 1
        second = 2
