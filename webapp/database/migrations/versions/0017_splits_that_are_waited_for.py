"""splits that are waited for

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-29 14:10:00.000000

"""
from alembic import op
import sqlalchemy as sa

from webapp.database.types import Moment


# revision identifiers, used by Alembic.
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('split_wait',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('split', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('ratio', sa.Double(), nullable=False),
    sa.Column('since', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('series_id', 'split', name=op.f('pk_split_wait'))
    )


def downgrade():
    op.drop_table('split_wait')
