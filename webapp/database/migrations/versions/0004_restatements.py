"""restatements of stored bars, and when an action was last told

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-24 02:00:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('restatement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('start', sa.BigInteger(), nullable=True),
    sa.Column('end', sa.BigInteger(), nullable=True),
    sa.Column('bars', sa.BigInteger(), nullable=False),
    sa.Column('ratio', sa.Double(), nullable=True),
    sa.Column('split', sa.BigInteger(), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restatement'))
    )
    with op.batch_alter_table('restatement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_restatement_series_id'), ['series_id'], unique=False)
    op.create_table('bar_difference',
    sa.Column('restatement_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('time', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('old', sa.Text(), nullable=False),
    sa.Column('new', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('restatement_id', 'time', name=op.f('pk_bar_difference'))
    )
    op.add_column('action', sa.Column('told_at', sa.BigInteger(), nullable=True))
    op.execute('UPDATE action SET told_at = first_seen_at')


def downgrade():
    with op.batch_alter_table('action', schema=None) as batch_op:
        batch_op.drop_column('told_at')
    op.drop_table('bar_difference')
    with op.batch_alter_table('restatement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_restatement_series_id'))
    op.drop_table('restatement')
