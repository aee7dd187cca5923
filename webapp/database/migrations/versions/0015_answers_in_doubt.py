"""answers in doubt: how often they were looked at; sessions that are confirmed empty

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-29 13:55:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('coverage', sa.Column('looks', sa.Integer(), server_default='0', nullable=False))
    op.add_column('series_figures', sa.Column('confirmed', sa.Integer(), nullable=True))


def downgrade():
    with op.batch_alter_table('series_figures', schema=None) as batch_op:
        batch_op.drop_column('confirmed')
    # Nobody before this revision knows the verdict: what is in doubt is asked for again.
    op.execute("DELETE FROM coverage WHERE verdict = 'doubted'")
    with op.batch_alter_table('coverage', schema=None) as batch_op:
        batch_op.drop_column('looks')
