PYTHON ?= python3

smoke:          ## the main job: a stage of regimen.yml, from fetching to its outcome, simulated
	$(PYTHON) develop.py smoke
test:           ## the tests on Python 2.7 and the newest Python 3
	$(PYTHON) develop.py test
test-windows:   ## the tests on a Windows Python, under Wine; exit 77 where there can be none
	$(PYTHON) develop.py test-windows
bench:          ## every benchmark: ratios and medians
	$(PYTHON) develop.py bench
clean:          ## remove the environments
	$(PYTHON) develop.py clean

.PHONY: smoke test test-windows bench clean
