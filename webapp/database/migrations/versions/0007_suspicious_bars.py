"""bars that look wrong, and what was decided of them

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-24 04:10:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('bar_flag',
    sa.Column('series_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('time', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('rules', sa.Text(), nullable=False),
    sa.Column('open', sa.Double(), nullable=False),
    sa.Column('high', sa.Double(), nullable=False),
    sa.Column('low', sa.Double(), nullable=False),
    sa.Column('close', sa.Double(), nullable=False),
    sa.Column('volume', sa.Double(), nullable=False),
    sa.Column('wap', sa.Double(), nullable=True),
    sa.Column('count', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('raised_at', sa.BigInteger(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.Column('asked_job', sa.Integer(), nullable=True),
    sa.Column('answer', sa.String(length=8), nullable=True),
    sa.Column('came', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.BigInteger(), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('series_id', 'time', name=op.f('pk_bar_flag'))
    )
    with op.batch_alter_table('bar_flag', schema=None) as batch_op:
        batch_op.create_index('ix_bar_flag_state_raised_at', ['state', 'raised_at'], unique=False)


def downgrade():
    with op.batch_alter_table('bar_flag', schema=None) as batch_op:
        batch_op.drop_index('ix_bar_flag_state_raised_at')
    op.drop_table('bar_flag')
