@echo off
rem make.bat smoke ^| test ^| test-windows ^| bench ^| clean: what the Makefile does, on Windows
setlocal
if not "%PYTHON%"=="" goto run
set PYTHON=py -3
where py >nul 2>nul || set PYTHON=python
:run
%PYTHON% "%~dp0develop.py" %*
exit /b %ERRORLEVEL%
