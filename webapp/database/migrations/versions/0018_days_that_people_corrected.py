"""days that people corrected

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-29 14:20:00.000000

"""
from alembic import op
import sqlalchemy as sa

from webapp.database.types import Moment


# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('corrected_day',
    sa.Column('calendar', sa.String(length=16), nullable=False),
    sa.Column('day', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('corrected_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('calendar', 'day', name=op.f('pk_corrected_day'))
    )


def downgrade():
    op.drop_table('corrected_day')
