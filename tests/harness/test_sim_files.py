"""Files and processes of a script: written down, led to where they are, stood in for."""
from __future__ import absolute_import, unicode_literals

import os

import pytest

from rig_agent.base.compat import WINDOWS, to_native, to_text

posix = pytest.mark.skipif(WINDOWS, reason='on Windows these paths are what they say')


def test_files_that_a_script_reads_and_writes_are_named_and_the_interpreters_are_not(simulate):
    simulate.write('order.csv', 'a,b')
    run = simulate('''
        import io, json, sys, xml.dom.minidom, shutil, tempfile
        json.load(open(sys.argv[1]))
        io.open("order.csv").read()
        with open("result.csv", "w") as stream:
            stream.write("x")
        folder = tempfile.mkdtemp()
        open(folder + "/scratch.txt", "w").close()
        shutil.rmtree(folder)
    ''')
    assert run.code == 0, run
    files = run.report['files']
    assert sorted(os.path.basename(path) for path in files['read']) == ['order.csv', 'params.json']
    assert [os.path.basename(path) for path in files['written']] == ['result.csv']
    assert files['missing'] == []


def test_a_file_that_is_read_and_is_not_there_is_found_even_when_the_script_goes_on(simulate):
    run = simulate('''
        try:
            open("levels.csv")
        except IOError:
            pass
    ''')
    assert run.code == 0 and run.report['files']['missing'] == ['levels.csv'], run
    assert 'missing-file' in run.codes('script')


@pytest.mark.skipif(WINDOWS, reason='GitPython needs a git')
def test_what_a_library_looks_for_by_itself_is_not_missing(simulate):
    run = simulate('''
        import os, subprocess, sys
        import git
        try:
            git.Repo(os.path.dirname(os.path.abspath(__file__)), search_parent_directories=True).head.object.hexsha
        except Exception as error:
            print(type(error).__name__)
        os.makedirs("here/.git/objects")
        os.makedirs("here/.git/refs")
        try:
            git.Repo("here").head.object
        except Exception as error:
            print(type(error).__name__)
    ''')
    assert run.code == 0 and len(run.out.split()) == 2, run
    assert run.report['files']['missing'] == [] and 'missing-file' not in run.codes()


@pytest.mark.parametrize('reads', [
    'zipfile.ZipFile("levels.csv")', 'shutil.copy("levels.csv", "copy")', 'codecs.open("levels.csv")',
    'ElementTree.parse(source=os.path.abspath("levels.csv"))', 'parser.read(["levels.csv"])',
    'exec("open(\'levels.csv\')")', 'camstim.MovieStim(movie_path="levels.csv", window=camstim.Window())'])
def test_a_missing_file_that_the_script_gives_to_a_library_is_found(simulate, reads):
    run = simulate('''
        import codecs, os, shutil, zipfile
        import camstim
        from xml.etree import ElementTree
        try:
            from configparser import ConfigParser
        except ImportError:
            from ConfigParser import ConfigParser
        parser = ConfigParser()
        try:
            %s
        except IOError:
            pass
    ''' % reads)
    assert run.code == 0, run
    assert [os.path.basename(path) for path in run.report['files']['missing']] == ['levels.csv'], run


@posix
def test_a_missing_file_of_a_rigs_drive_is_of_the_environment(simulate):
    run = simulate(r'open("//allen/programs/movie.npy", "rb")')
    assert run.code == 1 and run.report['exception']['of'] == 'environment', run
    assert run.codes() == ['missing-file'] and '//allen/programs/movie.npy' in run.err


def test_camstims_output_folder_on_a_rig_is_the_sessions_output(simulate):
    run = simulate(r'''
        import os
        folder = "C:/ProgramData/camstim/output"
        if not os.path.exists(folder):
            os.makedirs(folder)
        with open(os.path.join(folder, "a.opto.pkl"), "wb") as stream:
            stream.write(b"x")
        with open("C:\\ProgramData\\AIBS_MPE\\camstim\\data\\b.hdf5", "wb") as stream:
            stream.write(b"x")
        assert sorted(os.listdir(folder)) == ["a.opto.pkl", "b.hdf5"]
    ''')
    assert run.code == 0, run
    assert run.outputs == ['a.opto.pkl', 'b.hdf5']
    assert not os.path.exists('C:/ProgramData/camstim/output/a.opto.pkl')
    assert 'C:' not in os.listdir(run.folder)


