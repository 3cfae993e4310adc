"""Vaisala PTU300 and PTB330 barometers (PTU300 with humidity and temperature), polled with SEND.

Facts: as `vaisala_hmp`, 4800 baud 7E1 (driver of a metrology institute); `P=` in hPa. Which quantities a model has and
its line shows is set by the user: those that the bench needs must be in the line.
"""

from instruments.drivers.vaisala_hmp import VaisalaHmp, VaisalaSend, VaisalaSendSimulator


class VaisalaPtu(VaisalaSend, name="vaisala_ptu"):
    """PTU300, with pressure, temperature and humidity."""

    title = "Vaisala PTU300"
    tags = {"P": ("pressure", "hPa", "hPa"), **VaisalaHmp.tags}  # noqa: RUF012
    channels = {channel: unit for channel, _, unit in tags.values()}  # noqa: RUF012
    simulator = VaisalaSendSimulator


class VaisalaPtb(VaisalaSend, name="vaisala_ptb"):
    """PTB330, pressure only."""

    title = "Vaisala PTB330"
    tags = {"P": ("pressure", "hPa", "hPa")}  # noqa: RUF012
    channels = {"pressure": "hPa"}  # noqa: RUF012
    simulator = VaisalaSendSimulator
