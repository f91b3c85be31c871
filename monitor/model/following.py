"""When a confirmed copy is looked at by itself: soon after it was confirmed, and again after its receipt. Pure.

Between the two the schedule of `monitor.notices.deadlines` holds, whether or not a notice is out.
"""

from datetime import datetime, timedelta

FIRST_LOOK = timedelta(hours=1)
"""From the confirmation, or from when it came back."""
AFTER_RECEIPT = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30))
"""From the receipt: an account returns from its suspension, a channel is restored, a picture is put there again."""


def look_after_receipt(removed_at: datetime, after: datetime) -> datetime | None:
    """The first look later than `after`; None when the last was made. What was missed is not made up one by one."""
    ahead = (removed_at + span for span in AFTER_RECEIPT)
    return next((at for at in ahead if at > after), None)
