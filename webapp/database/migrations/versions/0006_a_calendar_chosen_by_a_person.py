"""the calendar that a person chose for an instrument

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-24 01:55:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('instrument', sa.Column('calendar', sa.String(length=8), nullable=True))


def downgrade():
    with op.batch_alter_table('instrument', schema=None) as batch_op:
        batch_op.drop_column('calendar')
