"""What schemathesis does before it sends: each valid Idempotency-Key becomes a new one.

It draws the same few texts again and again. Most requests would be conflicts with earlier ones, and a replay would name
a thing that was deleted since, which is right, and which its check of created things can't know. gateway_test.py tests
replays.
"""

import itertools
import re

import schemathesis

HEADER = "Idempotency-Key"
VALID = re.compile(r'([!#-~]([ !#-~]{0,253}[!#-~])?|"([ !#-\[\]-~]|\\["\\]){1,255}")')
NUMBERS = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    if not is_about_a_header(case) and VALID.fullmatch((case.headers or {}).get(HEADER) or ""):
        case.headers[HEADER] = f"request-{next(NUMBERS)}"


def is_about_a_header(case):
    """A changed header would make it judge again what is wrong with the request, and forget which one it left out."""
    place = getattr(case.meta.phase.data, "parameter_location", None) if case.meta else None
    return place is not None and place.value == "header"
