"""The office's approved wording, as callers, senders and notices get it; `{office}` stands for its name.

Belongs here: the texts with plain ones to begin with; no text names a person or a party.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from rules.policies.parts import Part


def _worded(text: str) -> str:
    if not text.strip():
        raise ValueError("write something")
    if set("{}") & set(text.replace("{office}", "")):
        raise ValueError("braces stand for nothing but {office}, the office's name")
    if any(not ch.isprintable() for ch in text.replace("\n", " ")):
        raise ValueError("leave out control characters")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("write it on one line")
    return text


def _bare(text: str) -> str:
    if "{" in text:
        raise ValueError("it goes to a mail server as it is, so it cannot name {office}")
    return text


def _naming(key: str) -> AfterValidator:
    def check(text: str) -> str:
        if key not in text:
            raise ValueError(f"name the key {key}, or nobody knows which to press")
        return text

    return AfterValidator(check)


Text = Annotated[str, Field(max_length=2000), AfterValidator(_worded)]
OnTheWire = Annotated[
    str, Field(max_length=400), AfterValidator(_worded), AfterValidator(_one_line), AfterValidator(_bare)
]
ByText = Annotated[str, Field(max_length=320), AfterValidator(_worded), AfterValidator(_one_line)]
Subject = Annotated[str, Field(max_length=120), AfterValidator(_worded), AfterValidator(_one_line)]


class Texts(Part):
    """Hold the wording.

    The first five are said by the gateway itself, the next two by text to a number: whoever holds the phone learns
    nothing about a person from them (THREATS T5). The next three go with a message that goes back with parts marked,
    and when it comes again with them (PHSO-M3). The others are for notices and for colleagues: how to challenge a
    decision (`challenge`), where a new complaint, a complaint about us, a request for data or information goes, what an
    emergency is for, who helps (`help`), whom to turn to for somebody who may harm themselves (PHSO-27). From
    `call_ending` on they are heard on the phone (HO-3), and say nothing of a person: a number is a claim (THREATS T5).
    """

    refusal: OnTheWire = "This message was not accepted. You can write to us by post."
    automated_line: Text = "Thank you for calling {office}. You can write to us by post."
    voicemail: Text = "Please leave a message after the tone."
    note_subject: Subject = "About your message to {office}"
    ending: Text = "If you are in danger, call 999."
    text_returned: ByText = "{office}: we cannot answer this text. You can write to us by post. In danger, call 999."
    text_filed: ByText = "{office}: we have put your text on file. You can write to us by post. In danger, call 999."
    highlighted: Text = "We send your message back. We cannot accept the parts that we marked."
    send_again: Text = "You can send it again without the marked parts. A person will then read it."
    still_there: Text = "The parts that we marked are still in your message, so we send it back again."
    challenge: Text = "If you think that this decision is wrong, tell us. Say why in any way that suits you."
    new_complaint: Text = "You can still bring us a new complaint. A person reads it."
    about_us: Text = "If you are unhappy with how we treated you, you can complain about our service."
    data_request: Text = "You can still ask for the information that we hold about you, or for other information."
    emergency: Text = "If you or somebody else is in danger, call 999. We are not an emergency service."
    help: Text = "A local advice centre or an advocate can help you to deal with us. Tell us if you would like that."
    self_harm: Text = "You can talk to the Samaritans at any time on 116 123. If life is in danger, call 999."
    call_ending: Text = "This call ends in one minute."
    call_over: Text = "The time for this call is over. Thank you for calling. Goodbye."
    menu_again: Annotated[Text, _naming("1")] = "To hear this again, press 1."
    menu_message: Annotated[Text, _naming("2")] = "To leave a message for us, press 2, or stay on the line."
    menu_danger: Annotated[Text, _naming("9")] = "If you or somebody else is in danger, press 9, or call 9 9 9."
    menu_person: Annotated[Text, _naming("0")] = "To speak to a person, press 0, or stay on the line."
    ask_number: Text = (
        "Your number did not reach us. You can key it in now, and then press the hash key. "
        "If you do not want to, stay on the line."
    )
    engaged: Annotated[Text, _naming("2")] = (
        "The line is engaged. Stay on the line and we try again. To leave a message now, press 2."
    )
    message_taken: Text = "Thank you. Goodbye."
    goodbye: Text = "Goodbye."


HEARD = (
    *("automated_line", "voicemail", "emergency", "call_ending", "call_over", "menu_again", "menu_message"),
    *("menu_danger", "menu_person", "ask_number", "engaged", "message_taken", "goodbye"),
)
"""The texts that are heard on the phone, for which an office may have recordings."""
