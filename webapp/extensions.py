"""The Flask extensions, made once and bound to an application by ``create_app``."""

import importlib

from celery import Celery
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The base of all tables; constraints get names so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
babel = Babel()
csrf = CSRFProtect()
celery = Celery("moisson")
celery.set_default()  # shared tasks are found by every thread, and before there is an application


@celery.on_configure.connect(weak=False)
def _make_application(sender: Celery, **_: object) -> None:
    """Make the application when a notebook or script sends a task without having made one.

    By name, because this module lies below all others. Celery has no public word for "nobody has configured me".
    """
    if getattr(sender, "_config_source", None) is None:
        importlib.import_module("webapp.app").own_app()
