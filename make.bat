@echo off
rem make.bat smoke ^| test ^| bench ^| clean: what the Makefile does, on Windows
setlocal
if "%PYTHON%"=="" set PYTHON=py -3
%PYTHON% "%~dp0develop.py" %*
