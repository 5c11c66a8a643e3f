"""What the servers of mailboxes say when something is wrong, in our words and with the cure.

Belongs here: the table of odd errors (THREATS M8). The promise: nothing of what a server said is passed on, for it may
hold addresses; what is not known stays "refused".
"""

from __future__ import annotations

UNREACHABLE = "The mailbox's server cannot be reached."
SILENT = "The mailbox's server broke off or did not answer in time."
NO_ENCRYPTION = "The mailbox's server and we do not agree on encryption; is its certificate good, and the port right?"
REFUSED = "The mailbox's server refused a command."
NO_MECHANISM = "The mailbox's server takes no tokens: it offers neither OAUTHBEARER nor XOAUTH2."
SIGN_IN = "The mailbox's server refused the sign-in: look at the user name, and the password or token."

_TABLE = (
    (
        "authenticated but not connected",
        "Microsoft 365 knows the sign-in, but does not let it open this mailbox: does the mailbox exist, has it a "
        "licence where it needs one, and has the app or the colleague full access to it (Add-MailboxPermission)?",
    ),
    (
        "application-specific password",
        'Google takes no password of the account here: use sign_in = "google".',
    ),
    ("web login required", "Google wants somebody to sign in by the browser first: parley mailbox sign-in."),
    ("not enabled for imap", "IMAP is switched off for this mailbox at Google: its administrator can switch it on."),
    ("imap access is disabled", "IMAP is switched off for this mailbox: its administrator can switch it on."),
    ("basicauthblocked", 'Microsoft 365 takes no passwords for IMAP: use sign_in = "microsoft-app" or "microsoft".'),
    (
        "basic authentication",
        'Microsoft 365 takes no passwords for IMAP: use sign_in = "microsoft-app" or "microsoft".',
    ),
    ("logindisabled", "The server takes no password on this connection: use TLS, or a token."),
    ("too many simultaneous", "The mailbox has too many connections open; we try again later."),
    ("too many connections", "The mailbox has too many connections open; we try again later."),
    ("maximum number of connections", "The mailbox has too many connections open; we try again later."),
    ("throttled", "Microsoft 365 slows us down because of too many requests; we try again later."),
    ("overquota", "The mailbox is full, or has used up what its provider allows for a day; we try again later."),
    ("bandwidth limits", "The mailbox has used up what its provider allows for a day; we try again later."),
    ("[unavailable]", "The mailbox's server has a fault of its own; we try again later."),
    ("server unavailable", "The mailbox's server has a fault of its own; we try again later."),
    (
        "authenticate failed",
        "The server refused the token. At Microsoft 365: is IMAP on for the mailbox, has the app IMAP.AccessAsApp with "
        "an administrator's consent, and was its service principal made known to Exchange (New-ServicePrincipal)?",
    ),
)


def explained(said: str, otherwise: str) -> str:
    """Give our sentence for what a server said, `otherwise` where we know none."""
    said = said.lower()
    return next((sentence for words, sentence in _TABLE if words in said), otherwise)
