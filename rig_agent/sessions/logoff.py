"""Hear on Windows that the user logs off or the computer shuts down: a hidden window is told.

A console handler is not, once its process has loaded user32 or gdi32 (so Microsoft's text on HandlerRoutine), which
psutil and Python 2 do. Imported by the keeper on Windows only.
"""
from __future__ import absolute_import, unicode_literals

import ctypes
import threading
import time
from ctypes import wintypes

from rig_agent.sessions import winapi

WINDOW = 'rig_agent keeper'
WM_QUERYENDSESSION, WM_ENDSESSION = 0x11, 0x16
FIRST = 0x3ff        # programs are told in an order: the keeper before the script, which would be ended at its turn
REASON = 'A session on this rig is saving its data.'

LRESULT = ctypes.c_ssize_t
PROCEDURE = ctypes.WINFUNCTYPE(LRESULT, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)


class _Class(ctypes.Structure):
    """WNDCLASSW"""
    _fields_ = [('style', wintypes.UINT), ('procedure', PROCEDURE), ('more', ctypes.c_int * 2),
                ('handles', wintypes.HANDLE * 4), ('menu', wintypes.LPCWSTR), ('name', wintypes.LPCWSTR)]


def hear(on_end):
    """Call on_end(), in a thread of its own, when the Windows session ends. Never, where there can be no window."""
    try:
        user = ctypes.WinDLL(str('user32'))
    except OSError:
        return

    def listen():
        window, message = _make_window(user, on_end), wintypes.MSG()
        while window and user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            user.DispatchMessageW(ctypes.byref(message))
    thread = threading.Thread(target=listen)
    thread.daemon = True
    thread.start()
    winapi.kernel.SetProcessShutdownParameters(FIRST, 0)


def _make_window(user, on_end):
    """A window that nobody sees; None where there can be none. One for messages only would not be told."""
    default = user.DefWindowProcW
    default.restype, default.argtypes = LRESULT, [wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM]
    user.CreateWindowExW.restype = wintypes.HWND
    user.CreateWindowExW.argtypes = [wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD] + \
        [ctypes.c_int] * 4 + [wintypes.HWND, wintypes.HANDLE, wintypes.HANDLE, wintypes.LPVOID]

    def answer(window, message, ends, why):
        if message == WM_QUERYENDSESSION:
            user.ShutdownBlockReasonCreate(wintypes.HWND(window), wintypes.LPCWSTR(REASON))
            return 1
        if message == WM_ENDSESSION and ends:
            on_end()
            time.sleep(winapi.LONGEST_HOLD)
        if message == WM_ENDSESSION:  # or another program objected, and the session goes on
            user.ShutdownBlockReasonDestroy(wintypes.HWND(window))
            return 0
        return default(window, message, ends, why)
    _kept.append(_Class(procedure=PROCEDURE(answer), name=WINDOW))
    user.RegisterClassW(ctypes.byref(_kept[-1]))
    return user.CreateWindowExW(0, WINDOW, WINDOW, 0, 0, 0, 0, 0, None, None, None, None)


_kept = []  # the system calls what is in it as long as the window is there
