"""Mail that nothing bears on, through a whole office: in by SMTP, on record, into mailboxes."""

from tests.gateway.office import CLERK, mail, office, untraced


async def test_a_message_is_delivered_and_on_record(folder):
    """One message: 250 with its number, its octets in the inbox behind our trace, one contact on record."""
    async with office(folder) as here:
        reply = await here.post(mail())
        entry = here.only()
        assert reply == f"250 2.0.0 Ok {entry.id}\r\n"
        assert [untraced(one) for one in here.mailbox()] == [mail()]
        assert (entry.state, entry.at, entry.whose) == ("delivered", here.clock(), "email:r.example@example.org")
        assert [(goal.recipient, goal.outcome, goal.done) for goal in entry.targets] == [(CLERK, "deliver", True)]
