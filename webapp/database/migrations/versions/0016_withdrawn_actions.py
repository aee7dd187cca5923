"""actions that a source takes back, and adjusted closes that none explains

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-29 14:05:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('action', sa.Column('no_longer_told_at', sa.BigInteger(), nullable=True))
    op.add_column('action', sa.Column('withdrawn_at', sa.BigInteger(), nullable=True))
    op.add_column('action', sa.Column('reason', sa.Text(), nullable=True))
    op.create_table('action_finding',
    sa.Column('instrument_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('time', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('start', sa.BigInteger(), nullable=False),
    sa.Column('size', sa.Double(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('found_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_action_finding_instrument_id_instrument')),
    sa.PrimaryKeyConstraint('instrument_id', 'time', name=op.f('pk_action_finding'))
    )
    with op.batch_alter_table('action_finding', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_action_finding_found_at'), ['found_at'], unique=False)


def downgrade():
    op.drop_table('action_finding')
    with op.batch_alter_table('action', schema=None) as batch_op:
        batch_op.drop_column('reason')
        batch_op.drop_column('withdrawn_at')
        batch_op.drop_column('no_longer_told_at')