def test_camstims_output_folder_in_the_home_is_the_sessions_output_too(simulate, tmpdir):
    home = os.path.join(to_text(str(tmpdir)), 'home \u00e9')
    os.mkdir(to_native(home))
    simulate.environment.update({name: home for name in ('HOME', 'USERPROFILE')})
    run = simulate(r'''
        import json, os, sys
        folder = os.path.expanduser("~/camstim/output")
        if not os.path.isdir(folder):
            os.makedirs(folder)
        with open(os.path.join(folder, "a.pkl"), "wb") as stream:
            stream.write(b"x")
        assert os.listdir(folder) == ["a.pkl"]
        open(json.load(open(sys.argv[1]))["asked"], "rb").close()  # as text of JSON
        os.makedirs(os.path.expanduser("~/camstim/log"))
    ''', {'asked': os.path.join(os.path.dirname(os.path.abspath(__file__)), 'conftest.py')})
    assert run.code == 0, run
    assert run.outputs == ['a.pkl']
    assert os.listdir(to_native(os.path.join(home, 'camstim'))) == ['log']


@posix
def test_a_drive_of_a_rig_is_a_folder_of_the_session(simulate):
    run = simulate(r'''
        import os
        os.makedirs("D:/elsewhere/deep")
        open("D:/elsewhere/deep/c.txt", "w").close()
        assert os.path.isfile("D:/elsewhere/deep/c.txt") and os.listdir("D:\\elsewhere") == ["deep"]
        assert not os.path.exists("D:/elsewhere/../../../../etc/passwd")
    ''')
    assert run.code == 0, run
    assert not os.path.exists(os.path.join(run.folder, 'D:'))
    assert 'D:/elsewhere/deep/c.txt' in run.report['files']['redirected']


ASSETS = '''
import glob, os, pickle, sys
from camstim import MovieStim, NaturalScenes, Stimulus, SweepStim, Window
from camstim.change import DoCImageStimulus
window = Window()
assert os.path.isfile("//server/share/movie_a.npy")
movie = MovieStim(movie_path="//server/share/movie_a.npy", window=window, frame_length=1 / 60.0, runs=1)
movie.set_display_sequence([(0, 10)])
flash = Stimulus.from_file("flash_250ms.stim", window)
gabor = Stimulus.from_file(r"C:\\stimuli\\gabor_20_deg.stim", window)
paths = glob.glob("//server/share/images/*.tiff")
assert len(paths) >= 2, paths
scenes = NaturalScenes(image_path_list=paths, window=window, sweep_length=0.25)
images = DoCImageStimulus(window, image_set="sets/natural.pkl")
assert "im061_r" in images.images
assert not os.path.exists("result.npz") and not os.path.exists("out.pkl")
SweepStim(window, stimuli=[movie, flash, gabor, scenes]).run()
'''


@posix
def test_missing_assets_are_stood_in_for_and_named(simulate):
    pytest.importorskip('numpy')
    run = simulate(ASSETS, {'image_set': 'sets/natural.pkl', 'names': ['im061_r', 'im062_r']}, fake_assets=True)
    assert run.code == 0, run
    stood_in = run.report['files']['stood_in']
    assert set(stood_in) == {'//server/share/movie_a.npy', 'flash_250ms.stim', 'C:\\stimuli\\gabor_20_deg.stim',
                             '//server/share/images', 'sets/natural.pkl'}
    assert all(path.startswith(run.folder) and os.path.exists(path) for path in stood_in.values())
    assert run.report['files']['missing'] == [] and 'missing-file' not in run.codes()
    assert [stimulus['frames'] > 0 for stimulus in run.report['stimuli']] == [True] * 4


@posix
def test_without_being_asked_nothing_is_stood_in_for_and_the_way_to_ask_is_told(simulate):
    run = simulate('open("//server/share/movie_a.npy", "rb")')
    assert run.code == 1 and run.report['files']['stood_in'] == {}, run
    assert any('--fake-assets' in note for note in run.report['notes'])
    assert simulate('open("//server/share/levels.csv", "rb")').report['notes'] == []


