# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the functions test_… of a module and says so in TAP. A function's name is what it proves."""
import sys
import time
import traceback


def run(module, before_each=None, after_each=None):
    """Runs all tests of `module` (its globals()), or those named on the command line, and ends the program."""
    chosen = [name for name in sys.argv[1:] if name.startswith('test_')]
    tests = [(name, value) for name, value in module.items() if name.startswith('test_') and callable(value)]
    tests = [test for test in tests if not chosen or test[0] in chosen]
    print(f'TAP version 13\n1..{len(tests)}', flush=True)
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        started = time.monotonic()
        ok = True
        try:
            context = before_each() if before_each else None
            try:
                test(context) if before_each else test()
            except BaseException:
                if after_each:
                    after_each(context, True)
                raise
            if after_each:
                after_each(context, False)
        except KeyboardInterrupt:
            raise
        except BaseException:
            ok = False
            failed += 1
            for line in traceback.format_exc().splitlines():
                print('# ' + line)
        said = name.removeprefix('test_').replace('_', ' ')
        print(f'{"ok" if ok else "not ok"} {number} - {said} ({time.monotonic() - started:.1f} s)', flush=True)
    sys.exit(1 if failed else 0)
