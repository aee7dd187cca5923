"""The table of gateways that a person saved."""

import datetime as dt

from sqlalchemy import (
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database.types import Moment
from webapp.extensions import Base


class SavedGateway(Base):
    """A TWS or IB Gateway that a person saved; jobs may name one."""

    __tablename__ = "gateway"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    client_id: Mapped[int]
    is_default: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[dt.datetime] = mapped_column(Moment)
