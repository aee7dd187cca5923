"""candles kept ready for charts, and where they are stale

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-24 02:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('rollup',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('time', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('open', sa.Double(), nullable=False),
    sa.Column('high', sa.Double(), nullable=False),
    sa.Column('low', sa.Double(), nullable=False),
    sa.Column('close', sa.Double(), nullable=False),
    sa.Column('volume', sa.Double(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series_id', 'level', 'time', name=op.f('pk_rollup')),
    sqlite_with_rowid=False
    )
    op.create_table('rollup_stale',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('start', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('until', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('series_id', 'start', name=op.f('pk_rollup_stale'))
    )
    op.create_table('rollup_state',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('clock', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('series_id', name=op.f('pk_rollup_state'))
    )


def downgrade():
    op.drop_table('rollup_state')
    op.drop_table('rollup_stale')
    op.drop_table('rollup')
