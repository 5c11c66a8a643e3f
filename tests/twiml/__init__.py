"""An interpreter of TwiML that plays whole calls against the real application, and the table of the calls."""
