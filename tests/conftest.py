"""What holds for every test."""

import signal

# Where the tests run in the background of a script, Ctrl-C is ignored, and programs that they start
# would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
