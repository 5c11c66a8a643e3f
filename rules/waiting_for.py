"""What somebody may still have to do, by name and in words for staff (DESIGN: the human clock).

Belongs here: the vocabulary alone, which policies, files and lists share.
"""

from __future__ import annotations

from enum import StrEnum


class Queue(StrEnum):
    """Name the queues in which what waits is counted."""

    CONTACTS = "contacts"
    FILES = "files"
    LETTERS = "letters"
    CLOCKS = "legal_clocks"
    FLAGS = "flags"
    OUR_MAIL = "our_mail"

    def said_of(self, number: int) -> str:
        """Say in words for staff what so many in it are."""
        one, several = _QUEUES[self]
        return one if number == 1 else several


class WaitingFor(StrEnum):
    """Name what somebody has still to do."""

    APPROVAL = "approval"
    NOTICE = "notice"
    NOTICE_CAME_BACK = "notice_came_back"
    CHANGE_NOTICE = "change_notice"
    REVIEW = "review"
    APPEAL = "appeal"
    DECISION = "decision"
    """Interim protection lapses unless somebody decides."""
    WARNING_LETTER = "warning_letter"
    REMINDER = "reminder"
    ANSWER = "answer"
    """A request of ours that nobody answered: it is judged once its day has passed (PHSO-26)."""
    LETTER_UNREAD = "letter_unread"
    LETTER_UNSENT = "letter_unsent"
    LETTER_FAILED = "letter_failed"
    LETTER_UNCLEAR = "letter_unclear"
    """Nobody knows whether it left: a person finds out, and says so."""
    LETTER_CAME_BACK = "letter_came_back"
    BREACH = "breach"
    """The wrong person was met: the law gives 72 hours to say what follows."""
    UNREADABLE = "unreadable"
    """A file that cannot be read, so that nobody sees what waits on it."""
    LETTER_OWED = "letter_owed"
    """Of a lifting, a review, an appeal, a contract or an end that nobody told the party of."""
    OWED_CAME_BACK = "owed_came_back"
    PAGE = "page"
    """The page of contact arrangements says something else than the one that the party has."""

    LOOK = "look"
    """A contact that was filed: a person looks at it."""
    HELD = "held"
    VOICEMAIL = "voicemail"
    UNCLEAR = "unclear"
    """Nobody knows what became of a contact."""
    OUR_MAIL = "our_mail"
    """A note or a return of ours that did not leave, or may not have."""
    ALERT_LOST = "alert_lost"
    OWN_DATA = "own_data"
    INFORMATION = "information"
    ENVIRONMENTAL = "environmental"
    DATA_COMPLAINT = "data_complaint"
    WRITTEN_APPEAL = "written_appeal"
    """An appeal that came in and that nobody has answered or put on a file."""
    CLARIFICATION = "clarification"
    """We asked what a request means, or who it is: its clock rests until the answer comes."""
    FLAG = "flag"
    """A level that the policy calls unacceptable was reached, and nobody has dealt with it."""

    @property
    def queue(self) -> Queue:
        """Name the queue in which it is counted."""
        return _OTHERS.get(self, Queue.FILES)

    @property
    def words(self) -> str:
        """Say it in words for staff."""
        return _WORDS[self]


_WORDS = {
    WaitingFor.APPROVAL: "approval of a restriction",
    WaitingFor.NOTICE: "notice of a restriction",
    WaitingFor.NOTICE_CAME_BACK: "a notice came back: not told",
    WaitingFor.CHANGE_NOTICE: "notice of a change",
    WaitingFor.REVIEW: "review",
    WaitingFor.APPEAL: "decision on an appeal",
    WaitingFor.DECISION: "decision before protection lapses",
    WaitingFor.WARNING_LETTER: "a warning's letter",
    WaitingFor.REMINDER: "a reminder of a request of ours",
    WaitingFor.ANSWER: "an answer to a request of ours",
    WaitingFor.LETTER_UNREAD: "a letter to be read",
    WaitingFor.LETTER_UNSENT: "a letter was read and not sent",
    WaitingFor.LETTER_FAILED: "a letter that did not leave",
    WaitingFor.LETTER_UNCLEAR: "a letter of which nobody knows whether it left, or arrived",
    WaitingFor.LETTER_CAME_BACK: "a letter came back",
    WaitingFor.BREACH: "a data breach to assess, within 72 hours",
    WaitingFor.UNREADABLE: "a file that cannot be read",
    WaitingFor.LETTER_OWED: "a letter that is owed",
    WaitingFor.OWED_CAME_BACK: "an owed letter came back: not told",
    WaitingFor.PAGE: "a new page of contact arrangements",
    WaitingFor.LOOK: "a look at what was filed",
    WaitingFor.HELD: "release of what is held",
    WaitingFor.VOICEMAIL: "a voicemail to be heard",
    WaitingFor.UNCLEAR: "a contact that is unclear",
    WaitingFor.OUR_MAIL: "mail of ours that may not have left",
    WaitingFor.ALERT_LOST: "an alert that may not have left",
    WaitingFor.OWN_DATA: "an answer on a person's own data",
    WaitingFor.INFORMATION: "an answer to a request for information",
    WaitingFor.ENVIRONMENTAL: "an answer on environmental information",
    WaitingFor.DATA_COMPLAINT: "acknowledging a complaint on data protection",
    WaitingFor.WRITTEN_APPEAL: "an answer to an appeal",
    WaitingFor.CLARIFICATION: "their answer to what we asked: the clock rests",
    WaitingFor.FLAG: "a flag to act on or to dismiss",
}
_QUEUES = {
    Queue.CONTACTS: ("contact to look at", "contacts to look at"),
    Queue.FILES: ("thing to do on a file", "things to do on files"),
    Queue.LETTERS: ("letter to a party", "letters to parties"),
    Queue.CLOCKS: ("request with a time by law", "requests with a time by law"),
    Queue.FLAGS: ("flag", "flags"),
    Queue.OUR_MAIL: ("mail of ours that may not have left", "mails of ours that may not have left"),
}
_OTHERS = {
    **dict.fromkeys(
        (WaitingFor.LOOK, WaitingFor.HELD, WaitingFor.VOICEMAIL, WaitingFor.UNCLEAR),
        Queue.CONTACTS,
    ),
    **dict.fromkeys(
        (
            *(WaitingFor.NOTICE, WaitingFor.NOTICE_CAME_BACK, WaitingFor.CHANGE_NOTICE, WaitingFor.WARNING_LETTER),
            *(WaitingFor.LETTER_UNREAD, WaitingFor.LETTER_UNSENT, WaitingFor.LETTER_FAILED, WaitingFor.LETTER_UNCLEAR),
            *(WaitingFor.LETTER_CAME_BACK, WaitingFor.LETTER_OWED, WaitingFor.OWED_CAME_BACK, WaitingFor.PAGE),
        ),
        Queue.LETTERS,
    ),
    **dict.fromkeys(
        (
            *(WaitingFor.OWN_DATA, WaitingFor.INFORMATION, WaitingFor.ENVIRONMENTAL, WaitingFor.DATA_COMPLAINT),
            *(WaitingFor.WRITTEN_APPEAL, WaitingFor.CLARIFICATION),
        ),
        Queue.CLOCKS,
    ),
    **dict.fromkeys((WaitingFor.OUR_MAIL, WaitingFor.ALERT_LOST), Queue.OUR_MAIL),
    WaitingFor.FLAG: Queue.FLAGS,
}
