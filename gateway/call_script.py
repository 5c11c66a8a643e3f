"""What a caller hears and what keys lead to: the automated line's menu, waiting, voicemail, danger, the end.

Belongs here: answers made of the policy, the words and where in a call its caller is; no record, no provider. Promises
that nothing which needs keys is the only way through: silence leads on (DESIGN: adjustments; SPSO-21.4).
"""

from __future__ import annotations

from dataclasses import replace

from adapters.phone.call import HERE, CallAnswer, IncomingCall, Menu, Spoken, Turn
from gateway.call_decision import DecidedCall, Lines
from gateway.call_words import CALL_WARNING, PERSON_ON_LINE, CallWords, has_form
from rules.contact import Caller
from rules.decision import Outcome
from rules.policies import Policy

_BETWEEN_TRIES_S = 15
_ASKED_FOR_S = 60
"""How long before the end an adjustment has a call told of it, where the policy names no time."""
_LEAST_BEFORE_S = 15
_NUMBER_WAIT_S = 8


class CallScript:
    """Write what happens on a call, step by step; the same in and out every time."""

    def __init__(self, policy: Policy, words: CallWords, lines: Lines) -> None:
        self._policy = policy
        self._words = words
        self._lines = lines

    def begin(self, decided: DecidedCall) -> CallAnswer:
        """Give the answer to a call that was decided."""
        decision, call = decided.decision, decided.call
        language = self._words.language_of(decided.standing, call.to, decided.entry.at)
        match decision.carried:
            case Outcome.CONNECT | Outcome.ROUTE:
                return self._connected(decided, language)
            case Outcome.VOICEMAIL:
                return self.voicemail(Turn(language))
            case Outcome.AUTOMATED_LINE:
                person = has_form(decided.standing, PERSON_ON_LINE, decided.entry.at)
                return self._menu(self._words.own(decision.sender_text, language), Turn(language, person=person), call)
            case _:
                return CallAnswer(decision.carried)

    def _connected(self, decided: DecidedCall, language: str) -> CallAnswer:
        decision, call = decided.decision, decided.call
        waits = decision.carried is Outcome.ROUTE and self._policy.phone.wait_s > 0
        turn = Turn(language, limited=decision.time_limit_s is not None, waits=waits, warns_s=self._warning(decided))
        asked = self._words.spoken("ask_number", language)
        menu = Menu((asked,), turn, _NUMBER_WAIT_S, number=True) if decided.asks else None
        limit_s = decision.time_limit_s
        return CallAnswer(
            decision.carried, dial=decided.dial, time_limit_s=limit_s, shown=_shown(call), turn=turn, menu=menu
        )

    def _warning(self, decided: DecidedCall) -> int:
        """Say how long before its end a call is told that it ends, in seconds; 0 where it is not (HO-3)."""
        limit_s, before_s = decided.decision.time_limit_s, self._policy.phone.warn_before_s
        if has_form(decided.standing, CALL_WARNING, decided.entry.at):
            before_s = before_s or _ASKED_FOR_S
        return before_s if limit_s is not None and limit_s >= before_s + _LEAST_BEFORE_S else 0

    def _menu(self, message: Spoken, turn: Turn, call: IncomingCall) -> CallAnswer:
        """Offer the keys; what to do in danger is heard before all else."""
        keys = ["menu_person"] if turn.person else ["menu_message"] if self._policy.phone.messages else []
        danger, *others = (self._words.spoken(key, turn.language) for key in ("menu_danger", *keys, "menu_again"))
        heard = (danger, message, *others)
        return replace(self.lead_on(turn, call), menu=Menu(heard, turn))

    def lead_on(self, turn: Turn, call: IncomingCall) -> CallAnswer:
        """Give where the automated line leads by itself: to a person by an adjustment, to voicemail, or to its end."""
        if turn.person:
            return self.person(turn, call)
        if self._policy.phone.messages:
            return self.voicemail(turn)
        goodbye = self._words.spoken("goodbye", turn.language)
        return CallAnswer(Outcome.AUTOMATED_LINE, say=goodbye.say, play=goodbye.play, language=goodbye.language)

    def person(self, turn: Turn, call: IncomingCall) -> CallAnswer:
        """Connect to who serves the line that was called, never to a number that the caller gave (THREATS T3)."""
        dial = self._lines.serving(call.to)
        return CallAnswer(Outcome.CONNECT, dial=dial, shown=_shown(call), turn=turn, reported=False)

    def voicemail(self, turn: Turn) -> CallAnswer:
        """Take a message."""
        said, ending = (self._words.spoken(name, turn.language) for name in ("voicemail", "goodbye"))
        return CallAnswer(
            Outcome.VOICEMAIL,
            say=said.say,
            play=said.play,
            language=said.language,
            turn=Turn(turn.language),
            ending=ending,
        )

    def danger(self, turn: Turn, call: IncomingCall) -> CallAnswer:
        """Say what an emergency is for, then ring the duty manager or take a message, by policy (PHSO-27, SPSO-32)."""
        said = self._words.spoken("emergency", turn.language)
        if self._policy.phone.danger != "duty_manager":
            return replace(self.voicemail(turn), before=(said,))
        return CallAnswer(
            Outcome.CONNECT,
            dial=self._policy.duty_manager.phone,
            shown=_shown(call),
            turn=Turn(turn.language, danger=True),
            before=(said,),
            reported=False,
        )

    def engaged(self, dial: str, limit_s: int | None, turn: Turn) -> CallAnswer:
        """Have a caller wait for a named contact whose line is engaged, and try again; a key leaves a message."""
        following = replace(turn, round=turn.round + 1)
        said = self._words.spoken("engaged", turn.language)
        return replace(
            self.again(dial, limit_s, following), menu=Menu((said,), replace(turn, waits=True), _BETWEEN_TRIES_S)
        )

    def again(self, dial: str, limit_s: int | None, turn: Turn) -> CallAnswer:
        """Ring a named contact again, for what is left of the same call."""
        return CallAnswer(Outcome.ROUTE, dial=dial, time_limit_s=limit_s, turn=turn)

    @property
    def takes_messages(self) -> bool:
        """Tell whether the automated line takes messages."""
        return self._policy.phone.messages

    def told_office(self, sid: str) -> CallAnswer:
        """Tell the office's side that the call ends, and have it go on in the call's conference."""
        before = (self._words.spoken("call_ending"),)
        return CallAnswer(Outcome.CONNECT, meets=_conference(sid), before=before, reported=False)

    def told_caller(self, sid: str, turn: Turn) -> CallAnswer:
        """Tell the caller that the call ends, and have it go on in the call's conference for what is left."""
        before = (self._words.spoken("call_ending", turn.language),)
        following = replace(turn, told=True)
        return CallAnswer(
            Outcome.CONNECT, meets=_conference(sid), time_limit_s=turn.warns_s, before=before, turn=following
        )

    def may_wait(self, turn: Turn) -> bool:
        """Tell whether a caller whose named contact is engaged may go on waiting."""
        return turn.waits and turn.round * _BETWEEN_TRIES_S <= self._policy.phone.wait_s

    def without_number(self, call: IncomingCall) -> CallAnswer:
        """Connect a caller who was asked for a number and gave none."""
        return CallAnswer(Outcome.CONNECT, dial=self._lines.serving(call.to), shown=call.to)

    def over(self, turn: Turn = HERE) -> Spoken | None:
        """Give what a caller hears after a limited call, None after any other."""
        return self._words.spoken("call_over", turn.language) if turn.limited else None

    def thanks(self, turn: Turn) -> Spoken:
        """Give what a caller hears who left a message."""
        return self._words.spoken("message_taken", turn.language)


def _shown(call: IncomingCall) -> str:
    """Give what the rung phone shows where the caller has no number: the line that was called."""
    return call.to if call.keyed or call.caller is not Caller.NUMBER else ""


def _conference(sid: str) -> str:
    return f"parley-{sid}"
