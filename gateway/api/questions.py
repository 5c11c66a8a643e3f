"""What stands behind the question mark of an address. Belongs here: that a route is asked nothing it does not know."""

from __future__ import annotations

from fastapi import Request
from fastapi.exceptions import RequestValidationError


async def known_questions(request: Request) -> None:
    """Refuse names that a route does not know: a filter that is spelt wrong would find everybody."""
    known = {one.alias for one in request.scope["route"].dependant.query_params}
    strange = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if strange:
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name[:60]), "msg": "", "input": None}
                for name in strange[:20]
            ]
        )
