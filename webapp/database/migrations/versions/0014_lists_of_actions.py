"""lists of all actions of an instrument

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-29 13:40:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('action', sa.Column('listed_at', sa.BigInteger(), nullable=True))
    op.add_column('action', sa.Column('remainder', sa.Double(), nullable=True))
    op.create_table('action_look',
    sa.Column('instrument_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.Column('claimed_at', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', sa.BigInteger(), nullable=True),
    sa.Column('listed_at', sa.BigInteger(), nullable=True),
    sa.Column('settled', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_action_look_instrument_id_instrument')),
    sa.PrimaryKeyConstraint('instrument_id', name=op.f('pk_action_look'))
    )


def downgrade():
    op.drop_table('action_look')
    with op.batch_alter_table('action', schema=None) as batch_op:
        batch_op.drop_column('remainder')
        batch_op.drop_column('listed_at')
