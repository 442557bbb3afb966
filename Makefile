PYTHON ?= python3

smoke:          ## the main job: a stage of regimen.yml, from fetching to its outcome, simulated
	$(PYTHON) develop.py smoke
test:           ## the tests on Python 2.7 and the newest Python 3
	$(PYTHON) develop.py test
bench:          ## every benchmark: ratios and medians
	$(PYTHON) develop.py bench
clean:          ## remove the environments
	$(PYTHON) develop.py clean

.PHONY: smoke test bench clean
