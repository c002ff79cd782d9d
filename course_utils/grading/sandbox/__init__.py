"""Running answers that nobody trusts: a judge here, a locked-down process there, plain bytes between them.

`layers` says what holds an answer, `wire` what may cross, `lockdown` builds the walls, `forkserver`, `child`
and `reader` run inside them, `channel`, `servers`, `remote` and `sandbox` are the judge's side, and
`selftest` tries the walls before anybody relies on them. Start with `Sandbox`.
"""
