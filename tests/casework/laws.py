"""The policies as laws, typed in from their published texts; nothing here is read from the product.

The plain default is no published policy: its law is what it says of itself to the office that starts from it.
"""

from __future__ import annotations

from tests.casework.law import Law

_NOBODY = frozenset[str]()

LAWS = {
    "phso": Law(
        warning_months=6,  # PHSO-7
        restriction_months=6,  # PHSO-16
        renewal_months=6,  # PHSO-17
        from_last_instance=True,  # PHSO-16
        four_eyes=True,
        every=_NOBODY,  # PHSO-8: any colleague
        every_fallback=_NOBODY,
        exception_approvers=frozenset({"manager", "executive_team", "ombudsman"}),  # PHSO-9: an approver
        block_approvers=frozenset({"ombudsman", "executive_team"}),  # PHSO-18
        block_fallback=frozenset({"assistant_deputy_ombudsman", "head_of_ombudsman_assurance"}),
        guarded_parties=frozenset({"organisation", "professional"}),  # PHSO-19
        appeal_to=None,  # PHSO-21
        closed_unread=True,  # PHSO-22
    ),
    "spso": Law(
        warning_months=6,
        restriction_months=6,
        renewal_months=0,
        from_last_instance=False,
        four_eyes=True,
        every=_NOBODY,  # SPSO-22: a manager is told
        every_fallback=_NOBODY,
        careful_grounds=frozenset({"misuse_of_complaints"}),  # SPSO-55 to 57
        careful_approvers=frozenset({"manager"}),
        careful_fallback=frozenset({"leadership_team"}),
        exception_approvers=frozenset({"manager"}),  # PHSO-9: an approver
        exception_fallback=frozenset({"leadership_team"}),
        block_approvers=frozenset({"leadership_team"}),
        block_fallback=_NOBODY,
        guarded_parties=_NOBODY,
        appeal_to=frozenset({"leadership_team", "ombudsman"}),  # SPSO-22
    ),
    "mp-office": Law(
        warning_months=6,
        restriction_months=6,  # MP-8
        renewal_months=6,
        from_last_instance=False,
        four_eyes=False,  # MP-8
        every=frozenset({"mp"}),
        every_fallback=_NOBODY,
        exception_approvers=frozenset({"mp"}),  # PHSO-9: an approver
        block_approvers=frozenset({"mp"}),
        block_fallback=_NOBODY,
        guarded_parties=_NOBODY,
        appeal_to=None,  # MP-8
    ),
    "housing-ombudsman": Law(
        warning_months=6,
        restriction_months=6,
        renewal_months=0,
        from_last_instance=False,
        four_eyes=True,
        every=frozenset({"manager", "director"}),
        every_fallback=_NOBODY,
        exception_approvers=frozenset({"manager", "director"}),  # PHSO-9: an approver
        block_approvers=frozenset({"director"}),
        block_fallback=_NOBODY,
        guarded_parties=_NOBODY,
        appeal_to=frozenset({"ombudsman"}),  # HO-6
    ),
    "default": Law(
        warning_months=6,
        restriction_months=6,
        renewal_months=6,
        from_last_instance=False,
        four_eyes=True,
        every=_NOBODY,
        every_fallback=_NOBODY,
        exception_approvers=frozenset({"manager"}),  # PHSO-9: an approver
        block_approvers=frozenset({"manager"}),
        block_fallback=_NOBODY,
        guarded_parties=frozenset({"organisation", "professional"}),
        appeal_to=frozenset({"head"}),
    ),
}
