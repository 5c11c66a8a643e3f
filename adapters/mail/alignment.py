"""Whether two mail domains are in one hand: the relaxed alignment of DMARC (RFC 7489 3.1, 3.2).

Belongs here: the public suffix list's use. The promise (THREATS I4): two names under one public suffix, listed or not,
are never taken for one owner.
"""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from rules import identity

_LONGEST = 255
_suffixes = PublicSuffixList()


@lru_cache(maxsize=4096)
def organisation(domain: str) -> str:
    """Give the domain that its owner registered: `mail.example.org` is of `example.org`."""
    registered = _suffixes.privatesuffix(domain)
    # A top level that the list does not know has names one below it, as the list's own last rule says.
    return str(registered) if registered else ".".join(domain.split(".")[-2:])


def aligned(domain: str, author: str) -> bool:
    """Tell whether what was checked for `domain` speaks for mail from `author`; both in normal form."""
    if not domain or not author:
        return False
    return domain == author or organisation(domain) == organisation(author)


def named_domain(text: str) -> str:
    """Give the normal form of the domain in `example.org`, `@example.org` or an address; empty where there is none."""
    if len(text) > 2 * _LONGEST:
        return ""
    known = identity.domain(text.rpartition("@")[2])
    return known.value if known else ""
