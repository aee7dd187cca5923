"""how far a chunk was answered

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-28 08:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('chunk', sa.Column('answered', sa.BigInteger(), nullable=True))


def downgrade():
    with op.batch_alter_table('chunk', schema=None) as batch_op:
        batch_op.drop_column('answered')
