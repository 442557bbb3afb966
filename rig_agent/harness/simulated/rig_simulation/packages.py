"""Packages that a rig may have and this machine may lack, by what an import of them means here."""
from __future__ import absolute_import, division, print_function

import re

# What drives hardware or reaches other machines past Python's sockets: never the installed one, for a script that is
# only tried. It is taken by the recorder, as is what only a rig has where that is missing.
HARDWARE = frozenset('''
    u3 u6 LabJackPython labjack zmq pyaudio pylink pypylon pyfirmata pyfirmata2 usb hid ft4222 ximea PySpin pyvisa
    visa ftd2xx pyftdi parallel smbus smbus2 RPi uldaq mcculw pymmcore MMCorePy pyueye ids_peak vimba vmbpy
    harvesters pco thorlabs_apt pylablib instrumental pyxid pyxid2 tobii_research psychtoolbox cedrus bpod pybpodapi
    harp pyharp Pyro4 zerorpc rpyc paramiko pyOSC OSC pythonosc websocket pylsl netstation egi pycaw
    '''.split())
RIG_ONLY = frozenset('''
    pyglet soundfile wx pygame winsound pythoncom pywintypes ProjectorWindow msvcrt winreg _winreg aibs PyQt4 PyQt5
    PyQt6 PySide PySide2 PySide6 qtpy pyqtgraph kivy limstk np_session np_services OpenGL mtrain_api pynput wmi WMI
    winerror winxpgui winioctlcon ntsecuritycon perfmon servicemanager timer commctrl comtypes pywinauto pyautogui
    screeninfo keyboard mouse pyHook PyHook3 inputs pyperclip pyttsx3 simpleaudio playsound pyo vlc clr matlab glfw
    moderngl freetype ffpyplayer pyadl GPUtil mss
    '''.split())
ONLY_ON_WINDOWS = re.compile(r'^_?win32\w*$')
# Well-known libraries that can be installed: missing here is no fault of the script.
LIBRARIES = frozenset('''
    numpy scipy h5py pandas matplotlib mpl_toolkits PIL yaml requests skimage cv2 sklearn six psutil imageio
    tifffile numba statsmodels future past builtins enum pathlib pathlib2 typing typing_extensions dateutil pytz
    tqdm attr attrs git github cryptography pymongo simplejson ujson mock cython Cython xlrd xlwt openpyxl
    xlsxwriter allensdk glob2 traitlets configparser ruamel jsonschema marshmallow argschema numexpr seaborn toml
    tomli click pynwb hdmf tables zarr xarray dask nptdms joblib dill cloudpickle msgpack moviepy av imageio_ffmpeg
    ffmpeg skvideo decord colorama colorlog termcolor tabulate prettytable loguru decorator wrapt singledispatch
    concurrent subprocess32 backports contextlib2 functools32 pkg_resources setuptools sqlalchemy MySQLdb pymysql
    mysql psycopg2 pyodbc boto3 botocore slack slackclient tornado flask bottle twisted gevent eventlet jinja2 lxml
    bs4 docx networkx sympy cffi pywt filterpy noise opensimplex tensorflow torch torchvision keras bokeh plotly
    IPython ipywidgets deepdiff deepdish bitarray intervaltree filelock watchdog schedule lockfile portalocker
    appdirs platformdirs semver packaging chardet certifi urllib3 httplib2 pip gitdb mpmath patsy lmfit pyximport
    pint sortedcontainers more_itertools cachetools pydantic dotenv arrow pendulum tkinter unidecode markdown
    pymatreader mat73 hdf5storage neo elephant quantities oct2py nose pytest parameterized dataclasses
    '''.split())
