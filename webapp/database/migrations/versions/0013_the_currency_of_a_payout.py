"""the currency of a payout

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-29 13:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('action', sa.Column('currency', sa.String(length=8), nullable=True))


def downgrade():
    with op.batch_alter_table('action', schema=None) as batch_op:
        batch_op.drop_column('currency')