def test_numpy_reads_a_stand_in_as_a_movie(simulate):
    pytest.importorskip('numpy')
    run = simulate('''
        import numpy as np
        movie = np.load("clips/missing.npy", mmap_mode="r")
        assert movie.dtype == np.uint8 and movie.ndim == 3
        assert np.load("trial_order.npy").ndim == 1
    ''', fake_assets=True)
    assert run.code == 0, run


# ------------------------------------------------------------------------------------------------ processes

SECOND = '''
import json, sys
from psychopy import visual
window = visual.Window(fullscr=True, units="pix")
for _ in range(int(json.load(open(sys.argv[1]))["seconds"] * 60)):
    window.flip()
open("C:/ProgramData/camstim/output/second.hdf5", "wb").write(b"x")
'''


@posix
@pytest.mark.parametrize('how', ['bat', 'rig', 'bare', 'own'])
def test_a_second_interpreter_is_simulated_too_and_told_in_the_same_report(simulate, how):
    simulate.write('second.py', SECOND)
    run = simulate('''
        import os, subprocess, sys
        words = {"rig": ["C:/ProgramData/Anaconda3/envs/camstim/python.exe"], "bare": ["python"],
                 "own": [sys.executable], "bat": ["run.bat"]}["%s"]
        with open("run.bat", "w") as stream:
            stream.write('@echo off\\r\\ncall activate camstim\\r\\npython "second.py" "' + sys.argv[1] + '"\\r\\n')
        if words != ["run.bat"]:
            words += ["second.py", sys.argv[1]]
        code = subprocess.Popen(words).wait()
        assert code == 0, code
    ''' % how, {'seconds': 120})
    assert run.code == 0, run
    assert run.report['frames'] == 7200 and run.report['complete']
    assert run.outputs == ['second.hdf5'] and run.codes() == []
    assert len(run.report['processes']) == 2 and len(run.report['started_processes']) == 1


@posix
@pytest.mark.parametrize('start', [
    'subprocess.check_call([sys.executable, "second.py", sys.argv[1]], env={"PATH": os.environ["PATH"]})',
    'os.environ["PYTHONPATH"] = "/elsewhere"; subprocess.check_call([sys.executable, "second.py", sys.argv[1]])',
    'subprocess.check_call("python second.py " + sys.argv[1], shell=True)',
    'assert os.system("python second.py " + sys.argv[1]) == 0'])
def test_a_script_cannot_lose_the_simulation_on_the_way_to_a_second_interpreter(simulate, start):
    simulate.write('second.py', SECOND)
    run = simulate('import os, subprocess, sys\n' + start, {'seconds': 10})
    assert run.code == 0 and run.report['frames'] == 600 and len(run.report['started_processes']) == 1, run


def test_nothing_of_the_simulation_is_seen_outside_its_child(simulate):
    import subprocess
    import sys
    with pytest.raises(subprocess.CalledProcessError):
        subprocess.check_output([sys.executable, '-c', 'import camstim'], stderr=subprocess.STDOUT)


def test_the_environments_own_sitecustomize_still_runs(simulate, tmpdir):
    tmpdir.join('sitecustomize.py').write('import os; os.environ["OTHER_RAN"] = "yes"')
    process_path = os.pathsep.join([str(tmpdir)])
    run = simulate('''
        import os, subprocess, sys
        environment = dict(os.environ)
        environment["PYTHONPATH"] += os.pathsep + %r
        code = "import os, time; assert os.environ['OTHER_RAN']; time.sleep(500)"
        assert subprocess.call([sys.executable, "-c", code], env=environment) == 0
    ''' % process_path)
    assert run.code == 0 and run.report['duration']['simulated'] >= 500, run


