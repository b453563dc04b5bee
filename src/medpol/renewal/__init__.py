"""The next review of a policy prepared: everything since its last literature day in one paper, and a draft of the next version.

Nothing here decides anything: people read the packet, mend the draft and sign. It works on what is stored, without a
network; what the watch of trials and literature found before is taken from its folder.
"""

from medpol.renewal.drafting import RenewalRefused, Renewed, renewed
from medpol.renewal.gathering import Given, gather, standing_on
from medpol.renewal.page import packet_page
from medpol.renewal.values import Packet

__all__ = ["Given", "Packet", "RenewalRefused", "Renewed", "gather", "packet_page", "renewed", "standing_on"]
