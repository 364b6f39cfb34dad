# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the test homeserver is allowed to differ from Synapse, and why.

A row: a regular expression for the step, the members of the answer's body that
are left out of the comparison, the reason.
"""

ALLOWED = [
    (r"unknown path outside the API", ["*"], "a page of HTML either way"),
    (r"^events: (one type|no rooms)", ["device_lists"],
     "Synapse names newly shared users only where their membership passes the filter"),
    (r"discovery: versions", ["unstable_features"], "experiments of Synapse"),
    (r": capabilities$", ["capabilities.m.room_versions", "capabilities.org.matrix.msc4140.delayed_events"],
     "the test homeserver makes rooms of version 11 only"),
]
