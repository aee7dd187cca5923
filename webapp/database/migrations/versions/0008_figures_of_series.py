"""what the catalogue says of a series, counted once; series that are being deleted

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-24 04:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('series_deletion',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('series_id', name=op.f('pk_series_deletion'))
    )
    op.create_table('series_figures',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('counted_at', sa.BigInteger(), nullable=False),
    sa.Column('recount_at', sa.BigInteger(), nullable=False),
    sa.Column('sessions', sa.Integer(), nullable=True),
    sa.Column('missing', sa.Integer(), nullable=True),
    sa.Column('completeness', sa.Double(), nullable=True),
    sa.Column('closings', sa.Text(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('later_at', sa.BigInteger(), nullable=True),
    sa.Column('candles', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('series_id', name=op.f('pk_series_figures'))
    )
    with op.batch_alter_table('series_figures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_series_figures_recount_at'), ['recount_at'], unique=False)


def downgrade():
    with op.batch_alter_table('series_figures', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_series_figures_recount_at'))
    op.drop_table('series_figures')
    op.drop_table('series_deletion')