def test_a_script_that_downloads_gets_the_sessions_copy_and_nothing_else(simulate):
    copy = simulate.write('verified_copy.py', 'print("task")\n')
    address = 'https://raw.example.org/lab/0123/Task.py'
    run = simulate('''
        import requests
        try:
            from urllib.request import urlopen, urlretrieve
        except ImportError:
            from urllib import urlretrieve
            from urllib2 import urlopen
        address = "%s"
        assert requests.get(address).content == urlopen(address).read() == b'print("task")\\n'
        urlretrieve(address, "Task.py")
        assert open("Task.py").read() == 'print("task")\\n'
        for fetch in (lambda: requests.get(address + "x"), lambda: urlopen(address + "x")):
            try:
                fetch()
            except IOError as error:
                assert "the simulation has no network" in str(error)
            else:
                raise SystemExit("fetched from somewhere")
    ''' % address, urls={address: copy})
    assert run.code == 0, run
    assert {use['what'] for use in run.report['network']} == {
        'served from the session: ' + address, 'refused: raw.example.org:443'}


@posix
def test_paths_of_windows_are_taken_apart_as_on_windows(simulate):
    run = simulate(r'''
        import glob, logging.handlers, os
        from os.path import abspath, basename, dirname, isabs, join, split, splitext
        assert basename(r"\\share\movies\clip.npy") == "clip.npy" and dirname("C:\\a\\b.npy") == "C:\\a"
        assert splitext(basename(r"C:\a.b\c.npy")) == ("c", ".npy") and split("D:/x") == ("D:/", "x")
        assert isabs("C:/x") and abspath(r"C:\a\..\b") == "C:\\b" and join("/home", r"\\share\x") == r"\\share\x"
        assert basename("/home/x.py") == "x.py" and abspath("/home/../x") == "/x" and join("a", "b") == "a/b"
        os.makedirs(r"C:\ProgramData\logs\stim")
        handler = logging.handlers.RotatingFileHandler(r"C:\ProgramData\logs\stim\run.log", maxBytes=40, backupCount=1)
        logging.getLogger().addHandler(handler)
        for number in range(3):
            logging.error("twenty characters..")
        assert len(glob.glob(r"C:\ProgramData\logs\stim\run.log*")) == 2
    ''')
    assert run.code == 0, run


@posix
def test_backslashes_part_a_path_of_this_machine_too(simulate):
    run = simulate(r'''
        import os
        from camstim.zro.agent import OUTPUT_DIR
        with open(OUTPUT_DIR + "\\levels.opto.pkl", "wb") as stream:
            stream.write(b"x")
        assert os.path.isfile(OUTPUT_DIR + "/levels.opto.pkl")
        assert os.path.getsize(OUTPUT_DIR + "\\levels.opto.pkl") == 1
    ''')
    assert run.code == 0 and run.outputs == ['levels.opto.pkl'], run


def test_a_folder_within_the_outputs_is_the_scripts_to_make(simulate):
    run = simulate(r'open("C:\\ProgramData\\camstim\\output\\261127\\a.pkl", "wb")')
    assert run.code == 1 and run.report['exception']['of'] == 'script', run


def test_nothing_stands_in_for_what_the_script_made_and_removed(simulate):
    run = simulate('''
        import os
        open("scratch.npy", "wb").close()
        os.remove("scratch.npy")
        open("data.pkl", "wb").write(b"x")
    ''', fake_assets=True)
    assert run.code == 0 and run.report['files']['stood_in'] == {}, run


def test_what_another_interpreter_wrote_is_an_output_too(simulate):
    run = simulate('''
        import subprocess, sys
        subprocess.check_call([sys.executable, "-c", "open('data.hdf5', 'wb').write(b'x')"])
    ''')
    assert run.code == 0 and run.codes() == [], run


def test_processes_are_started_as_on_windows(simulate):
    run = simulate(r'''
        import os, subprocess, sys
        how = subprocess.STARTUPINFO()
        how.dwFlags |= subprocess.STARTF_USESHOWWINDOW
        python = r"C:\Conda\miniconda\envs\task\python.exe" if os.name != "nt" else sys.executable
        process = subprocess.Popen([python, "-c", "print(6 * 7)"], startupinfo=how, stdout=subprocess.PIPE,
                                   creationflags=subprocess.CREATE_NEW_PROCESS_GROUP)
        assert process.communicate()[0].strip() == b"42"
    ''')
    assert run.code == 0 and run.report['exception'] is None, run
