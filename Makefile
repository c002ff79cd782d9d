# Every command is a function of bootstrap.py; on a system without make, call that file: python bootstrap.py lab
PYTHON ?= python3
PORT_ARGS = $(if $(PORT),--port=$(PORT))
export PIP_ARGS

.PHONY: help lab setup test full lint notebooks bench lock
.DEFAULT_GOAL := help

lab:
	@"$(PYTHON)" bootstrap.py lab $(PORT_ARGS) $(ARGS)

notebooks:
	@"$(PYTHON)" bootstrap.py notebooks $(CH) $(ARGS)

help setup test full lint bench lock:
	@"$(PYTHON)" bootstrap.py $@ $(ARGS)
